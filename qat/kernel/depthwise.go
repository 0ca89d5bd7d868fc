package kernel

// A depthwise convolution is a sum over taps of a channel-wise product. Its loops run over a rectangle
// of pixels that see the same rectangle of taps: a large one in the middle of each image and up to
// eight thin ones at the borders. So no tap is ever tested or padded inside a loop, and stride,
// dilation and kernel size are only strides of a pointer.

// runsOnStack is the number of runs of an axis for which no memory is allocated; there are at most
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
	var stack [2][runsOnStack]run
	v, h := s.vertical(), s.horizontal()
	rows, cols := v.inputRuns(stack[0][:0]), h.inputRuns(stack[1][:0])
	t := tapStrides{
		yLine: s.OW * s.C, yPixel: s.C,
		xLine: v.stride * s.W * s.C, xPixel: h.stride * s.C,
		xRow: v.dilation * s.W * s.C, xCol: h.dilation * s.C,
		wRow: s.KW * s.C, wCol: s.C,
	}
	for n := n0; n < n1; n++ {
		for _, r := range rows {
			for _, c := range cols {
				y0 := ((n*s.OH+r.first)*s.OW + c.first) * s.C
				x0 := ((n*s.H+r.from)*s.W + c.from) * s.C
				w0 := (r.tap*s.KW + c.tap) * s.C
				t.run(s.C, y, x, w, y0, x0, w0, r, c)
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
	var stack [2][runsOnStack]run
	v, h := s.vertical(), s.horizontal()
	rows, cols := v.outputRuns(stack[0][:0]), h.outputRuns(stack[1][:0])
	khStep, ohStep := v.steps()
	kwStep, owStep := h.steps()
	t := tapStrides{
		yLine: v.stride * s.W * s.C, yPixel: h.stride * s.C,
		xLine: s.OW * s.C, xPixel: s.C,
		xRow: ohStep * s.OW * s.C, xCol: owStep * s.C,
		wRow: khStep * s.KW * s.C, wCol: kwStep * s.C,
	}
	for n := n0; n < n1; n++ {
		for _, r := range rows {
			for _, c := range cols {
				dx0 := ((n*s.H+r.first)*s.W + c.first) * s.C
				dy0 := ((n*s.OH+r.from)*s.OW + c.from) * s.C
				w0 := (r.tap*s.KW + c.tap) * s.C
				t.run(s.C, dx, dy, w, dx0, dy0, w0, r, c)
			}
		}
	}
}

// tapStrides are the distances, in floats, between neighbours: lines and pixels of the result y and of
// the operand x, rows and columns of taps in x and in w.
type tapStrides struct {
	yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int
}

// run computes the pixels where a vertical and a horizontal run cross.
func (t *tapStrides) run(channels int, y, x, w []float32, y0, x0, w0 int, r, c run) {
	if r.taps == 0 || c.taps == 0 {
		for i := range r.pixels {
			for j := range c.pixels {
				clear(y[y0+i*t.yLine+j*t.yPixel:][:channels])
			}
		}
		return
	}
	vec := vectorChannels(channels)
	if vec > 0 {
		active.taps(y, x, w, y0, x0, w0, r.pixels, c.pixels, vec, r.taps, c.taps,
			t.yLine, t.yPixel, t.xLine, t.xPixel, t.xRow, t.xCol, t.wRow, t.wCol)
	}
	if vec < channels {
		tapsGeneric(y, x, w, y0+vec, x0+vec, w0+vec, r.pixels, c.pixels, channels-vec, r.taps, c.taps,
			t.yLine, t.yPixel, t.xLine, t.xPixel, t.xRow, t.xCol, t.wRow, t.wCol)
	}
}

// DepthwiseBackwardWeight adds the gradient of images n0..n1-1 to dw:
//
//	dw[kh*KW+kw,c] += sum over n,oh,ow of x[n,ih,iw,c] * dy[n,oh,ow,c].
//
// Sums over many rows of an image are formed in registers, for three taps of a row at a time where all
// three are inside the input, and then added to dw.
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
