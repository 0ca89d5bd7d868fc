package sim

import "dse/models"

// Quantity is what a Cost measures.
type Quantity uint8

const (
	// Latency of one inference, in ms.
	Latency Quantity = iota
	// Energy of one inference, in uJ.
	Energy
)

func (q Quantity) String() string { return [...]string{"latency", "energy"}[q] }

// Unit returns the unit of prices.
func (q Quantity) Unit() string { return [...]string{"ms", "uJ"}[q] }

// Cost prices one quantity as a function of widths. It may be used concurrently.
type Cost struct {
	simulator *Simulator
	quantity  Quantity
}

// Cost returns the price function of q.
func (s *Simulator) Cost(q Quantity) *Cost {
	if q > Energy {
		panic("sim: unknown quantity")
	}
	return &Cost{s, q}
}

// Quantity returns what is priced.
func (c *Cost) Quantity() Quantity { return c.quantity }

// Price returns the cost at p, whose widths may be fractional. It is continuous in every width, and
// at whole widths it is what Run reports. If grad is not nil, the price of each width is added to it;
// see gradient.go for what that means at steps and plateaus.
func (c *Cost) Price(p *models.Precision, grad *models.Precision) (float64, error) {
	s := c.simulator
	st := s.scratch.Get().(*state)
	defer s.scratch.Put(st)
	if err := s.load(st, p); err != nil {
		return 0, err
	}
	t := s.sum(st)
	if grad != nil {
		if !sameShape(p, grad) {
			panic("sim: the gradient has another shape than the precision")
		}
		c.gradient(st, p, grad)
	}
	return c.of(&t), nil
}

// sameShape says whether two precisions have the same tensors and slices.
func sameShape(a, b *models.Precision) bool {
	if len(a.Weights) != len(b.Weights) || len(a.Activations) != len(b.Activations) {
		return false
	}
	for i := range a.Weights {
		if len(a.Weights[i].Widths) != len(b.Weights[i].Widths) {
			return false
		}
	}
	return true
}

// of extracts the quantity.
func (c *Cost) of(t *totals) float64 {
	if c.quantity == Latency {
		return t.time.Total().At(c.simulator.chip.Clock).Milliseconds()
	}
	return t.energy.Total().Microjoules()
}

// Extremes are the costs between which every design of whole widths from 1 to 8 lies.
type Extremes struct {
	// Narrowest has 1 bit everywhere, one slice per tensor: no design costs less.
	Narrowest Prices
	// Eight has 8 bits everywhere, one slice per tensor.
	Eight Prices
}

// Prices are both quantities of one design.
type Prices struct {
	Latency float64 // ms
	Energy  float64 // uJ
}

// Bounds returns the costs at the narrowest widths and at 8 bits. It fails where 8 bits do not run.
func (s *Simulator) Bounds() (Extremes, error) {
	at := func(w models.Width) (Prices, error) {
		t, err := s.total(s.network.Uniform(s.network.PerTensor(), w, w))
		return Prices{s.Cost(Latency).of(&t), s.Cost(Energy).of(&t)}, err
	}
	narrowest, err := at(models.MinWidth)
	if err != nil {
		return Extremes{}, err
	}
	eight, err := at(8)
	return Extremes{narrowest, eight}, err
}
