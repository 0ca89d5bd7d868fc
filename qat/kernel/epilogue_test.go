package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

var surrogates = []struct {
	name string
	s    Surrogate
}{
	{"STE", STE}, {"EWGS", EWGS}, {"ATanh", ATanh}, {"Tanh", Tanh},
	{"PBGS", PBGS}, {"PBGSUnsigned", PBGSUnsigned}, {"Acos", Acos},
}

// phiOracle is the table of the method's description, in double precision.
func phiOracle(s Surrogate, e float64) float64 {
	switch s {
	case EWGS:
		return e
	case ATanh:
		return 0.5 * math.Atanh(1.9*e) / math.Atanh(0.95)
	case Tanh:
		return 0.5 * math.Tanh(4*e)
	case PBGS, PBGSUnsigned:
		return math.Abs(e)
	case Acos:
		return 0.5 * math.Sin(math.Pi*e)
	}
	return 0
}

// element is one value's way through the epilogue in double precision, as the description states it.
type element struct {
	y, g1, dStep, dMax float64
	dStepScale         float64 // magnitude of the terms of dStep
}

// epilogueOracle expects inputs for which v is exact in float32 (see grid). The only rounding that it
// shares with the code under test is that of the division, which is part of the definition: so ties and
// edges must agree exactly.
func epilogueOracle(p *Epilogue, x, residual, scale, shift, g float32) (r element) {
	v := float64(x)*float64(scale) + float64(shift) + float64(residual)
	actLo, actHi := float64(p.ActLo), float64(p.ActHi)
	h := math.Min(math.Max(v, actLo), actHi)
	r.y, r.g1 = h, float64(g)
	if p.Quantize {
		d, top, lo := float64(p.Step), float64(p.Max), 0.0
		if p.Signed {
			lo = -top
		}
		u := float64(float32(math.Min(math.Max(h, lo), top)) / p.Step)
		rounded := math.RoundToEven(u)
		e := u - rounded
		sign := 1.0
		if g < 0 && p.Surrogate != PBGSUnsigned && p.Surrogate != Acos {
			sign = -1
		}
		s := 1 + float64(p.Delta)*sign*phiOracle(p.Surrogate, e)
		r.y = d * rounded
		r.g1 = float64(g) * s
		r.dStep = float64(g) * (rounded - s*u)
		r.dStepScale = math.Abs(float64(g)) * (math.Abs(e) + float64(p.Delta)*math.Abs(u))
		switch {
		case h >= top:
			r.dMax, r.g1 = r.g1, 0
		case h <= lo && p.Signed:
			r.dMax, r.g1 = -r.g1, 0
		case h <= lo:
			r.g1 = 0
		}
	}
	if v <= actLo || v >= actHi {
		r.g1 = 0
	}
	return r
}

// grid returns n multiples of 1/step around mean. Products of two values of grids 1/16 and 1/8 and sums
// with values of a grid 1/128 are exact in float32.
func grid(r *rand.Rand, n int, mean, step float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(math.Round((mean+r.NormFloat64())*step) / step)
	}
	return s
}

func drawEpilogue(t *rapid.T) Epilogue {
	inf := float32(math.Inf(1))
	act := rapid.SampledFrom([][2]float32{{0, 6}, {0, inf}, {-inf, inf}, {-1, 1.5}, {8, 9}, {-9, -8}}).Draw(t, "activation")
	step, top := rapid.Float32Range(0.02, 0.8).Draw(t, "step"), rapid.Float32Range(0.9, 7).Draw(t, "max")
	if rapid.Bool().Draw(t, "on grid") { // ties, and values exactly at the edges
		step, top = 0.25, float32(math.Round(float64(top)))
	}
	return Epilogue{
		ActLo: act[0], ActHi: act[1],
		Quantize: rapid.Bool().Draw(t, "quantize"),
		Quantizer: Quantizer{
			Step: step, Max: top,
			Signed:    rapid.Bool().Draw(t, "signed"),
			Surrogate: rapid.SampledFrom(surrogates).Draw(t, "surrogate").s,
			Delta:     rapid.SampledFrom([]float32{0, 5e-3, 0.3}).Draw(t, "delta"),
		},
	}
}

