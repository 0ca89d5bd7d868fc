package reports

import "slices"

// panel is a part of a grid that fits the width: some columns, the first of the grid before all, and
// how wide each is.
type panel struct {
	columns []int
	widths  []int
}

// width returns the columns of the terminal that the panel takes.
func (p panel) width() int {
	w := gap * (len(p.widths) - 1)
	for _, x := range p.widths {
		w += x
	}
	return w
}

// panels divides the columns, in order, into as few panels as a greedy walk needs: a group that finds
// no room beside the previous ones starts a panel, and a group too wide for any panel is divided.
// No panel is wider than width.
func (g grid) panels(width int) []panel {
	natural := g.naturalWidths()
	// Two thirds leave room for something beside a very long key.
	key := min(natural[0], width*2/3)
	room := width - key - gap
	var panels []panel
	open := panel{columns: []int{0}, widths: []int{key}}
	add := func(c, w int) {
		if open.width()+gap+w > width {
			panels = append(panels, open)
			open = panel{columns: []int{0}, widths: []int{key}}
		}
		open.columns, open.widths = append(open.columns, c), append(open.widths, w)
	}
	least := func(c int) int {
		w := min(natural[c], room)
		if wrap := g.columns[c].wrap; wrap > 0 {
			w = min(w, wrap)
		}
		return w
	}
	for first := 1; first < len(g.columns); {
		last := first + 1
		for last < len(g.columns) && g.columns[last].group != "" && g.columns[last].group == g.columns[first].group {
			last++
		}
		group := -gap
		for c := first; c < last; c++ {
			group += gap + least(c)
		}
		if group <= room && len(open.columns) > 1 && open.width()+gap+group > width {
			panels = append(panels, open)
			open = panel{columns: []int{0}, widths: []int{key}}
		}
		for c := first; c < last; c++ {
			add(c, least(c))
		}
		first = last
	}
	panels = append(panels, open)
	for _, p := range panels {
		g.widen(p, natural, width)
	}
	return panels
}

// widen gives room that is left to the columns that were narrowed, the first one first.
func (g grid) widen(p panel, natural []int, width int) {
	for i, c := range p.columns {
		p.widths[i] += min(natural[c]-p.widths[i], width-p.width())
	}
}

// naturalWidths returns the width of each column's widest line.
func (g grid) naturalWidths() []int {
	widths := make([]int, len(g.columns))
	for c, col := range g.columns {
		texts := []string{col.head}
		for _, r := range g.rows {
			texts = append(texts, r.cell(c))
		}
		if g.footer != nil {
			texts = append(texts, g.footer[c])
		}
		// A column of empty cells still has a width, or the library would leave it out.
		widths[c] = max(1, slices.Max(mapped(texts, lineWidth)))
	}
	return widths
}

func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return out
}
