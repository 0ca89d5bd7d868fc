package experiment

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/models"
	"dse/search"
)

// noise is a set of images without meaning, for trials whose accuracy does not matter.
type noise struct{ n int }

func (s noise) Len() int { return s.n }

func (s noise) Fill(index []int, x, y []float32) {
	for i, k := range index {
		src := rand.New(rand.NewPCG(1, uint64(k)))
		for j := range 784 {
			x[i*784+j] = float32(src.NormFloat64())
		}
		y[i] = float32(k % 10)
	}
}

// config is mobilenetv2-micro on edge-npu with a plan of a few steps.
func config(t testing.TB, limits ...Limit) Config {
	t.Helper()
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	p := DefaultPlan()
	p.FloatEpochs, p.Epochs, p.Training.Batch = 1, 1, 16
	return Config{
		Accelerator: a, Network: n, Train: noise{64}, Held: noise{20}, Plan: p, Objectives: []Quantity{Memory, Error, Latency},
		Limits: limits, Checkpoints: t.TempDir(),
	}
}

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]Limit{
		"memory=64KiB":   {Memory, 65.536},
		"memory = 8 kB":  {Memory, 8},
		"latency=2ms":    {Latency, 2},
		"latency=500 us": {Latency, 0.5},
		"energy=50uJ":    {Energy, 50},
	} {
		got, err := ParseLimit(text)
		if err != nil || got != want {
			t.Errorf("ParseLimit(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "memory", "memory=", "memory=64", "memory=0 KiB", "memory=-1KiB", "error=3", "speed=3ms", "latency=3KiB"} {
		if _, err := ParseLimit(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("ParseLimit(%q): error = %v", text, err)
		}
	}
}

func TestUnreachableLimits(t *testing.T) {
	for _, l := range []Limit{{Memory, 5}, {Latency, 1e-3}, {Energy, 0.01}} {
		_, err := New(config(t, l))
		var u *UnreachableError
		if !errors.As(err, &u) || u.Limit != l || u.Least <= l.Value {
			t.Errorf("limit %v: error = %v", l, err)
		}
	}
	if _, err := New(config(t, Limit{Memory, 30})); err != nil {
		t.Errorf("30 kB: %v", err)
	}
}

// With a limit on memory, a design that meets the targets of its penalties meets the limit,
// whatever its budgets and slices, unless they are at the floor already.
func TestPenaltiesImplyMemoryLimit(t *testing.T) {
	e, err := New(config(t, Limit{Memory, 35}))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		w, a := rapid.Float64Range(2, 6).Draw(t, "weight bits"), rapid.Float64Range(2, 6).Draw(t, "activation bits")
		s := e.network.PerTensor()
		for i := range s {
			s[i] = rapid.SampledFrom([]int{0, 16}).Draw(t, "group")
		}
		fw, fa := e.fit(s, w, a, 35)
		f := e.network.Footprint(e.network.Uniform(s, models.Width(fw), models.Width(fa)))
		if m := f.Memory().Kilobytes(); m > 35+1e-6 && fw > 1 && fa > 1 {
			t.Fatalf("budgets %.2f/%.2f become %.2f/%.2f, which need %.2f kB", w, a, fw, fa, m)
		}
		if fw > w || fa > a {
			t.Fatalf("budgets %.2f/%.2f rise to %.2f/%.2f", w, a, fw, fa)
		}
	})
}

// A float trial, a baseline and a design in turn: the outcome holds what was asked for, is the same
// with other threads, and the trained state reads back.
func TestEvaluate(t *testing.T) {
	var e *Experiment
	evaluate := func(trial search.Trial) search.Outcome {
		t.Helper()
		o, err := e.Evaluate(context.Background(), trial)
		if err != nil || o.Failed {
			t.Fatalf("%s: %v, %s", trial.Text(), err, o.Reason)
		}
		return o
	}
	genome, err := search.ParseGenome("slices=tkctkct weights=3.00 activations=4.00 epochs=0.25+0.50+0.25 latency=0.50")
	if err != nil {
		t.Fatal(err)
	}
	design := search.Trial{ID: 2, Kind: search.DesignTrial, Genome: genome, Seed: 5}
	var first search.Outcome
	for i, threads := range []int{1, 3} {
		if e, err = New(config(t, Limit{Memory, 60})); err != nil {
			t.Fatal(err)
		}
		if err := e.Space().Contains(genome); err != nil {
			t.Fatal(err)
		}
		float := evaluate(search.Trial{Kind: search.FloatTrial, Seed: 3, Threads: threads})
		if len(float.Violations) != 0 {
			t.Error("limits were applied to the float network")
		}
		evaluate(search.Trial{ID: 1, Kind: search.BaselineTrial, BaselineBits: 4, Seed: 4, Threads: threads})
		design.Threads = threads
		o := evaluate(design)
		if i == 0 {
			first = o
		} else if string(o.Extra) != string(first.Extra) {
			t.Errorf("with %d threads the outcome is %s, with one %s", threads, o.Extra, first.Extra)
		}
	}
	rec, err := ParseRecord(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.network.CheckPrecision(rec.Precision); err != nil {
		t.Error(err)
	}
	for _, q := range []Quantity{Memory, Error, Latency} {
		if v, ok := first.Value(string(q)); !ok || v <= 0 {
			t.Errorf("objective %s = %v, %v", q, v, ok)
		}
	}
	if v, _ := first.Value("memory"); v != rec.Footprint.Memory().Kilobytes() {
		t.Errorf("memory %v, footprint says %v", v, rec.Footprint.Memory().Kilobytes())
	}
	if a, err := e.Test(context.Background(), design, noise{20}, 1); err != nil || a != rec.Held {
		t.Errorf("the saved state classifies %v (%v), the trained one %v", a, err, rec.Held)
	}
	if p := e.penalties(genome, e.network.PerTensor()); len(p) != 3 || p[2].Name != "latency" || p[2].Target <= e.least[Latency] || p[2].Target >= e.widest[Latency] {
		t.Errorf("penalties = %+v, want weights, activations and a latency between the extremes", p)
	}
}

// Without the float network's state nothing can be trained, and nothing is called a failed design.
func TestLostFloatStateStops(t *testing.T) {
	e, err := New(config(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Evaluate(context.Background(), search.Trial{ID: 1, Kind: search.BaselineTrial, BaselineBits: 4, Threads: 1})
	var stop *search.StopError
	if !errors.As(err, &stop) {
		t.Errorf("error = %v, want a StopError", err)
	}
}
