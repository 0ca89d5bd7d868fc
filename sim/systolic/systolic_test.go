package systolic

import (
	"testing"

	"dse/accel"
)

// By hand, weight stationary on 2x2: W=3 rows need two folds, N=2 columns one. Each fold loads for
// 2 cycles, streams 5 pixels and drains for 2: 2 * (2+5+2) = 18.
// Output stationary: 5 pixels need three folds of 3+2 cycles: 15.
// Input stationary: two folds of the window times three of pixels, 2+2+2 cycles each: 36.
func TestCyclesByHand(t *testing.T) {
	a, p := Array{2, 2}, Product{Pixels: 5, Window: 3, Filters: 2}
	for _, c := range []struct {
		flow accel.Dataflow
		want int64
	}{{accel.WeightStationary, 18}, {accel.OutputStationary, 15}, {accel.InputStationary, 36}} {
		if got := a.Cycles(c.flow, p); int64(got) != c.want {
			t.Errorf("dataflow %d: %d cycles, want %d", c.flow, got, c.want)
		}
	}
}
