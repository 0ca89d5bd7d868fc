package experiment

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// A design on rungs goes on from its own state: each rung sees the images that its cost says, all together
// as many as a design in one go, and the last starts at the widths of the one before.
func TestEvaluateRungs(t *testing.T) {
	c := config(t)
	c.Plan.Rungs = []float64{0.5, 1}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	genome, err := search.ParseGenome("slices=tkctkct weights=3.00 activations=4.00 epochs=0.50+1.00+0.50 latency=0.50")
	if err != nil {
		t.Fatal(err)
	}
	float := search.Trial{Kind: search.FloatTrial, Seed: 3, Threads: 1}
	probe := search.Trial{ID: 1, Kind: search.ProbeTrial, Genome: genome, Rungs: 2, Seed: 4, Threads: 1}
	last := search.Trial{ID: 2, Kind: search.DesignTrial, Genome: genome, Rung: 1, Rungs: 2, From: 1, Start: &probe, Seed: 5, Threads: 1}
	child := search.Trial{ID: 3, Kind: search.ProbeTrial, Genome: genome, Rungs: 2, From: 2, Start: &last, Seed: 6, Threads: 1}
	images := map[int]int64{}
	for _, trial := range []search.Trial{float, probe, last, child} {
		o, err := e.Evaluate(context.Background(), trial)
		if err != nil || o.Failed {
			t.Fatalf("%s: %v, %s", trial.Text(), err, o.Reason)
		}
		rec, err := ParseRecord(o)
		if err != nil {
			t.Fatal(err)
		}
		images[trial.ID] = rec.Images
		if rec.Images != e.Cost(trial) {
			t.Errorf("%s: %d images, its cost is %d", trial.Text(), rec.Images, e.Cost(trial))
		}
	}
	if got := images[1] + images[2]; got != 2*64 { // two epochs of 64 images
		t.Errorf("the rungs see %d images, want %d", got, 2*64)
	}
	state, err := e.run(last)
	if err != nil {
		t.Fatal(err)
	}
	before := e.NewModel(probe)
	if err := before.Load(e.CheckpointPath(probe.ID)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before.Precision(), state.Model.Precision()); diff != "" {
		t.Errorf("the last rung starts at other widths (-before +start):\n%s", diff)
	}
	if state.Phases[0].WeightBits != 0 || !state.Phases[0].Learn {
		t.Errorf("the last rung begins with %+v", state.Phases[0])
	}
}

// Slices whose metadata alone exceeds a limit fail before training.
func TestSlicesOutOfReach(t *testing.T) {
	probe, err := New(config(t))
	if err != nil {
		t.Fatal(err)
	}
	fine := search.Trial{ID: 1, Kind: search.DesignTrial}
	if fine.Genome, err = search.ParseGenome("slices=ccccccc weights=2.00 activations=2.00 epochs=0.25+0.50+0.25 latency=0.50"); err != nil {
		t.Fatal(err)
	}
	coarse := probe.least[Memory]
	least, err := probe.measure(probe.network.Narrowest(probe.slicing(fine)))
	if err != nil {
		t.Fatal(err)
	}
	if least[Memory] <= coarse {
		t.Fatalf("channels need %v kB, tensors %v", least[Memory], coarse)
	}
	e, err := New(config(t, Limit{Memory, (coarse + least[Memory]) / 2}))
	if err != nil {
		t.Fatal(err)
	}
	// There is no float network to start from: training would end the search.
	o, err := e.Evaluate(context.Background(), fine)
	if err != nil || !o.Failed || !strings.Contains(o.Reason, "coarser slices can") {
		t.Errorf("outcome %+v, error %v", o, err)
	}
}

func TestPlanChecksRungs(t *testing.T) {
	for _, rungs := range [][]float64{{0.5}, {0, 1}, {0.5, 0.4, 1}, {1, 1}, {0.5, 2}} {
		p := DefaultPlan()
		p.Rungs = rungs
		if p.Check() == nil {
			t.Errorf("rungs %v are accepted", rungs)
		}
	}
}
