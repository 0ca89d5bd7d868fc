package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/models"
	"dse/qat/checkpoint"
	"dse/reports"
	"dse/sim/speed"
)

func newBenchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast dse works on this machine, and how well its search does on problems with known answers",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newBenchSimCommand(), newBenchSearchCommand(), newBenchTrainCommand())
	return c
}

// benchNetworks are measured unless others are asked for; the first one is also priced at all widths.
var benchNetworks = []string{"mobilenetv2-1.0-224", "resnet18-224", "efficientnet-lite0", "mobilenetv2-micro"}

func newBenchSimCommand() *cobra.Command {
	var accelName, file string
	names := benchNetworks
	c := &cobra.Command{
		Use:   "sim",
		Short: "Measure the simulator: mappings priced, networks mapped, events played",
		Long: `Measures the simulator on one core: how many mappings it prices in a second, how long it takes to map a
network with nothing remembered (cold) and again (warm), how far the mappings are from a bound that none
undercuts, and how long the costs at all pairs of 1 to 8 bits take. Times depend on the machine and on what
else it does.`,
		Example: "  dse bench sim\n  dse bench sim --accel edge-npu --models mobilenetv2-1.0-224 --json speed.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := accel.Load(accelName)
			if err != nil {
				return input(err)
			}
			var networks []*models.Network
			for _, name := range names {
				n, err := models.Build(name)
				if err != nil {
					return input(fmt.Errorf("--models: %w", err))
				}
				networks = append(networks, n)
			}
			r, err := speed.Measure(a, networks)
			if err != nil {
				return input(err)
			}
			if file != "" {
				if err := writeJSONFile(file, r); err != nil {
					return err
				}
			}
			return printSpeed(c.OutOrStdout(), r)
		},
	}
	c.Flags().StringVar(&accelName, "accel", "edge-npu", "accelerator: a YAML file, or a preset's name")
	c.Flags().StringSliceVar(&names, "models", names, "networks; the first is also priced at all widths")
	c.Flags().StringVar(&file, "json", "", "also write the figures to this file as JSON")
	return c
}

// writeJSONFile writes a value to a file, which it replaces as a whole.
func writeJSONFile(path string, v any) error {
	if err := checkpoint.Replace(path, func(w io.Writer) error { return writeJSON(w, v) }); err != nil {
		return input(fmt.Errorf("--json: %w", err))
	}
	return nil
}

func printSpeed(w io.Writer, r speed.Report) error {
	t := reports.Sheet{
		Heading: []string{fmt.Sprintf("the simulator on one core, accelerator %s", r.Accelerator)},
		Columns: []reports.Heading{
			{Head: "network", Text: true}, {Head: "layers\nmapped"}, {Head: "cold\nms"}, {Head: "warm\nms"}, {Head: "fixed rule\nms"},
			{Head: "median\ngap %"}, {Head: "worst\ngap %"}, {Head: "layer of the\nworst gap", Text: true},
		},
		Notes: []string{
			fmt.Sprintf("mappings priced: %.1f million per second", r.MappingsPerSecond/1e6),
			fmt.Sprintf("events played for %s: %.1f million per second, %.2g allocations per event", r.Networks[0].Name, r.EventsPerSecond/1e6, r.AllocsPerEvent),
			fmt.Sprintf("costs of %s at all pairs of 1 to 8 bits: %.2f s", r.Networks[0].Name, r.CostSurface),
		},
	}
	for _, n := range r.Networks {
		t.Rows = append(t.Rows, []string{
			n.Name, fmt.Sprint(n.Layers), fmt.Sprintf("%.1f", 1e3*n.Cold), fmt.Sprintf("%.3f", 1e3*n.Warm), fmt.Sprintf("%.3f", 1e3*n.Fixed),
			fmt.Sprintf("%.2f", n.MedianGap), fmt.Sprintf("%.2f", n.WorstGap), n.WorstName,
		})
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}
