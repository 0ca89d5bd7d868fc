//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

// These cover the operating system's support of the wide registers as well.
var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
)

// avx2 is the implementation in assembly. What it does not override is that in Go.
var avx2 = func() loops {
	l := generic
	l.name, l.lanes, l.peak = "avx2", 8, fmaAVX2
	l.wide.tallLoop, l.wide.shortLoop = tiles6x16AVX2, tiles4x16AVX2
	l.narrow.tallLoop, l.narrow.shortLoop = tiles12x8AVX2, tiles8x8AVX2
	l.taps, l.dots, l.dots3 = tapsAVX2, dotsAVX2, dots3AVX2
	l.moments, l.normApply, l.add = momentsAVX2, normApplyAVX2, addAVX2
	l.epilogueForward = func(y, x, residual, scale, shift []float32, rows, cols, ld int, p Epilogue) {
		epilogueForwardAVX2(y, x, residual, scale, shift, rows, cols, ld, p.thresholds())
	}
	l.epilogueBackward = func(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p Epilogue) (dStep, dMax float64) {
		if p.Quantize && p.Surrogate > ATanh { // ablations only
			return epilogueBackwardGeneric(g1, dy, x, residual, scale, shift, mean, sumG, sumGX, rows, cols, ld, p)
		}
		return epilogueBackwardAVX2(g1, dy, x, residual, scale, shift, mean, sumG, sumGX, rows, cols, ld, p.thresholds())
	}
	return l
}()

// avx512 is avx2 with wider loops where they pay.
var avx512 = func() loops {
	l := avx2
	l.name, l.lanes, l.peak = "avx512", 16, fmaAVX512
	l.broad = tiling{cols: broadCols, tall: 12, tallLoop: tiles12x32AVX512, short: 8, shortLoop: tiles8x32AVX512}
	l.wide = tiling{cols: wideCols, tall: 12, tallLoop: tiles12x16AVX512, short: 8, shortLoop: tiles8x16AVX512}
	// Of channels that are no multiple of sixteen the last eight are left to AVX2.
	l.taps = func(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int) {
		wide := channels &^ 15
		if wide > 0 {
			tapsAVX512(y, x, w, y0, x0, w0, lines, pixels, wide, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol)
		}
		if wide < channels {
			tapsAVX2(y, x, w, y0+wide, x0+wide, w0+wide, lines, pixels, channels-wide, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol)
		}
	}
	l.dots = func(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int) {
		wide := channels &^ 15
		if wide > 0 {
			dotsAVX512(dw, x, dy, w0, x0, dy0, rows, pixels, wide, xRow, xPixel, dyRow, dyPixel)
		}
		if wide < channels {
			dotsAVX2(dw, x, dy, w0+wide, x0+wide, dy0+wide, rows, pixels, channels-wide, xRow, xPixel, dyRow, dyPixel)
		}
	}
	l.dots3 = func(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int) {
		wide := channels &^ 15
		if wide > 0 {
			dots3AVX512(dw, x, dy, w0, x0, dy0, rows, pixels, wide, xRow, xPixel, dyRow, dyPixel, xCol, wCol)
		}
		if wide < channels {
			dots3AVX2(dw, x, dy, w0+wide, x0+wide, dy0+wide, rows, pixels, channels-wide, xRow, xPixel, dyRow, dyPixel, xCol, wCol)
		}
	}
	l.epilogueBackward = func(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p Epilogue) (dStep, dMax float64) {
		if p.Quantize && p.Surrogate > ATanh {
			return avx2.epilogueBackward(g1, dy, x, residual, scale, shift, mean, sumG, sumGX, rows, cols, ld, p)
		}
		return epilogueBackwardAVX512(g1, dy, x, residual, scale, shift, mean, sumG, sumGX, rows, cols, ld, p.thresholds())
	}
	return l
}()

func init() {
	switch {
	case hasAVX512:
		active = avx512
	case hasAVX2:
		active = avx2
	}
}

//go:noescape
func fmaAVX2(rounds int)

//go:noescape
func fmaAVX512(rounds int)

// The functions below are a tileLoop each.

//go:noescape
func tiles12x32AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles8x32AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles12x16AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles8x16AVX512(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles6x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles4x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles12x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles8x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

// The functions below are those of tapsGeneric, dotsGeneric and dots3Generic for a multiple of eight
// channels, and at least one row, column and pixel.

//go:noescape
func tapsAVX2(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int)

//go:noescape
func dotsAVX2(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int)

//go:noescape
func dots3AVX2(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int)

// The functions below are the same for a multiple of sixteen channels.

//go:noescape
func tapsAVX512(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int)

//go:noescape
func dotsAVX512(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int)

//go:noescape
func dots3AVX512(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int)

// The functions below work on a multiple of eight channels and at least one row.

//go:noescape
func momentsAVX2(x, shift []float32, sum, sumSq []float64, rows, cols, ld int)

//go:noescape
func normApplyAVX2(dx, g1, x, k1, k2, k3 []float32, rows, cols, ld int)

//go:noescape
func epilogueForwardAVX2(y, x, residual, scale, shift []float32, rows, cols, ld int, p thresholds)

// epilogueBackwardAVX2 knows the surrogates STE, EWGS and ATanh.
//
//go:noescape
func epilogueBackwardAVX2(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p thresholds) (dStep, dMax float64)

//go:noescape
func addAVX2(dst, src []float32)

// epilogueBackwardAVX512 is the same, to the bit.
//
//go:noescape
func epilogueBackwardAVX512(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p thresholds) (dStep, dMax float64)
