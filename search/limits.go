package search

import "math"

// Miss is by how much the design that came closest to all limits exceeds one of them.
type Miss struct {
	Trial int
	Violation
}

// Misses returns the limits that the closest design exceeds, or nil if some design is within all limits or
// none was trained.
func Misses(results []Result) []Miss {
	closest, least := -1, math.Inf(1)
	for i, r := range results {
		if !r.Trial.isDesign() || r.Outcome.Failed {
			continue
		}
		if v := r.Outcome.Violation(); v < least {
			closest, least = i, v
		}
	}
	if closest < 0 || least == 0 {
		return nil
	}
	var misses []Miss
	for _, v := range results[closest].Outcome.Violations {
		if v.Excess > 0 {
			misses = append(misses, Miss{results[closest].Trial.ID, v})
		}
	}
	return misses
}
