package quant

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestInit(t *testing.T) {
	nan := float32(math.NaN())
	// 0..1000 has the 99.9th percentile 999 exactly; its magnitudes are those of its negation.
	ramp := make([]float32, 1001)
	for i := range ramp {
		ramp[i] = float32(-i)
	}
	sparse := make([]float32, 2000) // one value in 2000: the percentile is still 0
	sparse[7] = 5
	percentile := func(x []float32, p float64) func(int, bool) (float32, float32) {
		return func(bits int, signed bool) (float32, float32) {
			return InitPercentile(x, make([]float32, len(x)+3), p, bits, signed)
		}
	}
	gaussian := func(x ...float32) func(int, bool) (float32, float32) {
		return func(bits int, signed bool) (float32, float32) { return InitGaussian(x, bits, signed) }
	}
	uhlich := func(x ...float32) func(int, bool) (float32, float32) {
		return func(bits int, signed bool) (float32, float32) { return InitUhlichWeights(x, bits, signed) }
	}
	for _, c := range []struct {
		name    string
		init    func(bits int, signed bool) (d, xmax float32)
		bits    int
		signed  bool
		d, xmax float32
	}{
		// mean 1, population sigma 2: reach 7; top code 7.
		{"gaussian, signed", gaussian(-1, 3, -1, 3), 4, true, 1, 7},
		{"gaussian, mean below 0", gaussian(1, -3, 1, -3), 4, true, 1, 7},
		{"gaussian, unsigned", gaussian(-1, 3, -1, 3), 3, false, 1, 7},
		{"gaussian, constant", gaussian(2, 2), 3, true, 2. / 3, 2},
		{"gaussian, zeros", gaussian(0, 0, 0), 5, true, 1. / 32 / 15, 1. / 32},
		{"gaussian, one bit signed is ternary", gaussian(-1, 3, -1, 3), 1, true, 7, 7},
		{"gaussian, NaN", gaussian(1, nan), 4, true, nan, nan},
		{"percentile on an order statistic", percentile(ramp, 99.9), 8, false, 999. / 255, 999},
		{"percentile between two", percentile([]float32{3, -1, 2, 0}, 50), 2, false, 0.5, 1.5},
		{"percentile 100 is the largest", percentile([]float32{3, -4, 2}, 100), 3, true, 4. / 3, 4},
		{"percentile 0 is the least", percentile([]float32{3, -4, 2}, 0), 3, true, 2. / 3, 2},
		{"percentile of one element", percentile([]float32{-6}, 99.9), 2, false, 2, 6},
		{"percentile, zeros", percentile([]float32{0, 0}, 99.9), 4, false, 1. / 16 / 15, 1. / 16},
		{"percentile 0 of a tensor with something in it", percentile(sparse, 99.9), 4, false, 1. / 15, 1},
		{"percentile, NaN", percentile([]float32{1, nan, 2}, 50), 4, false, nan, nan},
		{"uhlich activations", InitUhlichActivations, 4, false, 0.125, 15. / 8},
		{"uhlich activations, signed", InitUhlichActivations, 4, true, 0.125, 7. / 8},
		// ratio 1/7: log2 is -2.8, down to -3 for 4 bits; 1/15: -3.9, up to -3 for 5.
		{"uhlich weights, rounded down", uhlich(0.5, -1), 4, true, 0.125, 7. / 8},
		{"uhlich weights, rounded up", uhlich(0.5, -1), 5, true, 0.125, 15. / 8},
		{"uhlich weights, exact power, down", uhlich(7, -3), 4, true, 1, 7},
		{"uhlich weights, exact power, up", uhlich(15, -3), 5, true, 1, 15},
		{"uhlich weights, NaN", uhlich(1, nan), 5, true, nan, nan},
		{"uhlich weights, zeros", uhlich(0, 0), 5, true, 0x1p-8, 15 * 0x1p-8},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, xmax := c.init(c.bits, c.signed)
			if !same(d, c.d) || !same(xmax, c.xmax) {
				t.Errorf("d %v, xmax %v; want %v, %v", d, xmax, c.d, c.xmax)
			}
		})
	}
}

