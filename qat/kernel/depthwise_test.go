package kernel

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestDepthwise(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s := drawConv(t)
			n0 := rapid.IntRange(0, s.N).Draw(t, "n0")
			n1 := rapid.IntRange(n0, s.N).Draw(t, "n1")
			checkDepthwise(t, randSource(t), &s, n0, n1)
		})
	})
}

// TestDepthwiseLayers runs the shapes of real layers, in which all loops reach their steady state.
func TestDepthwiseLayers(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, c := range depthwiseLayers {
			t.Run(c.name, func(t *testing.T) {
				s := c.shape
				s.N = 2
				checkDepthwise(t, rand.New(rand.NewPCG(5, 6)), &s, 0, s.N)
			})
		}
	})
}

func checkDepthwise(t rapid.TB, r *rand.Rand, s *ConvShape, n0, n1 int) {
	t.Helper()
	in, out, taps := s.N*s.H*s.W*s.C, s.N*s.OH*s.OW*s.C, s.KH*s.KW*s.C
	x, w, dy := floats(r, in, 0), floats(r, taps, 0), floats(r, out, 0)
	y, checkY := guarded(floats(r, out, 0))
	dx, checkDX := guarded(floats(r, in, 0))
	dw, checkDW := guarded(floats(r, taps, 0))

	wantY, wantDX, wantDW := newSums(out), newSums(in), newSums(taps)
	for i := range wantY.value { // images outside the range stay as they are
		if n := i / (s.OH * s.OW * s.C); n < n0 || n >= n1 {
			wantY.add(i, float64(y[i]))
		}
	}
	for i := range wantDX.value {
		if n := i / (s.H * s.W * s.C); n < n0 || n >= n1 {
			wantDX.add(i, float64(dx[i]))
		}
	}
	for i := range wantDW.value {
		wantDW.add(i, float64(dw[i]))
	}
	s.eachTap(n0, n1, func(o, k, i int) {
		for c := range s.C {
			wantY.addProduct(o*s.C+c, x[i*s.C+c], w[k*s.C+c])
			wantDX.addProduct(i*s.C+c, dy[o*s.C+c], w[k*s.C+c])
			wantDW.addProduct(k*s.C+c, dy[o*s.C+c], x[i*s.C+c])
		}
	})

	DepthwiseForward(s, x, w, y, n0, n1)
	DepthwiseBackwardInput(s, dy, w, dx, n0, n1)
	DepthwiseBackwardWeight(s, x, dy, dw, n0, n1)
	const ulp = 6e-8
	for _, c := range []struct {
		name      string
		got       []float32
		want      sums
		tolerance float64
		guard     func() error
	}{
		{"y", y, wantY, 8 * ulp, checkY},      // at most 25 terms
		{"dx", dx, wantDX, 8 * ulp, checkDX},  // likewise
		{"dw", dw, wantDW, 30 * ulp, checkDW}, // hundreds of terms for each image
	} {
		if err := near(c.got, c.want.value, c.want.scale, c.tolerance); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := c.guard(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
	}
}

func TestDepthwiseContract(t *testing.T) {
	s := ConvShape{N: 1, H: 2, W: 2, C: 1, OH: 2, OW: 2, KH: 1, KW: 1, StrideH: 1, StrideW: 1}
	f := make([]float32, 4)
	mustPanic(t, "images", "kernel: depthwise convolution: image range outside the batch", func() { DepthwiseForward(&s, f, f, f, 0, 2) })
	mustPanic(t, "slice", "kernel: depthwise convolution: slice is too short", func() { DepthwiseForward(&s, f[:3], f, f, 0, 1) })
	s.StrideW = 0
	mustPanic(t, "stride", "kernel: convolution shape: bad stride, padding or dilation", func() { DepthwiseForward(&s, f, f, f, 0, 1) })
	s.KH = 0
	mustPanic(t, "taps", "kernel: convolution shape: extents must be positive", func() { DepthwiseForward(&s, f, f, f, 0, 1) })
}

var depthwiseLayers = []struct {
	name  string
	shape ConvShape
}{
	{"3x3s1C16at28", ConvShape{N: 8, H: 28, W: 28, C: 16, OH: 28, OW: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1}},
	{"3x3s2C32at28", ConvShape{N: 8, H: 28, W: 28, C: 32, OH: 14, OW: 14, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadTop: 1, PadLeft: 1}},
	{"3x3s1C128at7", ConvShape{N: 8, H: 7, W: 7, C: 128, OH: 7, OW: 7, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1}},
	{"5x5s2C40at14", ConvShape{N: 8, H: 14, W: 14, C: 40, OH: 7, OW: 7, KH: 5, KW: 5, StrideH: 2, StrideW: 2, PadTop: 1, PadLeft: 1}},
}

func BenchmarkDepthwise(b *testing.B) {
	benchEach(b, func(b *testing.B) {
		for _, c := range depthwiseLayers {
			s := c.shape
			r := rand.New(rand.NewPCG(1, 2))
			x, w, y := floats(r, s.N*s.H*s.W*s.C, 0), floats(r, s.KH*s.KW*s.C, 0), floats(r, s.N*s.OH*s.OW*s.C, 0)
			products := 0
			s.eachTap(0, s.N, func(int, int, int) { products += s.C })
			for _, pass := range []struct {
				name string
				run  func()
			}{
				{"forward", func() { DepthwiseForward(&s, x, w, y, 0, s.N) }},
				{"input", func() { DepthwiseBackwardInput(&s, y, w, x, 0, s.N) }},
				{"weight", func() { clear(w); DepthwiseBackwardWeight(&s, x, y, w, 0, s.N) }},
			} {
				b.Run(c.name+"/"+pass.name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						pass.run()
					}
					reportRate(b, 2*float64(products), "GFLOP/s")
				})
			}
		}
	})
}
