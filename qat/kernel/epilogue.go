package kernel

// The epilogue of a convolution is batch normalisation, an optional residual, an activation and
// an optional fake-quantization in one pass over the memory. With x the output of the convolution as a
// matrix of rows by channels:
//
//	v = x*scale[c] + shift[c] (+ residual)
//	h = clip(v, ActLo, ActHi)
//	y = d * round(clip(h, lo, xmax)/d), or h if nothing is quantized
//
// The backward pass keeps none of v, h and u = clip(h)/d but computes them again from x, with the same
// instructions, so that both passes agree on which side of an edge a value lies.

// Epilogue holds the scalars of a convolution's epilogue.
type Epilogue struct {
	ActLo, ActHi float32 // range of the activation: 0, 6 for ReLU6; 0, +Inf for ReLU; -Inf, +Inf for none
	Quantize     bool    // whether the output is fake-quantized
	Quantizer            // used if Quantize is set
}

// EpilogueForward computes y from x for rows rows of len(scale) channels. residual may be nil; y may be
// x or residual.
func EpilogueForward(y, x, residual, scale, shift []float32, p *Epilogue, rows int) {
	c := len(scale)
	p.check(c, rows, len(y), len(x), residual)
	if len(shift) != c {
		panic("kernel: epilogue: scale and shift differ in length")
	}
	if rows == 0 {
		return
	}
	vec := vectorChannels(c)
	if vec > 0 {
		active.epilogueForward(y, x, residual, scale, shift, rows, vec, c, *p)
	}
	if vec < c {
		epilogueForwardGeneric(y[vec:], x[vec:], from(residual, vec), scale[vec:], shift[vec:], rows, c-vec, c, *p)
	}
}

// EpilogueBackwardReduce computes from dy, the gradient of y, the gradient g1 of v for rows rows, and
// adds to the sums that the gradients of the normalisation and of the quantizer need:
//
//	sumG[c]  += sum of g1              sumGX[c] += sum of g1*(x - mean[c])
//	*dStep   += dL/dd                  *dMax    += dL/dxmax
//
// The gradient of h is that of [Quantizer.Backward], or dy if nothing is quantized; g1 is that gradient
// where ActLo < v < ActHi and 0 elsewhere. The quantizer's sums run over all elements. g1 is also the
// gradient of the residual. Subtracting the mean keeps sumGX from cancelling. g1 may be dy.
func EpilogueBackwardReduce(g1, dy, x, residual, scale, shift, mean []float32, p *Epilogue, rows int, sumG, sumGX []float64, dStep, dMax *float64) {
	c := len(scale)
	p.check(c, rows, min(len(g1), len(dy)), len(x), residual)
	if len(shift) != c || len(mean) != c || len(sumG) != c || len(sumGX) != c {
		panic("kernel: epilogue: channel vectors differ in length")
	}
	vec := vectorChannels(c)
	block := sumRows(c)
	for r := 0; r < rows; r += block {
		n := min(block, rows-r)
		o := r * c
		if vec > 0 {
			d, m := active.epilogueBackward(g1[o:], dy[o:], x[o:], from(residual, o), scale, shift, mean, sumG, sumGX, n, vec, c, *p)
			*dStep += d
			*dMax += m
		}
		if vec < c {
			o += vec
			d, m := epilogueBackwardGeneric(g1[o:], dy[o:], x[o:], from(residual, o), scale[vec:], shift[vec:], mean[vec:], sumG[vec:], sumGX[vec:], n, c-vec, c, *p)
			*dStep += d
			*dMax += m
		}
	}
}

// from is s[i:], or nil if there is no s.
func from(s []float32, i int) []float32 {
	if s == nil {
		return nil
	}
	return s[i:]
}

func (p *Epilogue) check(c, rows, lenY, lenX int, residual []float32) {
	if c < 1 || rows < 0 {
		panic("kernel: epilogue: bad number of channels or rows")
	}
	if min(lenY, lenX) < rows*c || (residual != nil && len(residual) < rows*c) {
		panic("kernel: epilogue: slice is too short")
	}
	if p.Quantize && (p.Surrogate < 0 || p.Surrogate >= surrogateCount) {
		panic("kernel: unknown surrogate")
	}
}
