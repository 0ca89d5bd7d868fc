//go:build !noasm

package kernel

import "math"

// thresholds is an Epilogue as the assembly takes it: all decisions are comparisons of v itself, so that
// h need not be kept.
type thresholds struct {
	// The quantizer's clip of the activation's clip of v is the clip of v to these.
	clipLo, clipHi float32
	// g1 is not zero for insideLo < v < insideHi.
	insideLo, insideHi float32
	// h >= xmax for v >= above. h <= -xmax for v <= below. NaN, which compares as false, if that cannot
	// be.
	above, below float32
	step, delta  float32
	quantize     bool
	surrogate    Surrogate
}

func (p *Epilogue) thresholds() thresholds {
	t := thresholds{
		clipLo: p.ActLo, clipHi: p.ActHi,
		insideLo: p.ActLo, insideHi: p.ActHi,
		quantize: p.Quantize,
	}
	if !p.Quantize {
		return t
	}
	lo, hi, never := p.low(), p.Max, float32(math.NaN())
	t.clipLo, t.clipHi = clip(p.ActLo, lo, hi), clip(p.ActHi, lo, hi)
	t.insideLo, t.insideHi = max(p.ActLo, lo), min(p.ActHi, hi)
	t.above, t.below = never, never
	switch {
	case p.ActLo >= hi:
		t.above = float32(math.Inf(-1))
	case p.ActHi >= hi:
		t.above = hi
	}
	switch {
	case !p.Signed:
	case p.ActHi <= lo:
		t.below = float32(math.Inf(1))
	case p.ActLo <= lo:
		t.below = lo
	}
	t.step, t.delta, t.surrogate = p.Step, p.Delta, p.Surrogate
	return t
}
