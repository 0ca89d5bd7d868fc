package nest

// span is the integers [at, at+n).
type span struct{ at, n int }

func (s span) end() int { return s.at + s.n }

// overlap returns the number of integers in both.
func overlap(a, b span) int { return max(0, min(a.end(), b.end())-max(a.at, b.at)) }

// A slide is the input positions {stride*out + filter} of a piece of outputs and a piece of the
// filter, along one of the sliding axes. Between its first and its last position it has all those
// that the layer uses, even if other pieces of the filter use them: a tile is a range of rows and
// columns, less what nobody needs.
type slide struct{ out, filter span }

// box returns the positions from the first to the last, gaps included.
func (s slide) box(stride int) span {
	if s.out.n <= 0 || s.filter.n <= 0 {
		return span{}
	}
	return span{stride*s.out.at + s.filter.at, stride*(s.out.n-1) + s.filter.n}
}

// axis is one of the two sliding axes of the input.
//
// Where the filter is smaller than the stride, the layer leaves gaps: of each stride positions it
// uses as many as the filter has. A slide then is one interval for each of them, in units of the
// stride, and sizes, intersections and unions of slides are those of intervals.
type axis struct {
	out, filter Dim
	stride      int
	// Of each pitch positions the layer uses the first phases. Both are 1 if all positions count.
	pitch, phases int
}

// axes returns the sliding axes of the layer.
func (l *Layer) axes(boxed bool) [2]axis {
	a := [2]axis{{out: Q, filter: S, stride: l.StrideH, pitch: 1, phases: 1}, {out: P, filter: R, stride: l.StrideW, pitch: 1, phases: 1}}
	for i := range a {
		if filter := l.Size[a[i].filter]; filter < a[i].stride && !boxed {
			a[i].phases, a[i].pitch = filter, a[i].stride
		}
	}
	return a
}

// interval returns the positions of a slide with a given phase, in units of the pitch.
func (a *axis) interval(s slide, phase int) span {
	box := s.box(a.stride)
	if a.pitch == 1 {
		return box
	}
	first := ceilDivFloor(box.at-phase, a.pitch)
	return span{first, ceilDivFloor(box.end()-phase, a.pitch) - first}
}

// size returns the number of positions.
func (a *axis) size(s slide) int {
	total := 0
	for phase := range a.phases {
		total += a.interval(s, phase).n
	}
	return total
}

// common returns the number of positions in both.
func (a *axis) common(s, t slide) int {
	total := 0
	for phase := range a.phases {
		total += overlap(a.interval(s, phase), a.interval(t, phase))
	}
	return total
}

// ceilDivFloor returns a/b rounded up, also for negative a.
func ceilDivFloor(a, b int) int {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}
