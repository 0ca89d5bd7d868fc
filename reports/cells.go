package reports

// Cells is the table of front and baselines as text, for writers outside this package. Its figures are
// those of WriteTable, to the last digit.
type Cells struct {
	Title   string   // what was studied, in one line
	Heading []string // what was studied and how far it has come
	Heads   []Heading
	Bodies  []CellBody
	Notes   []string // what marks and figures mean
}

// CellBody is a group of rows.
type CellBody struct {
	Title string
	Rows  []CellRow
}

// CellRow is one design.
type CellRow struct {
	ID        int
	Cells     []string
	Dominated bool // in the study's objectives, by a design of the front
}

// Tabulate lays out front and baselines.
func Tabulate(r Results) Cells {
	compare := compareBy(r.Objectives)
	front := byMemory(r.Front)
	shown := append(append([]Design{}, front...), r.Baselines...)
	columns := designColumns(shown, func(d Design) string {
		if compare.dominated(d, front) {
			return oneLine(d.Name) + " " + dominatedMark
		}
		return oneLine(d.Name)
	})
	c := Cells{Title: oneLine(r.Network) + " on " + chip(r), Heading: heading(r), Notes: legend(r)}
	for _, col := range columns {
		c.Heads = append(c.Heads, Heading{Head: col.head, Text: !col.right})
	}
	for _, b := range []struct {
		title   string
		designs []Design
	}{{"front", front}, {"baselines", r.Baselines}} {
		if len(b.designs) == 0 {
			continue
		}
		body := CellBody{Title: b.title}
		for _, d := range b.designs {
			line := CellRow{ID: d.ID, Dominated: compare.dominated(d, front)}
			for _, col := range columns {
				line.Cells = append(line.Cells, col.cell(d))
			}
			body.Rows = append(body.Rows, line)
		}
		c.Bodies = append(c.Bodies, body)
	}
	return c
}
