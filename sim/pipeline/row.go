package pipeline

// fetch is what loading part of a tensor asks of the memory.
type fetch struct {
	beats float64 // of the bus
	lines float64 // of the cache, each row of the tile by itself
}

func (f fetch) times(n float64) fetch { return fetch{f.beats * n, f.lines * n} }

// row returns the fetch of one row of width bytes, the mean over rows that begin a stride apart, the
// first of them offset bytes into a line. A row wider than block bytes is fetched in pieces of a block.
func (m *Machine) row(width, stride, offset, block int) fetch {
	alignments := m.line / gcd(stride, m.line)
	var f fetch
	for i := range alignments {
		at := (offset + i*stride) % m.line
		f.lines += float64((at+width-1)/m.line + 1)
		for done := 0; done < width; done += block {
			f.beats += float64(m.beats(at+done, min(block, width-done)))
		}
	}
	return f.times(1 / float64(alignments))
}

// beats returns the beats of the requests that fetch the given bytes from an address. Each request is
// the smallest that brings the most of what is left.
func (m *Machine) beats(address, bytes int) int {
	beats := 0
	for bytes > 0 {
		size, got := 0, 0
		for s := m.bus; s <= m.line; s *= 2 {
			if g := min(s-address%s, bytes); g > got {
				size, got = s, g
			}
		}
		beats += size / m.bus
		address += got
		bytes -= got
	}
	return beats
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
