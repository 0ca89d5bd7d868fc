package quant

import (
	"math"
	"math/bits"
)

// Levels returns q = round(xmax/d), half to even: the code of the top level. The quotient is
// rounded to float32 first, as the forward pass rounds it, so that q is the largest code the
// forward pass can produce. A quotient that is not positive, or is NaN, gives 0; one beyond
// math.MaxInt32 gives math.MaxInt32.
func Levels(d, xmax float32) int {
	q := math.RoundToEven(float64(xmax / d))
	switch {
	case q >= math.MaxInt32:
		return math.MaxInt32
	case q > 0:
		return int(q)
	}
	return 0 // also for NaN
}

// Bits returns the bit-width of a slice: the bit length of q = Levels(d, xmax), plus one for the
// sign, and never below 1. It equals ceil(log2(q+1)) but is exact for every q, which a
// floating-point logarithm is not at powers of two. A floor above 1 is the caller's.
func Bits(d, xmax float32, signed bool) int {
	b := bits.Len(uint(Levels(d, xmax)))
	if signed {
		b++
	}
	return max(b, 1)
}

// BitsGradient returns the straight-through gradient of Bits, in bits per unit of d and of xmax:
//
//	d bits/d xmax =     1 / (ln2 * (q+1) * d)
//	d bits/d d    = -xmax / (ln2 * (q+1) * d^2)
//
// It is 0 for a slice at or below minBits, which cannot become any smaller. With power-of-two
// steps, d is the effective step and the caller multiplies dd by the scale of EffectiveStep.
func BitsGradient(d, xmax float32, signed bool, minBits int) (dd, dxmax float64) {
	if Bits(d, xmax, signed) <= minBits {
		return 0, 0
	}
	dxmax = 1 / (math.Ln2 * float64(Levels(d, xmax)+1) * float64(d))
	return -dxmax * float64(xmax) / float64(d), dxmax
}

// EffectiveStep returns the step that the forward pass uses for the clipped step size d, and the
// factor step/d that the gradient with respect to the step is multiplied by to get the gradient
// with respect to d. They are d and 1, or with powerOfTwo 2^round(log2 d) and its ratio to d,
// which lies within [sqrt(1/2), sqrt(2)]. d must be positive.
func EffectiveStep(d float32, powerOfTwo bool) (step, scale float32) {
	if !powerOfTwo {
		return d, 1
	}
	// d = f * 2^e with f in [1/2, 1): log2 d rounds up to e beyond f = sqrt(1/2). No tie can
	// occur, for sqrt(1/2) is irrational.
	f, e := math.Frexp(float64(d))
	if f < math.Sqrt2/2 {
		e--
	}
	step = float32(math.Ldexp(1, e))
	return step, step / d
}
