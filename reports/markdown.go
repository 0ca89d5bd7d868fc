package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// WriteMarkdown writes the table of the front and the baselines with what WriteTable says about it,
// the chart by a link to SVGFile, and a table of all trials.
func WriteMarkdown(w io.Writer, r Results) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s on %s\n\n", markdownText(r.Network), markdownText(chip(r)))
	for _, line := range heading(r) {
		fmt.Fprintf(&out, "%s\n\n", markdownText(line))
	}
	if len(r.Front)+len(r.Baselines) > 0 {
		if err := frontGrid(r, func(name string) string { return name }).writeMarkdown(&out); err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n![Memory against accuracy](%s)\n\n", SVGFile)
	}
	for _, line := range legend(r) {
		fmt.Fprintf(&out, "- %s\n", markdownText(line))
	}
	if len(r.Trials) > 0 {
		fmt.Fprintf(&out, "\n## Trials\n\nAll %d trials, with the accuracy on held-out training images by which the study chose.\n\n", len(r.Trials))
		if err := trialGrid(r).writeMarkdown(&out); err != nil {
			return err
		}
	}
	fmt.Fprintf(&out, "\nSeed %d.", r.Seed)
	if r.Command != "" {
		fmt.Fprintf(&out, " Command: `%s`", strings.ReplaceAll(oneLine(r.Command), "`", "'"))
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

// trialGrid lays out all trials in the order of the study.
func trialGrid(r Results) grid {
	g := grid{columns: []column{{head: "trial"}, {head: "held-out\naccuracy %", right: true}, {head: "memory\nkB", right: true},
		{head: "latency\nms", right: true}, {head: "energy\nuJ", right: true}, {head: "outcome"}}}
	values := []func(Design) Value{
		func(d Design) Value { return d.HeldAccuracy },
		func(d Design) Value { return d.MemoryKB },
		func(d Design) Value { return d.LatencyMS },
		func(d Design) Value { return d.EnergyUJ },
	}
	for _, d := range r.Trials {
		cells := []string{oneLine(d.Name)}
		for i, value := range values {
			n := accuracyDecimals
			if i > 0 {
				n = decimals(mapped(r.Trials, value))
			}
			cells = append(cells, value(d).fixed(n))
		}
		g.rows = append(g.rows, row{cells: append(cells, outcome(d))})
	}
	return g
}

// outcome says in a few words what became of a trial.
func outcome(d Design) string {
	switch {
	case d.Failed:
		return "failed: " + oneLine(d.Reason)
	case !d.Feasible:
		return "over a limit"
	}
	return "trained"
}

// writeMarkdown writes the grid as one Markdown table. Headings of sections are bold.
func (g grid) writeMarkdown(w io.Writer) error {
	align := make([]tw.Align, len(g.columns))
	head := make([]string, len(g.columns))
	for i, c := range g.columns {
		align[i] = tw.AlignLeft
		if c.right {
			align[i] = tw.AlignRight
		}
		head[i] = markdownText(strings.ReplaceAll(c.head, "\n", " "))
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft, PerColumn: align},
		Padding:    tw.CellPadding{Global: tw.PaddingDefault},
	}
	t := tablewriter.NewTable(w, tablewriter.WithRenderer(renderer.NewMarkdown()), tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}))
	t.Header(head)
	for _, r := range g.rows {
		line := make([]string, len(g.columns))
		for i := range line {
			line[i] = markdownText(r.cell(i))
		}
		if r.kind == sectionRow {
			line[0] = "**" + line[0] + "**"
		}
		if err := t.Append(line); err != nil {
			return fmt.Errorf("reports: table row: %w", err)
		}
	}
	if err := t.Render(); err != nil {
		return fmt.Errorf("reports: table: %w", err)
	}
	return nil
}

// markdownText escapes what Markdown would take for its own.
var markdownText = strings.NewReplacer("\n", " ", "|", `\|`, "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "`", "\\`", "#", `\#`).Replace