func TestEpilogue(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			p := drawEpilogue(t)
			rows, c := rapid.IntRange(0, 80).Draw(t, "rows"), rapid.IntRange(1, 45).Draw(t, "channels")
			withResidual := rapid.Bool().Draw(t, "residual")
			if err := checkEpilogue(randSource(t), &p, rows, c, withResidual); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func checkEpilogue(r *rand.Rand, p *Epilogue, rows, c int, withResidual bool) error {
	x, dy := grid(r, rows*c, 1, 16), floats(r, rows*c, 0)
	scale, shift, mean := grid(r, c, 1, 8), grid(r, c, 0, 128), floats(r, c, 1)
	zero := make([]float32, rows*c)
	residual, added := []float32(nil), zero
	if withResidual {
		residual = grid(r, rows*c, 0, 128)
		added = residual
	}
	want := make([]element, rows*c)
	for i := range want {
		want[i] = epilogueOracle(p, x[i], added[i], scale[i%c], shift[i%c], dy[i])
	}

	y, checkY := guarded(zero)
	EpilogueForward(y, x, residual, scale, shift, p, rows)
	for i, w := range want {
		if d := math.Abs(float64(y[i]) - w.y); d > 1e-7*math.Abs(w.y) {
			return fmt.Errorf("y[%d] = %g, want %g", i, y[i], w.y)
		}
	}
	if err := checkY(); err != nil {
		return fmt.Errorf("y: %w", err)
	}

	sumG, sumGX, step, top := newSums(c), newSums(c), newSums(1), newSums(1)
	gotG, gotGX := make([]float64, c), make([]float64, c)
	gotStep, gotMax := 0.5, -0.25 // the sums are added to what is there
	step.add(0, gotStep)
	top.add(0, gotMax)
	for i := range c {
		gotG[i], gotGX[i] = float64(i), float64(-i)
		sumG.add(i, gotG[i])
		sumGX.add(i, gotGX[i])
	}
	for i, w := range want {
		sumG.add(i%c, w.g1)
		sumGX.add(i%c, w.g1*(float64(x[i])-float64(mean[i%c])))
		step.add(0, w.dStep)
		step.scale[0] += w.dStepScale
		top.add(0, w.dMax)
	}
	g1, checkG1 := guarded(dy)
	EpilogueBackwardReduce(g1, g1, x, residual, scale, shift, mean, p, rows, gotG, gotGX, &gotStep, &gotMax)
	for i, w := range want {
		// two roundings, and delta times the error of phi
		if d := math.Abs(float64(g1[i]) - w.g1); d > 5e-7*math.Abs(float64(dy[i])) {
			return fmt.Errorf("g1[%d] = %g, want %g", i, g1[i], w.g1)
		}
	}
	if err := checkG1(); err != nil {
		return fmt.Errorf("g1: %w", err)
	}
	for _, s := range []struct {
		name string
		got  []float64
		want sums
	}{
		{"sumG", gotG, sumG}, {"sumGX", gotGX, sumGX},
		{"dStep", []float64{gotStep}, step}, {"dMax", []float64{gotMax}, top},
	} {
		for i := range s.got {
			if d := math.Abs(s.got[i] - s.want.value[i]); d > 1e-6*s.want.scale[i] {
				return fmt.Errorf("%s[%d] = %g, want %g, terms %g", s.name, i, s.got[i], s.want.value[i], s.want.scale[i])
			}
		}
	}
	return nil
}

// TestEpilogueRanges covers how the activation's range may lie to that of the quantizer, which is
// -1 to 1 or 0 to 1.
func TestEpilogueRanges(t *testing.T) {
	cases := []struct {
		name   string
		lo, hi float32
	}{
		{"wider", -5, 5}, {"narrower", -0.5, 0.5}, {"equal", -1, 1},
		{"reaches above", 0, 6}, {"reaches below", -6, 0},
		{"above", 8, 9}, {"touches above", 1, 2}, {"below", -9, -8}, {"touches below", -2, -1},
	}
	forEach(t, func(t *testing.T) {
		for _, c := range cases {
			for _, signed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/signed=%v", c.name, signed), func(t *testing.T) {
					p := Epilogue{ActLo: c.lo, ActHi: c.hi, Quantize: true,
						Quantizer: Quantizer{Step: 0.125, Max: 1, Signed: signed, Surrogate: EWGS, Delta: 0.1}}
					if err := checkEpilogue(rand.New(rand.NewPCG(5, 6)), &p, 50, 19, false); err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
}

// TestEpilogueSurrogates reads phi off a gradient of 1 with delta = 1 over the whole range of e.
func TestEpilogueSurrogates(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, s := range surrogates {
			t.Run(s.name, func(t *testing.T) {
				const rows, c = 1025, 8
				x, g := make([]float32, rows*c), make([]float32, rows*c)
				for i := range x {
					x[i] = float32(i)/(rows*c) - 0.5
					g[i] = 1
				}
				p := Epilogue{ActLo: -9, ActHi: 9, Quantize: true,
					Quantizer: Quantizer{Step: 1, Max: 8, Signed: true, Surrogate: s.s, Delta: 1}}
				ones, zeros, sums := make([]float32, c), make([]float32, c), make([]float64, c)
				for i := range ones {
					ones[i] = 1
				}
				var dStep, dMax float64
				EpilogueBackwardReduce(g, g, x, nil, ones, zeros, zeros, &p, rows, sums, sums, &dStep, &dMax)
				for i, v := range g {
					got, want := float64(v)-1, phiOracle(s.s, float64(x[i]))
					if math.Abs(got-want) > 5e-7 {
						t.Fatalf("phi(%g) = %g, want %g", x[i], got, want)
					}
				}
			})
		}
	})
}

// TestEpilogueInPlace pins the aliasing that the comments permit.
func TestEpilogueInPlace(t *testing.T) {
	forEach(t, func(t *testing.T) {
		const rows, c = 37, 21
		r := rand.New(rand.NewPCG(7, 8))
		p := Epilogue{ActHi: 6, Quantize: true, Quantizer: Quantizer{Step: 0.1, Max: 3, Surrogate: EWGS, Delta: 0.1}}
		x, res, scale, shift := floats(r, rows*c, 0), floats(r, rows*c, 0), floats(r, c, 1), floats(r, c, 0)
		y := make([]float32, rows*c)
		EpilogueForward(y, x, res, scale, shift, &p, rows)
		for _, alias := range []struct {
			name    string
			y, x, r []float32
		}{
			{"y is x", x, x, append([]float32(nil), res...)},
			{"y is the residual", res, append([]float32(nil), x...), res},
		} {
			inX := append([]float32(nil), alias.x...)
			inR := append([]float32(nil), alias.r...)
			EpilogueForward(alias.y, alias.x, alias.r, scale, shift, &p, rows)
			for i := range y {
				if alias.y[i] != y[i] {
					t.Fatalf("%s: element %d is %g, want %g", alias.name, i, alias.y[i], y[i])
				}
			}
			copy(x, inX)
			copy(res, inR)
		}
	})
}

// TestEpilogueNaN: a diverged training must not look healthy.
func TestEpilogueNaN(t *testing.T) {
	forEach(t, func(t *testing.T) {
		for _, quantize := range []bool{false, true} {
			p := Epilogue{ActHi: 6, Quantize: quantize, Quantizer: Quantizer{Step: 0.1, Max: 3}}
			x, ones := make([]float32, 9), []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
			x[2], x[8] = float32(math.NaN()), float32(math.NaN()) // in a vector and beyond it
			EpilogueForward(x, x, nil, ones, ones, &p, 1)
			for i, v := range x {
				if isNaN := v != v; isNaN != (i == 2 || i == 8) {
					t.Errorf("quantize %v: y[%d] = %g", quantize, i, v)
				}
			}
		}
	})
}

func TestEpilogueContract(t *testing.T) {
	f := make([]float32, 8)
	p := Epilogue{Quantize: true, Quantizer: Quantizer{Step: 1, Max: 2}}
	mustPanic(t, "rows", "kernel: epilogue: slice is too short", func() { EpilogueForward(f, f, nil, f[:4], f[:4], &p, 3) })
	mustPanic(t, "residual", "kernel: epilogue: slice is too short", func() { EpilogueForward(f, f, f[:3], f[:4], f[:4], &p, 1) })
	mustPanic(t, "channels", "kernel: epilogue: scale and shift differ in length", func() { EpilogueForward(f, f, nil, f[:4], f[:3], &p, 1) })
	p.Surrogate = surrogateCount
	mustPanic(t, "surrogate", "kernel: unknown surrogate", func() { EpilogueForward(f, f, nil, f[:4], f[:4], &p, 1) })
}

func BenchmarkEpilogue(b *testing.B) {
	benchEach(b, func(b *testing.B) {
		for _, c := range []int{16, 32, 128} {
			rows := 1 << 17 / c // 512 KiB: as much as the L2 cache
			r := rand.New(rand.NewPCG(1, 2))
			x, dy, y := floats(r, rows*c, 0), floats(r, rows*c, 0), make([]float32, rows*c)
			scale, shift, mean := floats(r, c, 1), floats(r, c, 0), floats(r, c, 0)
			sumG, sumGX := make([]float64, c), make([]float64, c)
			var dStep, dMax float64
			quantized := Quantizer{Step: 0.1, Max: 3, Surrogate: ATanh, Delta: 5e-3}
			bench := func(name string, streams int, run func()) {
				b.Run(fmt.Sprintf("%s/C%d", name, c), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
					reportRate(b, 4*float64(rows*c*streams), "GB/s")
				})
			}
			for _, p := range []struct {
				name string
				Epilogue
			}{
				{"relu6", Epilogue{ActHi: 6}},
				{"atanh", Epilogue{ActHi: 6, Quantize: true, Quantizer: quantized}},
			} {
				bench("forward/"+p.name, 2, func() { EpilogueForward(y, x, nil, scale, shift, &p.Epilogue, rows) })
				bench("backward/"+p.name, 3, func() {
					EpilogueBackwardReduce(y, dy, x, nil, scale, shift, mean, &p.Epilogue, rows, sumG, sumGX, &dStep, &dMax)
				})
			}
			bench("moments", 1, func() { Moments(x, rows, shift, sumG, sumGX) })
			bench("apply", 3, func() { NormBackwardApply(y, dy, x, scale, shift, mean, rows) })
		}
	})
}

// TestAssemblyAgreesToTheBit: what is measured on one machine with assembly can be repeated on any other.
func TestAssemblyAgreesToTheBit(t *testing.T) {
	saved := active
	defer func() { active = saved }()
	for _, c := range []int{8, 16, 24, 32, 88} {
		for surrogate := STE; surrogate <= ATanh; surrogate++ {
			const rows = 75
			r := rand.New(rand.NewPCG(1, uint64(c)))
			x, dy, residual := floats(r, rows*c, 0), floats(r, rows*c, 0), floats(r, rows*c, 0)
			scale, shift, mean := floats(r, c, 1), floats(r, c, 0), floats(r, c, 0)
			s := ConvShape{N: 3, H: 5, W: 5, C: c, OH: 5, OW: 5, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1}
			w := floats(r, 9*c, 0)
			var want [][]float32
			var wantSums []float64
			var from string
			for _, l := range implementations() {
				if l.name == generic.name { // rounds in other places
					continue
				}
				active = l
				p := Epilogue{ActHi: 6, Quantize: true, Quantizer: Quantizer{Step: 0.1, Max: 2, Surrogate: surrogate, Delta: 5e-3}}
				g1, y, dx, dw := make([]float32, rows*c), make([]float32, rows*c), make([]float32, rows*c), make([]float32, 9*c)
				sums := make([]float64, 2*c+2)
				EpilogueBackwardReduce(g1, dy, x, residual, scale, shift, mean, &p, rows, sums[:c], sums[c:2*c], &sums[2*c], &sums[2*c+1])
				DepthwiseForward(&s, x, w, y, 0, s.N)
				DepthwiseBackwardInput(&s, dy, w, dx, 0, s.N)
				DepthwiseBackwardWeight(&s, x, dy, dw, 0, s.N)
				got := [][]float32{g1, y, dx, dw}
				if want == nil {
					want, wantSums, from = got, sums, l.name
					continue
				}
				for i := range got {
					for j := range got[i] {
						if got[i][j] != want[i][j] {
							t.Fatalf("%d channels, surrogate %d: result %d, element %d is %v with %s and %v with %s", c, surrogate, i, j, got[i][j], l.name, want[i][j], from)
						}
					}
				}
				for i := range sums {
					if sums[i] != wantSums[i] {
						t.Fatalf("%d channels, surrogate %d: sum %d is %v with %s and %v with %s", c, surrogate, i, sums[i], l.name, wantSums[i], from)
					}
				}
			}
		}
	}
}
