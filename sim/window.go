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
		return sliding{
			l.In.C,
			axis{l.In.H, l.Kernel.H, l.Stride.H, l.Pad.Top, max(1, l.Dilation.H), 1},
			axis{l.In.W, l.Kernel.W, l.Stride.W, l.Pad.Left, max(1, l.Dilation.W), 1}, l.Out,
		}
	case models.Deconv:
		return sliding{
			l.In.C,
			axis{l.In.H, l.Kernel.H, 1, l.Kernel.H - 1 - l.Pad.Top, 1, l.Stride.H},
			axis{l.In.W, l.Kernel.W, 1, l.Kernel.W - 1 - l.Pad.Left, 1, l.Stride.W}, l.Out,
		}
	case models.Resize:
		return sliding{l.In.C, resized(l.In.H, l), resized(l.In.W, l), l.Out}
	case models.Dense:
		return sliding{l.In.Elements(), pointAxis(1), pointAxis(1), l.Out}
	}
	return sliding{l.In.C, pointAxis(l.In.H), pointAxis(l.In.W), l.Out}
}

// axis is one direction of a sliding window. The input lies on a grid with up-1 empty places between
// neighbours, on which the window moves: output o looks at the places o*stride - pad + k*dilation.
type axis struct{ in, kernel, stride, pad, dilation, up int }

// pointAxis is the axis of an operation on single positions.
func pointAxis(in int) axis { return axis{in, 1, 1, 0, 1, 1} }

// resized returns the axis of a layer that enlarges its input. The nearest neighbour of output o is
// the one input in the up places that end at o; the two that linear interpolation needs, between
// pixels' centres, lie less than up places from o + (1-up)/2.
func resized(in int, l *models.Layer) axis {
	f := l.Factor
	if l.Bilinear {
		return axis{in, 2*f - f%2, 1, (3*f - 2) / 2, 1, f}
	}
	return axis{in, f, 1, f - 1, 1, f}
}

// places returns the places from the first to the last that n neighbouring outputs look at.
func (a axis) places(n int) int { return (n-1)*a.stride + (a.kernel-1)*a.dilation + 1 }

// span returns the input positions from the first to the last that n neighbouring outputs read, at
// most the whole input.
func (a axis) span(n int) int { return min(a.in, ceilDiv(a.places(n), a.up)) }

// touched returns how many input positions all of the out outputs read; a stride longer than the
// kernel skips some.
func (a axis) touched(out int) float64 { return float64(a.read(0, out)) }

// read returns how many input positions the outputs [lo, hi) read, padding excluded.
func (a axis) read(lo, hi int) int {
	if a.dilation > 1 || a.up > 1 {
		return a.readApart(lo, hi)
	}
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

// readApart is read for windows with gaps, and for inputs with gaps.
func (a axis) readApart(lo, hi int) int {
	seen := make([]bool, a.in)
	sum := 0
	for o := lo; o < hi; o++ {
		for k := range a.kernel {
			at := o*a.stride - a.pad + k*a.dilation
			if at < 0 || at%a.up != 0 || at/a.up >= a.in || seen[at/a.up] {
				continue
			}
			seen[at/a.up] = true
			sum++
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
// in one pass over the map: each step takes the inputs under its positions once, padding included. Zeros
// between the inputs of a transposed convolution are put in behind the memory and do not count.
func (s sliding) patches(p accel.Positions) float64 {
	return s.rows.patched(s.out.H, max(1, p.Height)) * s.cols.patched(s.out.W, max(1, p.Width)) / float64(s.rows.up*s.cols.up)
}

// patched returns the input positions under blocks of size neighbouring outputs, the sum over blocks.
func (a axis) patched(out, size int) float64 {
	under := func(n int) int { return min(n*a.kernel, a.places(n)) }
	sum := out / size * under(size)
	if rest := out % size; rest > 0 {
		sum += under(rest)
	}
	return float64(sum)
}
