package kernel

// ConvShape is the geometry of a convolution over NHWC tensors. Input pixel (ih, iw) meets output pixel
// (oh, ow) under the tap (kh, kw) with
//
//	ih = oh*StrideH - PadTop + kh*DilationH    iw = ow*StrideW - PadLeft + kw*DilationW
//
// Taps that fall outside the input read zero, so the padding at the bottom and the right follows from
// OH and OW. A dilation of 0 counts as 1.
type ConvShape struct {
	N, H, W, C           int // input: images, rows, columns, channels
	OH, OW               int // output rows and columns
	KH, KW               int // taps
	StrideH, StrideW     int
	PadTop, PadLeft      int
	DilationH, DilationW int
}

func (s *ConvShape) check() {
	if s.N < 0 || s.H < 1 || s.W < 1 || s.C < 1 || s.OH < 1 || s.OW < 1 || s.KH < 1 || s.KW < 1 {
		panic("kernel: convolution shape: extents must be positive")
	}
	if s.StrideH < 1 || s.StrideW < 1 || s.PadTop < 0 || s.PadLeft < 0 || s.DilationH < 0 || s.DilationW < 0 {
		panic("kernel: convolution shape: bad stride, padding or dilation")
	}
}

func (s *ConvShape) vertical() axis {
	return axis{in: s.H, out: s.OH, taps: s.KH, stride: s.StrideH, pad: s.PadTop, dilation: max(1, s.DilationH)}
}

func (s *ConvShape) horizontal() axis {
	return axis{in: s.W, out: s.OW, taps: s.KW, stride: s.StrideW, pad: s.PadLeft, dilation: max(1, s.DilationW)}
}

// axis is one dimension of a convolution: i = o*stride - pad + k*dilation.
type axis struct {
	in, out, taps, stride, pad, dilation int
}

// inside returns the taps of output o that fall inside the input: n taps from k on.
func (a axis) inside(o int) (k, n int) {
	first := o*a.stride - a.pad // input position under tap 0
	if first < 0 {
		k = (-first + a.dilation - 1) / a.dilation
	}
	end := 0
	if room := a.in - 1 - first; room >= 0 {
		end = min(a.taps, room/a.dilation+1)
	}
	if end <= k {
		return 0, 0
	}
	return k, end - k
}

// reaching returns the taps through which input i reaches an output: n taps k, k+step.k, ... with
// the outputs o, o+step.o, ... of [axis.steps].
func (a axis) reaching(i int) (k, o, n int) {
	for t := range a.taps {
		p := i + a.pad - t*a.dilation
		if p < 0 || p%a.stride != 0 || p/a.stride >= a.out {
			continue
		}
		if n == 0 {
			k, o = t, p/a.stride
		}
		n++
	}
	return k, o, n
}

// steps returns the distance of neighbouring taps in reaching. Divisibility by the stride recurs
// after stride/gcd(stride, dilation) taps.
func (a axis) steps() (k, o int) {
	g := gcd(a.stride, a.dilation)
	return a.stride / g, -a.dilation / g
}

// outputs returns the outputs lo..hi-1 at which tap k falls inside the input; lo = hi if there are none.
func (a axis) outputs(k int) (lo, hi int) {
	first := k*a.dilation - a.pad // input position under output 0
	if first < 0 {
		lo = (-first + a.stride - 1) / a.stride
	}
	if room := a.in - 1 - first; room >= 0 {
		hi = min(a.out, room/a.stride+1)
	}
	if hi < lo {
		return 0, 0
	}
	return lo, hi
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// run is a stretch of pixels, first, first+step, ..., that see the same taps.
type run struct {
	first, pixels int
	tap, taps     int // first tap and number of taps
	from          int // position on the other side of the convolution of the first pixel under the first tap
}

// inputRuns appends the runs of outputs with equal taps.
func (a axis) inputRuns(runs []run) []run {
	for o := 0; o < a.out; o++ {
		k, n := a.inside(o)
		if last := len(runs) - 1; last >= 0 && runs[last].tap == k && runs[last].taps == n {
			runs[last].pixels++
			continue
		}
		runs = append(runs, run{first: o, pixels: 1, tap: k, taps: n, from: o*a.stride - a.pad + k*a.dilation})
	}
	return runs
}

// outputRuns appends the runs of inputs, stride apart, that reach the outputs through equal taps.
func (a axis) outputRuns(runs []run) []run {
	for phase := 0; phase < min(a.stride, a.in); phase++ {
		begin := len(runs)
		for i := phase; i < a.in; i += a.stride {
			k, o, n := a.reaching(i)
			if last := len(runs) - 1; last >= begin && runs[last].tap == k && runs[last].taps == n {
				runs[last].pixels++
				continue
			}
			runs = append(runs, run{first: i, pixels: 1, tap: k, taps: n, from: o})
		}
	}
	return runs
}
