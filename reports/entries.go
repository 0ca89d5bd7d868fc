package reports

import "io"

// Entry is a line of a description: what, how much, and where the figure comes from.
type Entry struct {
	// Key is empty on a line that goes on with the previous one.
	Key, Value string
	// Source is a reference, or "assumed".
	Source string
}

// WriteEntries writes a description as a table of keys, values and sources, for instance that of an
// accelerator. Long sources go on in further lines.
func WriteEntries(w io.Writer, heading []string, entries []Entry, o Options) error {
	// Words of a value are wrapped from 16 columns on, of a source from 24: about three words.
	g := grid{columns: []column{{head: "key"}, {head: "value", wrap: 16}, {head: "source", wrap: 24}}}
	for _, e := range entries {
		g.rows = append(g.rows, row{cells: []string{oneLine(e.Key), oneLine(e.Value), oneLine(e.Source)}})
	}
	width := o.width()
	if len(heading) > 0 {
		if err := writeProse(w, width, append(heading, "")...); err != nil {
			return err
		}
	}
	return g.write(w, width, o.Color)
}
