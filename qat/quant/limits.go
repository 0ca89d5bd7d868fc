package quant

// Margin is the distance that Guard keeps between d and xmax, and between either and its limits.
const Margin = 1e-5

// Limits are the bounds within which the step size d and the dynamic range xmax of a slice are
// used.
type Limits struct{ DMin, DMax, XmaxMin, XmaxMax float32 }

// The paper's bounds. DMin was 2^-8 in the earlier versions of its code and 2^-12 in the later
// ones, which is taken here.
var (
	WeightLimits     = Limits{DMin: 0x1p-12, DMax: 1, XmaxMin: 0x1p-8, XmaxMax: 127}
	ActivationLimits = Limits{DMin: 0x1p-12, DMax: 8, XmaxMin: 0x1p-8, XmaxMax: 127}
)

// Clip returns the parameters as the forward pass uses them. dFree and xmaxFree say which of the
// two may receive a gradient: one that lies outside its bounds may not, one exactly on a bound may.
func (l Limits) Clip(d, xmax float32) (dc, xmaxc float32, dFree, xmaxFree bool) {
	dc, xmaxc = min(max(d, l.DMin), l.DMax), min(max(xmax, l.XmaxMin), l.XmaxMax)
	return dc, xmaxc, dc == d, xmaxc == xmax
}

// ClipGradients limits the gradients of every slice to [-d, d], d being the slice's step size
// before the update. It is applied before gradients are averaged and before the optimiser sees them.
func ClipGradients(gd, gxmax, d []float32) {
	if len(gd) != len(d) || len(gxmax) != len(d) {
		panic("quant: gradients and steps differ in length")
	}
	for i, v := range d {
		gd[i] = min(max(gd[i], -v), v)
		gxmax[i] = min(max(gxmax[i], -v), v)
	}
}

// Guard repairs the parameters of every slice after an optimiser step, in place:
//
//	d'    = clip(min(d, xmax-Margin), DMin+Margin, DMax-Margin)
//	xmax' = clip(max(d+Margin, xmax), XmaxMin+Margin, XmaxMax-Margin)
//
// both from the values before the repair. A NaN stays one, so that a diverged run is noticed.
func Guard(d, xmax []float32, l Limits) {
	if len(d) != len(xmax) {
		panic("quant: steps and ranges differ in length")
	}
	// In float64: near xmax = 127 the margin is little more than one float32 unit.
	dLow, dHigh := float64(l.DMin)+Margin, float64(l.DMax)-Margin
	xLow, xHigh := float64(l.XmaxMin)+Margin, float64(l.XmaxMax)-Margin
	for i := range d {
		dv, xv := float64(d[i]), float64(xmax[i])
		d[i] = float32(min(max(min(dv, xv-Margin), dLow), dHigh))
		xmax[i] = float32(min(max(dv+Margin, xv, xLow), xHigh))
	}
}
