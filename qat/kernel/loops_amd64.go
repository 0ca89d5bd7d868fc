//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

// hasAVX2 covers the operating system's support of the wide registers as well.
var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// avx2 is the implementation in assembly. What it does not override is that in Go.
var avx2 = func() loops {
	l := generic
	l.name = "avx2"
	l.wide.tallLoop, l.wide.shortLoop = tiles6x16AVX2, tiles4x16AVX2
	l.narrow.tallLoop, l.narrow.shortLoop = tiles12x8AVX2, tiles8x8AVX2
	return l
}()

func init() {
	if hasAVX2 {
		active = avx2
	}
}

// The functions below are a tileLoop each.

//go:noescape
func tiles6x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles4x16AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles12x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)

//go:noescape
func tiles8x8AVX2(tiles, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool)
