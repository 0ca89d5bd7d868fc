package search

import (
	"fmt"
	"math"
	"slices"

	"dse/search/nsga2"
	"dse/search/pareto"
)

// Stopping says which designs are not worth training on after a rung. A design is compared with those
// proposed before it, as they all were on the same rung, so that each had seen as many images:
//
//   - A design that failed is stopped.
//   - Nothing else is stopped before Least designs have reached the rung.
//   - A feasible design is stopped if another feasible one is better in every goal by more than Margin of the
//     goal's range. The range is that of the designs on the rung that no other beats.
//   - A design that violates limits by more than Margin in all, as shares of the limits, is stopped if a
//     feasible one has been on the rung.
//   - A design is stopped if it is not among the best share Keep of those on the rung so far, itself included.
//     Better is what NSGA-II takes for better: the earlier front, within a front the emptier region.
//
// The last is successive halving with the order of NSGA-II (Schmucker, Donini, Zafar, Salinas, Archambeau,
// "Multi-objective Asynchronous Successive Halving", 2021, compare such orders).
//
// Because only earlier proposals count, whether a design is stopped does not depend on workers or on how
// much budget follows.
type Stopping struct {
	// Margin by which a learning curve may lie behind. If 0, whatever is dominated is stopped.
	Margin float64 `json:"margin"`
	// Keep is the share of designs that go on, in (0, 1]. If 0, all that the margin allows do.
	Keep float64 `json:"keep"`
	// Least is the number of designs to compare with.
	Least int `json:"least"`
}

// DefaultStopping lets a design be a little behind, because short trainings order designs only roughly.
func DefaultStopping() Stopping { return Stopping{Margin: 0.03, Keep: 0.33, Least: 4} }

func (s Stopping) check() error {
	if !(s.Margin >= 0 && s.Margin <= 1) || !(s.Keep >= 0 && s.Keep <= 1) || s.Least < 0 {
		return fmt.Errorf("stopping: want a margin and a share to keep from 0 to 1 and at least 0 designs to compare with, got %v, %v and %d",
			s.Margin, s.Keep, s.Least)
	}
	return nil
}

// stops reports whether the design at p should not be trained on, given the earlier points of its rung.
func (s Stopping) stops(earlier []pareto.Point, p pareto.Point) bool {
	if math.IsInf(p.Violation, 1) {
		return true
	}
	if len(earlier) < s.Least {
		return false
	}
	return s.behind(earlier, p) || s.Keep > 0 && !s.kept(earlier, p)
}

// kept reports whether p is among the best of all on the rung.
func (s Stopping) kept(earlier []pareto.Point, p pareto.Point) bool {
	all := append(slices.Clone(earlier), p)
	best := nsga2.Best(all, int(math.Ceil(s.Keep*float64(len(all)))))
	return slices.Contains(best, len(earlier))
}

// behind reports whether p is behind another by the margin.
func (s Stopping) behind(earlier []pareto.Point, p pareto.Point) bool {
	var feasible [][]float64
	for _, q := range earlier {
		if q.Violation == 0 {
			feasible = append(feasible, q.Values)
		}
	}
	if len(feasible) == 0 {
		return false
	}
	if p.Violation > 0 {
		return p.Violation > s.Margin
	}
	front := pareto.NonDominated(feasible)
	margin := make([]float64, len(p.Values))
	for k := range margin {
		least, most := math.Inf(1), math.Inf(-1)
		for _, q := range front {
			least, most = min(least, q[k]), max(most, q[k])
		}
		margin[k] = s.Margin * (most - least)
	}
	for _, q := range front {
		behind := true
		for k, v := range p.Values {
			behind = behind && q[k]+margin[k] < v
		}
		if behind {
			return true
		}
	}
	return false
}
