package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestMoments(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			rows, c := rapid.IntRange(0, 150).Draw(t, "rows"), rapid.IntRange(1, 40).Draw(t, "channels")
			r := randSource(t)
			x, shift := floats(r, rows*c, 2), floats(r, c, 2)
			sum, sumSq := newSums(c), newSums(c)
			got, gotSq := make([]float64, c), make([]float64, c)
			for i := range c {
				got[i], gotSq[i] = 1, 2
				sum.add(i, 1)
				sumSq.add(i, 2)
			}
			for i, v := range x {
				d := float64(v - shift[i%c])
				sum.add(i%c, d)
				sumSq.add(i%c, d*d)
			}
			Moments(x, rows, shift, got, gotSq)
			for i := range c {
				if d := math.Abs(got[i] - sum.value[i]); d > 1e-6*sum.scale[i] {
					t.Fatalf("sum[%d] = %g, want %g", i, got[i], sum.value[i])
				}
				if d := math.Abs(gotSq[i] - sumSq.value[i]); d > 1e-6*sumSq.scale[i] {
					t.Fatalf("sumSq[%d] = %g, want %g", i, gotSq[i], sumSq.value[i])
				}
			}
		})
	})
}

// TestMomentsFarFromZero: with a mean of 1000 spreads the plain formula E[x^2]-E[x]^2 in float32 would
// lose all digits.
func TestMomentsFarFromZero(t *testing.T) {
	forEach(t, func(t *testing.T) {
		const rows, c = 4096, 16
		x := floats(rand.New(rand.NewPCG(1, 2)), rows*c, 1000)
		var want [c]float64
		var mean [c]float64
		for i, v := range x {
			mean[i%c] += float64(v) / rows
		}
		for i, v := range x {
			want[i%c] += (float64(v) - mean[i%c]) * (float64(v) - mean[i%c]) / rows
		}
		sum, sumSq := make([]float64, c), make([]float64, c)
		Moments(x, rows, x[:c], sum, sumSq) // the first row is a good enough shift
		for i := range c {
			got := sumSq[i]/rows - sum[i]/rows*sum[i]/rows
			if math.Abs(got-want[i]) > 1e-5*want[i] {
				t.Errorf("variance of channel %d: %g, want %g", i, got, want[i])
			}
		}
	})
}

func TestNormBackwardApply(t *testing.T) {
	forEach(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			rows, c := rapid.IntRange(0, 40).Draw(t, "rows"), rapid.IntRange(1, 40).Draw(t, "channels")
			r := randSource(t)
			g, x := floats(r, rows*c, 0), floats(r, rows*c, 0)
			k1, k2, k3 := floats(r, c, 0), floats(r, c, 0), floats(r, c, 0)
			want := newSums(rows * c)
			for i := range g {
				want.addProduct(i, k1[i%c], g[i])
				want.addProduct(i, k2[i%c], x[i])
				want.add(i, float64(k3[i%c]))
			}
			dx, check := guarded(g)
			NormBackwardApply(dx, dx, x, k1, k2, k3, rows)
			if err := near(dx, want.value, want.scale, 3e-7); err != nil { // four roundings
				t.Fatal(err)
			}
			if err := check(); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestNormContract(t *testing.T) {
	f, d := make([]float32, 6), make([]float64, 3)
	mustPanic(t, "rows", "kernel: Moments: slice is too short", func() { Moments(f, 3, f[:3], d, d) })
	mustPanic(t, "sums", "kernel: Moments: bad number of channels or rows", func() { Moments(f, 2, f[:3], d, d[:2]) })
	mustPanic(t, "apply rows", "kernel: NormBackwardApply: slice is too short", func() { NormBackwardApply(f, f, f, f[:3], f[:3], f[:3], 3) })
	mustPanic(t, "apply channels", "kernel: NormBackwardApply: bad number of channels or rows", func() { NormBackwardApply(f, f, f, f[:3], f[:2], f[:3], 2) })
}
