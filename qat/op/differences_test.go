package op

import (
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// The gradient of every op in float mode agrees with central differences of the op itself, along
// single coordinates and along random directions.
//
// Where the result is linear in an input the difference is exact for any distance h, and a large one leaves
// nothing but rounding. Elsewhere two distances are combined (Richardson), which leaves an error of
// order h^4 beside the float32 rounding of about 1e-7/h. Points at which an element of the result
// passes a corner of ReLU or ReLU6 on the way are left out, which must be few.
func TestGradientsAgainstDifferences(t *testing.T) {
	eachOp(t, func(t *testing.T, c opCase) {
		b := c.assemble(t, 3, 1, false, 1)
		base := b.loss()
		if math.IsNaN(base) || base == 0 {
			t.Fatalf("the result is %v", base)
		}
		corners := b.corners(c)
		checked, passed := 0, 0
		for _, in := range b.wrt {
			b.run()
			g := slices.Clone(b.grad(in))
			if slices.Contains(b.quantizers, in) {
				if slices.ContainsFunc(g, func(v float32) bool { return v != 0 }) {
					t.Errorf("%s has gradient %v while nothing is quantized", in.Name(), g)
				}
				continue
			}
			scale := 0.0
			for _, v := range g {
				scale = max(scale, math.Abs(float64(v)))
			}
			for at, direction := range b.directions(len(g)) {
				numeric, ok := b.difference(in, direction, c, corners)
				if !ok {
					passed++
					continue
				}
				checked++
				analytic, size := 0.0, 0.0
				for i, v := range direction {
					analytic += float64(v) * float64(g[i])
					size += float64(v) * float64(v)
				}
				tol := 3e-4
				if c.linear {
					tol = 5e-6
				}
				if e := math.Abs(numeric - analytic); !(e <= tol*scale*math.Sqrt(size)) {
					t.Errorf("%s: derivative along direction %d is %.7g, differences say %.7g: error %.2g of the largest gradient",
						in.Name(), at, analytic, numeric, e/scale/math.Sqrt(size))
				}
			}
		}
		if checked == 0 || passed > checked/2 {
			t.Errorf("%d directions checked, %d passed a corner", checked, passed)
		}
	})
}

// directions returns up to 16 coordinates and 4 random combinations of all.
func (b *opBuilder) directions(n int) [][]float32 {
	var all [][]float32
	for _, i := range b.src.Perm(n)[:min(n, 16)] {
		v := make([]float32, n)
		v[i] = 1
		all = append(all, v)
	}
	for range 4 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(2*b.src.IntN(2)-1) / float32(math.Sqrt(float64(n)))
		}
		all = append(all, v)
	}
	return all
}

// corners says which elements of the result are at 0 or 6, nil for an op without corners.
func (b *opBuilder) corners(c opCase) func() []bool {
	if !c.clips {
		return nil
	}
	return func() []bool {
		y := value(b.result)
		at := make([]bool, len(y))
		for i, v := range y {
			at[i] = v == 0 || v == 6
		}
		return at
	}
}

// difference returns the derivative of the cost along a direction of an input, and false if the
// points are on both sides of a corner.
func (b *opBuilder) difference(in *gorgonia.Node, direction []float32, c opCase, corners func() []bool) (float64, bool) {
	b.Helper()
	x := value(in)
	old := slices.Clone(x)
	defer copy(x, old)
	b.run()
	var base []bool
	if corners != nil {
		base = corners()
	}
	ok := true
	at := func(h float64) float64 {
		for i, v := range direction {
			x[i] = old[i] + float32(h*float64(v))
		}
		l := b.loss()
		if corners != nil {
			ok = ok && slices.Equal(base, corners())
		}
		return l
	}
	central := func(h float64) float64 { return (at(h) - at(-h)) / (2 * h) }
	if c.linear {
		d := central(0.5)
		return d, ok
	}
	h := 0.04
	if c.clips {
		h = 0.01
	}
	d := (4*central(h/2) - central(h)) / 3
	return d, ok
}
