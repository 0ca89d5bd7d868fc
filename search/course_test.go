package search

import (
	"math"
	"testing"
	"time"

	"dse/search/pareto"

	"github.com/google/go-cmp/cmp"
)

// Two designs of 2x1 and 1x2 below the corner (2, 2) that share a square, one in between that failed, one
// that violates a limit, a probe and a baseline.
func TestCourse(t *testing.T) {
	goals := []Goal{{"error", false}, {"latency", false}}
	result := func(id int, kind TrialKind, a, b float64) Result {
		return Result{Trial: Trial{ID: id, Kind: kind}, Took: time.Second, Outcome: Outcome{Objectives: []Objective{{"error", a}, {"latency", b}}}}
	}
	results := []Result{
		result(0, BaselineTrial, 0, 0), result(1, ProbeTrial, 0, 0), result(2, DesignTrial, 0, 1),
		result(3, DesignTrial, 0, 0), result(4, DesignTrial, 0, 0), result(5, DesignTrial, 1, 0),
	}
	results[3].Outcome.Failed = true
	results[4].Outcome.Violations = []Violation{{"size", 0.1}}
	steps := Course(results, goals, []float64{2, 2}, func(r Result) int64 { return int64(r.Trial.ID + 1) })
	want := []Step{
		{0, 0, 1, time.Second, 0}, {1, 0, 3, 2 * time.Second, 0}, {2, 1, 6, 3 * time.Second, 2},
		{3, 2, 10, 4 * time.Second, 2}, {4, 3, 15, 5 * time.Second, 2}, {5, 4, 21, 6 * time.Second, 3},
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("course (-want +got):\n%s", diff)
	}
}

// A course ends at the hypervolume of the front.
func TestCourseEndsAtFront(t *testing.T) {
	state, _ := mustRun(t, t.TempDir(), sampleSettings(), synthetic{})
	ref := []float64{0.6, 60}
	goals := sampleSettings().Goals
	steps := Course(state.Results, goals, ref, func(Result) int64 { return 1 })
	want := pareto.Hypervolume(Points(state.Front, goals), ref)
	if got := steps[len(steps)-1]; want == 0 || math.Abs(got.Hypervolume-want) > 1e-9*want || got.Images != sampleTrials {
		t.Errorf("the course ends at %+v, the front covers %v", got, want)
	}
}

func TestMisses(t *testing.T) {
	result := func(id int, kind TrialKind, failed bool, memory, latency float64) Result {
		return Result{Trial: Trial{ID: id, Kind: kind}, Outcome: Outcome{Failed: failed, Violations: []Violation{{"memory=8kB", memory}, {"latency=1ms", latency}}}}
	}
	far, near, failed := result(1, DesignTrial, false, 0.5, 0.1), result(2, ProbeTrial, false, 0, 0.2), result(3, DesignTrial, true, 0, 0)
	for _, c := range []struct {
		name    string
		results []Result
		want    []Miss
	}{
		{"none", nil, nil},
		{"closest", []Result{far, near, failed}, []Miss{{2, Violation{"latency=1ms", 0.2}}}},
		{"both limits", []Result{far}, []Miss{{1, Violation{"memory=8kB", 0.5}}, {1, Violation{"latency=1ms", 0.1}}}},
		{"one is feasible", []Result{far, result(4, DesignTrial, false, 0, 0)}, nil},
		{"baselines do not count", []Result{far, result(0, BaselineTrial, false, 0, 0)}, []Miss{{1, Violation{"memory=8kB", 0.5}}, {1, Violation{"latency=1ms", 0.1}}}},
		{"all failed", []Result{failed}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Misses(c.results)); diff != "" {
				t.Errorf("misses (-want +got):\n%s", diff)
			}
		})
	}
}
