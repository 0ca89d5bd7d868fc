package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// gemmOracle returns the product in double precision and the sums of magnitudes.
func gemmOracle(m, n, k int, a []float32, ars, acs int, b []float32, ldb int, c []float32, ldc int, accumulate bool) (want, scale []float64) {
	want, scale = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			var sum, mag float64
			if accumulate {
				sum = float64(c[i*ldc+j])
				mag = math.Abs(sum)
			}
			for l := range k {
				p := float64(a[i*ars+l*acs]) * float64(b[l*ldb+j])
				sum += p
				mag += math.Abs(p)
			}
			want[i*n+j], scale[i*n+j] = sum, mag
		}
	}
	return want, scale
}

type gemmCase struct {
	m, n, k          int
	transposed       bool
	padA, padB, padC int
	accumulate       bool
}

func (g gemmCase) check(r *rand.Rand) error {
	ars, acs := g.k+g.padA, 1
	if g.transposed {
		ars, acs = 1, g.m+g.padA
	}
	ldb, ldc := g.n+g.padB, g.n+g.padC
	a, checkA := guarded(floats(r, (g.m-1)*ars+(g.k-1)*acs+1, 0))
	b, checkB := guarded(floats(r, (g.k-1)*ldb+g.n, 0))
	c, checkC := guarded(floats(r, (g.m-1)*ldc+g.n, 0))
	before := append([]float32(nil), c...)
	want, scale := gemmOracle(g.m, g.n, g.k, a, ars, acs, b, ldb, c, ldc, g.accumulate)
	var s Scratch
	Gemm(&s, g.m, g.n, g.k, a, ars, acs, b, ldb, c, ldc, g.accumulate)
	for _, err := range []error{checkA(), checkB(), checkC()} {
		if err != nil {
			return err
		}
	}
	for i := range g.m {
		row := c[i*ldc : i*ldc+g.n]
		// k sums in float32, each within half an ULP: at most k*2^-24 of the magnitudes, in
		// practice about its root.
		tolerance := 6e-8 * (2 + 3*math.Sqrt(float64(g.k)))
		if err := near(row, want[i*g.n:(i+1)*g.n], scale[i*g.n:(i+1)*g.n], tolerance); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
		for j := i*ldc + g.n; j < min((i+1)*ldc, len(c)); j++ {
			if c[j] != before[j] {
				return fmt.Errorf("row %d: column %d between the rows was written", i, j-i*ldc)
			}
		}
	}
	return nil
}

