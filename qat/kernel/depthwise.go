package kernel

// A depthwise convolution is a sum over taps of a channel-wise product. Its loops run along a stretch
// of pixels that see the same rectangle of taps: one long stretch in the middle of each row and a few
// short ones at the borders. So no tap is ever tested or padded inside a loop, and stride, dilation
// and kernel size are only strides of a pointer.

// runsOnStack is the number of runs for which no memory is allocated; a row has at most
// 2*taps+1 of them for each phase of the stride.
const runsOnStack = 32

// dotTerms bounds the number of terms that are added in one register, and with it the rounding error of a
// large image.
const dotTerms = 1024

// DepthwiseForward computes images n0..n1-1 of
//
//	y[n,oh,ow,c] = sum over kh,kw of x[n,ih,iw,c] * w[kh*KW+kw,c].
func DepthwiseForward(s *ConvShape, x, w, y []float32, n0, n1 int) {
	s.checkDepthwise(x, w, y, n0, n1)
	var stack [runsOnStack]run
	v, h := s.vertical(), s.horizontal()
	runs := h.inputRuns(stack[:0])
	xRow := v.dilation * s.W * s.C
	for n := n0; n < n1; n++ {
		for oh := range s.OH {
			kh, rows := v.inside(oh)
			ih := oh*v.stride - v.pad + kh*v.dilation
			for _, r := range runs {
				y0 := ((n*s.OH+oh)*s.OW + r.first) * s.C
				if rows == 0 || r.taps == 0 {
					clear(y[y0 : y0+r.pixels*s.C])
					continue
				}
				x0 := ((n*s.H+ih)*s.W + r.from) * s.C
				w0 := (kh*s.KW + r.tap) * s.C
				allTaps(s.C, y, x, w, y0, x0, w0, r.pixels, rows, r.taps,
					s.C, h.stride*s.C, xRow, h.dilation*s.C, s.KW*s.C, s.C)
			}
		}
	}
}

// DepthwiseBackwardInput overwrites images n0..n1-1 of dx with the gradient
//
//	dx[n,ih,iw,c] = sum over the kh,kw that map to an output of dy[n,oh,ow,c] * w[kh*KW+kw,c].
//
// Inputs whose position differs by the stride see the same taps, so each phase of the stride is
// a convolution of dy with stride 1.
func DepthwiseBackwardInput(s *ConvShape, dy, w, dx []float32, n0, n1 int) {
	s.checkDepthwise(dx, w, dy, n0, n1)
	var stack [runsOnStack]run
	v, h := s.vertical(), s.horizontal()
	runs := h.outputRuns(stack[:0])
	khStep, ohStep := v.steps()
	kwStep, owStep := h.steps()
	for n := n0; n < n1; n++ {
		for ih := range s.H {
			kh, oh, rows := v.reaching(ih)
			for _, r := range runs {
				x0 := ((n*s.H+ih)*s.W + r.first) * s.C
				if rows == 0 || r.taps == 0 {
					for p := range r.pixels {
						i := x0 + p*h.stride*s.C
						clear(dx[i : i+s.C])
					}
					continue
				}
				dy0 := ((n*s.OH+oh)*s.OW + r.from) * s.C
				w0 := (kh*s.KW + r.tap) * s.C
				allTaps(s.C, dx, dy, w, x0, dy0, w0, r.pixels, rows, r.taps,
					h.stride*s.C, s.C, ohStep*s.OW*s.C, owStep*s.C, khStep*s.KW*s.C, kwStep*s.C)
			}
		}
	}
}

// allTaps runs the taps loop over all channels.
func allTaps(channels int, y, x, w []float32, y0, x0, w0, pixels, rows, cols, yPixel, xPixel, xRow, xCol, wRow, wCol int) {
	vec := vectorChannels(channels)
	if vec > 0 {
		active.taps(y, x, w, y0, x0, w0, pixels, vec, rows, cols, yPixel, xPixel, xRow, xCol, wRow, wCol)
	}
	if vec < channels {
		tapsGeneric(y, x, w, y0+vec, x0+vec, w0+vec, pixels, channels-vec, rows, cols, yPixel, xPixel, xRow, xCol, wRow, wCol)
	}
}

