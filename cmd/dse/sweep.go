package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/models"
	"dse/reports"
	"dse/search/experiment"
	"dse/search/sweep"
)

// sweepFlags are the flags of dse sweep as typed.
type sweepFlags struct {
	accel, model, study string
	vary, bits          []string
	json                bool
}

func newSweepCommand() *cobra.Command {
	f := &sweepFlags{}
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Price variants of an accelerator, for the designs of a study's front or for uniform bits",
		Long: `Simulates a network on every combination of the values given, without training. The name of a memory stands
for its capacity, array for rows x columns, bandwidth for the DRAM's; any other name is a key that dse accel show
prints. With --study the designs are those on the study's front, on the study's accelerator unless --accel
names another.`,
		Example: `  dse sweep --accel edge-npu.yaml --vary "sram=128KiB,256KiB,512KiB" --vary "array=8x8,16x16,32x32" --bits 8/8,4/8
  dse sweep --study studies/mine --vary "bandwidth=3.2 GB/s,6.4 GB/s" --vary "clock=400 MHz,800 MHz" --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := runSweep(c, f)
			if err != nil {
				return err
			}
			if f.json {
				return writeJSON(c.OutOrStdout(), r)
			}
			return r.print(c.OutOrStdout())
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.accel, "accel", "edge-npu", "accelerator: a YAML file, or a preset's name")
	fl.StringVar(&f.model, "model", "mobilenetv2-micro", "network (see dse model list); a study has its own")
	fl.StringVar(&f.study, "study", "", "folder of a study whose front is priced")
	fl.StringArrayVar(&f.vary, "vary", nil, "what varies, may be repeated: NAME=VALUE,VALUE")
	fl.StringSliceVar(&f.bits, "bits", nil, "without a study: bits of all weights / of all activations (default 8/8)")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return c
}

// sweepResult is the result of dse sweep.
type sweepResult struct {
	Accelerator string        `json:"accelerator"`
	Status      string        `json:"accelerator_status"`
	Network     string        `json:"network"`
	Axes        []string      `json:"axes"`
	Prices      []sweep.Price `json:"prices"`
}

func runSweep(c *cobra.Command, f *sweepFlags) (*sweepResult, error) {
	if len(f.vary) == 0 {
		return nil, input(errors.New("nothing varies: give --vary NAME=VALUE,VALUE, such as --vary sram=128KiB,256KiB"))
	}
	if f.study != "" && (len(f.bits) > 0 || c.Flags().Changed("model")) {
		return nil, input(errors.New("--study brings its own network and designs: leave --bits and --model out"))
	}
	var base *accel.Accelerator
	var n *models.Network
	var designs []sweep.Design
	var err error
	if f.study != "" {
		base, n, designs, err = frontDesigns(f.study)
	} else {
		n, designs, err = uniformDesigns(f.model, f.bits)
	}
	if err != nil {
		return nil, err
	}
	if base == nil || c.Flags().Changed("accel") {
		if base, err = accel.Load(f.accel); err != nil {
			return nil, input(err)
		}
	}
	r := &sweepResult{Accelerator: base.Name, Status: base.Status.String(), Network: n.Name}
	var axes []sweep.Axis
	for _, text := range f.vary {
		axis, err := sweep.ParseAxis(text, base)
		if err != nil {
			return nil, input(fmt.Errorf("--vary: %w", err))
		}
		axes, r.Axes = append(axes, axis), append(r.Axes, axis.Name)
	}
	variants, err := sweep.Variants(base, axes)
	if err != nil {
		return nil, input(fmt.Errorf("--vary: %w", err))
	}
	r.Prices, err = sweep.Run(c.Context(), n, variants, designs)
	return r, err
}

// frontDesigns returns the accelerator, network and front of a study.
func frontDesigns(dir string) (*accel.Accelerator, *models.Network, []sweep.Design, error) {
	s, err := loadStudy(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	n, err := models.Build(s.Settings.Model)
	if err != nil {
		return nil, nil, nil, input(fmt.Errorf("study %s: %w", dir, err))
	}
	var designs []sweep.Design
	for _, r := range s.front() {
		rec, err := experiment.ParseRecord(r.Outcome)
		if err != nil {
			return nil, nil, nil, err
		}
		designs = append(designs, sweep.Design{Name: trialName(r.Trial), Precision: rec.Precision})
	}
	if len(designs) == 0 {
		return nil, nil, nil, input(fmt.Errorf("study %s has no design on its front yet; run it on, or leave --study out", dir))
	}
	return s.Accelerator, n, designs, nil
}

// uniformDesigns returns a network and its precisions of the same bits everywhere.
func uniformDesigns(model string, bits []string) (*models.Network, []sweep.Design, error) {
	n, err := models.Build(model)
	if err != nil {
		return nil, nil, input(fmt.Errorf("--model: %w", err))
	}
	if len(bits) == 0 {
		bits = []string{"8/8"}
	}
	var designs []sweep.Design
	for _, text := range bits {
		w, a, err := parseBits(text)
		if err != nil {
			return nil, nil, input(err)
		}
		designs = append(designs, sweep.Design{Name: text + " bit", Precision: n.Uniform(n.PerTensor(), w, a)})
	}
	return n, designs, nil
}

func (r *sweepResult) print(w io.Writer) error {
	t := reports.Sheet{Heading: []string{fmt.Sprintf("%s on variants of %s (%s)", r.Network, r.Accelerator, r.Status)}}
	for _, name := range r.Axes {
		t.Columns = append(t.Columns, reports.Heading{Head: name, Text: true})
	}
	t.Columns = append(t.Columns, reports.Heading{Head: "design", Text: true}, reports.Heading{Head: "latency\nms"}, reports.Heading{Head: "energy\nuJ"})
	for _, p := range r.Prices {
		row := append(append([]string{}, p.Variant...), p.Design)
		if p.Infeasible != "" {
			row = append(row, "–", "–")
			t.Notes = append(t.Notes, fmt.Sprintf("%s, %s: %s", strings.Join(p.Variant, " "), p.Design, p.Infeasible))
		} else {
			row = append(row, fmt.Sprintf("%.4g", p.LatencyMS), fmt.Sprintf("%.4g", p.EnergyUJ))
		}
		t.Rows = append(t.Rows, row)
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}
