package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"dse/accel/unit"
	"dse/models"
	"dse/qat"
	"dse/search"
	"dse/sim"
)

// Quantity is a number by which designs are judged. Smaller is better for all of them.
type Quantity string

const (
	// Memory is models.Footprint.Memory in kB of 8000 bits: weights, metadata, and the true peak of
	// live activations.
	Memory Quantity = "memory"
	// Error is the share of held-out images that are misclassified, in percent.
	Error Quantity = "error"
	// Latency of one inference in ms, as simulated.
	Latency Quantity = "latency"
	// Energy of one inference in uJ, as simulated.
	Energy Quantity = "energy"
)

// Quantities lists them in the order in which they are shown.
func Quantities() []Quantity { return []Quantity{Memory, Error, Latency, Energy} }

// hardware reports whether the quantity comes from the simulator and has a budget of its own.
func (q Quantity) hardware() bool { return q == Latency || q == Energy }

// Unit returns the unit in which the quantity is measured.
func (q Quantity) Unit() string {
	return map[Quantity]string{Memory: "kB", Error: "%", Latency: "ms", Energy: "uJ"}[q]
}

// ParseObjectives reads a comma-separated list of quantities.
func ParseObjectives(text string) ([]Quantity, error) {
	var out []Quantity
	for _, s := range strings.Split(text, ",") {
		q := Quantity(strings.TrimSpace(s))
		if !slices.Contains(Quantities(), q) {
			return nil, fmt.Errorf("unknown objective %q; the objectives are: memory, error, latency, energy", q)
		}
		if slices.Contains(out, q) {
			return nil, fmt.Errorf("objective %q is listed twice", q)
		}
		out = append(out, q)
	}
	if len(out) < 2 {
		return nil, fmt.Errorf("a front needs at least two objectives, got %q; try memory,error", text)
	}
	return out, nil
}

// Limit is a hard bound on a quantity, in its unit.
type Limit struct {
	Quantity Quantity `json:"quantity"`
	Value    float64  `json:"value"`
}

func (l Limit) String() string {
	return fmt.Sprintf("%s=%.6g%s", l.Quantity, l.Value, l.Quantity.Unit())
}

// ParseLimit reads "memory=64KiB", "latency=2ms" or "energy=50uJ".
func ParseLimit(text string) (Limit, error) {
	name, value, ok := strings.Cut(text, "=")
	q := Quantity(strings.TrimSpace(name))
	bad := func(err error) (Limit, error) {
		return Limit{}, fmt.Errorf("limit %q: %w", text, err)
	}
	if !ok || q == Error || !slices.Contains(Quantities(), q) {
		return bad(fmt.Errorf("want memory=SIZE, latency=TIME or energy=ENERGY, for example memory=64KiB"))
	}
	l := Limit{Quantity: q}
	switch q {
	case Memory:
		v, err := unit.Parse[unit.Bytes](value)
		if err != nil {
			return bad(err)
		}
		l.Value = v.Bits().Kilobytes()
	case Latency:
		v, err := unit.Parse[unit.Nanosecond](value)
		if err != nil {
			return bad(err)
		}
		l.Value = v.Milliseconds()
	case Energy:
		v, err := unit.Parse[unit.Picojoule](value)
		if err != nil {
			return bad(err)
		}
		l.Value = v.Microjoules()
	}
	if l.Value <= 0 {
		return bad(fmt.Errorf("a limit must be positive"))
	}
	return l, nil
}

// UnreachableError says that nothing can meet a limit: even the narrowest widths exceed it.
type UnreachableError struct {
	Limit Limit
	Least float64 // of the quantity, over all widths
	// Slices is set if finer slices than one per tensor are to blame, whose scales and widths take room.
	Slices bool
}

func (e *UnreachableError) Error() string {
	who, out := "no design", "raise the limit, or choose another network or accelerator"
	if e.Slices {
		who, out = "a design with these slices cannot", "coarser slices can"
	} else {
		who += " can"
	}
	u := e.Limit.Quantity.Unit()
	return fmt.Sprintf("%s meet the limit %s: with every tensor at its narrowest, %s is %.4g %s, %.1f %% over; %s",
		who, e.Limit, e.Limit.Quantity, e.Least, u, 100*(e.Least/e.Limit.Value-1), out)
}

