package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCompareBy(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"none", nil, []string{"memory", "accuracy"}},
		{"unknown ones only", []string{"area"}, []string{"memory", "accuracy"}},
		{"error is accuracy", []string{"error", "memory"}, []string{"memory", "accuracy"}},
		{"units", []string{"memory_kb", "latency_ms", "energy_uj", "accuracy"}, []string{"memory", "accuracy", "latency", "energy"}},
		{"twice", []string{"memory", "memory_kb"}, []string{"memory"}},
	} {
		if diff := cmp.Diff(c.want, compareBy(c.in).names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestDominates(t *testing.T) {
	c := compareBy([]string{"memory", "error", "latency"})
	base := Design{MemoryKB: 20, Accuracy: 90, LatencyMS: 1}
	for _, x := range []struct {
		name string
		a    Design
		want bool
	}{
		{"equal", base, false},
		{"smaller", Design{MemoryKB: 19, Accuracy: 90, LatencyMS: 1}, true},
		{"more accurate", Design{MemoryKB: 20, Accuracy: 91, LatencyMS: 1}, true},
		{"smaller but slower", Design{MemoryKB: 19, Accuracy: 90, LatencyMS: 2}, false},
		{"better on other images", Design{MemoryKB: 1, Accuracy: 99, LatencyMS: 0.5, AccuracySplit: "held-out"}, false},
		{"unknown latency", Design{MemoryKB: 1, Accuracy: 99, LatencyMS: Unknown}, false},
	} {
		if got := c.dominates(x.a, base); got != x.want {
			t.Errorf("%s: dominates = %v, want %v", x.name, got, x.want)
		}
	}
}

// Dominance is a strict order: nothing dominates itself, and never both ways.
func TestDominanceIsStrict(t *testing.T) {
	design := rapid.Custom(func(t *rapid.T) Design {
		figure := rapid.SampledFrom([]Value{1, 2, 3, Unknown})
		return Design{MemoryKB: figure.Draw(t, "kB"), Accuracy: figure.Draw(t, "%"), LatencyMS: figure.Draw(t, "ms"), EnergyUJ: figure.Draw(t, "uJ")}
	})
	rapid.Check(t, func(t *rapid.T) {
		c := compareBy(rapid.SliceOf(rapid.SampledFrom([]string{"memory", "error", "latency", "energy"})).Draw(t, "objectives"))
		a, b, d := design.Draw(t, "a"), design.Draw(t, "b"), design.Draw(t, "d")
		if c.dominates(a, a) {
			t.Fatal("a design dominates itself")
		}
		if c.dominates(a, b) && c.dominates(b, a) {
			t.Fatal("two designs dominate each other")
		}
		if c.dominates(a, b) && c.dominates(b, d) && !c.dominates(a, d) {
			t.Fatal("dominance is not transitive")
		}
	})
}
