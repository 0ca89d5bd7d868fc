package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/reports"
	"dse/sim"
)

func newSimCommand() *cobra.Command {
	var accelName, model, bits string
	asJSON := false
	c := &cobra.Command{
		Use:   "sim",
		Short: "Show what each layer of a network costs on an accelerator",
		Example: `  dse sim --accel edge-npu --bits 8/8
  dse sim --accel my-chip.yaml --model mobilenetv2-micro --bits 4/8 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := accel.Load(accelName)
			if err != nil {
				return input(err)
			}
			n, err := models.Build(model)
			if err != nil {
				return input(fmt.Errorf("--model: %w", err))
			}
			w, act, err := parseBits(bits)
			if err != nil {
				return input(err)
			}
			s, err := sim.New(a, n)
			if err != nil {
				return input(err)
			}
			p := n.Uniform(n.PerTensor(), w, act)
			r, err := s.Run(p)
			if err != nil {
				return input(err)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), r)
			}
			return writeSimulation(c.OutOrStdout(), a, n, p, r)
		},
	}
	fl := c.Flags()
	fl.StringVar(&accelName, "accel", "edge-npu", "accelerator: a YAML file, or a preset's name")
	fl.StringVar(&model, "model", "mobilenetv2-micro", "network (see dse model list)")
	fl.StringVar(&bits, "bits", "8/8", "bits of all weights / of all activations")
	fl.BoolVar(&asJSON, "json", false, "print the whole result as JSON")
	return c
}

// parseBits reads "8/8" or "4/8": weight and activation bits.
func parseBits(text string) (w, a models.Width, err error) {
	parts := strings.Split(text, "/")
	var v [2]models.Width
	if len(parts) != 2 {
		return 0, 0, fmt.Errorf("--bits: want WEIGHTS/ACTIVATIONS such as 4/8, got %q", text)
	}
	for i, s := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || models.Width(n) < models.MinWidth || models.Width(n) > models.MaxWidth {
			return 0, 0, fmt.Errorf("--bits: %q is not a whole number of bits from %v to %v", s, models.MinWidth, models.MaxWidth)
		}
		v[i] = models.Width(n)
	}
	return v[0], v[1], nil
}

// writeSimulation prints a row per layer and the totals.
func writeSimulation(w io.Writer, a *accel.Accelerator, n *models.Network, p *models.Precision, r *sim.Result) error {
	out := reports.LayerReport{Heading: []string{
		fmt.Sprintf("%s on %s (%s): %.4g ms, %.4g uJ per image", r.Network, r.Accelerator, r.Status, r.Latency.Milliseconds(), r.Energy.Total().Microjoules()),
	}}
	for i := range r.Layers {
		out.Layers = append(out.Layers, layerRow(n, p, &r.Layers[i]))
	}
	out.Notes = append(out.Notes,
		fmt.Sprintf("time: %s of the whole", shares(float64(r.Cycles), []part{
			{"compute", float64(r.Time.Compute)}, {"array fill", float64(r.Time.ArrayFill)}, {"vector", float64(r.Time.Vector)},
			{"ports", float64(r.Time.Port)}, {"DRAM", float64(r.Time.DRAM)}, {"set-up", float64(r.Time.Setup)}, {"host", float64(r.Time.Host)},
		})),
		fmt.Sprintf("energy: %s of the whole", shares(float64(r.Energy.Total()), energyParts(r))))
	if r.Time.Host > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("beyond the layers, the host takes %.0f cycles (%.4g ms) and %.4g uJ to start an inference",
			float64(r.Time.Host), r.Time.Host.At(a.Clock).Milliseconds(), (r.Energy.Total()-layerEnergy(r)).Microjoules()))
	}
	for _, m := range r.Memories {
		out.Notes = append(out.Notes, fmt.Sprintf("%s: at most %.1f of %.1f KiB in use", m.Name, float64(m.Peak)/unit.BitsPerKibibyte, float64(m.Capacity)/unit.BitsPerKibibyte))
	}
	return reports.WriteLayers(w, out, tableOptions(w))
}

func layerRow(n *models.Network, p *models.Precision, l *sim.LayerResult) reports.Layer {
	layer := &n.Layers[l.Layer]
	row := reports.Layer{
		Name: l.Name, Kind: kindOf(layer), Shape: layer.Out.String(), WeightBits: reports.Unknown, MACs: l.MACs,
		ActivationBits: reports.Value(n.TensorWidth(layer.Inputs[0], p)), Cycles: unit.Cycles(math.Round(float64(l.Cycles))),
		Bound: l.Bound.String(), Utilisation: reports.Unknown, DRAM: l.DRAM.Total().Total(), SRAM: l.SRAM.Total().Total(), Energy: l.Energy.Total(),
	}
	if site := n.WeightSiteOf(l.Layer); site >= 0 {
		sum := 0.0
		widths := p.Weights[site]
		for i, b := range widths.Widths {
			sum += float64(b) * float64(n.Weights[site].SliceElements(widths.Group, i))
		}
		row.WeightBits = reports.Value(sum / float64(n.Weights[site].Elements()))
		row.Utilisation = reports.Value(100 * l.Utilisation)
	}
	return row
}

// layerEnergy is the energy of all layers, without the start of the inference.
func layerEnergy(r *sim.Result) unit.Picojoule {
	var sum unit.Picojoule
	for i := range r.Layers {
		sum += r.Layers[i].Energy.Total()
	}
	return sum
}

// part is one cause with its amount.
type part struct {
	name   string
	amount float64
}

// shares lists the parts in percent of the whole, those under half a percent left out.
func shares(whole float64, parts []part) string {
	var words []string
	for _, p := range parts {
		if percent := 100 * p.amount / whole; percent >= 0.5 {
			words = append(words, fmt.Sprintf("%s %.0f %%", p.name, percent))
		}
	}
	return strings.Join(words, ", ")
}
