package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dse/search/pareto"
	"dse/search/study"

	"github.com/google/go-cmp/cmp"
)

func TestWorkersDoNotMatter(t *testing.T) {
	want, wantDigest := mustRun(t, t.TempDir(), sampleSettings(), synthetic{})
	if len(want.Results) != sampleTrials || want.Stop != AllEvaluated || want.Generations != 4 {
		t.Fatalf("%d results, %v, %d generations", len(want.Results), want.Stop, want.Generations)
	}
	for _, workers := range []int{1, 2, 4, 7} {
		t.Run(fmt.Sprintf("%d workers", workers), func(t *testing.T) {
			s := sampleSettings()
			s.Workers = workers
			// Later ids may take less, so that trials end out of order.
			uneven := synthetic{delay: func(id int) time.Duration { return time.Duration(id*7%5) * time.Millisecond }}
			got, digest := mustRun(t, t.TempDir(), s, uneven)
			sameState(t, want, got)
			if digest != wantDigest {
				t.Errorf("digest %s, want %s", digest, wantDigest)
			}
		})
	}
}

func TestSeedMatters(t *testing.T) {
	s := sampleSettings()
	_, a := mustRun(t, t.TempDir(), s, synthetic{})
	s.Seed++
	if _, b := mustRun(t, t.TempDir(), s, synthetic{}); a == b {
		t.Error("two seeds have one digest")
	}
}

func TestExactlyAsManyEvaluations(t *testing.T) {
	for _, c := range []struct{ evaluations, population, generations int }{
		{1, 0, 1}, {5, 0, 1}, {8, 0, 1}, {9, 0, 2}, {13, 4, 4}, {3, 16, 1},
	} {
		t.Run(fmt.Sprintf("%d of population %d", c.evaluations, c.population), func(t *testing.T) {
			s := sampleSettings()
			s.Evaluations, s.Population = c.evaluations, c.population
			state, _ := mustRun(t, t.TempDir(), s, synthetic{})
			if got := len(designsOf(state)); got != c.evaluations || state.Generations != c.generations {
				t.Errorf("%d designs in %d generations, want %d in %d", got, state.Generations, c.evaluations, c.generations)
			}
			seen := map[string]bool{}
			for i, r := range state.Results {
				if r.Trial.ID != i {
					t.Errorf("result %d has id %d", i, r.Trial.ID)
				}
				if seen[r.Trial.Key()] {
					t.Errorf("%s was trained twice", r.Trial.Text())
				}
				seen[r.Trial.Key()] = true
			}
		})
	}
}

// TestMoreEvaluationsContinue checks that a study can be extended, in the middle of a generation
// too, and is then as if more had been asked for from the start.
func TestMoreEvaluationsContinue(t *testing.T) {
	long := sampleSettings()
	_, want := mustRun(t, t.TempDir(), long, synthetic{})
	dir := t.TempDir()
	for _, n := range []int{6, 9, 20} {
		short := sampleSettings()
		short.Evaluations = n
		_, got := mustRun(t, dir, short, synthetic{})
		if (got == want) != (n == long.Evaluations) {
			t.Errorf("after %d evaluations: digest equal to that after %d: %v", n, long.Evaluations, got == want)
		}
	}
}

// TestCancelAnywhere cancels when the k-th trial begins, for every k, and resumes.
func TestCancelAnywhere(t *testing.T) {
	wantState, want := mustRun(t, t.TempDir(), sampleSettings(), synthetic{})
	for k := range sampleTrials {
		for _, workers := range []int{1, 3} {
			t.Run(fmt.Sprintf("at %d with %d workers", k, workers), func(t *testing.T) {
				t.Parallel()
				s := sampleSettings()
				s.Workers = workers
				dir := t.TempDir()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				state, partial, err := run(t, ctx, dir, s, EvaluatorFunc(func(ctx context.Context, trial Trial) (Outcome, error) {
					if trial.ID == k {
						cancel()
						<-ctx.Done()
						return Outcome{}, fmt.Errorf("epoch 1: %w", ctx.Err())
					}
					return outcomeOf(trial)
				}))
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want %v", err, context.Canceled)
				}
				if partial == want || state.Stop != NotStopped {
					t.Fatalf("the search was not interrupted: %v", state.Stop)
				}
				for _, r := range state.Results {
					if r.Trial.ID == k || r.Outcome.Reason != wantState.Results[r.Trial.ID].Outcome.Reason {
						t.Errorf("trial %d ended: %q", r.Trial.ID, r.Outcome.Reason)
					}
				}
				resumed, digest := mustRun(t, dir, s, synthetic{})
				sameState(t, wantState, resumed)
				if digest != want {
					t.Errorf("digest %s, want %s", digest, want)
				}
			})
		}
	}
}