// DepthwiseBackwardWeight adds the gradient of images n0..n1-1 to dw:
//
//	dw[kh*KW+kw,c] += sum over n,oh,ow of x[n,ih,iw,c] * dy[n,oh,ow,c].
//
// Sums over many rows of an image are formed in registers, for three taps of a row at a time where all three
// are inside the input, and then added to dw.
func DepthwiseBackwardWeight(s *ConvShape, x, dy, dw []float32, n0, n1 int) {
	s.checkDepthwise(x, dw, dy, n0, n1)
	v, h := s.vertical(), s.horizontal()
	rows := max(1, dotTerms/s.OW)
	for n := n0; n < n1; n++ {
		for kh := range s.KH {
			first, end := v.outputs(kh)
			for oh := first; oh < end; oh += rows {
				d := weightRow{s: s, h: h, x: x, dy: dy, dw: dw, kh: kh, rows: min(rows, end-oh),
					xRow:  (n*s.H + oh*v.stride - v.pad + kh*v.dilation) * s.W,
					dyRow: (n*s.OH + oh) * s.OW}
				kw := 0
				for ; kw+3 <= s.KW; kw += 3 {
					d.three(kw)
				}
				for ; kw < s.KW; kw++ {
					d.one(kw, 0, s.OW)
				}
			}
		}
	}
}

// weightRow is the part of a weight gradient that some rows of one image add to the taps (kh, *).
type weightRow struct {
	s           *ConvShape
	h           axis
	x, dy, dw   []float32
	kh, rows    int
	xRow, dyRow int // pixel index of the first input row and output row
}

// three adds to the taps kw, kw+1 and kw+2: the outputs that all three see, then the rest tap by tap.
func (d *weightRow) three(kw int) {
	lo, hi := 0, d.s.OW
	for t := range 3 {
		first, end := d.h.outputs(kw + t)
		lo, hi = max(lo, first), min(hi, end)
	}
	if lo >= hi {
		lo, hi = 0, 0
	} else {
		d.add(kw, 3, lo, hi)
	}
	for t := range 3 {
		d.one(kw+t, 0, lo)
		d.one(kw+t, hi, d.s.OW)
	}
}

// one adds the outputs lo..hi-1 to the tap kw, as far as it is inside the input.
func (d *weightRow) one(kw, lo, hi int) {
	first, end := d.h.outputs(kw)
	if lo, hi = max(lo, first), min(hi, end); lo < hi {
		d.add(kw, 1, lo, hi)
	}
}

// add adds the outputs lo..hi-1 to one tap or to three neighbouring ones.
func (d *weightRow) add(kw, taps, lo, hi int) {
	c := d.s.C
	w0 := (d.kh*d.s.KW + kw) * c
	x0 := (d.xRow + lo*d.h.stride - d.h.pad + kw*d.h.dilation) * c
	dy0 := (d.dyRow + lo) * c
	xRow, xPixel, dyRow, xCol := d.s.StrideH*d.s.W*c, d.h.stride*c, d.s.OW*c, d.h.dilation*c
	vec := vectorChannels(c)
	switch {
	case vec == 0:
	case taps == 3:
		active.dots3(d.dw, d.x, d.dy, w0, x0, dy0, d.rows, hi-lo, vec, xRow, xPixel, dyRow, c, xCol, c)
	default:
		active.dots(d.dw, d.x, d.dy, w0, x0, dy0, d.rows, hi-lo, vec, xRow, xPixel, dyRow, c)
	}
	if vec == c {
		return
	}
	for t := range taps {
		dotsGeneric(d.dw, d.x, d.dy, w0+vec+t*c, x0+vec+t*xCol, dy0+vec, d.rows, hi-lo, c-vec, xRow, xPixel, dyRow, c)
	}
}

func (s *ConvShape) checkDepthwise(x, w, y []float32, n0, n1 int) {
	s.check()
	if n0 < 0 || n1 > s.N || n0 > n1 {
		panic("kernel: depthwise convolution: image range outside the batch")
	}
	if len(x) < n1*s.H*s.W*s.C || len(y) < n1*s.OH*s.OW*s.C || len(w) < s.KH*s.KW*s.C {
		panic("kernel: depthwise convolution: slice is too short")
	}
}
