package sim

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"dse/accel/unit"
	"dse/models"
	"dse/sim/mapper"
)

// Mapped is the mapping of a step that a search found best.
type Mapped struct {
	// Loops are the loops over tiles, outermost first, with their steps: "Q14 P56 K32 C64".
	Loops string
	// Bound is what no mapping undercuts, in the unit of the objective, and Gap how far the step is above
	// it, in percent of it.
	Bound, Gap float64
	// Evaluated is the number of mappings that were priced to find it.
	Evaluated int
}

// Mapper prices a network with the best mapping of each layer, for one objective. Run, without it, cuts
// every layer by one rule, which keeps costs continuous in the widths and monotone in time and energy
// at once; a search serves one objective, and what it does not minimise can get worse while what it
// minimises gets better.
//
// It remembers every search, and may be used by several goroutines.
type Mapper struct {
	simulator *Simulator
	machine   *mapper.Machine
	cache     *mapper.Cache
	threads   int
	given     map[string]mapper.Mapping
}

// NewMapper returns a mapper that searches with the given number of threads; 0 means all there are. It fails
// on arrays that package mapper does not know.
func (s *Simulator) NewMapper(o mapper.Objective, threads int) (*Mapper, error) {
	m, err := mapper.NewMachine(s.chip.Accelerator)
	if err != nil {
		return nil, err
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Mapper{simulator: s, machine: m, cache: mapper.NewCache(m, o), threads: threads}, nil
}

// Give sets the mappings of layers by name, instead of those that a search would find. It must not be called
// while the mapper runs. The error names the layers that the network does not have, or that have no weights.
func (m *Mapper) Give(given map[string]mapper.Mapping) error {
	var names []string
	for i := range m.simulator.steps {
		if k := &m.simulator.steps[i]; k.site >= 0 {
			names = append(names, k.layer.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("network %s has no layer %q with weights; the first is %s, and `dse sim --layers` lists all", m.simulator.network.Name, name, names[0])
		}
	}
	m.given = given
	return nil
}

// Run prices the network at p, whose widths must be whole. What stays on chip between layers is decided as
// in Simulator.Run; each layer is mapped into the space that is left. The result does not depend on the
// number of threads.
func (m *Mapper) Run(p *models.Precision) (*Result, error) {
	s := m.simulator
	if err := s.network.CheckPrecision(p); err != nil {
		return nil, err
	}
	st := s.scratch.Get().(*state)
	defer s.scratch.Put(st)
	if err := s.load(st, p); err != nil {
		return nil, err
	}
	found, err := m.search(st)
	if err != nil {
		return nil, err
	}
	return s.report(st, func(i int) LayerResult {
		if s.steps[i].site < 0 {
			s.price(st, i)
			return s.describe(st, i)
		}
		s.adopt(st, i, &found[i])
		l := s.describe(st, i)
		l.adopt(&found[i], s.chip)
		return l
	}), nil
}

// search maps every step with weights. The error is that of the first step that has one.
func (m *Mapper) search(st *state) ([]mapper.Result, error) {
	s := m.simulator
	found := make([]mapper.Result, len(s.steps))
	failed := make([]error, len(s.steps))
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(s.steps) {
				return
			}
			if s.steps[i].site < 0 {
				continue
			}
			p, err := s.problem(st, i)
			if err == nil {
				found[i], err = m.one(s.steps[i].layer.Name, p)
			}
			if err != nil {
				failed[i] = &MappingError{s.steps[i].layer.Name, err}
			}
		}
	}
	var wait sync.WaitGroup
	for range m.threads - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// one maps a layer.
func (m *Mapper) one(layer string, p *mapper.Problem) (mapper.Result, error) {
	if given, ok := m.given[layer]; ok {
		return mapper.Given(m.machine, p, given, m.cache.Objective())
	}
	return m.cache.Search(p)
}

// A MappingError says which layer could not be mapped, and why.
type MappingError struct {
	Layer string
	Err   error
}

func (e *MappingError) Error() string { return "layer " + e.Layer + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *MappingError) Unwrap() error { return e.Err }

// problem states what step i of a loaded state asks of a mapper.
func (s *Simulator) problem(st *state, i int) (*mapper.Problem, error) {
	k, w, sp := &s.steps[i], &st.widths[i], &st.plan.steps[i]
	layer, err := mapper.NewLayer(k.layer)
	if err != nil {
		return nil, err
	}
	p := &mapper.Problem{
		Layer: layer,
		Widths: mapper.Widths{
			// What padding stores is spread over the real elements.
			Weight: w.weight * k.weights / float64(k.layer.WeightElements()), Input: w.in, Output: w.out, Residual: w.residual,
			Partial: float64(s.chip.Array.Accumulator.Width), Metadata: w.metadata,
		},
		Present:   mapper.Present{Weights: sp.place.weights, Inputs: sp.place.in, Outputs: sp.place.out, Residual: sp.place.residual},
		VectorOps: k.vectorOps, VectorCycles: k.vectorCycles,
		Reserved: sp.held,
	}
	perMAC := unit.Picojoule(st.work[i].mac / float64(k.layer.MACs()))
	for _, use := range s.modesOf(st, i) {
		use.Mode.Energy = perMAC // where channels spend energy at their own widths, no mode says it
		p.Modes = append(p.Modes, mapper.ModeShare(use))
	}
	return p, nil
}

// adopt makes the cost of a mapping the outcome of step i.
func (s *Simulator) adopt(st *state, i int, r *mapper.Result) {
	c, cost, g := s.chip, &r.Cost, s.steps[i].geometry
	o := &st.out
	*o = outcome{tile: g.tiles[0]}
	o.dram, o.sram = byOperand(&cost.OffChip), byOperand(&cost.OnChip)
	for m := range c.capacity {
		o.ports[m] = Traffic{unit.Bits(cost.Ports[m].Read), unit.Bits(cost.Ports[m].Write)}
	}
	array := cost.Stream + cost.Fill
	busy := max(array, cost.Vector, cost.Port)
	first, starts := 0.0, 0.0
	if o.dram.Total().Read > 0 {
		first, starts = c.firstWord, float64(c.DMA.Setup)
	}
	setup := float64(c.Host.LayerSetup) + starts
	o.busy = TimeParts{
		Compute: Clocks(cost.Stream), ArrayFill: Clocks(cost.Fill), Vector: Clocks(cost.Vector), Port: Clocks(cost.Port),
		DRAM: Clocks(first + cost.DRAM), Setup: Clocks(setup),
	}
	o.time = TimeParts{
		Compute: Clocks(cost.Stream), ArrayFill: Clocks(cost.Fill),
		Vector: Clocks(max(0, cost.Vector-array)),
		Port:   Clocks(max(0, cost.Port-max(array, cost.Vector))),
		DRAM:   Clocks(max(0, cost.Cycles-setup-busy)),
		Setup:  Clocks(setup),
	}
	c.energy(g, &work{sums: cost.Sums, mac: st.work[i].mac}, o)
}

// adopt describes the mapping that was found.
func (l *LayerResult) adopt(r *mapper.Result, c *chip) {
	l.Mapped = &Mapped{Loops: r.Mapping.String(), Bound: r.Bound, Gap: r.Gap, Evaluated: r.Evaluated}
	step := &r.Mapping.Step
	m := &l.Mapping
	m.TileRows, m.TileCols, m.TileChannels, m.TileInputs = step[mapper.Q], step[mapper.P], step[mapper.K], step[mapper.C]
	for i := range c.capacity {
		l.Occupied[i] = unit.Bits(r.Cost.Occupied[i])
	}
}

func byOperand(b *mapper.ByOperand) ByOperand {
	t := func(t mapper.Traffic) Traffic { return Traffic{unit.Bits(t.Read), unit.Bits(t.Write)} }
	return ByOperand{Weights: t(b.Weights), Inputs: t(b.Inputs), Residual: t(b.Residual), Outputs: t(b.Outputs), Metadata: t(b.Metadata)}
}