// TestReplayTrainsNothing resumes a complete study with an evaluator that must not be called.
func TestReplayTrainsNothing(t *testing.T) {
	dir := t.TempDir()
	want, _ := mustRun(t, dir, sampleSettings(), synthetic{})
	before, err := os.ReadFile(dir + "/study.db")
	if err != nil {
		t.Fatal(err)
	}
	s := sampleSettings()
	replayed := 0
	s.Observer = ObserverFunc(func(e Event) {
		if e.Kind == TrialReplayed {
			replayed++
		}
	})
	got, _ := mustRun(t, dir, s, EvaluatorFunc(func(_ context.Context, trial Trial) (Outcome, error) {
		t.Errorf("trial %d is trained again", trial.ID)
		return Outcome{}, nil
	}))
	sameState(t, want, got)
	if replayed != sampleTrials {
		t.Errorf("%d trials were replayed, want %d", replayed, sampleTrials)
	}
	if after, err := os.ReadFile(dir + "/study.db"); err != nil || !slices.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
}

func TestReplayMismatch(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, sampleSettings(), synthetic{})
	before, err := os.ReadFile(dir + "/study.db")
	if err != nil {
		t.Fatal(err)
	}
	other := sampleSettings()
	other.Space.WeightBits.Max -= 20
	_, _, err = run(t, t.Context(), dir, other, synthetic{})
	if input := (*InputError)(nil); !errors.As(err, &input) || !strings.Contains(err.Error(), "trial 4 is not of this version of dse") {
		t.Errorf("error %v, want an InputError on trial 4", err)
	}
	if after, err := os.ReadFile(dir + "/study.db"); err != nil || !slices.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
}

func TestFailuresAreRecorded(t *testing.T) {
	good := Outcome{Objectives: []Objective{{"error", 0.2}, {"latency", 3}}}
	fail := map[int]struct {
		how  func() (Outcome, error)
		want string
	}{
		2: {func() (Outcome, error) { return good, errors.New("loss is not finite\n  in epoch 3") }, "loss is not finite in epoch 3"},
		4: {func() (Outcome, error) { panic("index out of range") }, "panic: index out of range"},
		5: {func() (Outcome, error) {
			return Outcome{Objectives: []Objective{{"error", math.NaN()}, {"latency", 3}}}, nil
		}, "objective error is NaN"},
		6: {func() (Outcome, error) {
			return Outcome{Objectives: good.Objectives, Violations: []Violation{{"size", math.Inf(1)}}}, nil
		}, "excess over limit size is +Inf"},
		7: {func() (Outcome, error) { return Outcome{Failed: true, Reason: "stopped early"}, nil }, "stopped early"},
		8: {func() (Outcome, error) { return Outcome{Objectives: good.Objectives, Extra: []byte("{")}, nil }, "extra record is no JSON"},
		9: {func() (Outcome, error) { return Outcome{}, context.DeadlineExceeded }, context.DeadlineExceeded.Error()},
	}
	stacks := 0
	s := sampleSettings()
	s.Workers = 2
	s.Observer = ObserverFunc(func(e Event) {
		if len(e.Stack) > 0 {
			stacks++
		}
	})
	dir := t.TempDir()
	evaluator := EvaluatorFunc(func(_ context.Context, trial Trial) (Outcome, error) {
		if f, ok := fail[trial.ID]; ok {
			return f.how()
		}
		return good, nil
	})
	state, _ := mustRun(t, dir, s, evaluator)
	if len(state.Results) != sampleTrials || stacks != 1 {
		t.Fatalf("%d results, %d stacks", len(state.Results), stacks)
	}
	for _, r := range state.Results {
		want, failed := fail[r.Trial.ID]
		if r.Outcome.Failed != failed || r.Outcome.Reason != want.want {
			t.Errorf("trial %d: failed %v, reason %q; want %q", r.Trial.ID, r.Outcome.Failed, r.Outcome.Reason, want.want)
		}
	}
	for _, r := range state.Front {
		if r.Outcome.Failed {
			t.Errorf("failed trial %d is on the front", r.Trial.ID)
		}
	}
	// The study alone tells the same, for reports.
	st, err := study.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	loaded, err := Results(st)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state.Results, loaded); diff != "" {
		t.Errorf("loaded results differ (-run +loaded):\n%s", diff)
	}
}