// measure returns memory, latency and energy at a precision.
func (e *Experiment) measure(p *models.Precision) (map[Quantity]float64, error) {
	r, err := e.sim.Run(p)
	if err != nil {
		return nil, err
	}
	return map[Quantity]float64{
		Memory:  e.network.Footprint(p).Memory().Kilobytes(),
		Latency: r.Latency.Milliseconds(),
		Energy:  r.Energy.Total().Microjoules(),
	}, nil
}

// checkLimits returns an UnreachableError for each limit that the narrowest precision exceeds.
func (e *Experiment) checkLimits() error {
	var found []error
	for _, l := range e.config.Limits {
		if v := e.least[l.Quantity]; v > l.Value {
			found = append(found, &UnreachableError{Limit: l, Least: v})
		}
	}
	return errors.Join(found...)
}

// reachable returns an UnreachableError if a design exceeds a limit whatever its widths, because of its slices:
// it need not be trained.
func (e *Experiment) reachable(t search.Trial) error {
	if len(e.config.Limits) == 0 || t.Continues() {
		return nil
	}
	least, err := e.measure(e.network.Narrowest(e.slicing(t)))
	if err != nil {
		return err
	}
	for _, l := range e.config.Limits {
		if v := least[l.Quantity]; v > l.Value {
			return &UnreachableError{Limit: l, Least: v, Slices: true}
		}
	}
	return nil
}

// penalties returns the costs that steer phase 2 of a genome: its budgets, each tightened to the
// limits.
func (e *Experiment) penalties(g search.Genome, s models.Slicing) []qat.Penalty {
	n := e.network
	w, a := g.WeightBits.Float(), g.ActivationBits.Float()
	if limit, ok := e.limit(Memory); ok {
		w, a = e.fit(s, w, a, limit)
	}
	at := n.Uniform(s, models.Width(w), models.Width(a))
	var out []qat.Penalty
	for _, k := range []struct {
		name string
		kind models.SizeKind
	}{{"weights", models.WeightSize}, {"activations", models.ActivationPeak}} {
		out = append(out, qat.Penalty{
			Name: k.name, Cost: qat.SizeCost{Network: n, Kind: k.kind}, Target: float64(n.Size(k.kind, at, nil)), Weight: e.config.Plan.Penalty,
		})
	}
	for _, q := range Quantities() {
		if !q.hardware() {
			continue
		}
		target, used := e.widest[q], false
		for _, b := range g.Budgets {
			if b.Name == string(q) {
				target, used = e.least[q]+b.Fraction.Float()*(e.widest[q]-e.least[q]), true
			}
		}
		if limit, ok := e.limit(q); ok {
			target, used = min(target, limit), true
		}
		if used {
			out = append(out, qat.Penalty{Name: string(q), Cost: e.cost(q), Target: target, Weight: e.config.Plan.Penalty})
		}
	}
	return out
}

// cost returns the simulator's cost in the unit of the quantity.
func (e *Experiment) cost(q Quantity) qat.Cost {
	if q == Latency {
		return e.sim.Cost(sim.Latency)
	}
	return e.sim.Cost(sim.Energy)
}

// limit returns the tightest limit on q in its unit.
func (e *Experiment) limit(q Quantity) (float64, bool) {
	best, found := 0.0, false
	for _, l := range e.config.Limits {
		if l.Quantity == q && (!found || l.Value < best) {
			best, found = l.Value, true
		}
	}
	return best, found
}

// fit scales the budgets of weight and activation bits by one factor so that a design which meets
// both also meets the limit on memory. The factor is found by bisection: memory rises with it.
func (e *Experiment) fit(s models.Slicing, w, a, limit float64) (float64, float64) {
	memory := func(f float64) float64 {
		return e.network.Footprint(e.network.Uniform(s, models.Width(w*f), models.Width(a*f))).Memory().Kilobytes()
	}
	if memory(1) <= limit {
		return w, a
	}
	lo, hi := 0.0, 1.0
	for range 40 {
		if mid := (lo + hi) / 2; memory(mid) <= limit {
			lo = mid
		} else {
			hi = mid
		}
	}
	// A budget under the narrowest widths cannot be met; it still pushes as far down as widths go.
	const floor = 1
	return max(floor, w*lo), max(floor, a*lo)
}
