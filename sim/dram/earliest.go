package dram

// earliest is a heap of instants: the places of a window, by when they become free.
type earliest struct {
	at    []Clocks
	limit int
}

// reset empties the window and gives it its size.
func (h *earliest) reset(limit int) { h.at, h.limit = h.at[:0], limit }

// full reports that no place is left.
func (h *earliest) full() bool { return len(h.at) >= h.limit }

// push takes a place until t.
func (h *earliest) push(t Clocks) {
	h.at = append(h.at, t)
	a, i := h.at, len(h.at)-1
	for i > 0 {
		up := (i - 1) / 2
		if a[up] <= t {
			break
		}
		a[i] = a[up]
		i = up
	}
	a[i] = t
}

// pop gives up the place that becomes free first and returns when that is.
func (h *earliest) pop() Clocks {
	first, last := h.at[0], h.at[len(h.at)-1]
	h.at = h.at[:len(h.at)-1]
	a, i := h.at, 0
	for {
		down := 2*i + 1
		if down >= len(a) {
			break
		}
		if down+1 < len(a) && a[down+1] < a[down] {
			down++
		}
		if a[down] >= last {
			break
		}
		a[i] = a[down]
		i = down
	}
	if len(a) > 0 {
		a[i] = last
	}
	return first
}