func TestFloatFailureEndsTheSearch(t *testing.T) {
	dir := t.TempDir()
	for _, attempt := range []string{"first", "replayed"} {
		state, _, err := run(t, t.Context(), dir, sampleSettings(), EvaluatorFunc(func(_ context.Context, trial Trial) (Outcome, error) {
			if trial.Kind != FloatTrial || attempt != "first" {
				t.Errorf("%s: trial %d is evaluated", attempt, trial.ID)
			}
			return Outcome{}, errors.New("no data")
		}))
		if err == nil || !strings.Contains(err.Error(), "float training") || !strings.HasSuffix(err.Error(), "no data") {
			t.Errorf("%s: error %v", attempt, err)
		}
		if len(state.Results) != 1 {
			t.Errorf("%s: %d results", attempt, len(state.Results))
		}
	}
}

func TestThreads(t *testing.T) {
	for _, c := range []struct {
		name           string
		cores, workers int
		evaluations    int
		want           map[int]int // by id; the float trial is 0, 8-, 4- and 2-bit baselines 1 to 3
	}{
		{"one worker has all", 4, 1, 1, map[int]int{0: 4, 1: 4, 4: 4}},
		// Three baselines and one design: two at a time until the last, whose partner may have ended.
		{"two share", 4, 2, 1, map[int]int{0: 4, 1: 2, 2: 2, 3: 2}},
		{"more workers than trials", 8, 16, 1, map[int]int{0: 8, 1: 2, 2: 2, 3: 2, 4: 2}},
		{"more workers than cores", 2, 16, 9, map[int]int{0: 2, 1: 1, 12: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sampleSettings()
			s.Cores, s.Workers, s.Evaluations, s.Population = c.cores, c.workers, c.evaluations, c.evaluations
			got := map[int]int{}
			s.Observer = ObserverFunc(func(e Event) {
				if e.Kind == TrialStarted {
					got[e.Trial.ID] = e.Trial.Threads
				}
			})
			mustRun(t, t.TempDir(), s, synthetic{})
			for id, want := range c.want {
				if got[id] != want {
					t.Errorf("trial %d has %d threads, want %d", id, got[id], want)
				}
			}
		})
	}
}

// TestAsManyAtOnceAsWorkers has the three baselines wait for each other, which only three workers at
// once can end, and counts that there are never more.
func TestAsManyAtOnceAsWorkers(t *testing.T) {
	s := sampleSettings()
	s.Workers = 3
	var (
		running, arrived atomic.Int32
		together         = make(chan struct{})
	)
	mustRun(t, t.TempDir(), s, EvaluatorFunc(func(_ context.Context, trial Trial) (Outcome, error) {
		if n := running.Add(1); int(n) > s.Workers {
			t.Errorf("%d trials at once", n)
		}
		defer running.Add(-1)
		if trial.Kind == BaselineTrial {
			if arrived.Add(1) == 3 {
				close(together)
			}
			select {
			case <-together:
			case <-time.After(time.Minute):
				t.Error("the baselines do not run at once")
			}
		}
		return outcomeOf(trial)
	}))
}

func TestEvents(t *testing.T) {
	s := sampleSettings()
	s.Workers, s.Evaluations = 2, 8
	state := map[int]EventKind{}
	next := map[EventKind]EventKind{TrialStarted: TrialQueued, TrialFinished: TrialStarted, TrialFailed: TrialStarted}
	generations := 0
	s.Observer = ObserverFunc(func(e Event) {
		if e.Generation != generations {
			t.Errorf("%v of trial %d in generation %d, want %d", e.Kind, e.Trial.ID, e.Generation, generations)
		}
		if e.Kind == GenerationDone {
			generations++
			return
		}
		before, known := state[e.Trial.ID]
		if known != (e.Kind != TrialQueued) || known && before != next[e.Kind] {
			t.Errorf("trial %d is %v after %v", e.Trial.ID, e.Kind, before)
		}
		state[e.Trial.ID] = e.Kind
	})
	mustRun(t, t.TempDir(), s, synthetic{})
	if len(state) != 1+3+8 || generations != 2 {
		t.Errorf("events of %d trials and %d generations", len(state), generations)
	}
	for id, kind := range state {
		if kind != TrialFinished && kind != TrialFailed {
			t.Errorf("trial %d is left %v", id, kind)
		}
	}
}

