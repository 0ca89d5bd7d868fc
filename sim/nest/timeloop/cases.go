package timeloop

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"dse/accel/unit"
	"dse/sim/agreement"
	"dse/sim/nest"
)

// experiment is a reference case: a layer on a machine with a mapping.
type experiment struct {
	id      string
	machine *machine
	layer   nest.Layer
	mapping nest.Mapping
	factors []nest.Factor
	owners  []int // the level that owns each loop
	cycles  int64
	energy  unit.Picojoule
}

// words is one bit per word: capacities of the reference are in words, whatever the operand.
var words = nest.Widths{Weight: 1, Input: 1, Partial: 1, Final: 1}

var (
	dims     = map[string]nest.Dim{"N": nest.N, "C": nest.C, "K": nest.K, "Q": nest.Q, "P": nest.P, "S": nest.S, "R": nest.R}
	operands = map[string]nest.Operand{"W": nest.Weights, "I": nest.Inputs, "O": nest.Outputs}
)

// readCases reads cases.csv and mapping.csv and returns the cases by name.
func readCases(data fs.FS) (map[string]*experiment, error) {
	known, err := machines()
	if err != nil {
		return nil, err
	}
	cases := map[string]*experiment{}
	table, err := agreement.ReadFile(data, "cases.csv")
	if err != nil {
		return nil, err
	}
	if err := table.Records(func(r agreement.Record) error {
		e := &experiment{id: r.Text("case_id"), machine: known[r.Text("arch")], cycles: int64(r.Int("cycles"))}
		if e.machine == nil {
			return r.Errorf("unknown architecture %q; known are %s", r.Text("arch"), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		e.energy = unit.Picojoule(r.Float("energy_total_pJ"))
		e.layer.StrideH, e.layer.StrideW = r.Int("stride_h"), r.Int("stride_w")
		e.layer.Depthwise = r.Text("depthwise") == "1"
		for name, d := range dims {
			e.layer.Size[d] = r.Int(name)
		}
		if e.layer.Depthwise {
			e.layer.Size[nest.K] = 1 // the table repeats C
		}
		cases[e.id] = e
		return e.keep(r)
	}); err != nil {
		return nil, err
	}
	table, err = agreement.ReadFile(data, "mapping.csv")
	if err != nil {
		return nil, err
	}
	if err := table.Records(func(r agreement.Record) error {
		e, d := cases[r.Text("case_id")], r.Text("dim")
		if e == nil {
			return nil // a mapping without its case
		}
		if r.Int("pos") != len(e.factors) {
			return r.Errorf("loop %d of the case is at position %d; loops must be in order", len(e.factors), r.Int("pos"))
		}
		dim, ok := dims[d]
		if !ok {
			return r.Errorf("unknown dimension %q", d)
		}
		owner, err := e.machine.index(r.Text("level"))
		if err != nil {
			return r.Errorf("%v", err)
		}
		e.factors = append(e.factors, nest.Factor{Dim: dim, Count: r.Int("factor"), Spatial: strings.HasPrefix(r.Text("kind"), "spatial")})
		e.owners = append(e.owners, owner)
		return nil
	}); err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(cases)) {
		if err := cases[id].finish(); err != nil {
			return nil, err
		}
	}
	return cases, nil
}

// keep reads which operands each level holds.
func (e *experiment) keep(r agreement.Record) error {
	for _, level := range e.machine.memories {
		e.mapping.Levels = append(e.mapping.Levels, nest.Level{
			Name: level.name, Cut: [nest.NumOperands]int{nest.Bypass, nest.Bypass, nest.Bypass},
			Capacity: unit.Bits(level.capacity), Units: level.instances,
		})
	}
	for _, entry := range strings.Split(r.Text("keep"), ";") {
		name, letters, _ := strings.Cut(entry, ":")
		i, err := e.machine.index(name)
		if err != nil {
			return r.Errorf("keep: %v", err)
		}
		for _, letter := range letters {
			o, ok := operands[string(letter)]
			if !ok {
				return r.Errorf("keep: unknown operand %q", letter)
			}
			e.mapping.Levels[i].Cut[o] = 0 // set by finish
		}
	}
	return nil
}

// finish puts the cuts where the loops of a level begin, and checks the mapping.
func (e *experiment) finish() error {
	loops, err := nest.Loops(&e.layer, e.factors)
	if err != nil {
		return caseError(e.id, err)
	}
	e.mapping.Loops, e.mapping.MACs = loops, e.machine.macs
	for i := range e.mapping.Levels {
		outside := 0
		for outside < len(e.owners) && e.owners[outside] < i {
			outside++
		}
		for o := range e.mapping.Levels[i].Cut {
			if e.mapping.Levels[i].Cut[o] != nest.Bypass {
				e.mapping.Levels[i].Cut[o] = outside
			}
		}
	}
	return caseError(e.id, e.mapping.Check(&e.layer, words))
}
