// Package quant holds the scalar mathematics of the learned quantizer: what the two parameters of
// a slice mean, how they are initialised, bounded and guarded, and how many bits they cost. The
// loops over tensors are in dse/qat/kernel.
//
// A slice (a whole tensor, or a group of output channels of a weight tensor) has two learned
// positive scalars: the step size d and the dynamic range xmax. The quantizer is symmetric and has
// no zero point.
//
// Forward, for an element x, with lo = -xmax for a signed and 0 for an unsigned slice:
//
//	d    := clip(d, DMin, DMax), xmax := clip(xmax, XmaxMin, XmaxMax)
//	d    := 2^round(log2 d)              only with power-of-two steps
//	u    := clip(x, lo, xmax) / d
//	y    := d * round(u)                 half to even
//
// xmax need not be a multiple of d; the top level is q*d with q = round(xmax/d).
//
// Backward, with g = dL/dy, e = u - round(u) and s = 1 + delta*sign(g)*phi(e), where phi is the
// shape of the gradient surrogate (0 for the plain straight-through estimator):
//
//	dL/dx    = g*s inside (lo, xmax), 0 outside
//	dL/dxmax = sum of g*s over x above xmax, minus the same over x below -xmax
//	dL/dd    = sum of g*(round(u) - s*u), times step/d with power-of-two steps
//
// A parameter that was clipped on the way in receives no gradient (Limits.Clip).
//
// A slice of n elements is stored in n*b bits, b being the bit length of q plus the sign. As
// xmax > d is enforced after every update (Guard), a slice never falls below one bit unsigned and
// two bits signed (ternary). For the gradient of b, both roundings are passed straight through:
// b = log2(q+1), q = xmax/d.
//
// Source: Schaefer, Joshi, Li, Blazquez, "Edge Inference with Fully Differentiable Quantized Mixed
// Precision Neural Networks", WACV 2024, and its published code.
package quant
