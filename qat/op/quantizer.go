package op

import (
	"gorgonia.org/gorgonia"

	"dse/qat/kernel"
	"dse/qat/quant"
)

// Quantizer says how a tensor is fake-quantized: the parts that are not learned.
type Quantizer struct {
	Signed     bool
	PowerOfTwo bool // steps are rounded to powers of two, straight-through
	Surrogate  kernel.Surrogate
	Delta      float32
	// Limits clip step and range on their way in; a clipped one receives no gradient. The zero value
	// clips nothing.
	Limits quant.Limits
}

// Slice is a fake-quantized slice whose step and range are learned.
type Slice struct {
	D, Xmax *gorgonia.Node // [1]
	Quantizer
}

// chain holds the factors that turn the gradients of the step and range in use into those of the
// learned d and xmax.
type chain struct{ d, xmax float32 }

// slice returns the quantizer that the learned d and xmax stand for.
func (q Quantizer) slice(d, xmax float32) (kernel.Quantizer, chain) {
	dFree, xmaxFree := true, true
	if q.Limits != (quant.Limits{}) {
		d, xmax, dFree, xmaxFree = q.Limits.Clip(d, xmax)
	}
	step, scale := quant.EffectiveStep(d, q.PowerOfTwo)
	var c chain
	if dFree {
		c.d = scale
	}
	if xmaxFree {
		c.xmax = 1
	}
	return kernel.Quantizer{Step: step, Max: xmax, Signed: q.Signed, Surrogate: q.Surrogate, Delta: q.Delta}, c
}
