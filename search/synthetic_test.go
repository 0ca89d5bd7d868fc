package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"dse/search/study"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// synthetic is a network whose error falls and whose latency rises with its bits, in closed form.
// Finer slices and a longer phase 2 help; the size is limited; one design in seven fails.
type synthetic struct {
	// delay is how long a trial of an id takes, if not nil.
	delay func(id int) time.Duration
}

func (s synthetic) Evaluate(ctx context.Context, t Trial) (Outcome, error) {
	if s.delay != nil {
		select {
		case <-ctx.Done():
			return Outcome{}, ctx.Err()
		case <-time.After(s.delay(t.ID)):
		}
	}
	return outcomeOf(t)
}

func outcomeOf(t Trial) (Outcome, error) {
	noise := float64(t.Seed%1000) / 1e5
	switch t.Kind {
	case FloatTrial:
		return Outcome{Objectives: []Objective{{"error", 0.1}}, Extra: json.RawMessage(`{"checkpoint": "float"}`)}, nil
	case BaselineTrial:
		b := float64(t.BaselineBits)
		return Outcome{Objectives: []Objective{{"error", 0.1 + math.Exp2(-b) + noise}, {"latency", b * b}}}, nil
	}
	if t.Seed%7 == 0 {
		return Outcome{}, errors.New("loss is not finite\nin epoch 3")
	}
	g := t.Genome
	w, a := g.WeightBits.Float(), g.ActivationBits.Float()
	finesse := 0.0
	for _, v := range g.Granularity {
		finesse += float64(v) / float64(len(g.Granularity))
	}
	// What later rungs take off the error, the less the finer the design is.
	toGo := 0.0
	if t.Rungs > 0 {
		toGo = (0.08 - 0.02*finesse/2) * (1 - float64(t.Rung+1)/float64(t.Rungs))
	}
	share := float64(g.Phases[Mixed]) / float64(g.Phases[0]+g.Phases[1]+g.Phases[2])
	return Outcome{
		Objectives: []Objective{
			{"error", 0.1 + math.Exp2(-w)*(1.5-0.2*finesse) + math.Exp2(-a) + 0.1*(share-0.6)*(share-0.6) + noise + toGo},
			{"latency", w*a*(1+0.1*finesse) + g.Budgets[0].Fraction.Float()},
		},
		Violations: []Violation{{"size", math.Max(0, w/7-1)}},
		Extra:      json.RawMessage(fmt.Sprintf(`{"finesse": %v}`, finesse)),
	}, nil
}

// sampleSettings asks for four generations of six designs, the last of them partial.
func sampleSettings() Settings {
	return Settings{
		Space:       sampleSpace(),
		Goals:       []Goal{{Name: "error"}, {Name: "latency"}},
		Baselines:   []int{8, 4, 2},
		Population:  6,
		Evaluations: 20,
		Seed:        42,
		Cores:       4,
	}
}

// sampleTrials is the number of trials of sampleSettings.
const sampleTrials = 1 + 3 + 20

func studySettings(s Settings) study.Settings {
	return study.Settings{Program: map[string]any{"stages": s.Space.Stages}, Accelerator: "name: sample\n", Seed: s.Seed}
}

func openStudy(t testing.TB, dir string, s Settings) *study.Study {
	t.Helper()
	st, err := study.OpenOrCreate(dir, studySettings(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// run runs a search on the study in dir and closes it.
func run(t testing.TB, ctx context.Context, dir string, s Settings, e Evaluator) (state State, digest string, err error) {
	t.Helper()
	st := openStudy(t, dir, s)
	search, err := New(s, e, st)
	if err != nil {
		t.Fatal(err)
	}
	state, err = search.Run(ctx)
	digest, digestErr := st.Digest()
	if digestErr != nil {
		t.Fatal(digestErr)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return state, digest, err
}

// mustRun is run where no error is expected.
func mustRun(t testing.TB, dir string, s Settings, e Evaluator) (State, string) {
	t.Helper()
	state, digest, err := run(t, t.Context(), dir, s, e)
	if err != nil {
		t.Fatal(err)
	}
	return state, digest
}

// sameState compares states but for times.
func sameState(t testing.TB, want, got State) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(State{}, "Spent"), cmpopts.IgnoreFields(Result{}, "Took")); diff != "" {
		t.Errorf("states differ (-want +got):\n%s", diff)
	}
}

func designsOf(state State) (designs []Result) {
	for _, r := range state.Results {
		if r.Trial.Kind == DesignTrial {
			designs = append(designs, r)
		}
	}
	return designs
}
