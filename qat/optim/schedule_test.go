package optim_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dse/qat/optim"
)

func TestScheduleRate(t *testing.T) {
	for _, c := range []struct {
		name string
		s    optim.Schedule
		step int
		rate float64
	}{
		{"starts from 0", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 0, 0},
		{"half of the warm-up", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 5, 1},
		{"peak after the warm-up", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 10, 2},
		{"half of the cosine", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 55, 1},
		{"a third of the cosine", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 40, 1.5},
		{"the end", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 100, 0},
		{"beyond the end", optim.Schedule{Total: 100, Warmup: 10, Peak: 2}, 150, 0},
		{"no warm-up", optim.Schedule{Total: 100, Peak: 2}, 0, 2},
		{"nothing but warm-up", optim.Schedule{Total: 10, Warmup: 10, Peak: 2}, 9, 1.8},
		{"end of nothing but warm-up", optim.Schedule{Total: 10, Warmup: 10, Peak: 2}, 10, 0},
		{"no steps", optim.Schedule{Peak: 2}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.Rate(c.step); math.Abs(got-c.rate) > 1e-15 {
				t.Errorf("rate %v, want %v", got, c.rate)
			}
		})
	}
}

func TestPenaltyRamp(t *testing.T) {
	for _, c := range []struct {
		name        string
		step, total int
		lambda      float64
	}{
		{"start", 0, 100, 0.01},
		{"a quarter", 25, 100, 0.505},
		{"the middle", 50, 100, 1},
		{"after it", 80, 100, 1},
		{"odd total, before its middle at 1.5", 1, 3, 0.67},
		{"odd total, after it", 2, 3, 1},
		{"no steps", 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := optim.PenaltyRamp(c.step, c.total); math.Abs(got-c.lambda) > 1e-15 {
				t.Errorf("lambda %v, want %v", got, c.lambda)
			}
		})
	}
}

// The rate rises to the peak and then falls; the ramp only rises. Neither leaves its range.
func TestSchedulesAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 300).Draw(t, "total")
		s := optim.Schedule{Total: total, Warmup: rapid.IntRange(0, total).Draw(t, "warm-up"), Peak: 0.3}
		for i := range total {
			a, b := s.Rate(i), s.Rate(i+1)
			if a < 0 || a > s.Peak || (i+1 < s.Warmup) && b < a || i >= s.Warmup && b > a {
				t.Fatalf("rate %v at step %d, %v after it", a, i, b)
			}
			c, d := optim.PenaltyRamp(i, total), optim.PenaltyRamp(i+1, total)
			if c < optim.RampStart || d < c || d > 1 {
				t.Fatalf("lambda %v at step %d, %v after it", c, i, d)
			}
		}
	})
}
