package kernel

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestPatches(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s := drawConv(t)
			lo := rapid.IntRange(0, s.C-1).Draw(t, "lo")
			g := Channels{lo, rapid.IntRange(lo+1, s.C).Draw(t, "hi")}
			rows := s.N * s.OH * s.OW
			row0 := rapid.IntRange(0, rows).Draw(t, "row0")
			row1 := rapid.IntRange(row0, rows).Draw(t, "row1")
			r := randSource(t)
			width := g.Hi - g.Lo
			length := s.KH * s.KW * width
			x := floats(r, s.N*s.H*s.W*s.C, 0)
			patches, checkPatches := guarded(floats(r, (row1-row0)*length, 0))
			src := floats(r, (row1-row0)*length, 0)
			dx, checkDX := guarded(floats(r, len(x), 0))

			want := make([]float32, len(patches))
			wantDX := newSums(len(dx))
			for i, v := range dx {
				wantDX.add(i, float64(v))
			}
			s.eachTap(0, s.N, func(o, k, i int) {
				if o < row0 || o >= row1 {
					return
				}
				for c := range width {
					at := (o-row0)*length + k*width + c
					want[at] = x[i*s.C+g.Lo+c]
					wantDX.add(i*s.C+g.Lo+c, float64(src[at]))
				}
			})

			Im2colRows(&s, g, x, row0, row1, patches)
			for i := range want {
				if patches[i] != want[i] {
					t.Fatalf("patch element %d is %g, want %g", i, patches[i], want[i])
				}
			}
			Col2imRowsAdd(&s, g, src, row0, row1, dx)
			if err := near(dx, wantDX.value, wantDX.scale, 5e-7); err != nil { // at most 26 terms
				t.Fatal("dx: ", err)
			}
			if err := checkPatches(); err != nil {
				t.Fatal("patches: ", err)
			}
			if err := checkDX(); err != nil {
				t.Fatal("dx: ", err)
			}
		})
	})
}

func TestPatchesContract(t *testing.T) {
	s := ConvShape{N: 1, H: 2, W: 2, C: 2, OH: 2, OW: 2, KH: 1, KW: 1, StrideH: 1, StrideW: 1}
	f := make([]float32, 8)
	mustPanic(t, "channels", "kernel: patches: bad channel range", func() { Im2colRows(&s, Channels{1, 3}, f, 0, 1, f) })
	mustPanic(t, "rows", "kernel: patches: bad row range", func() { Im2colRows(&s, Channels{0, 2}, f, 3, 5, f) })
	mustPanic(t, "slice", "kernel: patches: slice is too short", func() { Im2colRows(&s, Channels{0, 2}, f, 0, 4, f[:7]) })
}

func BenchmarkPatches(b *testing.B) {
	benchEach(b, func(b *testing.B) {
		for _, c := range []struct {
			name  string
			shape ConvShape
		}{
			{"stemC1at28", ConvShape{N: 8, H: 28, W: 28, C: 1, OH: 28, OW: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1}},
			{"stemC3at32", ConvShape{N: 8, H: 32, W: 32, C: 3, OH: 16, OW: 16, KH: 3, KW: 3, StrideH: 2, StrideW: 2}},
			{"3x3C16at28", ConvShape{N: 8, H: 28, W: 28, C: 16, OH: 28, OW: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1}},
		} {
			s := c.shape
			r := rand.New(rand.NewPCG(1, 2))
			const block = 64 // rows at a time, as callers do
			x, patches := floats(r, s.N*s.H*s.W*s.C, 0), make([]float32, block*s.KH*s.KW*s.C)
			rows, all := s.N*s.OH*s.OW, Channels{0, s.C}
			b.Run(c.name+"/im2col", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for row := 0; row < rows; row += block {
						Im2colRows(&s, all, x, row, min(row+block, rows), patches)
					}
				}
				reportRate(b, 4*float64(rows*s.KH*s.KW*s.C), "GB/s")
			})
			b.Run(c.name+"/col2im", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for row := 0; row < rows; row += block {
						Col2imRowsAdd(&s, all, patches, row, min(row+block, rows), x)
					}
				}
				reportRate(b, 4*float64(rows*s.KH*s.KW*s.C), "GB/s")
			})
		}
	})
}