func TestGemmShapes(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			pad := rapid.IntRange(0, 9)
			g := gemmCase{
				m:          rapid.IntRange(1, 70).Draw(t, "m"),
				n:          rapid.IntRange(1, 70).Draw(t, "n"),
				k:          rapid.IntRange(1, 70).Draw(t, "k"),
				transposed: rapid.Bool().Draw(t, "transposed"),
				padA:       pad.Draw(t, "padA"), padB: pad.Draw(t, "padB"), padC: pad.Draw(t, "padC"),
				accumulate: rapid.Bool().Draw(t, "accumulate"),
			}
			if err := g.check(randSource(t)); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestGemmBlocks crosses each block border: depth 128, columns 256, rows 192.
func TestGemmBlocks(t *testing.T) {
	cases := []struct {
		name string
		gemmCase
	}{
		{"depth", gemmCase{m: 13, n: 17, k: 257}},
		{"depth, transposed", gemmCase{m: 32, n: 24, k: 600, transposed: true, accumulate: true}},
		{"columns", gemmCase{m: 30, n: 530, k: 20, accumulate: true}},
		{"columns in place", gemmCase{m: 8, n: 272, k: 20}},
		{"rows", gemmCase{m: 400, n: 10, k: 9}},
		{"rows, odd columns, accumulating", gemmCase{m: 391, n: 19, k: 9, accumulate: true}},
		{"all", gemmCase{m: 199, n: 259, k: 261, padA: 3, padB: 5, padC: 7}},
		{"one", gemmCase{m: 1, n: 1, k: 1}},
	}
	forEach(t, func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if err := c.check(rand.New(rand.NewPCG(1, 2))); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// TestGemmElementsAreIndependent computes the same product in one call and in blocks of odd sizes: the
// bits must agree, because callers divide rows and columns among threads.
func TestGemmElementsAreIndependent(t *testing.T) {
	forEach(t, func(t *testing.T) {
		const m, n, k = 211, 40, 300
		r := rand.New(rand.NewPCG(3, 4))
		a, b := floats(r, m*k, 0), floats(r, k*n, 0)
		c := floats(r, m*n, 0)
		whole, parts := append([]float32(nil), c...), append([]float32(nil), c...)
		var s Scratch
		Gemm(&s, m, n, k, a, k, 1, b, n, whole, n, true)
		for i, rows := 0, 1; i < m; i, rows = i+rows, 1+rows*5/4 {
			rows = min(rows, m-i)
			for j, cols := 0, 1; j < n; j, cols = j+cols, cols+2 {
				cols = min(cols, n-j)
				Gemm(&s, rows, cols, k, a[i*k:], k, 1, b[j:], n, parts[i*n+j:], n, true)
			}
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("element %d: %g in one call, %g in parts", i, whole[i], parts[i])
			}
		}
	})
}

func TestGemmEmptySum(t *testing.T) {
	c := []float32{1, 2, 3, 4}
	var s Scratch
	Gemm(&s, 2, 1, 0, nil, 0, 1, nil, 1, c, 2, true)
	if c[0] != 1 || c[2] != 3 {
		t.Errorf("accumulating an empty sum changed C to %v", c)
	}
	Gemm(&s, 2, 1, 0, nil, 0, 1, nil, 1, c, 2, false)
	if want := [4]float32{0, 2, 0, 4}; [4]float32(c) != want {
		t.Errorf("an empty sum gave %v, want %v", c, want)
	}
}

func TestGemmContract(t *testing.T) {
	var s Scratch
	f := make([]float32, 5)
	mustPanic(t, "short A", "kernel: Gemm: A is too short", func() { Gemm(&s, 2, 1, 3, f, 3, 1, f, 1, f, 1, false) })
	mustPanic(t, "short B", "kernel: Gemm: B is too short", func() { Gemm(&s, 1, 2, 3, f, 3, 1, f, 2, f, 2, false) })
	mustPanic(t, "short C", "kernel: Gemm: C is too short", func() { Gemm(&s, 3, 2, 1, f, 1, 1, f, 2, f, 2, false) })
	mustPanic(t, "overlapping rows", "kernel: Gemm: C is too short", func() { Gemm(&s, 1, 2, 1, f, 1, 1, f, 2, f, 1, false) })
	mustPanic(t, "negative", "kernel: Gemm: negative extent or stride", func() { Gemm(&s, -1, 2, 1, f, 1, 1, f, 2, f, 1, false) })
}

func BenchmarkGemm(b *testing.B) {
	cases := []struct {
		name       string
		m, n, k    int
		transposed bool
	}{
		{"25088x32x8", 25088, 32, 8, false},
		{"25088x8x16", 25088, 8, 16, false},
		{"6272x64x16", 6272, 64, 16, false},
		{"6272x128x32", 6272, 128, 32, false},
		{"480x480x480", 480, 480, 480, false},
		{"392x1280x320", 392, 1280, 320, false},
		{"grad32x8x100352", 32, 8, 100352, true},
		{"grad8x32x100352", 8, 32, 100352, true},
		{"grad128x32x6272", 128, 32, 6272, true},
		{"grad32x128x6272", 32, 128, 6272, true},
	}
	benchEach(b, func(b *testing.B) {
		for _, c := range cases {
			b.Run(c.name, func(b *testing.B) {
				if active.name == generic.name && testing.Short() {
					b.Skip("slow")
				}
				r := rand.New(rand.NewPCG(1, 2))
				ars, acs := c.k, 1
				if c.transposed {
					ars, acs = 1, c.m
				}
				x, y, z := floats(r, c.m*c.k, 0), floats(r, c.k*c.n, 0), make([]float32, c.m*c.n)
				var s Scratch
				Gemm(&s, c.m, c.n, c.k, x, ars, acs, y, c.n, z, c.n, false) // grows the scratch memory
				b.ReportAllocs()
				for b.Loop() {
					Gemm(&s, c.m, c.n, c.k, x, ars, acs, y, c.n, z, c.n, c.transposed)
				}
				reportRate(b, 2*float64(c.m)*float64(c.n)*float64(c.k), "GFLOP/s")
			})
		}
	})
}

// reportRate reports work per iteration as 1e9 per second.
func reportRate(b *testing.B, work float64, unit string) {
	b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, unit)
}

// TestGemmBitsAgree: the assembly adds the terms of a sum in one order, whatever the width of its
// vectors, so that a training run gives the same bits on machines with and without AVX-512.
func TestGemmBitsAgree(t *testing.T) {
	var want []float32
	saved := active
	defer func() { active = saved }()
	for _, l := range implementations() {
		if l.name == generic.name { // rounds each product
			continue
		}
		active = l
		const m, n, k = 101, 77, 300
		r := rand.New(rand.NewPCG(5, 6))
		a, b, c := floats(r, m*k, 0), floats(r, k*n, 0), floats(r, m*n, 0)
		var s Scratch
		Gemm(&s, m, n, k, a, k, 1, b, n, c, n, true)
		if want == nil {
			want = c
			continue
		}
		for i := range c {
			if c[i] != want[i] {
				t.Fatalf("%s: element %d is %v, want %v", l.name, i, c[i], want[i])
			}
		}
	}
}

// BenchmarkPeak is the rate that BenchmarkGemm can be held against.
func BenchmarkPeak(b *testing.B) {
	benchEach(b, func(b *testing.B) {
		work := 0.0
		for b.Loop() {
			work = PeakLoop(1 << 16)
		}
		reportRate(b, work, "GFLOP/s")
	})
}
