package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestQuantizerForward(t *testing.T) {
	// d = 1/4 and xmax = 1: all values are exact, ties go to the even multiple.
	cases := []struct {
		x                float32
		signed, unsigned float32
	}{
		{0, 0, 0},
		{0.125, 0, 0},     // tie between 0 and 1
		{0.375, 0.5, 0.5}, // tie between 1 and 2
		{0.625, 0.5, 0.5}, // tie between 2 and 3
		{0.6251, 0.75, 0.75},
		{-0.125, 0, 0},
		{-0.375, -0.5, 0},
		{-0.3749, -0.25, 0},
		{1, 1, 1},
		{7, 1, 1},
		{-7, -1, 0},
		{float32(math.Inf(1)), 1, 1},
		{float32(math.Inf(-1)), -1, 0},
	}
	for _, c := range cases {
		for _, q := range []struct {
			signed bool
			want   float32
		}{{true, c.signed}, {false, c.unsigned}} {
			quantizer := Quantizer{Step: 0.25, Max: 1, Signed: q.signed}
			y := []float32{0}
			quantizer.Forward(y, []float32{c.x}, 1, 1)
			if y[0] != q.want {
				t.Errorf("signed %v: quantize(%g) = %g, want %g", q.signed, c.x, y[0], q.want)
			}
		}
	}
}

// TestQuantizerWithinHalfAStep: a value inside the range moves by at most half a step, and a second
// pass changes nothing.
func TestQuantizerWithinHalfAStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quantizer{
			Step:   rapid.Float32Range(0.01, 1).Draw(t, "step"),
			Signed: rapid.Bool().Draw(t, "signed"),
		}
		q.Max = q.Step * float32(rapid.IntRange(1, 255).Draw(t, "levels"))
		x := rapid.Float32Range(q.low(), q.Max).Draw(t, "x")
		y, again := []float32{0}, []float32{0}
		q.Forward(y, []float32{x}, 1, 1)
		if d := math.Abs(float64(y[0]) - float64(x)); d > 0.5*float64(q.Step)+1e-6*math.Abs(float64(x)) {
			t.Fatalf("quantize(%g) = %g is %g away", x, y[0], d)
		}
		q.Forward(again, y, 1, 1)
		if again[0] != y[0] {
			t.Fatalf("quantize(%g) = %g, quantized again %g", x, y[0], again[0])
		}
	})
}

// TestQuantizerBackward compares with the description, which the oracle of the epilogue states; h is
// exact because it is the input.
func TestQuantizerBackward(t *testing.T) {
	for _, s := range surrogates {
		for _, signed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/signed=%v", s.name, signed), func(t *testing.T) {
				const n, stride = 300, 3
				r := rand.New(rand.NewPCG(9, 10))
				p := Epilogue{
					ActLo: float32(math.Inf(-1)), ActHi: float32(math.Inf(1)), Quantize: true,
					Quantizer: Quantizer{Step: 0.13, Max: 1.1, Signed: signed, Surrogate: s.s, Delta: 0.2},
				}
				x, g := floats(r, n*stride, 0), floats(r, n*stride, 0)
				x[0], x[stride], x[2*stride] = p.Max, -p.Max, 0 // the edges belong to the saturated side
				dx := append([]float32(nil), g...)
				gotStep, gotMax := p.Backward(dx, g, x, n, stride)
				var step, top, scale float64
				for i := range x {
					if i%stride != 0 {
						if dx[i] != g[i] {
							t.Fatalf("element %d between the slice's was written", i)
						}
						continue
					}
					want := epilogueOracle(&p, x[i], 0, 1, 0, g[i])
					if math.Abs(float64(dx[i])-want.g1) > 3e-7*math.Abs(float64(g[i])) {
						t.Fatalf("dx[%d] = %g, want %g", i, dx[i], want.g1)
					}
					step += want.dStep
					top += want.dMax
					scale += math.Abs(float64(g[i]))
				}
				if math.Abs(gotStep-step) > 1e-6*scale || math.Abs(gotMax-top) > 1e-6*scale {
					t.Errorf("dStep, dMax = %g, %g, want %g, %g", gotStep, gotMax, step, top)
				}
			})
		}
	}
}

// TestSurrogatesMeet pins the values that the table of the method gives at e = 1/2.
func TestSurrogatesMeet(t *testing.T) {
	want := map[Surrogate]float64{STE: 0, EWGS: 0.5, ATanh: 0.5, Tanh: 0.482014, PBGS: 0.5, PBGSUnsigned: 0.5, Acos: 0.5}
	for _, s := range surrogates {
		if got := float64(s.s.phi(0.5)); math.Abs(got-want[s.s]) > 1e-6 {
			t.Errorf("%s: phi(1/2) = %g, want %g", s.name, got, want[s.s])
		}
		if got := s.s.phi(0); got != 0 {
			t.Errorf("%s: phi(0) = %g, want 0", s.name, got)
		}
	}
}

func TestQuantizerContract(t *testing.T) {
	f := make([]float32, 7)
	q := Quantizer{Step: 1, Max: 2}
	q.Forward(f, f, 3, 3) // elements 0, 3 and 6
	mustPanic(t, "short", "kernel: Quantizer: slice is too short", func() { q.Forward(f, f, 4, 2+1) })
	mustPanic(t, "stride", "kernel: Quantizer: bad count or stride", func() { q.Forward(f, f, 1, 0) })
	q.Surrogate = surrogateCount
	mustPanic(t, "surrogate", "kernel: unknown surrogate", func() { q.Backward(f, f, f, 1, 1) })
}
