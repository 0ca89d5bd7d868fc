package sim

import (
	"slices"

	"dse/accel/unit"
	"dse/models"
)

// Run prices the network at p, whose widths must be whole.
func (s *Simulator) Run(p *models.Precision) (*Result, error) {
	return s.run(p, func(*state, int) {})
}

// run prices the network at p. It calls priced after each step, whose outcome is then in the state.
func (s *Simulator) run(p *models.Precision, priced func(st *state, i int)) (*Result, error) {
	if err := s.network.CheckPrecision(p); err != nil {
		return nil, err
	}
	st := s.scratch.Get().(*state)
	defer s.scratch.Put(st)
	if err := s.load(st, p); err != nil {
		return nil, err
	}
	return s.report(st, func(i int) LayerResult {
		s.price(st, i)
		priced(st, i)
		return s.describe(st, i)
	}), nil
}

// report adds up the steps of a loaded state. layer leaves the outcome of a step in st.
func (s *Simulator) report(st *state, layer func(i int) LayerResult) *Result {
	t := s.start()
	r := &Result{
		Network: s.network.Name, Accelerator: s.chip.Name, Status: s.chip.Status,
		Memories: make([]MemoryUse, len(s.chip.Memories)),
		Pinned:   st.plan.pinned,
	}
	for m, d := range s.chip.Memories {
		r.Memories[m] = MemoryUse{Name: d.Name, Capacity: d.Capacity.Bits()}
	}
	for i := range s.steps {
		l := layer(i)
		t.time.add(&l.Time)
		t.energy.add(&l.Energy)
		r.add(l)
	}
	r.Time, r.Energy = t.time, t.energy
	r.Cycles = t.time.Total()
	r.Latency = r.Cycles.At(s.chip.Clock)
	return r
}

// add appends a step and adds up traffic and peaks.
func (r *Result) add(l LayerResult) {
	r.MACs += l.MACs
	r.DRAM.add(l.DRAM.Total())
	var together unit.Bits
	for m := range r.Memories {
		use := &r.Memories[m]
		use.Traffic.add(l.Ports[m])
		use.Peak = max(use.Peak, l.Occupied[m])
		together += l.Occupied[m]
	}
	r.PeakOnChip = max(r.PeakOnChip, together)
	r.Layers = append(r.Layers, l)
}

// describe turns the outcome of step i, which price has just computed, into a report.
func (s *Simulator) describe(st *state, i int) LayerResult {
	k, sp, w, o := &s.steps[i], &st.plan.steps[i], &st.widths[i], &st.out
	l := LayerResult{
		Layer: k.index, Name: k.layer.Name, Kind: k.layer.Kind, FusedAdd: k.add, MACs: k.layer.MACs(),
		Time: o.time, Cycles: o.time.Total(), Busy: o.busy, Bound: bound(&o.busy),
		Bits: TensorBits{
			w.weight, w.in, w.residual, w.out, unit.Bits(w.metadata),
			s.chip.coding(w.in, k.codedIn), s.chip.coding(w.residual, k.codedResidual), s.chip.coding(w.out, k.codedOut),
		},
		DRAM: o.dram, SRAM: o.sram,
		Ports: append([]Traffic(nil), o.ports[:len(s.chip.capacity)]...), Energy: o.energy,
	}
	held := sp.held
	held[s.chip.home(inputs)] += o.fetched.inputSpace
	held[s.chip.home(weights)] += o.fetched.weightSpace
	for m := range s.chip.capacity {
		l.Occupied = append(l.Occupied, unit.Bits(sp.space[m]+held[m]))
	}
	slots := 0.0
	for j, u := range k.units {
		slots += k.slot.at(&st.units[i][j].cell) * float64((u.hi-u.lo)*k.window*k.pixels)
	}
	// Zeros between the inputs of a transposed convolution fill slots without a MAC of the layer.
	slots *= float64(max(1, l.MACs)) / float64(max(1, int64(k.window)*int64(k.pixels)*int64(k.filters)))
	l.Utilisation = slots / (float64(s.chip.array.Rows*s.chip.array.Cols*s.chip.Array.Positions.Count()) * float64(l.Cycles))
	l.Mapping = s.mapping(st, i)
	return l
}

// mapping reports how step i was cut.
func (s *Simulator) mapping(st *state, i int) Mapping {
	k, sp, o := &s.steps[i], &st.plan.steps[i], &st.out
	m := Mapping{
		TileRows: o.tile.rows, TileCols: o.tile.cols, PixelTiles: o.tile.count,
		TileChannels: k.tileOutputs, TileInputs: k.tileInputs,
		ChannelTiles: k.reads, Order: o.fetched.order, Groups: o.fetched.rounds,
		HeldInputs: o.fetched.heldInputs, HeldWeights: o.fetched.heldWeights,
		InputResident: sp.place.in, ResidualResident: sp.place.residual, OutputResident: sp.place.out,
		WeightsPinned: sp.place.weights,
	}
	m.Modes = s.modesOf(st, i)
	if k.rows != nil {
		m.Rows, m.ActivePEs, m.Images = &k.rows.cost.Mapping, k.rows.cost.Active, s.chip.Array.RowStationary.Batch
	}
	return m
}

// modesOf lists the modes in which the column tiles of step i run, in the order of their first use.
func (s *Simulator) modesOf(st *state, i int) []ModeUse {
	k := &s.steps[i]
	var modes []ModeUse
	for j, u := range k.units {
		c := st.units[i][j].cell
		mode, _ := k.modes.at(c.w1+1, c.a1+1)
		at := slices.IndexFunc(modes, func(u ModeUse) bool { return u.Mode == mode })
		if at < 0 {
			at = len(modes)
			modes = append(modes, ModeUse{Mode: mode})
		}
		modes[at].Channels += u.hi - u.lo
	}
	return modes
}

// bound names the resource that is busy longest.
func bound(t *TimeParts) Bound {
	array, of := t.Compute+t.ArrayFill, ComputeBound
	if t.ArrayFill > t.Compute {
		of = ArrayFillBound
	}
	longest := array
	for _, r := range []struct {
		busy Clocks
		of   Bound
	}{{t.Vector, VectorBound}, {t.Port, PortBound}, {t.DRAM, DRAMBound}, {t.Setup, SetupBound}} {
		if r.busy > longest {
			longest, of = r.busy, r.of
		}
	}
	return of
}
