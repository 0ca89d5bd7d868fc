package pipeline

// piece is what a loop cuts from a dimension of channels; equal pieces are counted together.
type piece struct {
	size        int
	offset      int // of its first byte in a line
	first, last bool
	count       float64
}

// pieces cuts total into steps.
func pieces(total, step, line int) []piece {
	var out []piece
	for at := 0; at < total; at += step {
		p := piece{min(step, total-at), at % line, at == 0, at+step >= total, 1}
		out = count(out, p, func(a, b piece) bool { a.count = b.count; return a == b }, func(p *piece) *float64 { return &p.count })
	}
	return out
}

// span is what the loops over positions and taps cut from one axis of the map.
type span struct {
	out, taps    int
	first, last  bool // of the taps
	read         int  // rows or columns of the input
	below, above int  // padding before and after them
	count        float64
}

// spans cuts an axis. A tile of n positions and k taps holds n*stride + k - 1 rows of the padded input, as
// the RTL's loop does.
func spans(out, in, kernel, stride, pad, stepOut, stepTaps int) []span {
	var all []span
	for o := 0; o < out; o += stepOut {
		for k := 0; k < kernel; k += stepTaps {
			s := span{out: min(stepOut, out-o), taps: min(stepTaps, kernel-k), first: k == 0, last: k+stepTaps >= kernel, count: 1}
			lo := o*stride + k - pad
			rows := s.out*stride + s.taps - 1
			s.below, s.above = max(0, -lo), max(0, lo+rows-in)
			s.read = max(0, rows-s.below-s.above)
			all = count(all, s, func(a, b span) bool { a.count = b.count; return a == b }, func(s *span) *float64 { return &s.count })
		}
	}
	return all
}

// count adds one to the equal element of a list, or appends the element.
func count[T any](all []T, v T, equal func(a, b T) bool, number func(*T) *float64) []T {
	for i := range all {
		if equal(all[i], v) {
			*number(&all[i])++
			return all
		}
	}
	return append(all, v)
}
