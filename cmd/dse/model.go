package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"dse/accel/unit"
	"dse/models"
	"dse/qat"
	"dse/reports"
)

func newModelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "List and show networks",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newModelListCommand(), newModelShowCommand())
	return c
}

func newModelListCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "list", Short: "List the networks that come with dse", Args: cobra.NoArgs,
		Long: `Lists the networks at the sizes they are published in. All of them can be simulated; those marked as
trained also go through dse run. See dse model show --help for other sizes.`,
		Example: "  dse model list",
		RunE: func(c *cobra.Command, _ []string) error {
			var all []reports.NetworkEntry
			for _, name := range models.Names() {
				n, err := models.Build(name)
				if err != nil {
					return err
				}
				about, err := models.About(name)
				if err != nil {
					return err
				}
				all = append(all, reports.NetworkEntry{
					Name: name, Input: n.Image().String(), Parameters: n.Parameters(), MACs: n.MACs(), Trainable: qat.Trainable(n) == nil, About: about,
				})
			}
			w := c.OutOrStdout()
			if asJSON {
				return writeJSON(w, all)
			}
			return reports.WriteNetworks(w, all, tableOptions(w))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func newModelShowCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "show NAME", Short: "Show a network's layers, sizes and quantization sites", Args: cobra.ExactArgs(1),
		Long: `Shows each layer with its shapes, multiply-accumulates, parameters and the tensors whose width can be
chosen, with their size per bit (1 kB = 8000 bits).

A name is a family, followed by options in any order: a width with a point (0.5), an input size (224, or 96x64 for
height and width), classes (c10), the first stride (s1). Each family takes some of them.`,
		Example: `  dse model show mobilenetv2-micro
  dse model show mobilenetv2-0.5-96-c10
  dse model show resnet18-32-c10-s1 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			n, err := models.Build(args[0])
			if err != nil {
				return input(err)
			}
			w := c.OutOrStdout()
			if asJSON {
				return writeJSON(w, modelJSON(n))
			}
			return writeModel(w, n)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// modelSizes are a network's sizes at 1 bit in kB of 8000 bits, as the paper counts them: weights with
// biases, and the input of every layer with weights.
type modelSizes struct {
	weights, activations, largest float64
}

func sizesOf(n *models.Network) modelSizes {
	p := n.Uniform(n.PerTensor(), 1, 1)
	return modelSizes{
		weights:     unit.Bits(n.QuantizedParameters()).Kilobytes(),
		activations: n.Size(models.ActivationSum, p, nil).Kilobytes(),
		largest:     n.Size(models.ActivationMax, p, nil).Kilobytes(),
	}
}

// modelShown is what dse model show prints as JSON.
type modelShown struct {
	Name        string       `json:"name"`
	Parameters  int          `json:"parameters"`
	MACs        int64        `json:"macs"`
	Weights     float64      `json:"weights_kb_per_bit"`
	Activations float64      `json:"activations_kb_per_bit"`
	Largest     float64      `json:"largest_activation_kb_per_bit"`
	Layers      []layerShown `json:"layers"`
}

// layerShown is one layer. Sites are indices into the tensors whose width can be chosen, or null.
type layerShown struct {
	Name           string   `json:"name"`
	Kind           string   `json:"kind"`
	Inputs         []string `json:"inputs"`
	Output         []int    `json:"output_shape"` // channels, height, width
	Window         string   `json:"window,omitempty"`
	Activation     string   `json:"activation"`
	MACs           int64    `json:"macs"`
	Parameters     int      `json:"parameters"`
	WeightSite     *int     `json:"weight_site"`
	ActivationSite *int     `json:"activation_site"`
	Weights        float64  `json:"weights_kb_per_bit"`
	Activations    float64  `json:"activations_kb_per_bit"`
	Signed         bool     `json:"signed"`
}

func modelJSON(n *models.Network) modelShown {
	s := sizesOf(n)
	m := modelShown{
		Name: n.Name, Parameters: n.Parameters(), MACs: n.MACs(),
		Weights: s.weights, Activations: s.activations, Largest: s.largest,
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		shown := layerShown{
			Name: l.Name, Kind: kindOf(l), Inputs: []string{}, Output: []int{l.Out.C, l.Out.H, l.Out.W}, Window: window(l),
			Activation: l.Activation.String(), MACs: l.MACs(), Parameters: l.Parameters(),
		}
		for _, j := range l.Inputs {
			shown.Inputs = append(shown.Inputs, n.Layers[j].Name)
		}
		if site := n.WeightSiteOf(i); site >= 0 {
			shown.WeightSite, shown.Weights = &site, unit.Bits(l.WeightElements()).Kilobytes()
		}
		if site := n.ActivationSiteOf(i); site >= 0 {
			a := n.Activations[site]
			shown.ActivationSite, shown.Activations, shown.Signed = &site, unit.Bits(a.Elements).Kilobytes(), a.Signed
		}
		m.Layers = append(m.Layers, shown)
	}
	return m
}

func writeModel(w io.Writer, n *models.Network) error {
	about, err := models.About(n.Name)
	if err != nil {
		return err
	}
	s := sizesOf(n)
	r := reports.NetworkReport{
		Heading: []string{
			fmt.Sprintf("%s: %s", n.Name, about),
			fmt.Sprintf("%v input, %d parameters, %.4g million MACs, %d weight and %d activation tensors whose width can be chosen",
				n.Image(), n.Parameters(), float64(n.MACs())/1e6, len(n.Weights), len(n.Activations)),
		},
		Notes: []string{fmt.Sprintf("at 1 bit, in kB of 8000 bits: weights and biases %.1f, inputs of layers with weights %.1f, the largest of them %.1f", s.weights, s.activations, s.largest)},
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	peak, at := n.Peak(p)
	f := n.Footprint(p)
	r.Notes = append(r.Notes, fmt.Sprintf("at 8 bits: weights %.1f kB; most activations alive at one time %.1f kB, while %s runs; norms, biases, scales and widths %.1f kB",
		f.Weights.Kilobytes(), peak.Kilobytes(), n.Layers[at].Name, f.Metadata().Kilobytes()))
	if err := qat.Trainable(n); err != nil {
		r.Notes = append(r.Notes, err.Error())
	}
	for i := 1; i < len(n.Layers); i++ {
		l := &n.Layers[i]
		row := reports.NetworkLayer{
			Name: l.Name, Kind: kindOf(l), Input: l.In.String(), Output: l.Out.String(), Window: window(l), MACs: l.MACs(), Parameters: l.Parameters(),
		}
		if n.WeightSiteOf(i) >= 0 {
			row.Weights = unit.Bits(l.WeightElements())
		}
		if site := n.ActivationSiteOf(i); site >= 0 {
			row.Activations, row.Signed = unit.Bits(n.Activations[site].Elements), n.Activations[site].Signed
		}
		r.Layers = append(r.Layers, row)
	}
	return reports.WriteNetwork(w, r, tableOptions(w))
}

// kindOf names a layer's kind, depthwise convolutions apart.
func kindOf(l *models.Layer) string {
	if l.Depthwise() {
		return "depthwise"
	}
	return l.Kind.String()
}

// window describes kernel, stride, dilation and groups.
func window(l *models.Layer) string {
	var words []string
	if k := l.Kernel; k != (models.Window{}) {
		words = append(words, fmt.Sprintf("%dx%d", k.H, k.W))
	}
	if s := l.Stride; s.H > 1 || s.W > 1 {
		words = append(words, fmt.Sprintf("stride %dx%d", s.H, s.W))
	}
	if d := l.Dilation; d.H > 1 || d.W > 1 {
		words = append(words, fmt.Sprintf("dilation %dx%d", d.H, d.W))
	}
	if l.Groups > 1 && !l.Depthwise() {
		words = append(words, fmt.Sprintf("%d groups", l.Groups))
	}
	if l.Factor > 1 {
		words = append(words, fmt.Sprintf("times %d", l.Factor))
	}
	return strings.Join(words, " ")
}
