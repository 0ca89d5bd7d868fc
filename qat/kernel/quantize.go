package kernel

// Fake-quantization of weights. A slice of a tensor shares a step d and a range xmax:
//
//	y = d * round(clip(x, lo, xmax)/d),  lo = -xmax if signed, else 0
//
// rounding half to even. The division is a true division in float32.

// Quantizer is the fake-quantization of one slice of a tensor.
type Quantizer struct {
	Step, Max float32 // d and xmax, both positive; for power-of-two steps d is already rounded
	Signed    bool
	Surrogate Surrogate
	Delta     float32 // weight of the surrogate
}

func (q *Quantizer) low() float32 {
	if q.Signed {
		return -q.Max
	}
	return 0
}

// Forward writes the quantized values of the n elements x[0], x[stride], ... to y[0], y[stride], ...
// A stride other than 1 serves output channels of a [K][N] or [KH*KW][C] weight. y may be x.
func (q *Quantizer) Forward(y, x []float32, n, stride int) {
	q.check(n, stride, len(x), len(y))
	lo := q.low()
	for i := range n {
		y[i*stride] = q.Step * roundEven(clip(x[i*stride], lo, q.Max)/q.Step)
	}
}

// Backward writes the gradient with respect to x to dx and returns those with respect to d and xmax, for
// the elements x[0], x[stride], ... and the gradients g[0], g[stride], ... of y.
//
// With u = clip(x)/d, e = u - round(u) and s = 1 + delta*sign(g)*phi(e):
//
//	dL/dx    = g*s inside (lo, xmax), 0 at and beyond the edges
//	dL/dd    = sum of g*(round(u) - s*u)
//	dL/dxmax = sum of g*s*(+1 above, -1 below if signed, 0 below if not)
//
// dx may be g.
func (q *Quantizer) Backward(dx, g, x []float32, n, stride int) (dStep, dMax float64) {
	q.check(n, stride, len(x), min(len(dx), len(g)))
	lo := q.low()
	for i := range n {
		i *= stride
		gx, step, top := q.gradient(g[i], x[i], lo)
		dx[i] = gx
		dStep += float64(step)
		dMax += float64(top)
	}
	return dStep, dMax
}

// gradient returns one element's gradients with respect to the value h, the step and the range.
//
// round(u) - s*u is evaluated as -(e + (s-1)*u), which does not cancel.
func (q *Quantizer) gradient(g, h, lo float32) (gh, dStep, dMax float32) {
	u := clip(h, lo, q.Max) / q.Step
	e := u - roundEven(u)
	extra := q.Surrogate.excess(g, e, q.Delta)
	gh = g + extra
	dStep = -(g*e + extra*u)
	switch {
	case h >= q.Max:
		return 0, dStep, gh
	case h <= lo && q.Signed:
		return 0, dStep, -gh
	case h <= lo:
		return 0, dStep, 0
	}
	return gh, dStep, 0
}

// clip limits x to [lo, hi]; NaN passes.
func clip(x, lo, hi float32) float32 {
	if x < lo {
		return lo
	}
	if x > hi {
		return hi
	}
	return x
}

func (q *Quantizer) check(n, stride, lenX, lenY int) {
	if n < 0 || stride < 1 {
		panic("kernel: Quantizer: bad count or stride")
	}
	if n > 0 && min(lenX, lenY) < (n-1)*stride+1 {
		panic("kernel: Quantizer: slice is too short")
	}
	if q.Surrogate < 0 || q.Surrogate >= surrogateCount {
		panic("kernel: unknown surrogate")
	}
}
