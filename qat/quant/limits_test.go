package quant

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestClip(t *testing.T) {
	l := Limits{DMin: 0.25, DMax: 1, XmaxMin: 0.5, XmaxMax: 4}
	for _, c := range []struct {
		name         string
		d, xmax      float32
		dc, xmaxc    float32
		dFree, xFree bool
	}{
		{"inside", 0.5, 2, 0.5, 2, true, true},
		{"on the lower bounds", 0.25, 0.5, 0.25, 0.5, true, true},
		{"on the upper bounds", 1, 4, 1, 4, true, true},
		{"below", 0.125, 0.25, 0.25, 0.5, false, false},
		{"above", 2, 8, 1, 4, false, false},
		{"one of each", 0.125, 2, 0.25, 2, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dc, xmaxc, dFree, xFree := l.Clip(c.d, c.xmax)
			if dc != c.dc || xmaxc != c.xmaxc || dFree != c.dFree || xFree != c.xFree {
				t.Errorf("got %v %v %v %v, want %v %v %v %v", dc, xmaxc, dFree, xFree, c.dc, c.xmaxc, c.dFree, c.xFree)
			}
		})
	}
}

func TestClipGradients(t *testing.T) {
	d := []float32{0.5, 0.5, 0.5, 2}
	gd := []float32{0.25, 3, -3, 1}
	gx := []float32{-0.5, -0.75, 0.5, 5}
	ClipGradients(gd, gx, d)
	if want := []float32{0.25, 0.5, -0.5, 1}; !slices.Equal(gd, want) {
		t.Errorf("gd = %v, want %v", gd, want)
	}
	if want := []float32{-0.5, -0.5, 0.5, 2}; !slices.Equal(gx, want) {
		t.Errorf("gxmax = %v, want %v", gx, want)
	}
}

// Whatever the optimiser does, a guarded slice lies within its limits and has at least one level;
// guarding it again changes d by no more than the margin.
func TestGuardAlwaysRepairs(t *testing.T) {
	for _, l := range []Limits{WeightLimits, ActivationLimits} {
		rapid.Check(t, func(t *rapid.T) {
			any := rapid.Float32Range(-1000, 1000)
			d, xmax := []float32{any.Draw(t, "d")}, []float32{any.Draw(t, "xmax")}
			Guard(d, xmax, l)
			if !(d[0] >= l.DMin && d[0] <= l.DMax && xmax[0] >= l.XmaxMin && xmax[0] <= l.XmaxMax) {
				t.Fatalf("d %v, xmax %v outside %+v", d[0], xmax[0], l)
			}
			if Levels(d[0], xmax[0]) < 1 {
				t.Fatalf("d %v, xmax %v has no level", d[0], xmax[0])
			}
			d2, x2 := slices.Clone(d), slices.Clone(xmax)
			Guard(d2, x2, l)
			// Where both were pushed to the same limit, d gives way once more.
			if e := math.Abs(float64(d2[0] - d[0])); e > Margin {
				t.Fatalf("d %v becomes %v when guarded again", d[0], d2[0])
			}
		})
	}
}

func TestGuardKeepsNaN(t *testing.T) {
	nan := float32(math.NaN())
	d, xmax := []float32{nan, 0.5}, []float32{1, nan}
	Guard(d, xmax, WeightLimits)
	for i := range d {
		if d[i] == d[i] || xmax[i] == xmax[i] {
			t.Errorf("slice %d became %v, %v: both must stay NaN", i, d[i], xmax[i])
		}
	}
}

func TestContractBreaches(t *testing.T) {
	one, two := make([]float32, 1), make([]float32, 2)
	for _, c := range []struct {
		text string
		call func()
	}{
		{"quant: gradients and steps differ in length", func() { ClipGradients(two, one, one) }},
		{"quant: gradients and steps differ in length", func() { ClipGradients(one, two, one) }},
		{"quant: steps and ranges differ in length", func() { Guard(one, two, WeightLimits) }},
		{"quant: empty slice", func() { InitGaussian(nil, 4, true) }},
		{"quant: empty slice", func() { InitPercentile(nil, nil, 50, 4, true) }},
		{"quant: empty slice", func() { InitUhlichWeights(nil, 4, true) }},
		{"quant: scratch too short", func() { InitPercentile(two, one, 50, 4, true) }},
		{"quant: percentile out of range", func() { InitPercentile(two, two, 100.5, 4, true) }},
		{"quant: percentile out of range", func() { InitPercentile(two, two, math.NaN(), 4, true) }},
		{"quant: initial bits out of range", func() { InitUhlichActivations(0, false) }},
		{"quant: initial bits out of range", func() { InitUhlichActivations(32, false) }},
	} {
		t.Run(c.text, func(t *testing.T) {
			defer func() {
				if got := recover(); got != c.text {
					t.Errorf("panic %v, want %q", got, c.text)
				}
			}()
			c.call()
		})
	}
}
