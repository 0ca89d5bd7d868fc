package page

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"dse/reports"
	"dse/search/pareto"
)

// course is how far the search had come after each trial that moved its front.
type course struct {
	// Objectives that span the box.
	Objectives []string `json:"objectives"`
	// Points are [million training images so far, share of the box in percent, id of the trial].
	Points [][3]float64 `json:"points"`
	// Total is the cost of all trials, in million images.
	Total float64 `json:"total"`
}

// mostObjectives bounds the hypervolume, whose exact computation grows exponentially with objectives.
const mostObjectives = 3

// newCourse replays the trials in the order of their ids. The box reaches from the best to the worst value of each
// objective among the feasible designs; accuracies are those of held-out images, by which the search chose.
// Trials that were running at the same time count one after another.
func newCourse(s Study) course {
	costs, names := objectives(s.Results.Objectives)
	c := course{Objectives: names, Points: [][3]float64{}}
	trials := slices.Clone(s.Results.Trials)
	slices.SortFunc(trials, func(a, b reports.Design) int { return cmp.Compare(a.ID, b.ID) })
	baseline := map[int]bool{}
	for _, b := range s.Results.Baselines {
		baseline[b.ID] = true
	}
	counts := func(d reports.Design) bool { return !baseline[d.ID] && d.Feasible && !d.Failed && known(costs, d) }
	best, worst := make([]float64, len(costs)), make([]float64, len(costs))
	for i := range costs {
		best[i], worst[i] = math.Inf(1), math.Inf(-1)
	}
	for _, d := range trials {
		if counts(d) {
			for i, cost := range costs {
				best[i], worst[i] = min(best[i], cost(d)), max(worst[i], cost(d))
			}
		}
	}
	reference := slices.Repeat([]float64{1}, len(costs))
	var front [][]float64
	images := int64(0)
	for _, d := range trials {
		images += s.Images[d.ID]
		if !counts(d) {
			continue
		}
		at := make([]float64, len(costs))
		for i, cost := range costs {
			if worst[i] > best[i] {
				at[i] = (cost(d) - best[i]) / (worst[i] - best[i])
			}
		}
		if slices.ContainsFunc(front, func(p []float64) bool { return noWorse(p, at) }) {
			continue
		}
		front = append(slices.DeleteFunc(front, func(p []float64) bool { return noWorse(at, p) }), at)
		// pareto.Hypervolume orders the points that it is given.
		c.Points = append(c.Points, [3]float64{float64(images) / 1e6, 100 * pareto.Hypervolume(slices.Clone(front), reference), float64(d.ID)})
	}
	c.Total = float64(images) / 1e6
	return c
}

// objectives returns the costs that the study minimised, at most mostObjectives, with their names.
func objectives(names []string) (costs []func(reports.Design) float64, used []string) {
	all := map[string]func(reports.Design) float64{
		"memory":  func(d reports.Design) float64 { return float64(d.MemoryKB) },
		"error":   func(d reports.Design) float64 { return 100 - float64(d.HeldAccuracy) },
		"latency": func(d reports.Design) float64 { return float64(d.LatencyMS) },
		"energy":  func(d reports.Design) float64 { return float64(d.EnergyUJ) },
	}
	for _, n := range names {
		n, _, _ = strings.Cut(strings.ToLower(n), "_")
		if n == "accuracy" {
			n = "error"
		}
		if f := all[n]; f != nil && !slices.Contains(used, n) && len(used) < mostObjectives {
			costs, used = append(costs, f), append(used, n)
		}
	}
	if len(used) == 0 {
		return objectives([]string{"memory", "error"})
	}
	return costs, used
}

func known(costs []func(reports.Design) float64, d reports.Design) bool {
	return !slices.ContainsFunc(costs, func(f func(reports.Design) float64) bool { return !reports.Value(f(d)).Known() })
}

func noWorse(a, b []float64) bool {
	for i := range a {
		if a[i] > b[i] {
			return false
		}
	}
	return true
}
