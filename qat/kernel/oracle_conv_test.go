package kernel

import (
	"math"

	"pgregory.net/rapid"
)

// drawConv draws a small convolution shape: any stride, dilation and padding, and outputs that may reach
// beyond the input at the bottom and the right, even as far as seeing no input at all.
func drawConv(t *rapid.T) ConvShape {
	side, taps, step := rapid.IntRange(1, 9), rapid.IntRange(1, 5), rapid.IntRange(1, 3)
	return ConvShape{
		N: rapid.IntRange(1, 3).Draw(t, "N"),
		H: side.Draw(t, "H"), W: side.Draw(t, "W"), C: rapid.IntRange(1, 37).Draw(t, "C"),
		OH: side.Draw(t, "OH"), OW: rapid.IntRange(1, 14).Draw(t, "OW"),
		KH: taps.Draw(t, "KH"), KW: taps.Draw(t, "KW"),
		StrideH: step.Draw(t, "strideH"), StrideW: step.Draw(t, "strideW"),
		PadTop: rapid.IntRange(0, 3).Draw(t, "padTop"), PadLeft: rapid.IntRange(0, 3).Draw(t, "padLeft"),
		DilationH: step.Draw(t, "dilationH"), DilationW: step.Draw(t, "dilationW"),
	}
}

// eachTap calls visit for every (output pixel, tap) that falls inside the input, with pixel numbers
// over all images. It is the definition of the convolution, tap by tap.
func (s *ConvShape) eachTap(n0, n1 int, visit func(out, tap, in int)) {
	for n := n0; n < n1; n++ {
		for oh := range s.OH {
			for ow := range s.OW {
				for kh := range s.KH {
					for kw := range s.KW {
						ih := oh*s.StrideH - s.PadTop + kh*max(1, s.DilationH)
						iw := ow*s.StrideW - s.PadLeft + kw*max(1, s.DilationW)
						if ih >= 0 && ih < s.H && iw >= 0 && iw < s.W {
							visit((n*s.OH+oh)*s.OW+ow, kh*s.KW+kw, (n*s.H+ih)*s.W+iw)
						}
					}
				}
			}
		}
	}
}

// sums accumulates products in double precision together with their magnitudes.
type sums struct{ value, scale []float64 }

func newSums(n int) sums { return sums{make([]float64, n), make([]float64, n)} }

func (s sums) add(i int, v float64) {
	s.value[i] += v
	s.scale[i] += math.Abs(v)
}

func (s sums) addProduct(i int, a, b float32) { s.add(i, float64(a)*float64(b)) }