// same allows the last place: expectations are rounded once, results twice.
func same(got, want float32) bool {
	if want != want {
		return got != got
	}
	return math.Abs(float64(got-want)) <= 0x1p-23*math.Abs(float64(want))
}

// A slice initialised at b bits has b bits, which is what the schedule of widths counts on.
func TestInitGivesTheBitsAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float32Range(-4, 4), 2, 40).Draw(t, "x")
		signed := rapid.Bool().Draw(t, "signed")
		b := rapid.IntRange(2, 8).Draw(t, "bits")
		check := func(what string, d, xmax float32) {
			// Below the normal numbers of float32, d loses the precision that q needs.
			if xmax > 1e-30 && Bits(d, xmax, signed) != b {
				t.Fatalf("%s: d %v, xmax %v has %d bits, want %d", what, d, xmax, Bits(d, xmax, signed), b)
			}
		}
		d, xmax := InitGaussian(x, b, signed)
		check("gaussian", d, xmax)
		d, xmax = InitPercentile(x, make([]float32, len(x)), 99.9, b, signed)
		check("percentile", d, xmax)
		d, xmax = InitUhlichWeights(x, b, signed)
		check("uhlich weights", d, xmax)
		d, xmax = InitUhlichActivations(b, signed)
		check("uhlich activations", d, xmax)
	})
}

// Selection must agree with sorting on every shape of input: few distinct values, sorted runs and
// anything that rapid comes up with.
func TestSelectKthAgreesWithSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]*rapid.Generator[float32]{
			rapid.Float32(), rapid.Map(rapid.IntRange(0, 3), func(i int) float32 { return float32(i) }),
		}).Draw(t, "values")
		x := rapid.SliceOfN(value, 1, 60).Draw(t, "x")
		want := slices.Sorted(slices.Values(x))
		k := rapid.IntRange(0, len(x)-1).Draw(t, "k")
		if got := selectKth(x, k); got != want[k] {
			t.Fatalf("got %v, want %v", got, want[k])
		}
		if k > 0 && slices.Max(x[:k]) > x[k] || slices.Min(x[k:]) < x[k] {
			t.Fatalf("%v is not split at %d", x, k)
		}
		slices.Sort(x)
		if !slices.Equal(x, want) {
			t.Fatal("elements were lost")
		}
	})
}

// An input on which the median of three is always among the least, built backwards from the
// algorithm's own choices, must still finish by the fallback to sorting.
func TestSelectKthOnPoorPivots(t *testing.T) {
	const n = 1 << 12
	x := make([]float32, n)
	index := make([]int, n) // index[i] is the original position of what stands at i
	for i := range index {
		index[i] = i
	}
	// Each round takes lo, mid and hi; giving two of them the least values left keeps the pivot
	// second to last. The swaps of such a round only exchange mid with lo+1.
	rank := float32(0)
	for lo := 0; lo+2 < n; lo += 2 {
		mid := lo + (n-1-lo)/2
		x[index[lo]], x[index[mid]] = rank, rank+1
		rank += 2
		index[lo+1], index[mid] = index[mid], index[lo+1]
	}
	x[index[n-2]], x[index[n-1]] = rank, rank+1
	want := slices.Sorted(slices.Values(x))
	if got := selectKth(x, n-1); got != want[n-1] {
		t.Errorf("got %v, want %v", got, want[n-1])
	}
}

func TestInitPercentileDoesNotAllocate(t *testing.T) {
	x, scratch := normal(4096), make([]float32, 4096)
	if n := testing.AllocsPerRun(10, func() { InitPercentile(x, scratch, 99.9, 4, false) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func normal(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func BenchmarkInitPercentile(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 16, 1 << 20} {
		rectified := normal(n)
		for i, v := range rectified {
			rectified[i] = max(v, 0)
		}
		for _, c := range []struct {
			name string
			x    []float32
		}{{"normal", normal(n)}, {"rectified", rectified}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				scratch := make([]float32, n)
				b.ReportAllocs()
				for b.Loop() {
					InitPercentile(c.x, scratch, 99.9, 4, false)
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Melem/s")
			})
		}
	}
}
