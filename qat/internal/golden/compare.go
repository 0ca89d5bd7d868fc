package golden

import "math"

// Tolerances for float32 kernels, as the largest absolute error over the largest magnitude of the
// reference. PyTorch's own float32 results stay within a quarter of each.
const (
	Conv          = 5e-6 // also dense layers and losses
	BatchNorm     = 2e-6
	BatchNormMean = 1e-4 // a mean far beyond the spread: the variance cancels
	BatchNormFlat = 1e-3 // dx where the variance vanishes: a constant channel, or two samples of one pixel
	Elementwise   = 1e-6
	Quantizer     = 1e-6 // y and dx
	QuantizerSums = 2e-4 // dd and dxmax, sums that cancel
	Sizes         = 1e-6 // and their gradients
	Penalty       = 2e-6
	Init          = 2e-6
	Guard         = 2e-6
	Optimizer     = 2e-6
	Schedule      = 1e-9 // in float64
	Train         = 1e-5 // outputs and parameters
	TrainGrad     = 3e-4 // with TrainFloor
	TrainFloor    = 1e-3 // least magnitude that gradients are measured against; some sums cancel to 0
)

// Near fails the case unless got is within tol of the array called key, tol being relative to the
// largest magnitude in that array, and absolute if that is 0.
func Near[F float32 | float64](c *Case, key string, got []F, tol float64) {
	c.Helper()
	NearFloor(c, key, got, tol, 0)
}

// NearFloor is Near with errors measured against at least the given magnitude.
func NearFloor[F float32 | float64](c *Case, key string, got []F, tol, floor float64) {
	c.Helper()
	want := c.Float64s(key)
	if len(got) != len(want) {
		c.Fatalf("%s has %d elements, want %d", key, len(got), len(want))
	}
	if worst, at := MaxError(got, want, floor); !(worst <= tol) {
		c.Errorf("%s[%d] = %v, want %v: error %.3g of the largest magnitude, %.3g allowed", key, at, got[at], want[at], worst, tol)
	}
}

// NearEither is Near where the reference gives two conventions, either of which is right.
func NearEither[F float32 | float64](c *Case, key, other string, got []F, tol float64) {
	c.Helper()
	if want := c.Float64s(other); len(got) == len(want) {
		if worst, _ := MaxError(got, want, 0); worst <= tol {
			c.Elsewhere(key)
			return
		}
	}
	Near(c, key, got, tol)
}

// Exact fails the case unless got equals the integers of the array called key.
func Exact[N int | int64](c *Case, key string, got []N) {
	c.Helper()
	want := c.Int64s(key)
	if len(got) != len(want) {
		c.Fatalf("%s has %d elements, want %d", key, len(got), len(want))
	}
	for i, v := range got {
		if int64(v) != want[i] {
			c.Errorf("%s[%d] = %d, want %d", key, i, v, want[i])
		}
	}
}

// MaxError returns the largest absolute difference over the largest magnitude in want, which
// counts as at least floor, and where it occurs. If both are 0 the difference is absolute. A NaN
// on either side makes it NaN. The slices are equally long.
func MaxError[F float32 | float64](got []F, want []float64, floor float64) (worst float64, at int) {
	scale := floor
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	if scale == 0 {
		scale = 1
	}
	for i, w := range want {
		e := math.Abs(float64(got[i])-w) / scale
		if math.IsNaN(e) {
			return e, i
		}
		if e > worst {
			worst, at = e, i
		}
	}
	return worst, at
}
