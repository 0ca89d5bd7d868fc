package quant

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestLevelsAndBits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name             string
		d, xmax          float32
		q                int
		unsigned, signed int
	}{
		{"binary or ternary", 1, 1, 1, 1, 2},
		{"tie goes down to even", 2, 5, 2, 2, 3},
		{"tie goes up to even", 2, 7, 4, 3, 4},
		{"tie to zero still costs one bit", 2, 1, 0, 1, 1},
		{"largest 2-bit code", 0.5, 1.5, 3, 2, 3},
		{"one more takes a bit", 0.5, 2, 4, 3, 4},
		{"31 of 5 bits, where a float log2 gives 6", 1, 31, 31, 5, 6},
		{"32 of 6 bits", 1, 32, 32, 6, 7},
		{"8-bit activation", 0.1, 25.5, 255, 8, 9},
		{"widest within the limits", 0x1p-12, 127, 127 << 12, 19, 20},
		{"zero range", 1, 0, 0, 1, 1},
		{"negative step", -1, 3, 0, 1, 1},
		{"NaN range", 1, nan, 0, 1, 1},
		{"NaN step", nan, 1, 0, 1, 1},
		{"infinite range", 1, inf, math.MaxInt32, 31, 32},
		{"zero step", 0, 1, math.MaxInt32, 31, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Levels(c.d, c.xmax); got != c.q {
				t.Errorf("levels = %d, want %d", got, c.q)
			}
			if got := Bits(c.d, c.xmax, false); got != c.unsigned {
				t.Errorf("unsigned bits = %d, want %d", got, c.unsigned)
			}
			if got := Bits(c.d, c.xmax, true); got != c.signed {
				t.Errorf("signed bits = %d, want %d", got, c.signed)
			}
		})
	}
}

// drawStep and drawRange draw parameters within the limits of activations.
func drawStep(t *rapid.T) float32 {
	return rapid.Float32Range(ActivationLimits.DMin, ActivationLimits.DMax).Draw(t, "d")
}

func drawRange(t *rapid.T) float32 {
	return rapid.Float32Range(ActivationLimits.XmaxMin, ActivationLimits.XmaxMax).Draw(t, "xmax")
}

// The top level is the code of xmax itself in the forward pass, and its bits just hold it.
func TestTopLevelFitsBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, xmax := drawStep(t), drawRange(t)
		q := Levels(d, xmax)
		if top := math.RoundToEven(float64(xmax / d)); top != float64(q) {
			t.Fatalf("levels %d, forward code %v", q, top)
		}
		b := Bits(d, xmax, false)
		if q >= 1<<b || b > 1 && q < 1<<(b-1) {
			t.Fatalf("%d bits for a top code of %d", b, q)
		}
		if s := Bits(d, xmax, true); q > 0 && s != b+1 {
			t.Fatalf("%d bits signed, %d unsigned", s, b)
		}
	})
}

// A coarser step or a smaller range never costs more.
func TestBitsAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, xmax := drawStep(t), drawRange(t)
		d2 := rapid.Float32Range(d, 2*d).Draw(t, "coarser")
		x2 := rapid.Float32Range(xmax/2, xmax).Draw(t, "smaller")
		if Bits(d2, xmax, true) > Bits(d, xmax, true) {
			t.Fatalf("coarser step %v costs more", d2)
		}
		if Bits(d, x2, true) > Bits(d, xmax, true) {
			t.Fatalf("smaller range %v costs more", x2)
		}
	})
}

// Where xmax/d is whole, the straight-through gradient is that of the smooth log2(xmax/d + 1).
func TestBitsGradientIsOfTheSmoothWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.IntRange(2, 1000).Draw(t, "q")
		d := math.Ldexp(1, rapid.IntRange(-8, 2).Draw(t, "log2 d"))
		xmax := float64(q) * d
		dd, dxmax := BitsGradient(float32(d), float32(xmax), true, 1)
		smooth := func(d, xmax float64) float64 { return math.Log2(xmax/d + 1) }
		const h = 1e-6
		for _, g := range []struct {
			what      string
			got, want float64
		}{
			{"d", dd, (smooth(d*(1+h), xmax) - smooth(d*(1-h), xmax)) / (2 * h * d)},
			{"xmax", dxmax, (smooth(d, xmax*(1+h)) - smooth(d, xmax*(1-h))) / (2 * h * xmax)},
		} {
			// Central differences: relative error of order h^2 + rounding/h, some 1e-9.
			if math.Abs(g.got-g.want) > 1e-7*math.Abs(g.want) {
				t.Fatalf("gradient by %s is %v, difference quotient %v", g.what, g.got, g.want)
			}
		}
	})
}

func TestBitsGradientStopsAtTheFloor(t *testing.T) {
	for _, c := range []struct {
		name    string
		d, xmax float32
		signed  bool
		minBits int
		zero    bool
	}{
		{"ternary above a floor of 1", 1, 1, true, 1, false},
		{"ternary at a floor of 2", 1, 1, true, 2, true},
		{"binary unsigned at the floor of 1", 1, 1, false, 1, true},
		{"two bits unsigned above 1", 1, 2, false, 1, false},
		{"below the floor", 1, 3, true, 4, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dd, dxmax := BitsGradient(c.d, c.xmax, c.signed, c.minBits)
			if (dd == 0) != c.zero || (dxmax == 0) != c.zero {
				t.Errorf("gradient %v, %v; zero wanted: %v", dd, dxmax, c.zero)
			}
			if !c.zero && !(dd < 0 && dxmax > 0) {
				t.Errorf("gradient %v, %v: a larger step must cost less and a larger range more", dd, dxmax)
			}
		})
	}
}

func TestEffectiveStep(t *testing.T) {
	for _, c := range []struct {
		name    string
		d, step float32
	}{
		{"a power of two stays", 0.25, 0.25},
		{"just above stays", 0.3, 0.25},
		{"just below goes up", 0.24, 0.25},
		{"one", 1, 1},
		{"last float32 below sqrt 2", 1.4142135, 1},
		{"first float32 above sqrt 2", 1.4142137, 2},
		{"last float32 below sqrt 1/2", 0.70710677, 0.5},
		{"first float32 above sqrt 1/2", 0.7071068, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			step, scale := EffectiveStep(c.d, true)
			if step != c.step || scale != c.step/c.d {
				t.Errorf("step %v, scale %v; want %v, %v", step, scale, c.step, c.step/c.d)
			}
			if step, scale := EffectiveStep(c.d, false); step != c.d || scale != 1 {
				t.Errorf("free step %v, scale %v; want %v, 1", step, scale, c.d)
			}
		})
	}
}

// 2^k is the rounding of log2 d exactly when 2^(2k-1) < d^2 < 2^(2k+1), which rationals decide
// without a logarithm.
func TestEffectiveStepIsNearestByRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawStep(t)
		step, _ := EffectiveStep(d, true)
		if f, _ := math.Frexp(float64(step)); f != 0.5 {
			t.Fatalf("step %v is not a power of two", step)
		}
		square := new(big.Rat).SetFloat64(float64(d))
		square.Mul(square, square)
		of := new(big.Rat).SetFloat64(float64(step))
		of.Mul(of, of)
		low := new(big.Rat).Mul(of, big.NewRat(1, 2))
		high := new(big.Rat).Mul(of, big.NewRat(2, 1))
		if square.Cmp(low) < 0 || square.Cmp(high) > 0 {
			t.Fatalf("step %v for %v is more than sqrt 2 away", step, d)
		}
	})
}
