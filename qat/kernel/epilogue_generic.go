package kernel

func epilogueForwardGeneric(y, x, residual, scale, shift []float32, rows, cols, ld int, p Epilogue) {
	lo := p.low()
	for r := range rows {
		for c := range cols {
			i := r*ld + c
			h := clip(p.value(x, residual, i, scale[c], shift[c]), p.ActLo, p.ActHi)
			if p.Quantize {
				h = p.Step * roundEven(clip(h, lo, p.Max)/p.Step)
			}
			y[i] = h
		}
	}
}

func epilogueBackwardGeneric(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p Epilogue) (dStep, dMax float64) {
	lo := p.low()
	for r := range rows {
		for c := range cols {
			i := r*ld + c
			v := p.value(x, residual, i, scale[c], shift[c])
			g := dy[i]
			if p.Quantize {
				gh, step, top := p.gradient(g, clip(v, p.ActLo, p.ActHi), lo)
				g = gh
				dStep += float64(step)
				dMax += float64(top)
			}
			if !(v > p.ActLo && v < p.ActHi) {
				g = 0
			}
			g1[i] = g
			sumG[c] += float64(g)
			sumGX[c] += float64(g) * float64(x[i]-mean[c])
		}
	}
	return dStep, dMax
}

// value is v. Through float64 the product is not rounded, so that the value agrees with a fused
// multiply-add (but for a double rounding once in 2^29) and the assembly may leave some channels or
// surrogates to this code.
func (p *Epilogue) value(x, residual []float32, i int, scale, shift float32) float32 {
	v := float32(float64(x[i])*float64(scale) + float64(shift))
	if residual != nil {
		v += residual[i]
	}
	return v
}
