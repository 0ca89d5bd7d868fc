package sim

import (
	"fmt"
	"sync"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// Simulator prices one network on one accelerator. Its methods may be called concurrently.
type Simulator struct {
	chip     *chip
	network  *models.Network
	steps    []step
	stepOf   []int     // by weight site
	keepable []bool    // by layer: its output may stay on chip
	spread   []float64 // by layer: stored elements per element of its output
	scratch  sync.Pool // of *state
}

// New prepares the simulation. It fails if some layer cannot run: because no memory holds an
// operand, or because not even the smallest tile at the narrowest widths fits.
func New(a *accel.Accelerator, n *models.Network) (*Simulator, error) {
	c, err := newChip(a)
	if err != nil {
		return nil, err
	}
	s := &Simulator{chip: c, network: n, keepable: make([]bool, len(n.Layers)), spread: make([]float64, len(n.Layers))}
	for i := range n.Layers {
		s.spread[i] = c.spread(n.Layers[i].Out)
		s.keepable[i] = n.ActivationSiteOf(i) >= 0 && !n.Result(i) || a.Host.SharesMemory && (i == 0 || n.Result(i))
	}
	tables := map[accel.OperatorKind]*modeChoice{}
	modes := map[*models.Layer]*modeChoice{}
	for i := range n.Layers {
		l := &n.Layers[i]
		if !l.Weighted() {
			continue
		}
		kind := operatorOf(l)
		if tables[kind] == nil {
			rows := a.Precision.For(kind)
			if len(rows) == 0 {
				return nil, fmt.Errorf("accelerator %s: no mode can run layer %s; add one for its kind or for any operator", a.Name, l.Name)
			}
			t := newModeChoice(rows)
			tables[kind] = &t
		}
		modes[l] = tables[kind]
	}
	if s.steps, err = newSteps(c, n, modes); err != nil {
		return nil, err
	}
	s.stepOf = make([]int, len(n.Weights))
	for i, k := range s.steps {
		if k.site >= 0 {
			s.stepOf[k.site] = i
		}
	}
	s.scratch.New = func() any { return s.newState() }
	if _, err := s.total(n.Uniform(n.PerTensor(), models.MinWidth, models.MinWidth)); err != nil {
		return nil, err
	}
	return s, nil
}

// state is everything that a pricing works with, kept from call to call.
type state struct {
	widths []widths  // by step
	work   []work    // by step
	size   []float64 // bits of each layer's stored output
	plan   plan
	units  [][]unitWidth // by step
	runs   []channelRun  // scratch for sorting channels
	prices []float64     // by step
	out    outcome
}

func (s *Simulator) newState() *state {
	st := &state{
		widths: make([]widths, len(s.steps)),
		work:   make([]work, len(s.steps)),
		prices: make([]float64, len(s.steps)),
		size:   make([]float64, len(s.network.Layers)),
		plan:   plan{resident: make([]float64, len(s.network.Layers)), steps: make([]stepPlan, len(s.steps))},
		units:  make([][]unitWidth, len(s.steps)),
	}
	for i := range s.steps {
		st.units[i] = make([]unitWidth, len(s.steps[i].units))
	}
	return st
}

// totals are the cost of a network.
type totals struct {
	time   TimeParts
	energy EnergyParts
}

// start returns the cost of starting an inference.
func (s *Simulator) start() totals {
	c := s.chip
	t := totals{time: TimeParts{Host: Clocks(c.Host.InferenceSetup)}}
	t.energy.Host = c.power(c.Host.Power, t.time.Host)
	t.energy.DRAMBackground = c.power(c.DRAM.Background, t.time.Host)
	t.energy.Leakage = c.power(c.Technology.Leakage, t.time.Host)
	t.energy.Running = c.power(c.Technology.Running, t.time.Host)
	return t
}

// total returns the cost at p.
func (s *Simulator) total(p *models.Precision) (totals, error) {
	st := s.scratch.Get().(*state)
	defer s.scratch.Put(st)
	if err := s.load(st, p); err != nil {
		return totals{}, err
	}
	return s.sum(st), nil
}

// sum prices every step of a loaded state.
func (s *Simulator) sum(st *state) totals {
	t := s.start()
	for i := range s.steps {
		s.price(st, i)
		t.time.add(&st.out.time)
		t.energy.add(&st.out.energy)
	}
	return t
}

// price computes the outcome of step i of a loaded state.
func (s *Simulator) price(st *state, i int) {
	sp := &st.plan.steps[i]
	s.chip.run(s.steps[i].geometry, &sp.tile, &st.widths[i], &sp.place, &st.work[i], sp.free, &st.out)
}

// load fills st with the widths of p and plans the memory.
func (s *Simulator) load(st *state, p *models.Precision) error {
	if err := s.check(p); err != nil {
		return err
	}
	n, c := s.network, s.chip
	for i := range n.Layers {
		st.size[i] = float64(n.Layers[i].Out.Elements()) * stored(float64(n.TensorWidth(i, p)), c.pow2[inputs]) * s.spread[i]
	}
	for i := range s.steps {
		k := &s.steps[i]
		w := &st.widths[i]
		*w = widths{in: st.mean(s, k.in), out: st.perElement(s, k.out), residual: st.mean(s, k.residual), metadata: k.metadata}
		if k.site >= 0 {
			if err := s.loadWeights(st, i, p); err != nil {
				return err
			}
		}
	}
	if err := s.offChip(st); err != nil {
		return err
	}
	if i := s.allot(st, &st.plan); i >= 0 {
		return s.misfit(st, i)
	}
	return nil
}

// offChip returns an error for the first tensor that the DRAM cannot hold.
func (s *Simulator) offChip(st *state) error {
	capacity := float64(s.chip.DRAM.Capacity.Bits())
	for i := range s.steps {
		k := &s.steps[i]
		for _, t := range [...]struct {
			what string
			bits float64
		}{{"weights", k.weights * st.widths[i].weight}, {"results", st.size[k.out]}} {
			if t.bits > capacity {
				return fmt.Errorf("layer %s: its %s take %.0f bytes, the DRAM of %s has %v; enlarge it or narrow the tensor",
					k.layer.Name, t.what, t.bits/unit.BitsPerByte, s.chip.Name, s.chip.DRAM.Capacity)
			}
		}
	}
	return nil
}

func (st *state) perElement(s *Simulator, layer int) float64 {
	return st.size[layer] / float64(s.network.Layers[layer].Out.Elements())
}

// mean returns the bits per element of an operand; 0 for none.
func (st *state) mean(s *Simulator, parts []part) float64 {
	if len(parts) == 1 {
		return st.perElement(s, parts[0].layer)
	}
	sum := 0.0
	for _, q := range parts {
		sum += q.share * st.perElement(s, q.layer)
	}
	return sum
}

// loadWeights fills in what the weight slices of step i decide.
func (s *Simulator) loadWeights(st *state, i int, p *models.Precision) error {
	k := &s.steps[i]
	slices := &p.Weights[k.site]
	site := s.network.Weights[k.site]
	activation := float64(s.network.TensorWidth(k.input, p))
	bits, widest := 0.0, 0.0
	for j, b := range slices.Widths {
		bits += float64(site.SliceElements(slices.Group, j)) * stored(float64(b), s.chip.pow2[weights])
		widest = max(widest, float64(b))
	}
	if err := k.modes.check(k.layer, widest, activation); err != nil {
		return err
	}
	w := &st.widths[i]
	w.weight = bits / k.weights * k.growth
	w.metadata += float64(len(slices.Widths)) * (models.ScaleBits + models.FieldBits)
	st.runs = s.chip.cutWidths(k.geometry, site, slices, st.units[i], st.runs)
	s.chip.count(k.geometry, site, slices, st.units[i], activation, &st.work[i])
	return nil
}

// check verifies the shape of p and the range of its widths, which may be fractional.
func (s *Simulator) check(p *models.Precision) error {
	n := s.network
	if len(p.Weights) != len(n.Weights) || len(p.Activations) != len(n.Activations) {
		return fmt.Errorf("precision has %d weight and %d activation tensors, network %s has %d and %d",
			len(p.Weights), len(p.Activations), n.Name, len(n.Weights), len(n.Activations))
	}
	for i, site := range n.Weights {
		w := &p.Weights[i]
		if got, want := len(w.Widths), site.Slices(w.Group); got != want {
			return fmt.Errorf("layer %s: %d weight slices, groups of %d channels make %d", n.Layers[site.Layer].Name, got, w.Group, want)
		}
		for _, b := range w.Widths {
			if !(b >= models.MinWidth && b <= models.MaxWidth) {
				return fmt.Errorf("layer %s: weight width %v is not from %v to %v", n.Layers[site.Layer].Name, b, models.MinWidth, models.MaxWidth)
			}
		}
	}
	for i, site := range n.Activations {
		if b := p.Activations[i]; !(b >= models.MinWidth && b <= models.MaxWidth) {
			return fmt.Errorf("layer %s: activation width %v is not from %v to %v", n.Layers[site.Layer].Name, b, models.MinWidth, models.MaxWidth)
		}
	}
	return nil
}

// misfit explains why step i does not fit.
func (s *Simulator) misfit(st *state, i int) error {
	k, c := &s.steps[i], s.chip
	need := c.stream(k.geometry, &k.tiles[len(k.tiles)-1], &st.widths[i])
	for m, capacity := range c.capacity {
		if need[m] > capacity {
			return fmt.Errorf("layer %s does not fit on %s: its smallest tile needs %.0f bytes in memory %s, which has %d; enlarge the memory or narrow the layer's tensors",
				k.layer.Name, c.Name, need[m]/unit.BitsPerByte+0.5, c.Memories[m].Name, c.Memories[m].Capacity)
		}
	}
	panic("sim: a step that fits was reported not to")
}
