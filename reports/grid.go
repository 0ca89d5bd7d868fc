package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// grid is a table before it is fitted to a width.
type grid struct {
	columns []column
	rows    []row
	// footer has a cell for each column, or is nil.
	footer []string
}

// column describes the cells below it.
type column struct {
	// head may have several lines.
	head string
	// right aligns cells at their right edge, for figures.
	right bool
	// group names what the column belongs to. Neighbours of one group stay in one panel if it has
	// room for them.
	group string
	// wrap, if not 0, lets the column's words go on in further lines when it would be wider than the
	// room left, as long as that room is at least wrap.
	wrap int
}

// row is a line of cells, one for each column; absent ones at its end are empty.
type row struct {
	cells []string
	kind  rowKind
}

type rowKind uint8

const (
	_ rowKind = iota // an ordinary row
	// sectionRow has one cell, the heading of the rows below it.
	sectionRow
	// faintRow is shown with less weight where there are colours.
	faintRow
)

// cell returns the text of column c.
func (r row) cell(c int) string {
	if c < len(r.cells) {
		return r.cells[c]
	}
	return ""
}

const (
	// gap is the number of blanks between columns.
	gap = 2
	// leastWidth is the width below which a table is no longer fitted.
	leastWidth = 24
)

// write draws the grid as one or several tables below each other, none wider than width columns of
// the terminal (at least leastWidth). The first column is repeated in each.
func (g grid) write(w io.Writer, width int, color bool) error {
	width = max(width, leastWidth)
	for i, p := range g.panels(width) {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := g.writePanel(w, p, color); err != nil {
			return err
		}
	}
	return nil
}

// writePanel draws the columns of one panel.
func (g grid) writePanel(w io.Writer, p panel, color bool) error {
	var out bytes.Buffer
	t := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.Separators{ShowHeader: tw.On, ShowFooter: tw.On, BetweenRows: tw.Off, BetweenColumns: tw.Off},
				Lines:      tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off, ShowHeaderLine: tw.On, ShowFooterLine: tw.On},
			},
		}),
		tablewriter.WithConfig(g.config(p)),
	)
	t.Header(g.cells(p, func(c int) string { return g.columns[c].head }, bold(color)))
	for _, r := range g.rows {
		var style func(string) string
		switch r.kind {
		case sectionRow:
			style = bold(color)
		case faintRow:
			style = faint(color)
		default:
			style = unstyled
		}
		if err := t.Append(g.cells(p, r.cell, style)); err != nil {
			return fmt.Errorf("reports: table row: %w", err)
		}
	}
	if g.footerSays(p) {
		t.Footer(g.cells(p, func(c int) string { return g.footer[c] }, bold(color)))
	}
	if err := t.Render(); err != nil {
		return fmt.Errorf("reports: table: %w", err)
	}
	return writeTrimmed(w, out.String())
}

// footerSays reports whether the footer has anything below the panel's columns but their key.
func (g grid) footerSays(p panel) bool {
	return g.footer != nil && slices.ContainsFunc(p.columns[1:], func(c int) bool { return g.footer[c] != "" })
}

// config sets what the library would otherwise choose by itself: text as given, widths as given.
func (g grid) config(p panel) tablewriter.Config {
	align := make([]tw.Align, len(p.columns))
	padding := make([]tw.Padding, len(p.columns))
	for i, c := range p.columns {
		align[i] = tw.AlignLeft
		if g.columns[c].right {
			align[i] = tw.AlignRight
		}
		padding[i] = tw.Padding{Right: strings.Repeat(" ", gap), Overwrite: true}
		if i == len(p.columns)-1 {
			padding[i] = tw.PaddingNone
		}
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft, PerColumn: align},
		Padding:    tw.CellPadding{Global: tw.PaddingNone, PerColumn: padding},
	}
	return tablewriter.Config{Header: cells, Row: cells, Footer: cells,
		Behavior: tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off, AutoHide: tw.Off}}
}

// cells folds the cells of a panel's columns to their widths and styles each line.
func (g grid) cells(p panel, text func(column int) string, style func(string) string) []string {
	out := make([]string, len(p.columns))
	for i, c := range p.columns {
		lines := fold(text(c), p.widths[i])
		for k, l := range lines {
			lines[k] = style(l)
		}
		out[i] = strings.Join(lines, "\n")
	}
	return out
}

// writeTrimmed writes text without the blanks that end its lines.
func writeTrimmed(w io.Writer, text string) error {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func unstyled(s string) string { return s }

func bold(color bool) func(string) string { return styled(color, "1") }

func faint(color bool) func(string) string { return styled(color, "2") }

// styled returns a function that puts text between an ANSI sequence and its end.
func styled(color bool, code string) func(string) string {
	if !color {
		return unstyled
	}
	return func(s string) string {
		if s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
}
