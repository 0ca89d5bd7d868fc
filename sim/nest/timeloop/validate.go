// Package timeloop compares package nest with the Timeloop tool (github.com/NVlabs/timeloop, 3.0.3),
// on architectures, layers and mappings that both are given.
//
// Two questions are asked. Does the exact counter agree with an independent element-by-element
// count? And does it agree with Timeloop once it makes the same simplifications? Where the exact
// counter disagrees with Timeloop, Explain names the simplifications of nest.Rules behind it.
package timeloop

import (
	"io/fs"
	"math/bits"

	"dse/sim/agreement"
	"dse/sim/nest"
)

const source = "timeloop"

// Validate compares with the reference data in a folder: cases.csv, mapping.csv, access.csv and
// exact_dram.csv. The architectures are those that the package knows. The rows are
//
//	exact_dram             DRAM reads of each operand and writes of outputs, exact
//	access counts          reads, updates and fills at each level, under Timeloop's rules
//	cycles, energy         per case, under Timeloop's rules
//	access counts, exact   the same counts without its rules; what differs, Explain explains
//	cycles, exact
func Validate(data fs.FS) ([]agreement.Row, error) {
	cases, err := readCases(data)
	if err != nil {
		return nil, err
	}
	exactDRAM, err := compareExact(data, cases)
	if err != nil {
		return nil, err
	}
	counts, exactCounts := agreement.New(source, "access counts"), agreement.New(source, "access counts, exact")
	cycles, exactCycles := agreement.New(source, "cycles"), agreement.New(source, "cycles, exact")
	energy := agreement.New(source, "energy")
	accesses, err := readAccesses(data, cases)
	if err != nil {
		return nil, err
	}
	var counter, exactCounter nest.Counter
	for _, a := range accesses {
		ruled := counter.Count(&a.of.layer, &a.of.mapping, nest.Timeloop)
		exact := exactCounter.Count(&a.of.layer, &a.of.mapping, nest.Exact)
		for i, name := range accessKinds {
			counts.Add(a.name+" "+name, float64(a.value(ruled)[i]), float64(a.want[i]))
			exactCounts.Add(a.name+" "+name, float64(a.value(exact)[i]), float64(a.want[i]))
		}
		if a.first {
			e := a.of
			cycles.Add(e.id, float64(e.cyclesOf(ruled)), float64(e.cycles))
			exactCycles.Add(e.id, float64(e.cyclesOf(exact)), float64(e.cycles))
			energy.Add(e.id, float64(e.energyOf(ruled)), float64(e.energy))
		}
	}
	return []agreement.Row{
		exactDRAM.Row(), counts.Row(), cycles.Row(), energy.Row(), exactCounts.Row(), exactCycles.Row(),
	}, nil
}

// compareExact compares with the element-by-element count of what the buffer next to DRAM moves.
func compareExact(data fs.FS, cases map[string]*experiment) (*agreement.Comparison, error) {
	table, err := agreement.ReadFile(data, "exact_dram.csv")
	if err != nil {
		return nil, err
	}
	comparison := agreement.New(source, "exact_dram")
	var counter nest.Counter
	return comparison, table.Records(func(r agreement.Record) error {
		e := cases[r.Text("case_id")]
		if e == nil {
			return r.Errorf("cases.csv has no case %q", r.Text("case_id"))
		}
		dram := counter.Count(&e.layer, &e.mapping, nest.Exact)[0]
		for _, q := range []struct {
			column string
			ours   int64
		}{
			{"dram_reads_W", dram[nest.Weights].Reads},
			{"dram_reads_I", dram[nest.Inputs].Reads},
			{"dram_reads_O", dram[nest.Outputs].Reads},
			{"dram_writes_O", dram[nest.Outputs].Updates},
		} {
			if r.Text(q.column) != "" {
				comparison.Add(e.id+" "+q.column, float64(q.ours), float64(r.Int(q.column)))
			}
		}
		return nil
	})
}

var accessKinds = [3]string{"reads", "updates", "fills"}

// access is a row of access.csv.
type access struct {
	of      *experiment
	name    string
	level   int
	operand nest.Operand
	want    [3]int64 // by accessKinds, over all instances
	first   bool     // of its case
}

func (a *access) value(counts [][nest.NumOperands]nest.Count) [3]int64 {
	c := counts[a.level][a.operand]
	return [3]int64{c.Reads, c.Updates, c.Fills}
}

func readAccesses(data fs.FS, cases map[string]*experiment) ([]access, error) {
	table, err := agreement.ReadFile(data, "access.csv")
	if err != nil {
		return nil, err
	}
	var accesses []access
	seen := map[*experiment]bool{}
	return accesses, table.Records(func(r agreement.Record) error {
		e, o := cases[r.Text("case_id")], r.Text("operand")
		if e == nil {
			return r.Errorf("cases.csv has no case %q", r.Text("case_id"))
		}
		operand, ok := operands[o]
		if !ok {
			return r.Errorf("unknown operand %q", o)
		}
		level, err := e.machine.index(r.Text("level"))
		if err != nil {
			return r.Errorf("%v", err)
		}
		a := access{of: e, name: e.id + " " + r.Text("level") + " " + o, level: level, operand: operand, first: !seen[e]}
		for i, kind := range accessKinds {
			a.want[i] = int64(r.Int(kind + "_total"))
		}
		seen[e] = true
		accesses = append(accesses, a)
		return nil
	})
}

// An Explanation says which of Timeloop's rules make one of its rows differ from the exact count.
type Explanation struct {
	Row string
	// Rules is a smallest set under which the row is met; 0 if no set does.
	Rules nest.Rules
}

// Explain returns an explanation for every row of access.csv that the exact counter does not meet.
func Explain(data fs.FS) ([]Explanation, error) {
	cases, err := readCases(data)
	if err != nil {
		return nil, err
	}
	accesses, err := readAccesses(data, cases)
	if err != nil {
		return nil, err
	}
	var list []Explanation
	var counter nest.Counter
	for _, a := range accesses {
		best, found := nest.Timeloop, false
		for rules := nest.Exact; rules <= nest.Timeloop; rules++ {
			counts := counter.Count(&a.of.layer, &a.of.mapping, rules)
			if a.value(counts) == a.want && (!found || bits.OnesCount8(uint8(rules)) < bits.OnesCount8(uint8(best))) {
				best, found = rules, true
			}
		}
		switch {
		case !found:
			list = append(list, Explanation{Row: a.name})
		case best != nest.Exact:
			list = append(list, Explanation{a.name, best})
		}
	}
	return list, nil
}
