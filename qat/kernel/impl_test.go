package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// forEach runs the suite on every implementation that this machine has.
func forEach(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	saved := active
	defer func() { active = saved }()
	for _, l := range implementations() {
		active = l
		t.Run(l.name, test)
	}
}

// benchEach is forEach for benchmarks.
func benchEach(b *testing.B, bench func(b *testing.B)) {
	b.Helper()
	saved := active
	defer func() { active = saved }()
	for _, l := range implementations() {
		active = l
		b.Run(l.name, bench)
	}
}

// randSource draws the seed of a fast source: rapid shrinks the shapes, not every float.
func randSource(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
}

// floats returns n values that are normally distributed around mean.
func floats(r *rand.Rand, n int, mean float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = mean + float32(r.NormFloat64())
	}
	return s
}

// guarded returns n floats inside a larger array whose other elements hold a mark, and a check that the
// marks are still there. Assembly knows no bounds.
func guarded(s []float32) (view []float32, check func() error) {
	const margin = 40
	const mark = 12345.5
	all := make([]float32, len(s)+2*margin)
	for i := range all {
		all[i] = mark
	}
	view = all[margin : margin+len(s) : margin+len(s)]
	copy(view, s)
	return view, func() error {
		for i := range margin {
			if all[i] != mark || all[len(all)-1-i] != mark {
				return fmt.Errorf("written outside the slice, at %d or %d", i-margin, len(s)+margin-1-i)
			}
		}
		return nil
	}
}

// near compares with a tolerance relative to scale[i], the sum of the magnitudes that went into
// want[i].
func near(got []float32, want, scale []float64, tolerance float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("length %d, want %d", len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= tolerance*scale[i]+1e-30) {
			return fmt.Errorf("element %d: got %g, want %g: off by %.2g of %g", i, got[i], want[i], d/scale[i], scale[i])
		}
	}
	return nil
}

func mustPanic(t *testing.T, name, text string, f func()) {
	t.Helper()
	defer func() {
		if got := recover(); got != text {
			t.Errorf("%s: panic %v, want %q", name, got, text)
		}
	}()
	f()
}
