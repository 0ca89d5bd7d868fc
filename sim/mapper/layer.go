package mapper

import (
	"fmt"

	"dse/models"
)

// Layer is a convolution, or a dense layer as one of a single position.
type Layer struct {
	Groups int // the other sizes are those of one group, but for depthwise layers
	// K output and C input channels. In depthwise layers C counts all channels, K is 1 and Groups 1.
	K, C      int
	Depthwise bool
	Rows      Axis // Q, S
	Cols      Axis // P, R
}

// Axis is one direction of the map: Out positions of a window of Taps that moves by Stride over In
// inputs, Pad of them missing at the front.
type Axis struct{ Out, Taps, Stride, Pad, In int }

// NewLayer returns the mapped form of a layer with weights.
func NewLayer(l *models.Layer) (Layer, error) {
	switch l.Kind {
	case models.Dense:
		point := Axis{1, 1, 1, 0, 1}
		return Layer{Groups: 1, K: l.Out.C, C: l.In.Elements(), Rows: point, Cols: point}, nil
	case models.Conv:
		m := Layer{
			Groups: l.Groups, K: l.Out.C / l.Groups, C: l.In.C / l.Groups,
			Rows: Axis{l.Out.H, l.Kernel.H, l.Stride.H, l.Pad.Top, l.In.H},
			Cols: Axis{l.Out.W, l.Kernel.W, l.Stride.W, l.Pad.Left, l.In.W},
		}
		if l.Dilation.H > 1 || l.Dilation.W > 1 {
			return Layer{}, fmt.Errorf("layer %s: a dilated window cannot be mapped; the loops have no dilation", l.Name)
		}
		if l.Depthwise() && l.Out.C == l.In.C {
			m = Layer{Groups: 1, K: 1, C: l.In.C, Depthwise: true, Rows: m.Rows, Cols: m.Cols}
		}
		return m, nil
	}
	return Layer{}, fmt.Errorf("layer %s: a %v has no loops to map; only convolutions and dense layers have", l.Name, l.Kind)
}

// taps returns the positions of the window.
func (l *Layer) taps() int { return l.Rows.Taps * l.Cols.Taps }

// filters returns the output channels of one group.
func (l *Layer) filters() int {
	if l.Depthwise {
		return l.C
	}
	return l.K
}

// MACs returns the multiply-accumulates of all groups.
func (l *Layer) MACs() int64 {
	return int64(l.Groups) * int64(l.K) * int64(l.C) * int64(l.taps()) * int64(l.Rows.Out) * int64(l.Cols.Out)
}

// read returns the real input positions that outputs [lo, hi) use, and where they begin. Padding is
// not fetched; of a stride longer than the window only the window's positions are used.
func (a Axis) read(lo, hi int) (from, n int) {
	if a.Taps < a.Stride {
		first := -1
		for o := lo; o < hi; o++ {
			f, t := max(0, o*a.Stride-a.Pad), min(a.In, o*a.Stride-a.Pad+a.Taps)
			if t > f {
				if first < 0 {
					first = f
				}
				n += t - f
			}
		}
		return max(0, first), n
	}
	from = max(0, lo*a.Stride-a.Pad)
	to := min(a.In, (hi-1)*a.Stride-a.Pad+a.Taps)
	return from, max(0, to-from)
}

// patched returns the inputs that enter the array in one pass over the line when it computes size
// positions at a time: each step takes those under its positions once, padding included.
func (a Axis) patched(size int) float64 {
	size = max(1, size)
	under := func(n int) int {
		if n == 0 {
			return 0
		}
		return min(n*a.Taps, (n-1)*a.Stride+a.Taps)
	}
	return float64(a.Out/size*under(size) + under(a.Out%size))
}

// shared returns the input positions that outputs [lo, hi) and [lo2, hi2) both use.
func (a Axis) shared(lo, hi, lo2, hi2 int) int {
	if lo == lo2 && hi == hi2 {
		_, n := a.read(lo, hi)
		return n
	}
	if a.Taps < a.Stride {
		if l, h := max(lo, lo2), min(hi, hi2); l < h {
			_, n := a.read(l, h)
			return n
		}
		return 0
	}
	f1, n1 := a.read(lo, hi)
	f2, n2 := a.read(lo2, hi2)
	return max(0, min(f1+n1, f2+n2)-max(f1, f2))
}
