package zigzag

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"dse/accel/unit"
	"dse/sim/agreement"
	"dse/sim/nest"
)

// experiment is a reference case.
type experiment struct {
	problem
	id     string
	arch   string
	widths nest.Widths
	energy unit.Picojoule
	levels [nest.NumOperands][]string // memories, innermost first
}

// dims are the tool's names: B batch, G channels of a depthwise layer, OX and OY output, FX and FY
// filter.
var dims = map[string]nest.Dim{
	"B": nest.N, "C": nest.C, "G": nest.C, "K": nest.K, "OX": nest.P, "OY": nest.Q, "FX": nest.R, "FY": nest.S,
}

var operands = map[string]nest.Operand{"W": nest.Weights, "I": nest.Inputs, "O": nest.Outputs}

// readCases reads cases.csv and mapping.csv and returns the cases by name.
func readCases(data fs.FS) (map[string]*experiment, error) {
	table, err := agreement.ReadFile(data, "cases.csv")
	if err != nil {
		return nil, err
	}
	cases := map[string]*experiment{}
	if err := table.Records(func(r agreement.Record) error {
		e := &experiment{id: r.Text("case_id"), arch: r.Text("arch"), energy: unit.Picojoule(r.Float("energy_total_pJ"))}
		e.widths = nest.Widths{Weight: r.Int("bits_W"), Input: r.Int("bits_I"), Partial: r.Int("bits_O_partial"), Final: r.Int("bits_O_final")}
		e.layer = nest.Layer{
			Size: [nest.NumDims]int{
				nest.N: 1, nest.C: r.Int("C"), nest.K: r.Int("K"), nest.Q: r.Int("Q"), nest.P: r.Int("P"), nest.S: r.Int("S"), nest.R: r.Int("R"),
			},
			StrideH: r.Int("stride"), StrideW: r.Int("stride"), Depthwise: r.Text("depthwise") == "1",
		}
		if e.layer.Depthwise {
			e.layer.Size[nest.K] = 1 // the table repeats C
		}
		cases[e.id] = e
		return nil
	}); err != nil {
		return nil, err
	}
	if table, err = agreement.ReadFile(data, "mapping.csv"); err != nil {
		return nil, err
	}
	if err := table.Records(func(r agreement.Record) error {
		e := cases[r.Text("case_id")]
		if e == nil {
			return nil // a mapping without its case
		}
		o, ok := operands[r.Text("operand")]
		if !ok {
			return r.Errorf("unknown operand %q", r.Text("operand"))
		}
		d, ok := dims[r.Text("dim")]
		if !ok {
			return r.Errorf("unknown dimension %q; known are %s", r.Text("dim"), strings.Join(slices.Sorted(maps.Keys(dims)), ", "))
		}
		l := loop{dim: d, factor: int64(r.Int("factor")), level: r.Int("level_index"), spatial: r.Text("kind") == "spatial"}
		if l.spatial && r.Text("memory") == "MAC" {
			l.level = -1
		}
		e.loops[o] = append(e.loops[o], l)
		return nil
	}); err != nil {
		return nil, err
	}
	if table, err = agreement.ReadFile(data, "levels.csv"); err != nil {
		return nil, err
	}
	return cases, table.Records(func(r agreement.Record) error {
		e := cases[r.Text("case_id")]
		if e == nil {
			return nil
		}
		o, ok := operands[r.Text("operand")]
		if !ok {
			return r.Errorf("unknown operand %q", r.Text("operand"))
		}
		if r.Int("level_index") != len(e.levels[o]) {
			return r.Errorf("level %d is at position %d; levels must be in order", r.Int("level_index"), len(e.levels[o]))
		}
		e.levels[o] = append(e.levels[o], r.Text("memory"))
		return nil
	})
}
