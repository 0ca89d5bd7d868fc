package kernel

import "math"

// Surrogate names the function phi that shapes the gradient of a rounding. With e = u - round(u) in
// [-1/2, 1/2] the gradient g is scaled by 1 + delta*sign(g)*phi(e).
//
// All but Tanh reach 1/2 at e = 1/2.
type Surrogate int32

const (
	// STE is the straight-through estimator, phi = 0.
	STE Surrogate = iota
	// EWGS is element-wise gradient scaling, phi = e (Lee et al., CVPR 2021).
	EWGS
	// ATanh is phi = atanh(1.9e) / (2*atanh(0.95)).
	ATanh
	// Tanh is phi = tanh(4e)/2.
	Tanh
	// PBGS is position-based gradient scaling, phi = |e|.
	PBGS
	// PBGSUnsigned is PBGS without sign(g): the factor is 1 + delta*|e|.
	PBGSUnsigned
	// Acos is phi = sin(pi*e)/2 without sign(g).
	Acos

	surrogateCount
)

// signed reports whether the factor depends on the sign of the gradient.
func (p Surrogate) signed() bool { return p != PBGSUnsigned && p != Acos }

// atanhScale is 1/(2*atanh(0.95)).
const atanhScale = 0.2729584204093975

// phi evaluates the function in double precision.
func (p Surrogate) phi(e float32) float32 {
	x := float64(e)
	switch p {
	case STE:
		return 0
	case EWGS:
		return e
	case ATanh:
		return float32(atanhScale * math.Atanh(1.9*x))
	case Tanh:
		return float32(0.5 * math.Tanh(4*x))
	case PBGS, PBGSUnsigned:
		return float32(math.Abs(x))
	case Acos:
		return float32(0.5 * math.Sin(math.Pi*x))
	}
	panic("kernel: unknown surrogate")
}

// excess is the part of the surrogate gradient beyond g: delta*sign(g)*phi(e)*g.
func (p Surrogate) excess(g, e, delta float32) float32 {
	q := delta * p.phi(e)
	if p.signed() && g < 0 {
		return -q * g
	}
	return q * g
}

// roundEven rounds to the nearest integer, ties to even.
func roundEven(x float32) float32 { return float32(math.RoundToEven(float64(x))) }
