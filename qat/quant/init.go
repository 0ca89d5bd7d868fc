package quant

import "math"

// topCode returns the largest code of a slice with the given width: 2^(bits-1)-1 signed, 2^bits-1
// unsigned, and at least 1, because a signed slice has no state below two bits.
func topCode(bits int, signed bool) float64 {
	if bits < 1 || bits > 31 {
		panic("quant: initial bits out of range")
	}
	if signed {
		bits--
	}
	return float64(max(int64(1)<<bits-1, 1))
}

// fit returns the parameters of a slice whose range is to be xmax at the given width. Both are
// still to be clipped (Limits.Clip) or guarded (Guard).
func fit(xmax float64, bits int, signed bool) (float32, float32) {
	return float32(xmax / topCode(bits, signed)), float32(xmax)
}

// InitGaussian returns the initial parameters for weights and biases: the range reaches to three
// standard deviations (of the population) beyond the mean,
//
//	xmax = max(|mu-3sigma|, |mu+3sigma|), d = xmax / top code at that width
//
// and is 2^-bits for a slice of zeros, such as a fresh bias. x must not be empty.
func InitGaussian(x []float32, bits int, signed bool) (d, xmax float32) {
	if len(x) == 0 {
		panic("quant: empty slice")
	}
	var mean, square float64
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean)
	}
	reach := math.Abs(mean) + 3*math.Sqrt(square/float64(len(x)))
	if reach == 0 {
		reach = math.Ldexp(1, -bits)
	}
	return fit(reach, bits, signed)
}

// InitPercentile returns the initial parameters for activations: xmax is the given percentile
// (0 to 100) of |x|, interpolated linearly between the order statistics around rank
// percentile/100*(len(x)-1). If that is 0, xmax is 2^-bits for a tensor of zeros and 1 for a
// tensor with something in it. NaN in x makes both NaN. x must not be empty; scratch is
// overwritten and must be at least as long. Nothing is allocated.
func InitPercentile(x, scratch []float32, percentile float64, bits int, signed bool) (d, xmax float32) {
	if len(x) == 0 {
		panic("quant: empty slice")
	}
	if len(scratch) < len(x) {
		panic("quant: scratch too short")
	}
	if !(percentile >= 0 && percentile <= 100) {
		panic("quant: percentile out of range")
	}
	magnitude := scratch[:len(x)]
	var largest float32
	for i, v := range x {
		v = float32(math.Abs(float64(v)))
		magnitude[i] = v
		largest = max(largest, v) // NaN wins
	}
	var reach float64
	switch {
	case largest != largest:
		reach = math.NaN()
	case largest == 0:
		reach = math.Ldexp(1, -bits)
	default:
		if reach = quantile(magnitude, percentile/100); reach == 0 {
			reach = 1
		}
	}
	return fit(reach, bits, signed)
}

// uhlichStep is the initial step of activations in InitUhlichActivations.
const uhlichStep = 0x1p-3

// InitUhlichActivations returns the alternative initial parameters for activations, which do not
// depend on the data: d = 2^-3 and xmax = d * top code.
// Source: Uhlich et al., "Mixed Precision DNNs: All you need is a good parametrization", ICLR 2020.
func InitUhlichActivations(bits int, signed bool) (d, xmax float32) {
	return uhlichStep, float32(uhlichStep * topCode(bits, signed))
}

// InitUhlichWeights returns the alternative initial parameters for weights: the step is the power
// of two that just reaches the largest magnitude, or falls short of it for up to four bits,
//
//	d = 2^ceil(log2(max|x| / top code)), floor for bits <= 4; xmax = d * top code
//
// A slice of zeros is treated as one that reaches to 2^-bits. x must not be empty. Source: as
// InitUhlichActivations.
func InitUhlichWeights(x []float32, bits int, signed bool) (d, xmax float32) {
	if len(x) == 0 {
		panic("quant: empty slice")
	}
	var largest float64
	for _, v := range x {
		largest = max(largest, math.Abs(float64(v)))
	}
	if largest == 0 {
		largest = math.Ldexp(1, -bits)
	}
	top := topCode(bits, signed)
	if math.IsNaN(largest) || math.IsInf(largest, 0) {
		return fit(largest, bits, signed)
	}
	// ratio = f * 2^e with f in [1/2, 1): floor(log2) is e-1 always; ceil(log2) is e, or e-1 for
	// an exact power of two.
	f, e := math.Frexp(largest / top)
	if bits <= 4 || f == 0.5 {
		e--
	}
	step := math.Ldexp(1, e)
	return float32(step), float32(step * top)
}

// mseSteps is the number of ranges that InitMSE tries.
const mseSteps = 40

// mseSample bounds the elements that InitMSE looks at: enough for a range that is right to a
// percent, few enough for the largest activation tensors.
const mseSample = 1 << 15

// InitMSE returns the step and range of the given bits that quantize x with the least mean squared
// error, among ranges that are multiples of 1/40 of the largest magnitude (of an evenly spaced
// sample of x, which takes all channels in turn). At 2 and 3 bits the paper's ranges of 3 sigma or a percentile send most values to
// zero; this one does not. All-zero tensors get a range of 2^-bits; NaN or infinity in the sample makes both
// NaN.
func InitMSE(x []float32, bits int, signed bool) (d, xmax float32) {
	stride := sampleStride(len(x))
	most := 0.0
	for i := 0; i < len(x); i += stride {
		most = max(most, math.Abs(float64(x[i])))
	}
	if most == 0 {
		return fit(math.Ldexp(1, -bits), bits, signed)
	}
	if math.IsNaN(most) || math.IsInf(most, 0) {
		return fit(math.NaN(), bits, signed)
	}
	best := math.Inf(1)
	for k := mseSteps; k > 0; k-- {
		step, top := fit(most*float64(k)/mseSteps, bits, signed)
		sum, lo := 0.0, 0.0
		if signed {
			lo = -float64(top)
		}
		for i := 0; i < len(x); i += stride {
			v := float64(x[i])
			c := min(max(v, lo), float64(top))
			e := v - float64(step)*math.RoundToEven(c/float64(step))
			sum += e * e
		}
		if sum < best {
			best, d, xmax = sum, step, top
		}
	}
	return d, xmax
}

// sampleStride returns the distance of the elements that InitMSE looks at among n. It has no factor in
// common with n, of which the number of channels is one: a multiple of that would sample one channel
// alone.
func sampleStride(n int) int {
	stride := max(1, n/mseSample)
	for gcd(stride, n) > 1 {
		stride++
	}
	return stride
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
