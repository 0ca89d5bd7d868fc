package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/reports"
	"dse/sim"
	"dse/sim/agreement"
	"dse/sim/validation"
)

func newValidateCommand() *cobra.Command {
	var dir, file string
	c := &cobra.Command{
		Use:   "validate",
		Short: "Compare the simulator with reference data of other tools",
		Long: `Compares the simulator's parts with data that nobody here made: other tools' cycle and access
counts, and latencies measured on chips. One row per source and quantity, with the rows that agree exactly,
the mean absolute and the signed error, the worst row and the rank correlation.`,
		Example: "  dse validate\n  dse validate --data DIR --json report.json   DIR/timeloop, DIR/zigzag, ...",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var data fs.FS = sim.Reference()
			if dir != "" {
				if info, err := os.Stat(dir); err != nil || !info.IsDir() {
					return input(fmt.Errorf("--data: %s is not a folder", dir))
				}
				data = os.DirFS(dir)
			}
			rows, missing, err := validation.Run(data)
			if err != nil {
				return input(fmt.Errorf("--data: %w", err))
			}
			if file != "" {
				if err := writeValidation(file, rows); err != nil {
					return err
				}
			}
			return printValidation(c.OutOrStdout(), rows, missing)
		},
	}
	c.Flags().StringVar(&dir, "data", "", "folder with a sub-folder per source (default: the data that dse ships)")
	c.Flags().StringVar(&file, "json", "", "also write the rows to this file as JSON")
	return c
}

// validationRow is a row of the JSON file.
type validationRow struct {
	Source   string        `json:"source"`
	Quantity string        `json:"quantity"`
	Rows     int           `json:"rows"`
	Exact    int           `json:"exact"`
	MAPE     reports.Value `json:"mape"`
	Bias     reports.Value `json:"bias"`
	Worst    reports.Value `json:"worst"`
	WorstRow string        `json:"worst_row"`
	Spearman reports.Value `json:"spearman"`
	// Nulls are the errors of null models on the same rows; empty where the reference is no measurement.
	Nulls []nullRow `json:"nulls"`
	// Skipped are rows of the reference that were left out, each with the reason.
	Skipped []string `json:"skipped"`
}

// nullRow is a null model's agreement.
type nullRow struct {
	Model    string        `json:"model"`
	MAPE     reports.Value `json:"mape"`
	Bias     reports.Value `json:"bias"`
	Worst    reports.Value `json:"worst"`
	Spearman reports.Value `json:"spearman"`
}

func writeValidation(path string, rows []agreement.Row) error {
	out := []validationRow{}
	for _, r := range rows {
		nulls := []nullRow{}
		for _, n := range r.Nulls {
			nulls = append(nulls, nullRow{n.Quantity, reports.Value(n.MAPE), reports.Value(n.Bias), reports.Value(n.Worst), reports.Value(n.Spearman)})
		}
		out = append(out, validationRow{
			Source: r.Source, Quantity: r.Quantity, Rows: r.Rows, Exact: r.Exact, MAPE: reports.Value(r.MAPE), Bias: reports.Value(r.Bias),
			Worst: reports.Value(r.Worst), WorstRow: r.WorstRow, Spearman: reports.Value(r.Spearman), Nulls: nulls,
			Skipped: append([]string{}, r.Skipped...),
		})
	}
	return writeJSONFile(path, out)
}

// calibrations lists every number of a preset that was calibrated, with the rows used.
func calibrations() ([]string, error) {
	var notes []string
	for _, name := range accel.Presets() {
		a, err := accel.Load(name)
		if err != nil {
			return nil, err
		}
		keys := accel.Calibrated(a)
		for _, row := range accel.Rows(a) {
			if slices.Contains(keys, row.Key) {
				notes = append(notes, fmt.Sprintf("%s: %s = %s, %s", name, row.Key, row.Value, row.Source))
			}
		}
	}
	return notes, nil
}

func printValidation(w io.Writer, rows []agreement.Row, missing []string) error {
	t := reports.Sheet{Columns: []reports.Heading{
		{Head: "source", Text: true}, {Head: "quantity", Text: true}, {Head: "rows"}, {Head: "exact"}, {Head: "MAPE\n%"}, {Head: "bias\n%"},
		{Head: "worst\n%"}, {Head: "Spearman"}, {Head: "best null\nMAPE %"}, {Head: "worst row", Text: true},
	}}
	for _, r := range rows {
		null := ""
		if n := r.BestNull(); n != nil {
			null = fmt.Sprintf("%.1f", n.MAPE)
		}
		t.Rows = append(t.Rows, []string{
			r.Source, r.Quantity, fmt.Sprint(r.Rows), fmt.Sprint(r.Exact), fmt.Sprintf("%.2f", r.MAPE), fmt.Sprintf("%.2f", r.Bias),
			fmt.Sprintf("%.1f", r.Worst), fmt.Sprintf("%.4f", r.Spearman), null, r.WorstRow,
		})
	}
	for _, r := range rows {
		for _, s := range r.Skipped {
			t.Notes = append(t.Notes, fmt.Sprintf("left out of %s %s: %s", r.Source, r.Quantity, s))
		}
	}
	for _, m := range missing {
		t.Notes = append(t.Notes, "no data for "+m)
	}
	notes, err := calibrations()
	if err != nil {
		return err
	}
	t.Notes = append(t.Notes, notes...)
	return reports.WriteSheet(w, t, tableOptions(w))
}
