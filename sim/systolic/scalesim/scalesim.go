// Package scalesim compares the systolic array's cycle counts with those of the SCALE-Sim tool.
package scalesim

import (
	"fmt"
	"io/fs"

	"dse/accel"
	"dse/sim/agreement"
	"dse/sim/systolic"
)

// Source is the name of the reference in a comparison.
const Source = "scalesim"

// Validate compares every row of golden.csv: stall-free cycles, the share of PEs with work, and
// operand accesses. SCALE-Sim counts R + C writes of outputs per fold too many in the
// output-stationary flow; they are taken off before comparing.
func Validate(data fs.FS) ([]agreement.Row, error) {
	table, err := agreement.ReadFile(data, "golden.csv")
	if err != nil {
		return nil, err
	}
	cycles := agreement.New(Source, "compute_cycles")
	occupancy := agreement.New(Source, "mapping_eff_pct")
	accesses := agreement.New(Source, "accesses")
	flows := map[string]accel.Dataflow{"ws": accel.WeightStationary, "os": accel.OutputStationary, "is": accel.InputStationary}
	err = table.Records(func(r agreement.Record) error {
		flow, ok := flows[r.Text("dataflow")]
		if !ok {
			return fmt.Errorf("golden.csv: dataflow %q is not one of ws, os, is", r.Text("dataflow"))
		}
		name := r.Text("config") + " " + r.Text("layer")
		a := systolic.Array{Rows: r.Int("array_rows"), Cols: r.Int("array_cols")}
		p := systolic.Product{
			Pixels:  r.Int("ofmap_h") * r.Int("ofmap_w"),
			Window:  r.Int("filter_h") * r.Int("filter_w") * r.Int("channels"),
			Filters: r.Int("num_filters"),
		}
		cycles.Add(name, float64(a.Cycles(flow, p)), float64(r.Int("compute_cycles")))
		occupancy.AddPrinted(name, 100*a.Occupancy(flow, p), r.Float("mapping_eff_pct"), 1e-6) // six decimals
		got := a.Accesses(flow, p)
		sums := r.Int("sram_ofmap_writes")
		if flow == accel.OutputStationary {
			sums -= a.Folds(flow, p) * (a.Rows + a.Cols)
		}
		accesses.Add(name+" inputs", float64(got.Inputs), float64(r.Int("sram_ifmap_reads")))
		accesses.Add(name+" weights", float64(got.Weights), float64(r.Int("sram_filter_reads")))
		accesses.Add(name+" outputs", float64(got.Sums), float64(sums))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []agreement.Row{cycles.Row(), occupancy.Row(), accesses.Row()}, nil
}
