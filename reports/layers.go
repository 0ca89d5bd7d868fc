package reports

import (
	"io"
	"strconv"

	"dse/accel/unit"
)

// Layer is what one layer of a network costs on an accelerator, for one image.
type Layer struct {
	Name  string
	Kind  string // "conv", "depthwise", ...
	Shape string // of the output, "16x28x28"
	// WeightBits and ActivationBits are averages over the layer's weights and its input; Unknown for
	// a layer without.
	WeightBits, ActivationBits Value
	MACs                       int64
	Cycles                     unit.Cycles
	// Bound names what the time goes into: "compute", "DRAM", ...
	Bound string
	// Utilisation is the part of the array's multiply-accumulate rate that was used, in percent;
	// Unknown for a layer that does not use the array.
	Utilisation Value
	// Traffic, both directions together.
	DRAM, SRAM unit.Bits
	Energy     unit.Picojoule
}

// LayerReport is a network simulated layer by layer.
type LayerReport struct {
	// Heading lines stand above the table, Notes below.
	Heading []string
	Layers  []Layer
	Notes   []string
}

// WriteLayers writes a row for each layer and their totals. Layers run one after another, so all
// figures add up, but for the utilisation, which is averaged over the cycles of all layers. Without
// layers only heading and notes are written.
func WriteLayers(w io.Writer, r LayerReport, o Options) error {
	width := o.width()
	if len(r.Heading) > 0 {
		if err := writeProse(w, width, append(r.Heading, "")...); err != nil {
			return err
		}
	}
	notes := r.Notes
	if len(r.Layers) > 0 {
		if err := layerGrid(r.Layers).write(w, width, o.Color); err != nil {
			return err
		}
		if len(notes) > 0 {
			notes = append([]string{""}, notes...)
		}
	}
	return writeProse(w, width, notes...)
}

// Groups of columns that belong together when a table of layers is divided.
const (
	groupLayer   = "layer"
	groupTime    = "time"
	groupTraffic = "traffic"
)

// layerColumns in order.
var layerColumns = []column{
	{head: "layer"},
	{head: "kind", group: groupLayer},
	{head: "output", group: groupLayer},
	{head: "W\nbits", right: true, group: groupLayer},
	{head: "A\nbits", right: true, group: groupLayer},
	{head: "MACs\nk", right: true, group: groupTime},
	{head: "cycles", right: true, group: groupTime},
	{head: "bound", group: groupTime},
	{head: "use\n%", right: true, group: groupTime},
	{head: "DRAM\nkB", right: true, group: groupTraffic},
	{head: "SRAM\nkB", right: true, group: groupTraffic},
	{head: "energy\nuJ", right: true, group: groupTraffic},
}

func layerGrid(layers []Layer) grid {
	figure := func(value func(Layer) Value) func(Layer) string {
		n := min(decimals(mapped(layers, value)), 2)
		return func(l Layer) string { return value(l).fixed(n) }
	}
	macs := figure(func(l Layer) Value { return Value(l.MACs) / 1000 })
	dram := figure(func(l Layer) Value { return Value(l.DRAM.Kilobytes()) })
	sram := figure(func(l Layer) Value { return Value(l.SRAM.Kilobytes()) })
	energy := figure(func(l Layer) Value { return Value(l.Energy.Microjoules()) })
	cells := func(l Layer, weights, activations string) []string {
		return []string{oneLine(l.Name), oneLine(l.Kind), oneLine(l.Shape), weights, activations,
			macs(l), strconv.FormatInt(int64(l.Cycles), 10), oneLine(l.Bound), l.Utilisation.fixed(1),
			dram(l), sram(l), energy(l)}
	}
	g := grid{columns: layerColumns}
	for _, l := range layers {
		g.rows = append(g.rows, row{cells: cells(l, bitsText(l.WeightBits), bitsText(l.ActivationBits))})
	}
	g.footer = cells(total(layers), "", "")
	return g
}

// bitsText writes whole widths without decimals.
func bitsText(v Value) string {
	if v == Value(int64(v)) {
		return v.fixed(0)
	}
	return v.fixed(2)
}

// total adds up the layers.
func total(layers []Layer) Layer {
	t := Layer{Name: "total", Utilisation: Unknown}
	used := 0.0
	for _, l := range layers {
		t.MACs += l.MACs
		t.Cycles += l.Cycles
		t.DRAM += l.DRAM
		t.SRAM += l.SRAM
		t.Energy += l.Energy
		if l.Utilisation.Known() {
			used += float64(l.Utilisation) * float64(l.Cycles)
		}
	}
	if t.Cycles > 0 {
		t.Utilisation = Value(used / float64(t.Cycles))
	}
	return t
}
