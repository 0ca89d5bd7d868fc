package mapper

import (
	"fmt"
	"math"
	"slices"
)

// Objective is what a search minimises.
type Objective uint8

// The objectives.
const (
	Latency Objective = iota // cycles
	Energy                   // pJ
	EDP                      // energy times delay, pJ cycles
	Bits                     // traffic of the DRAM interface, bits
	objectives
)

var objectiveNames = [objectives]string{"latency", "energy", "edp", "traffic"}

func (o Objective) String() string { return objectiveNames[o] }

// ParseObjective returns the objective of that name.
func ParseObjective(name string) (Objective, error) {
	if i := slices.Index(objectiveNames[:], name); i >= 0 {
		return Objective(i), nil
	}
	return 0, fmt.Errorf("unknown objective %q; the objectives are latency, energy, edp and traffic", name)
}

// of returns the objective's value.
func (o Objective) of(c *Cost) float64 {
	switch o {
	case Latency:
		return c.Cycles
	case Energy:
		return c.Energy
	case EDP:
		return c.Energy * c.Cycles
	}
	return c.Bits()
}

// Result is the outcome of a search.
type Result struct {
	Mapping Mapping
	Cost    Cost
	// Bound is what no mapping can undercut, in the objective's unit, and Gap how far the mapping is above
	// it, in percent of it.
	Bound, Gap float64
	// Evaluated is the number of mappings that were priced.
	Evaluated int
}

// Search returns the best mapping of a problem. It fails if the problem is not well formed, or if not even
// the smallest tiles fit.
func Search(m *Machine, p *Problem, o Objective) (Result, error) {
	if err := p.check(m); err != nil {
		return Result{}, err
	}
	s := newSearch(m, p, o)
	bound := o.of(s.bound())
	s.run()
	if math.IsInf(s.best, 1) {
		return Result{}, s.misfit()
	}
	return Result{Mapping: s.mapping, Cost: s.cost, Bound: bound, Gap: gap(s.best, bound), Evaluated: s.evaluated}, nil
}

// gap returns by how many percent a value exceeds its bound.
func gap(value, bound float64) float64 {
	if bound == 0 {
		return 0
	}
	return 100 * (value - bound) / bound
}

// search is one run of Search.
type search struct {
	*evaluator
	objective Objective
	candidate [dims][]cut

	best      float64
	mapping   Mapping
	cost      Cost
	evaluated int

	cuts [dims]*cut // of tiles
}

func newSearch(m *Machine, p *Problem, o Objective) *search {
	s := &search{evaluator: newEvaluator(m, p), objective: o, best: math.Inf(1)}
	a, l := &m.accel.Array, &p.Layer
	grain := [dims]int{K: a.Cols, C: a.Rows, Q: max(1, a.Positions.Height), P: max(1, a.Positions.Width)}
	if l.Depthwise {
		grain[C] = m.together(l, p.Modes[0].Mode)
	}
	size := [dims]int{l.K, l.C, l.Rows.Out, l.Cols.Out}
	for d, n := range size {
		for _, step := range steps(n, grain[d]) {
			s.candidate[d] = append(s.candidate[d], s.cut(Dim(d), step))
		}
	}
	return s
}

// steps returns the steps worth trying for n elements, largest first: for each number of pieces the smallest
// step that makes so many. They are whole grains, since part of a grain costs the array as much as all of
// it, down to one grain; where there are few grains, or where memories hold less than one, any step is tried.
func steps(n, grain int) []int {
	list := balanced(n, grain)
	fine := n
	if n > fewGrains*grain {
		fine = grain
	}
	for _, step := range balanced(min(n, fine), 1) {
		if i, found := slices.BinarySearchFunc(list, step, func(a, b int) int { return b - a }); !found {
			list = slices.Insert(list, i, step)
		}
	}
	return list
}

// fewGrains is the number up to which steps between whole grains are tried, too.
const fewGrains = 4

