package reports

import "io"

// Sheet is a plain table: figures that have no table of their own.
type Sheet struct {
	// Heading lines stand above the table, Notes below.
	Heading []string
	Columns []Heading
	Rows    [][]string // a cell for each column; absent ones at the end are empty
	Notes   []string
}

// Heading is the head of a column, which may have several lines.
type Heading struct {
	Head string
	// Text columns align at their left edge, figures at their right.
	Text bool
}

// WriteSheet writes a table no wider than the terminal; one that is wider goes on below, its first column
// repeated.
func WriteSheet(w io.Writer, s Sheet, o Options) error {
	g := grid{}
	for _, c := range s.Columns {
		g.columns = append(g.columns, column{head: c.Head, right: !c.Text})
	}
	for _, cells := range s.Rows {
		line := row{}
		for _, c := range cells {
			line.cells = append(line.cells, oneLine(c))
		}
		g.rows = append(g.rows, line)
	}
	width := o.width()
	if len(s.Heading) > 0 {
		if err := writeProse(w, width, append(s.Heading, "")...); err != nil {
			return err
		}
	}
	if err := g.write(w, width, o.Color); err != nil {
		return err
	}
	if len(s.Notes) == 0 {
		return nil
	}
	return writeProse(w, width, append([]string{""}, s.Notes...)...)
}
