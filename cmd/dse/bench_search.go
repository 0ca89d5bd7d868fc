package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dse/reports"
	"dse/search/bench"
)

func newBenchSearchCommand() *cobra.Command {
	var names []string
	var file string
	plan := bench.Plan{Seeds: 11, Large: 25000, Small: []int{50, 100, 200}}
	c := &cobra.Command{
		Use:   "search",
		Short: "Measure the search's algorithms on test problems whose fronts are known",
		Long: `Runs NSGA-II with 25,000 evaluations, and NSGA-II, the adaptive search, random and grid search with a few
dozen to a few hundred, on ZDT1 to ZDT4, ZDT6 and DTLZ2, and prints the hypervolume of what they found: of the
last population for NSGA-II with many evaluations, else of all that was evaluated. With few evaluations the
hypervolume's reference point lies further out, or nothing would be inside. The same seeds give the same
figures on every machine.`,
		Example: "  dse bench search\n  dse bench search --problems ZDT1,DTLZ2 --seeds 3 --json search.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			problems, err := benchProblems(names)
			if err != nil {
				return input(err)
			}
			if plan.Seeds < 1 || plan.Large < 100 || slices.ContainsFunc(plan.Small, func(n int) bool { return n < 10 }) {
				return input(fmt.Errorf("want at least 1 seed, 100 evaluations of the large runs and 10 of the small ones"))
			}
			plan.Threads = runtime.GOMAXPROCS(0)
			rows, err := bench.Measure(c.Context(), problems, plan)
			if err != nil {
				return err
			}
			if file != "" {
				if err := writeJSONFile(file, rows); err != nil {
					return err
				}
			}
			return printSearchBench(c.OutOrStdout(), rows)
		},
	}
	fl := c.Flags()
	fl.StringSliceVar(&names, "problems", nil, "test problems (default all)")
	fl.IntVar(&plan.Seeds, "seeds", plan.Seeds, "runs of each, with seeds from 1")
	fl.IntVar(&plan.Large, "evaluations", plan.Large, "evaluations of the large runs")
	fl.IntSliceVar(&plan.Small, "small", plan.Small, "evaluations of the small runs")
	fl.StringVar(&file, "json", "", "also write the figures to this file as JSON")
	return c
}

// benchProblems returns the problems of those names, all if there are none.
func benchProblems(names []string) ([]bench.Problem, error) {
	all := bench.Problems()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []bench.Problem
	for _, name := range names {
		i := slices.IndexFunc(all, func(p bench.Problem) bool { return strings.EqualFold(p.Name, name) })
		if i < 0 {
			var known []string
			for _, p := range all {
				known = append(known, p.Name)
			}
			return nil, fmt.Errorf("--problems: %q is none of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

func printSearchBench(w io.Writer, rows []bench.Row) error {
	t := reports.Sheet{
		Columns: []reports.Heading{
			{Head: "problem", Text: true}, {Head: "evaluations"}, {Head: "algorithm", Text: true}, {Head: "hypervolume\nmedian"},
			{Head: "1st\nquartile"}, {Head: "3rd\nquartile"}, {Head: "ideal"}, {Head: "% of\nideal"}, {Head: "reference point", Text: true},
		},
		Notes: []string{fmt.Sprintf("%d seeds each", rows[0].Seeds)},
	}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{
			r.Problem, fmt.Sprint(r.Evaluations), r.Algorithm, fmt.Sprintf("%.4f", r.Median), fmt.Sprintf("%.4f", r.Q1),
			fmt.Sprintf("%.4f", r.Q3), fmt.Sprintf("%.4f", r.Ideal), fmt.Sprintf("%.1f", 100*r.Median/r.Ideal), strings.Trim(fmt.Sprint(r.Reference), "[]"),
		})
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}
