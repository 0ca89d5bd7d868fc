package reports

import (
	"io"
	"slices"
	"strings"
)

// Options say what a table is drawn on.
type Options struct {
	// Width of the terminal in columns; no line is wider, down to a width of 24. If 0, 80.
	Width int
	// Color allows bold and faint text by ANSI sequences.
	Color bool
	// Folder that holds the study's files, named below the table. If empty, nothing is said.
	Folder string
}

func (o Options) width() int {
	if o.Width <= 0 {
		return 80
	}
	return max(o.Width, leastWidth)
}

// dominatedMark follows the names of designs that a design of the front beats.
const dominatedMark = "†"

// WriteTable writes the front beside the baselines, with what the figures mean above and below.
// The front is sorted by memory. Where the terminal is too narrow for all columns the table goes on
// in further tables below, so every figure is shown at every width.
func WriteTable(w io.Writer, r Results, o Options) error {
	width := o.width()
	if err := writeProse(w, width, heading(r)...); err != nil {
		return err
	}
	if len(r.Front)+len(r.Baselines) > 0 {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := resultGrid(r, width).write(w, width, o.Color); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	notes := legend(r)
	if o.Folder != "" {
		notes = append(notes, "Files in "+o.Folder+": "+strings.Join(fileNames(), ", ")+".")
	}
	return writeProse(w, width, notes...)
}

// resultGrid chooses short names where the long ones would need more panels.
func resultGrid(r Results, width int) grid {
	long := frontGrid(r, func(name string) string { return name })
	short := frontGrid(r, shortName)
	if len(short.panels(width)) < len(long.panels(width)) {
		return short
	}
	return long
}

// shortName abbreviates the long words of a design's name.
func shortName(name string) string {
	return strings.Replace(name, "homogeneous", "hom.", 1)
}

// frontGrid lays out front and baselines, each under a heading.
func frontGrid(r Results, rename func(string) string) grid {
	compare := compareBy(r.Objectives)
	front := byMemory(r.Front)
	shown := slices.Concat(front, r.Baselines)
	columns := designColumns(shown, func(d Design) string {
		name := rename(oneLine(d.Name))
		if compare.dominated(d, front) {
			name += " " + dominatedMark
		}
		return name
	})
	var g grid
	for _, c := range columns {
		g.columns = append(g.columns, c.column)
	}
	section := func(title string, designs []Design) {
		if len(designs) == 0 {
			return
		}
		g.rows = append(g.rows, row{cells: []string{title}, kind: sectionRow})
		for _, d := range designs {
			line := row{}
			if compare.dominated(d, front) {
				line.kind = faintRow
			}
			for _, c := range columns {
				line.cells = append(line.cells, c.cell(d))
			}
			g.rows = append(g.rows, line)
		}
	}
	section("front", front)
	section("baselines", r.Baselines)
	return g
}

// byMemory returns the designs from the smallest to the largest; those of unknown size come last.
func byMemory(designs []Design) []Design {
	sorted := slices.Clone(designs)
	slices.SortStableFunc(sorted, func(a, b Design) int {
		switch x, y := a.MemoryKB, b.MemoryKB; {
		case x.Known() && (!y.Known() || x < y):
			return -1
		case y.Known() && (!x.Known() || y < x):
			return 1
		}
		return 0
	})
	return sorted
}
