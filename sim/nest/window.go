package nest

// span is the integers [at, at+n).
type span struct{ at, n int }

func (s span) end() int { return s.at + s.n }

// overlap returns the number of integers in both.
func overlap(a, b span) int { return max(0, min(a.end(), b.end())-max(a.at, b.at)) }

// A slide is the set of input positions {stride*out + filter} of a piece of outputs and a piece of
// the filter.
//
// Positions are looked at by their remainder modulo the stride. Within one remainder r the filter
// positions are r, r+stride, ..., so the input positions divided by the stride are the outputs
// shifted by 0, 1, ...: an interval. Hence sizes, intersections and unions of slides are those of
// one interval for each remainder.
type slide struct{ out, filter span }

// lane returns the interval of positions with remainder r modulo the stride, divided by the stride.
func (s slide) lane(stride, r int) span {
	first := ceilDivFloor(s.filter.at-r, stride)
	last := floorDiv(s.filter.end()-1-r, stride)
	if last < first || s.out.n == 0 {
		return span{}
	}
	return span{s.out.at + first, s.out.n + last - first}
}

// box returns the bounding box of the positions.
func (s slide) box(stride int) span {
	if s.out.n == 0 || s.filter.n == 0 {
		return span{}
	}
	return span{stride*s.out.at + s.filter.at, stride*(s.out.n-1) + s.filter.n}
}

// lanes returns the number of intervals that the slides of an axis have: one where no slide has a
// gap, or where gaps count.
func (a axis) lanes(boxed bool, shortest int) int {
	if boxed || shortest >= a.stride {
		return 1
	}
	return a.stride
}

// interval returns lane r of n lanes.
func (a axis) interval(s slide, r, n int) span {
	if n == 1 {
		return s.box(a.stride)
	}
	return s.lane(a.stride, r)
}

// size returns the number of positions.
func (a axis) size(s slide, boxed bool) int {
	total := 0
	n := a.lanes(boxed, s.filter.n)
	for r := range n {
		total += a.interval(s, r, n).n
	}
	return total
}

// common returns the number of positions in both.
func (a axis) common(s, t slide, boxed bool) int {
	total := 0
	n := a.lanes(boxed, min(s.filter.n, t.filter.n))
	for r := range n {
		total += overlap(a.interval(s, r, n), a.interval(t, r, n))
	}
	return total
}

// floorDiv rounds towards minus infinity.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDivFloor(a, b int) int { return -floorDiv(-a, b) }