// TestSpaceExhausted asks for more designs than there are.
func TestSpaceExhausted(t *testing.T) {
	s := sampleSettings()
	s.Space.Stages, s.Space.Granularities, s.Space.Budgets = []string{"all"}, []Granularity{PerTensor, PerChannel}, nil
	s.Space.WeightBits.Max, s.Space.ActivationBits.Max = s.Space.WeightBits.Min+6, s.Space.ActivationBits.Min+4
	s.Space.MinEpochs, s.Space.TotalEpochs = [phases]Epochs{2, 2, 2}, 6
	s.Evaluations = 1000
	state, _ := mustRun(t, t.TempDir(), s, EvaluatorFunc(stagewise))
	// 2 granularities, 7 weight widths, 5 activation widths.
	if got := len(designsOf(state)); got != 70 || state.Stop != SpaceExhausted {
		t.Errorf("%d designs, %v", got, state.Stop)
	}
}

// stagewise is a network of which every second stage gains from fine slices and the others only pay
// for them. Phase 2 has a best share.
func stagewise(_ context.Context, t Trial) (Outcome, error) {
	if !t.isDesign() {
		return Outcome{Objectives: []Objective{{"error", 0.1}, {"latency", 64}}}, nil
	}
	w, a := t.Genome.WeightBits.Float(), t.Genome.ActivationBits.Float()
	share := t.Genome.Phases[Mixed].Float() / 9
	gain, cost := 0.0, 0.0
	for i, g := range t.Genome.Granularity {
		if i%2 == 0 {
			gain += float64(g)
		} else {
			cost += float64(g)
		}
	}
	return Outcome{Objectives: []Objective{
		{"error", 0.1 + math.Exp2(-w-gain/3) + math.Exp2(-a) + (share-0.6)*(share-0.6)},
		{"latency", w * a * (1 + cost/6)},
	}}, nil
}

// TestSearchBeatsSampling compares the front's hypervolume with that of as many designs of one large
// Latin hypercube, on average over seeds.
func TestSearchBeatsSampling(t *testing.T) {
	s := sampleSettings()
	s.Space.Stages = []string{"a", "b", "c", "d", "e", "f"}
	s.Population, s.Evaluations = 8, 120
	volume := func(front []Result) float64 {
		var points [][]float64
		for _, r := range front {
			points = append(points, point(r.Outcome, s.Goals).Values)
		}
		return pareto.Hypervolume(points, []float64{0.6, 60})
	}
	const seeds = 3
	found, sampled := 0.0, 0.0
	for s.Seed = range uint64(seeds) {
		state, _ := mustRun(t, t.TempDir(), s, EvaluatorFunc(stagewise))
		found += volume(state.Front) / seeds
		var sample []Result
		for i, g := range s.Space.first(s.Evaluations, rand.New(rand.NewPCG(s.Seed, 9))) {
			trial := Trial{ID: i, Kind: DesignTrial, Genome: g}
			o, err := stagewise(t.Context(), trial)
			if err != nil {
				t.Fatal(err)
			}
			sample = append(sample, Result{Trial: trial, Outcome: o})
		}
		sampled += volume(Front(sample, s.Goals)) / seeds
	}
	t.Logf("hypervolume: search %.2f, sampling %.2f", found, sampled)
	if found < 1.03*sampled {
		t.Errorf("hypervolume of the search is %v, want at least 3 %% more than the %v of sampling", found, sampled)
	}
}

