package search

import (
	"time"

	"dse/search/pareto"
)

// Step is how far a study had come after a trial.
type Step struct {
	Trial   int           `json:"trial"`
	Designs int           `json:"designs"` // trained to the end
	Images  int64         `json:"images"`  // cost of all trials so far
	Took    time.Duration `json:"took_ns"` // wall time of all trials so far, one after the other
	// Hypervolume of the feasible designs trained to the end.
	Hypervolume float64 `json:"hypervolume"`
}

// Course returns the hypervolume, within ref, over what the trials cost, trial by trial in the order in which
// they were proposed. Float and baseline trials cost, but add no volume.
func Course(results []Result, goals []Goal, ref []float64, cost func(Result) int64) []Step {
	var (
		steps []Step
		now   Step
		front [][]float64
	)
	for _, r := range results {
		now.Trial = r.Trial.ID
		now.Images += cost(r)
		now.Took += r.Took
		if r.Trial.Kind == DesignTrial {
			now.Designs++
			if p := point(r.Outcome, goals); p.Violation == 0 {
				now.Hypervolume += pareto.Gain(front, p.Values, ref)
				front = pareto.NonDominated(append(front, p.Values))
			}
		}
		steps = append(steps, now)
	}
	return steps
}

// Points returns the goals, as values to be minimised, of the feasible results that did not fail.
func Points(results []Result, goals []Goal) [][]float64 {
	var points [][]float64
	for _, r := range results {
		if p := point(r.Outcome, goals); p.Violation == 0 {
			points = append(points, p.Values)
		}
	}
	return points
}
