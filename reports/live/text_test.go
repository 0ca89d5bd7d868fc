package live

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTexts(t *testing.T) {
	front := []Point{{18, 84}, {38.54, 90.87}, {21.6, 88.31}, {27.3, 89.4}}
	for _, c := range []struct{ name, got, want string }{
		{"headline", Info{Accelerator: "edge-npu", AcceleratorStatus: "estimated", Network: "net", Data: "images", Study: "out", Plan: "budget 10m0s"}.headline(),
			"net on edge-npu (estimated), data images, study in out, budget 10m0s"},
		{"headline without study", Info{Accelerator: "npu", Network: "net"}.headline(), "net on npu"},
		{"step", Step{Phase: "mixed", PhaseIndex: 1, Phases: 3, Epoch: 0.125, Epochs: 0.3}.where(), "mixed 2/3, epoch 0.12 of 0.30"},
		{"step of a single phase", Step{Phase: "float", Phases: 1, Epoch: 1, Epochs: 2}.where(), "float, epoch 1.00 of 2.00"},
		{"done", doneLine("design 3", "88.3 % @ 21.6 kB", false), "design 3: 88.3 % @ 21.6 kB"},
		{"failed", doneLine("design 3", "loss is\nnot a number", true), "design 3 failed: loss is not a number"},
		{"best, all", bestText(front, 80), "90.9 % @ 38.5 kB · 89.4 % @ 27.3 kB · 88.3 % @ 21.6 kB · 84.0 % @ 18.0 kB"},
		{"best, both ends and one between", bestText(front, 70), "90.9 % @ 38.5 kB · 89.4 % @ 27.3 kB · 84.0 % @ 18.0 kB (+1 more)"},
		{"best, both ends", bestText(front, 50), "90.9 % @ 38.5 kB · 84.0 % @ 18.0 kB (+2 more)"},
		{"best, one whatever the width", bestText(front, 5), "90.9 % @ 38.5 kB (+3 more)"},
		{"best of none", bestText(nil, 80), "none yet"},
		{"left", leftText(7*time.Minute+29*time.Second, true), "7:29 left"},
		{"left, hours", leftText(time.Hour+2*time.Minute+3*time.Second, true), "1:02:03 left"},
		{"left, unknown", leftText(time.Minute, false), "time left unknown"},
		{"left, estimate has run out", leftText(-time.Second, true), "time left unknown"},
		{"percent rounds down", percent(0.999), "99 %"},
		{"percent of more than all", percent(1.2), "100 %"},
		{"percent of no number", percent(0 * -1 / (1 - one)), "0 %"},
		{"control characters", oneLine("a\x1b[2Jb\rc"), "a [2Jb c"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// one is not a constant, so that dividing by 1-one gives NaN instead of failing to compile.
var one = 1.0

func TestBestTextFitsOrIsShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		front := make([]Point, rapid.IntRange(1, 20).Draw(t, "designs"))
		for i := range front {
			front[i] = Point{MemoryKB: rapid.Float64Range(0, 500).Draw(t, "kB"), Accuracy: rapid.Float64Range(0, 100).Draw(t, "%")}
		}
		width := rapid.IntRange(1, 200).Draw(t, "width")
		text := bestText(front, width)
		shown := strings.Count(text, "kB")
		if displayWidth(text) > width && shown > 1 {
			t.Fatalf("%q is wider than %d and lists %d designs", text, width, shown)
		}
	})
}

func TestClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-z±·界 ]{0,30}`).Draw(t, "s")
		width := rapid.IntRange(0, 40).Draw(t, "width")
		got := clip(s, width)
		if displayWidth(got) > width {
			t.Fatalf("clip(%q, %d) = %q, %d wide", s, width, got, displayWidth(got))
		}
		if displayWidth(s) <= width && got != s {
			t.Fatalf("clip(%q, %d) = %q, though it fits", s, width, got)
		}
		if !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
			t.Fatalf("clip(%q, %d) = %q, not its beginning", s, width, got)
		}
	})
}
