package reports

import (
	"fmt"
	"slices"
	"strings"
)

// granularities are the known parts of a weight tensor that can have a bit-width of their own, from
// coarse to fine, with the letter that stands for each in a table.
var granularities = []struct{ letter, name, meaning string }{
	{"t", "tensor", "tensor"},
	{"k", "column-tile", "column tile"},
	{"c", "channel", "channel"},
}

// longestRuns is the width up to which runs of stages are spelled out.
const longestRuns = 16

// granularityText returns the compact form of a granularity per stage: runs of stages ("t*3 c*4"),
// one letter if all agree, or if the runs are many only how many stages have which: "mixed (3t 2c)".
// Names without a letter are written out. Nothing is a dash.
func granularityText(stages []string) string {
	if len(stages) == 0 {
		return dash
	}
	var runs []string
	for i := 0; i < len(stages); {
		j := i
		for j < len(stages) && stages[j] == stages[i] {
			j++
		}
		run := granularityLetter(stages[i])
		if j-i > 1 && j-i < len(stages) {
			run = fmt.Sprintf("%s*%d", run, j-i)
		}
		runs = append(runs, run)
		i = j
	}
	text := strings.Join(runs, " ")
	if len(runs) == 1 || displayWidth(text) <= longestRuns {
		return text
	}
	var counts []string
	for _, name := range distinctGranularities([][]string{stages}) {
		n := 0
		for _, s := range stages {
			if s == name {
				n++
			}
		}
		counts = append(counts, fmt.Sprintf("%d%s", n, granularityLetter(name)))
	}
	return "mixed (" + strings.Join(counts, " ") + ")"
}

func granularityLetter(name string) string {
	for _, g := range granularities {
		if g.name == name {
			return g.letter
		}
	}
	return oneLine(name)
}

// distinctGranularities returns the names that occur: the known ones from coarse to fine, then the
// others in order of appearance.
func distinctGranularities(designs [][]string) []string {
	var names []string
	for _, g := range granularities {
		if slices.ContainsFunc(designs, func(d []string) bool { return slices.Contains(d, g.name) }) {
			names = append(names, g.name)
		}
	}
	for _, d := range designs {
		for _, n := range d {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// granularityLegend explains the letters that designs use: "t tensor, c channel". Empty if none.
func granularityLegend(designs []Design) string {
	var all [][]string
	for _, d := range designs {
		all = append(all, d.Granularity)
	}
	var parts []string
	for _, name := range distinctGranularities(all) {
		for _, g := range granularities {
			if g.name == name {
				parts = append(parts, g.letter+" "+g.meaning)
			}
		}
	}
	return strings.Join(parts, ", ")
}
