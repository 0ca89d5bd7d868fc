// Package pareto orders points by dominance: constrained non-dominated sorting, crowding distance
// and hypervolume. All objectives are minimised.
//
// Sources: Deb, Pratap, Agarwal, Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm:
// NSGA-II", IEEE Trans. Evolutionary Computation 6(2), 2002 (sections III-A, III-B, VI-A); While,
// Bradstreet, Barone, "A Fast Way of Calculating Exact Hypervolumes", ibid. 16(1), 2012 (WFG).
package pareto

import (
	"math"
	"slices"
)

// Point is a solution as the order sees it.
type Point struct {
	// Values of the objectives; any length if Violation is infinite, else equal for all points.
	Values []float64
	// Violation is the amount by which constraints are violated in all; 0 is feasible, +Inf is
	// worse than every number and stands for solutions without values.
	Violation float64
}

// Dominates reports whether a constrained-dominates b (Deb 2002, definition 1): a is feasible and b
// is not, or both are infeasible and a violates less, or both are feasible and a is nowhere worse
// and somewhere better.
func Dominates(a, b Point) bool {
	if a.Violation != b.Violation {
		return a.Violation < b.Violation
	}
	return a.Violation == 0 && betterInAll(a.Values, b.Values)
}

// betterInAll is plain Pareto dominance.
func betterInAll(a, b []float64) bool {
	better := false
	for i, v := range a {
		if v > b[i] {
			return false
		}
		better = better || v < b[i]
	}
	return better
}

// check panics unless all points are comparable: no negative violation, finite values, and as
// many of them in every point of finite violation.
func check(points []Point) {
	n := -1
	for _, p := range points {
		if math.IsNaN(p.Violation) || p.Violation < 0 {
			panic("pareto: violation must be at least 0")
		}
		if math.IsInf(p.Violation, 1) {
			continue
		}
		if n < 0 {
			n = len(p.Values)
		}
		if len(p.Values) != n {
			panic("pareto: points of different dimension")
		}
		for _, v := range p.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				panic("pareto: value must be finite")
			}
		}
	}
}

// Sort divides points into fronts by the fast non-dominated sort: the first holds the indices of
// the points that none dominates, the next those that only points of earlier fronts dominate, and
// so on. Indices ascend within a front. O(m n^2) time, O(n^2) space for n points of m values.
func Sort(points []Point) [][]int {
	check(points)
	var (
		dominated = make([][]int32, len(points)) // S_p: those that p dominates
		dominates = make([]int, len(points))     // n_p: how many dominate p
		front     []int
		fronts    [][]int
	)
	for p := range points {
		for q := p + 1; q < len(points); q++ {
			switch {
			case Dominates(points[p], points[q]):
				dominated[p] = append(dominated[p], int32(q))
				dominates[q]++
			case Dominates(points[q], points[p]):
				dominated[q] = append(dominated[q], int32(p))
				dominates[p]++
			}
		}
	}
	for p, n := range dominates {
		if n == 0 {
			front = append(front, p)
		}
	}
	for len(front) > 0 {
		fronts = append(fronts, front)
		var next []int
		for _, p := range front {
			for _, q := range dominated[p] {
				if dominates[q]--; dominates[q] == 0 {
					next = append(next, int(q))
				}
			}
		}
		slices.Sort(next)
		front = next
	}
	return fronts
}

// Crowding returns, for each index of a front, the sum over objectives of the distance between its
// neighbours on both sides, as a share of the front's extent in that objective. The ends of every
// objective have +Inf. An objective in which the front has no extent adds nothing and has no ends.
//
// Neighbours are found by the objective, then the others in order, then the index, so that only
// points of equal values depend on the order of the points.
func Crowding(points []Point, front []int) []float64 {
	distance := make([]float64, len(front))
	if len(front) == 0 || math.IsInf(points[front[0]].Violation, 1) {
		return distance // no values, nothing to keep apart
	}
	order := make([]int, len(front)) // positions in front
	for m := range points[front[0]].Values {
		for i := range order {
			order[i] = i
		}
		value := func(i int) float64 { return points[front[order[i]]].Values[m] }
		slices.SortFunc(order, func(i, j int) int {
			a, b := points[front[i]].Values, points[front[j]].Values
			if c := compare(a[m], b[m]); c != 0 {
				return c
			}
			if c := slices.Compare(a, b); c != 0 {
				return c
			}
			return front[i] - front[j]
		})
		last := len(order) - 1
		extent := value(last) - value(0)
		if extent == 0 {
			continue
		}
		distance[order[0]], distance[order[last]] = math.Inf(1), math.Inf(1)
		for i := 1; i < last; i++ {
			distance[order[i]] += (value(i+1) - value(i-1)) / extent
		}
	}
	return distance
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
