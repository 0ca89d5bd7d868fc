package main

import (
	"encoding/json"
	"fmt"
	"io"

	"dse/accel"
	"dse/accel/unit"
	"dse/reports"
	"dse/sim"
)

// energyParts lists the energy of an inference by cause, each on-chip memory for itself.
func energyParts(r *sim.Result) []part {
	e := &r.Energy
	parts := []part{{"MACs", float64(e.MAC)}, {"accumulator", float64(e.Accumulator)}}
	for i, m := range r.Memories {
		parts = append(parts, part{m.Name, float64(e.Memories[i])})
	}
	return append(parts, []part{
		{"DRAM read", float64(e.DRAMRead)}, {"DRAM write", float64(e.DRAMWrite)}, {"DRAM activate", float64(e.DRAMActivate)},
		{"DRAM background", float64(e.DRAMBackground)}, {"leakage", float64(e.Leakage)},
		{"running", float64(e.Running)}, {"vector", float64(e.Vector)}, {"host", float64(e.Host)},
	}...)
}

// areaOf is the area of a part. Nothing is said of one whose area is not known.
type areaOf struct {
	Cause string                `json:"cause"`
	MM2   unit.SquareMillimetre `json:"mm2"`
}

func areas(a *accel.Accelerator) []areaOf {
	p := a.Area()
	all := []areaOf{{"array", p.Array}, {"accumulator", p.Accumulator}}
	for i, m := range a.Memories {
		all = append(all, areaOf{m.Name, p.Memories[i]})
	}
	return append(all, areaOf{"everything else", p.Rest})
}

// writeArea prints the area by cause.
func writeArea(w io.Writer, a *accel.Accelerator) error {
	p := a.Area()
	sum, known := p.Total()
	out := reports.Sheet{
		Heading: []string{"", "area by cause"},
		Columns: []reports.Heading{{Head: "part", Text: true}, {Head: "mm2"}, {Head: "%"}},
	}
	for _, part := range areas(a) {
		if part.MM2 == 0 {
			out.Rows = append(out.Rows, []string{part.Cause, "unknown"})
			continue
		}
		out.Rows = append(out.Rows, []string{part.Cause, fmt.Sprintf("%.4f", float64(part.MM2)), fmt.Sprintf("%.1f", 100*float64(part.MM2/sum))})
	}
	out.Rows = append(out.Rows, []string{"sum", fmt.Sprintf("%.4f", float64(sum))})
	if !known {
		out.Notes = []string{fmt.Sprintf("areas that are not stated cannot be derived for a node of %d nm: add `area` to the parts", a.Technology.NodeNM)}
	} else if len(a.Derived) > 0 {
		out.Notes = []string{"derived areas leave out control, DMA, wiring between the parts and pads"}
	}
	return reports.WriteSheet(w, out, tableOptions(w))
}

// writeAccelerator prints keys and area as JSON.
func writeAccelerator(w io.Writer, a *accel.Accelerator) error {
	type row struct {
		Key    string `json:"key"`
		Value  string `json:"value"`
		Source string `json:"source"`
	}
	p := a.Area()
	sum, known := p.Total()
	out := struct {
		Name   string                `json:"name"`
		Status string                `json:"status"`
		Keys   []row                 `json:"keys"`
		Area   []areaOf              `json:"area"` // 0 where it is not known
		Sum    unit.SquareMillimetre `json:"area_mm2"`
		Known  bool                  `json:"area_known"`
	}{Name: a.Name, Status: a.Status.String(), Area: areas(a), Sum: sum, Known: known}
	for _, r := range accel.Rows(a) {
		out.Keys = append(out.Keys, row{r.Key, r.Value, r.Source})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
