package event

import "math/bits"

// ratio is a positive rational number in lowest terms.
type ratio struct{ num, den uint64 }

func newRatio(num, den uint64) ratio {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return ratio{num / a, den / a}
}

func (r ratio) inverse() ratio { return ratio{r.den, r.num} }

// of returns n times r.
func (r ratio) of(n int64) float64 { return float64(n) * float64(r.num) / float64(r.den) }

// floor returns the whole part of n times r, exactly.
func (r ratio) floor(n int64) int64 {
	hi, lo := bits.Mul64(uint64(n), r.num)
	if hi == 0 {
		return int64(lo / r.den)
	}
	q, _ := bits.Div64(hi, lo, r.den)
	return int64(q)
}

// ceil returns n times r, rounded up.
func (r ratio) ceil(n int64) int64 {
	hi, lo := bits.Mul64(uint64(n), r.num)
	lo, carry := bits.Add64(lo, r.den-1, 0)
	hi += carry
	if hi == 0 {
		return int64(lo / r.den)
	}
	q, _ := bits.Div64(hi, lo, r.den)
	return int64(q)
}