func TestFront(t *testing.T) {
	result := func(id int, kind TrialKind, accuracy, latency, excess float64, failed bool) Result {
		return Result{Trial: Trial{ID: id, Kind: kind}, Outcome: Outcome{
			Objectives: []Objective{{"latency", latency}, {"accuracy", accuracy}},
			Violations: []Violation{{"size", excess}}, Failed: failed,
		}}
	}
	results := []Result{
		result(0, FloatTrial, 0.99, 0.1, 0, false),
		result(1, BaselineTrial, 0.98, 0.2, 0, false),
		result(2, DesignTrial, 0.7, 2, 0, false),
		result(3, DesignTrial, 0.9, 5, 0, false),
		result(4, DesignTrial, 0.6, 3, 0, false), // dominated by 2
		result(5, DesignTrial, 0.95, 1, 0.1, false),
		result(6, DesignTrial, 0.95, 1, 0, true),
		result(7, DesignTrial, 0.9, 5, 0, false), // as good as 3
	}
	ids := func(front []Result) (ids []int) {
		for _, r := range front {
			ids = append(ids, r.Trial.ID)
		}
		return ids
	}
	for _, c := range []struct {
		name  string
		goals []Goal
		want  []int
	}{
		{"accuracy first", []Goal{{"accuracy", true}, {"latency", false}}, []int{3, 7, 2}},
		{"latency first", []Goal{{"latency", false}, {"accuracy", true}}, []int{2, 3, 7}},
		{"one goal", []Goal{{"latency", false}}, []int{2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, ids(Front(results, c.goals))); diff != "" {
				t.Errorf("front (-want +got):\n%s", diff)
			}
		})
	}
	if got := Front(results[:2], []Goal{{"latency", false}}); got != nil {
		t.Errorf("front without designs: %v", got)
	}
}

func TestSettingsErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Settings)
		want  string
	}{
		{"no end", func(s *Settings) { s.Evaluations = 0 }, "nothing ends the search"},
		{"no goal", func(s *Settings) { s.Goals = nil }, "there is no goal"},
		{"goal twice", func(s *Settings) { s.Goals = append(s.Goals, s.Goals[0]) }, `goal "error" is listed twice`},
		{"baseline", func(s *Settings) { s.Baselines = []int{0} }, "baseline of 0 bits: want 1 to 32"},
		{"baseline twice", func(s *Settings) { s.Baselines = []int{4, 4} }, "baseline of 4 bits is listed twice"},
		{"workers", func(s *Settings) { s.Workers = -1 }, "workers: -1 is negative"},
		{"budget", func(s *Settings) { s.Budget = -time.Second }, "budget: -1s is negative"},
		{"space", func(s *Settings) { s.Space.Stages = nil }, "the network has no stages"},
		{"two at once", func(s *Settings) { s.Space.Stages, s.Goals = nil, nil }, "there is no goal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sampleSettings()
			c.spoil(&s)
			_, err := New(s, synthetic{}, nil)
			if input := (*InputError)(nil); !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want an InputError with %q", err, c.want)
			}
		})
	}
}

func TestMissingGoalPanics(t *testing.T) {
	s := sampleSettings()
	s.Goals = append(s.Goals, Goal{Name: "energy"})
	defer func() {
		if got := recover(); got != "search: outcome lacks an objective that is a goal" {
			t.Errorf("panic %v", got)
		}
	}()
	mustRun(t, t.TempDir(), s, synthetic{})
}

// A StopError ends the search and leaves its trial pending; once its cause is gone, the study goes
// on to the same end as one that never met it.
func TestStopError(t *testing.T) {
	s := sampleSettings()
	s.Workers = 2
	full := errors.New("no space left")
	dir := t.TempDir()
	state, _, err := run(t, t.Context(), dir, s, EvaluatorFunc(func(ctx context.Context, trial Trial) (Outcome, error) {
		if trial.ID == 5 {
			return Outcome{}, &StopError{full}
		}
		return stagewise(ctx, trial)
	}))
	if !errors.Is(err, full) {
		t.Fatalf("error = %v, want the cause of the stop", err)
	}
	for _, r := range state.Results {
		if r.Trial.ID == 5 {
			t.Error("the stopped trial was recorded")
		}
	}
	_, got := mustRun(t, dir, s, EvaluatorFunc(stagewise))
	_, want := mustRun(t, t.TempDir(), s, EvaluatorFunc(stagewise))
	if got != want {
		t.Errorf("digest %s after a stop, %s without", got, want)
	}
}
