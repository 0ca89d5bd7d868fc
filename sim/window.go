package sim

import (
	"dse/accel"
	"dse/models"
)

// sliding is a layer's window moving over its input; a dense layer's window is the whole input.
type sliding struct {
	channels   int
	rows, cols axis
	out        models.Shape
}

func newSliding(l *models.Layer) sliding {
	switch l.Kind {
	case models.Conv, models.AveragePool, models.MaxPool:
		return sliding{l.In.C, axis{l.In.H, l.Kernel.H, l.Stride.H, l.Pad.Top}, axis{l.In.W, l.Kernel.W, l.Stride.W, l.Pad.Left}, l.Out}
	case models.Dense:
		return sliding{l.In.Elements(), axis{1, 1, 1, 0}, axis{1, 1, 1, 0}, l.Out}
	}
	return sliding{l.In.C, axis{l.In.H, 1, 1, 0}, axis{l.In.W, 1, 1, 0}, l.Out}
}

// axis is one direction of a sliding window.
type axis struct{ in, kernel, stride, pad int }

// span returns the input positions from the first to the last that n neighbouring outputs read, at
// most the whole input.
func (a axis) span(n int) int { return min(a.in, (n-1)*a.stride+a.kernel) }

// touched returns how many input positions all of the out outputs read; a stride longer than the
// kernel skips some.
func (a axis) touched(out int) float64 { return float64(a.read(0, out)) }

// read returns how many input positions the outputs [lo, hi) read, padding excluded.
func (a axis) read(lo, hi int) int {
	sum, next := 0, 0
	for o := lo; o < hi; o++ {
		from := max(next, o*a.stride-a.pad)
		to := min(a.in, o*a.stride-a.pad+a.kernel)
		if to > from {
			sum += to - from
			next = to
		}
	}
	return sum
}

// fetched returns the input positions that are read when blocks of size outputs each fetch theirs.
func (a axis) fetched(out, size int) float64 {
	sum := 0
	for lo := 0; lo < out; lo += size {
		sum += a.read(lo, min(lo+size, out))
	}
	return float64(sum)
}

// patches returns how many inputs of one channel enter an array that computes p positions at a time,
// in one pass over the map: each step takes the inputs under its positions once, padding included.
func (s sliding) patches(p accel.Positions) float64 {
	return s.rows.patched(s.out.H, max(1, p.Height)) * s.cols.patched(s.out.W, max(1, p.Width))
}

// patched returns the input positions under blocks of size neighbouring outputs, the sum over blocks.
func (a axis) patched(out, size int) float64 {
	under := func(n int) int { return min(n*a.kernel, (n-1)*a.stride+a.kernel) }
	sum := out / size * under(size)
	if rest := out % size; rest > 0 {
		sum += under(rest)
	}
	return float64(sum)
}
