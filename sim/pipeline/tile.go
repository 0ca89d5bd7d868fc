package pipeline

// tile is the work of one tile.
type tile struct {
	steps  float64 // cycles in which weights or positions move into the array
	passes float64
	loads  [2]fetch // inputs, weights
	zeros  float64  // rows written without reading
	stores float64  // rows
}

// tileOf returns the work of the tile at given pieces, and the lines of its results.
func (m *Machine) tileOf(p *Problem, rows, cols *span, filters, channels *piece) (t tile, results float64) {
	block := max(m.line, m.rows) // bytes of one load command's row
	folds := float64(ceilDiv(filters.size, m.cols) * rows.taps * cols.taps * ceilDiv(channels.size, m.rows))
	length := 0.0 // of all passes along one row of positions
	passes := ceilDiv(cols.out, m.rows)
	for at := 0; at < cols.out; at += m.rows {
		length += max(float64(min(m.rows, cols.out-at)), m.least)
	}
	// The first pass takes as long as the next weights.
	first := max(float64(min(m.rows, cols.out)), m.least)
	t.steps = folds * (length*float64(rows.out) - first + float64(m.rows))
	t.passes = folds * float64(passes*rows.out)

	pixels := float64(rows.read * cols.read)
	t.loads[inputs] = m.row(channels.size, p.Channels, channels.offset, block).times(pixels)
	if p.Channels < m.line { // neighbouring pixels share lines
		t.loads[inputs].lines = float64(rows.read * ceilDiv(cols.read*p.Channels, m.line))
	}
	taps := float64(rows.taps * cols.taps)
	t.loads[weights] = m.row(filters.size, p.Filters, filters.offset, block).times(taps * float64(channels.size))
	if p.Filters < m.line {
		t.loads[weights].lines = taps * float64(ceilDiv(channels.size*p.Filters, m.line))
	}
	pad := rows.below + rows.above
	border := cols.below + cols.above
	t.zeros = float64((pad*(cols.read+border) + rows.read*border) * ceilDiv(channels.size, m.rows))

	positions := float64(rows.out * cols.out)
	width := m.cols // bytes of a stored row
	if p.Product {
		width = block
	}
	sums := positions * float64(ceilDiv(filters.size, width))
	if channels.first && rows.first && cols.first && !p.Product {
		t.zeros += sums
	}
	if channels.last && rows.last && cols.last {
		t.stores = sums
	}
	lines := max(1, float64(filters.size)/float64(m.line))
	if p.Filters < m.line {
		lines = float64(p.Filters) / float64(m.line)
	}
	return t, positions * lines
}
