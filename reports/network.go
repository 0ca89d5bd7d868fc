package reports

import (
	"io"
	"strconv"

	"dse/accel/unit"
)

// NetworkLayer is a layer of a network as it is defined, without an accelerator.
type NetworkLayer struct {
	Name, Kind    string
	Input, Output string // shapes, "16x28x28"
	Window        string // kernel, stride, dilation, groups: what the kind has of them
	MACs          int64
	Parameters    int
	// Weights is the size at 1 bit of the weight tensor whose width can be chosen, Activations that of the stored
	// output. 0 where there is none.
	Weights, Activations unit.Bits
	// Signed says that the stored output can be negative.
	Signed bool
}

// NetworkReport is a network layer by layer.
type NetworkReport struct {
	// Heading lines stand above the table, Notes below.
	Heading []string
	Layers  []NetworkLayer
	Notes   []string
}

var networkColumns = []column{
	{head: "layer"},
	{head: "kind", group: groupLayer},
	{head: "input", group: groupLayer},
	{head: "output", group: groupLayer},
	{head: "window", group: groupLayer},
	{head: "MACs\nk", right: true, group: groupSize},
	{head: "param-\neters", right: true, group: groupSize},
	{head: "weights\nkB/bit", right: true, group: groupSize},
	{head: "output\nkB/bit", right: true, group: groupSize},
	{head: "sign", group: groupSize},
}

const groupSize = "size"

// WriteNetwork writes a row for each layer and the sums.
func WriteNetwork(w io.Writer, r NetworkReport, o Options) error {
	width := o.width()
	if len(r.Heading) > 0 {
		if err := writeProse(w, width, append(r.Heading, "")...); err != nil {
			return err
		}
	}
	if err := networkGrid(r.Layers).write(w, width, o.Color); err != nil {
		return err
	}
	if len(r.Notes) == 0 {
		return nil
	}
	return writeProse(w, width, append([]string{""}, r.Notes...)...)
}

func networkGrid(layers []NetworkLayer) grid {
	size := func(b unit.Bits) string {
		if b == 0 {
			return ""
		}
		return Value(b.Kilobytes()).fixed(3)
	}
	cells := func(l NetworkLayer, sign string) []string {
		return []string{
			oneLine(l.Name), oneLine(l.Kind), oneLine(l.Input), oneLine(l.Output), oneLine(l.Window),
			Value(float64(l.MACs) / 1000).fixed(1), strconv.Itoa(l.Parameters), size(l.Weights), size(l.Activations), sign,
		}
	}
	g := grid{columns: networkColumns}
	sum := NetworkLayer{Name: "total"}
	for _, l := range layers {
		sign := ""
		switch {
		case l.Activations == 0:
		case l.Signed:
			sign = "+-"
		default:
			sign = "+"
		}
		g.rows = append(g.rows, row{cells: cells(l, sign)})
		sum.MACs += l.MACs
		sum.Parameters += l.Parameters
		sum.Weights += l.Weights
		sum.Activations += l.Activations
	}
	g.footer = cells(sum, "")
	return g
}

// NetworkEntry is a line of a list of networks.
type NetworkEntry struct {
	Name       string `json:"name"`
	Input      string `json:"input"`
	Parameters int    `json:"parameters"`
	MACs       int64  `json:"macs"`
	// Trainable is false for networks that can be simulated only.
	Trainable bool   `json:"trainable"`
	About     string `json:"about"`
}

// WriteNetworks writes a list of networks.
func WriteNetworks(w io.Writer, entries []NetworkEntry, o Options) error {
	g := grid{columns: []column{
		{head: "network"}, {head: "input"}, {head: "param-\neters k", right: true}, {head: "MACs\nM", right: true}, {head: "trained"}, {head: "what it is", wrap: 24},
	}}
	for _, e := range entries {
		trained := ""
		if e.Trainable {
			trained = "yes"
		}
		g.rows = append(g.rows, row{cells: []string{
			oneLine(e.Name), oneLine(e.Input), Value(float64(e.Parameters) / 1e3).fixed(1), Value(float64(e.MACs) / 1e6).fixed(2), trained, oneLine(e.About),
		}})
	}
	return g.write(w, o.width(), o.Color)
}