// balanced returns, for each number of pieces, the smallest step in whole grains that makes so many.
func balanced(n, grain int) []int {
	list := []int{n}
	grains := ceilDiv(n, grain)
	for pieces := 2; pieces <= grains; {
		per := ceilDiv(grains, pieces)
		if step := per * grain; step < list[len(list)-1] {
			list = append(list, step)
		}
		if per == 1 {
			break
		}
		pieces = ceilDiv(grains, per-1) // the next number of pieces with a smaller step
	}
	return list
}

// Visit prices every mapping of the space whose tiles fit, in the order of the search, and hands out each
// with its cost, which is valid during the call.
func Visit(m *Machine, p *Problem, visit func(Mapping, *Cost)) error {
	if err := p.check(m); err != nil {
		return err
	}
	s := newSearch(m, p, Latency)
	var c Cost
	s.tiles(&c, func(cuts *[dims]*cut) {
		for _, i := range distinct[several(cuts)] {
			s.price(&Orders[i], cuts, &c)
			visit(newMapping(cuts, &Orders[i]), &c)
		}
	})
	return nil
}

// run searches all mappings.
func (s *search) run() {
	var c Cost
	s.tiles(&c, func(cuts *[dims]*cut) { s.tile(cuts, &c) })
}

// tiles goes through all tiles that fit. Larger ones come first: on equal terms they have fewer transfers.
func (s *search) tiles(c *Cost, visit func(*[dims]*cut)) {
	cuts := &s.cuts
	for k := range s.candidate[K] {
		cuts[K] = &s.candidate[K][k]
		for i := range s.candidate[C] {
			cuts[C] = &s.candidate[C][i]
			for q := range s.candidate[Q] {
				cuts[Q] = &s.candidate[Q][q]
				for p := range s.candidate[P] {
					cuts[P] = &s.candidate[P][p]
					if s.occupy(cuts, &c.Occupied) {
						visit(cuts)
					}
				}
			}
		}
	}
}

// tile prices the orders of one choice of tiles.
func (s *search) tile(cuts *[dims]*cut, c *Cost) {
	s.lower(cuts, c)
	if s.objective.of(c) >= s.best {
		return
	}
	for _, i := range distinct[several(cuts)] {
		order := &Orders[i]
		s.price(order, cuts, c)
		s.evaluated++
		if v := s.objective.of(c); v < s.best {
			s.best, s.cost = v, *c
			s.mapping = newMapping(cuts, order)
		}
	}
}

func newMapping(cuts *[dims]*cut, order *[dims]Dim) Mapping {
	return Mapping{Step: [dims]int{cuts[K].step, cuts[C].step, cuts[Q].step, cuts[P].step}, Order: *order}
}

// several returns the set of dimensions whose loops have more than one step, as bits.
func several(cuts *[dims]*cut) int {
	mask := 0
	for d, cut := range cuts {
		if cut.n > 1 {
			mask |= 1 << d
		}
	}
	return mask
}

// distinct lists, for each set of dimensions whose loops have more than one step, the orders that differ
// in the sequence of these loops.
var distinct = func() (lists [1 << dims][]int) {
	for mask := range lists {
		var seen [][]Dim
		for i, order := range Orders {
			var left []Dim
			for _, d := range order {
				if mask&(1<<d) != 0 {
					left = append(left, d)
				}
			}
			if !slices.ContainsFunc(seen, func(s []Dim) bool { return slices.Equal(s, left) }) {
				seen = append(seen, left)
				lists[mask] = append(lists[mask], i)
			}
		}
	}
	return lists
}()

// misfit explains why nothing fits.
func (s *search) misfit() error {
	var cuts [dims]*cut
	for d := range cuts {
		cuts[d] = &s.candidate[d][len(s.candidate[d])-1]
	}
	var space [maxMemories]float64
	s.occupy(&cuts, &space)
	for i, capacity := range s.m.capacity {
		if space[i] > capacity {
			return fmt.Errorf("no mapping fits: the smallest tiles (%d output and %d input channels, %d x %d positions) need %.0f bits of memory %s, which has %.0f; enlarge it or narrow the tensors",
				cuts[K].step, cuts[C].step, cuts[Q].step, cuts[P].step, space[i], s.m.accel.Memories[i].Name, capacity)
		}
	}
	panic("mapper: tiles that fit were never priced")
}
