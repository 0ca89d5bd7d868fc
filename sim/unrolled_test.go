package sim

import (
	"fmt"
	"testing"

	"dse/accel"
	"dse/models"
)

// walkUnrolled counts the steps of an unrolled array by walking through a layer: tile by tile, block
// of positions by block of positions, up to cols channels of up to rows products at a time.
func walkUnrolled(a accel.Array, l *models.Layer, tileRows, tileCols int) int {
	inputs, perGroup := l.In.C/l.Groups, l.Out.C/l.Groups
	taps := l.Kernel.H * l.Kernel.W
	steps := 0
	for r := 0; r < l.Out.H; r += tileRows {
		for q := 0; q < l.Out.W; q += tileCols {
			for y := r; y < min(r+tileRows, l.Out.H); y += a.Positions.Height {
				for x := q; x < min(q+tileCols, l.Out.W); x += a.Positions.Width {
					if perGroup == 1 && l.Groups > 1 && a.DepthwiseLanes > 0 {
						for c := 0; c < l.Out.C; c += a.Cols {
							for t := 0; t < taps; t += a.DepthwiseLanes {
								steps++
							}
						}
						continue
					}
					for g := 0; g < l.Groups; {
						// Groups beside one another: each takes its products on the rows, its channels on the columns.
						length := inputs
						if a.Reduction == accel.ReduceWindow {
							length *= taps
						}
						together := max(1, min(a.Rows/length, a.Cols/perGroup, l.Groups-g))
						if whole := a.Cols / perGroup; whole > 0 {
							together = min(together, whole-g%whole) // a column tile's last pass is short
						}
						passes := 0
						for c := 0; c < perGroup; c += a.Cols {
							for i := 0; i < length; i += a.Rows {
								passes++
							}
						}
						if a.Reduction == accel.ReduceChannels {
							passes *= taps
						}
						steps += passes
						g += together
					}
				}
			}
		}
	}
	return steps
}

// Steps of an unrolled array are those of the walk, for depthwise and other convolutions, with one
// and with several positions, and the array is never counted as busier than it can be.
func TestUnrolledStepsByWalking(t *testing.T) {
	n := micro(t)
	for _, arr := range []accel.Array{
		{Rows: 8, Cols: 8, Reduction: accel.ReduceChannels},
		{Rows: 8, Cols: 8, Reduction: accel.ReduceWindow, Positions: accel.Positions{Height: 1, Width: 2}},
		{Rows: 5, Cols: 12, Reduction: accel.ReduceChannels, Positions: accel.Positions{Height: 3, Width: 3}, DepthwiseLanes: 4},
		{Rows: 40, Cols: 16, Reduction: accel.ReduceWindow, Positions: accel.Positions{Height: 2, Width: 2}},
		{Rows: 16, Cols: 32, Reduction: accel.ReduceChannels, DepthwiseLanes: 9, FoldOverhead: 7},
	} {
		t.Run(fmt.Sprintf("%dx%d/%v/%v/%d", arr.Rows, arr.Cols, arr.Reduction, arr.Positions, arr.DepthwiseLanes), func(t *testing.T) {
			a := edge()
			a.Precision.Modes = a.Precision.Modes[:1]
			arr.Dataflow, arr.Accumulator = accel.Unrolled, a.Array.Accumulator
			arr.Positions = accel.Positions{Height: max(1, arr.Positions.Height), Width: max(1, arr.Positions.Width)}
			a.Array = arr
			r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
			for _, l := range r.Layers {
				layer := &n.Layers[l.Layer]
				if layer.Kind != models.Conv {
					continue
				}
				want := walkUnrolled(arr, layer, l.Mapping.TileRows, l.Mapping.TileCols)
				if got := float64(l.Busy.Compute); got != float64(want) {
					t.Errorf("%s: %v steps, walking takes %d", l.Name, got, want)
				}
				if folds := float64(l.Busy.ArrayFill); arr.FoldOverhead == 0 && folds != 0 {
					t.Errorf("%s: fill of %v cycles", l.Name, folds)
				}
			}
		})
	}
}

// A step takes the inputs under its positions once: 3x3 positions of a 3x3 window see 5x5 inputs.
func TestPatchesByHand(t *testing.T) {
	s := sliding{1, axis{9, 3, 1, 1, 1, 1}, axis{9, 3, 1, 1, 1, 1}, models.Shape{C: 1, H: 9, W: 9}}
	for _, c := range []struct {
		p    accel.Positions
		want float64
	}{
		{accel.Positions{}, 81 * 9},                    // each position its window
		{accel.Positions{Height: 3, Width: 3}, 9 * 25}, // nine steps
		{accel.Positions{Height: 2, Width: 9}, (4*4 + 3) * 11},
	} {
		if got := s.patches(c.p); got != c.want {
			t.Errorf("%v: %v inputs, want %v", c.p, got, c.want)
		}
	}
	wide := axis{9, 1, 2, 0, 1, 1} // stride beyond the window: nothing between is taken
	if got := wide.patched(5, 2); got != 5 {
		t.Errorf("strided: %v inputs, want 5", got)
	}
}
