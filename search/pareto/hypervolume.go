package pareto

import "slices"

// Hypervolume returns the volume that points dominate within the box whose worst corner is ref.
// Points that are not better than ref in every objective add nothing. Exact; two objectives take
// O(n log n), more take the WFG algorithm, whose worst case is exponential in n, so keep to tens of
// points for four objectives and more.
func Hypervolume(points [][]float64, ref []float64) float64 {
	if len(ref) == 0 {
		panic("pareto: hypervolume without dimensions")
	}
	inside := make([][]float64, 0, len(points))
	for _, p := range points {
		if len(p) != len(ref) {
			panic("pareto: points of different dimension")
		}
		if strictlyBetter(p, ref) {
			inside = append(inside, p)
		}
	}
	return union(NonDominated(inside), ref)
}

func strictlyBetter(p, ref []float64) bool {
	for i, v := range p {
		if !(v < ref[i]) {
			return false
		}
	}
	return true
}

// union is the volume of the union of the boxes from each point to ref. The points do not dominate
// each other.
func union(points [][]float64, ref []float64) float64 {
	switch {
	case len(points) == 0:
		return 0
	case len(points) == 1:
		return box(points[0], ref)
	case len(ref) == 2:
		return union2(points, ref)
	}
	// Worst in the last objective first: the limit sets then lose their points early.
	slices.SortFunc(points, func(a, b []float64) int { return compare(b[len(b)-1], a[len(a)-1]) })
	volume := 0.0
	for i, p := range points {
		volume += box(p, ref) - union(NonDominated(limit(points[i+1:], p)), ref)
	}
	return volume
}

// union2 sweeps two objectives from the best first value to the worst.
func union2(points [][]float64, ref []float64) float64 {
	slices.SortFunc(points, func(a, b []float64) int { return compare(a[0], b[0]) })
	area, top := 0.0, ref[1]
	for _, p := range points {
		area += (ref[0] - p[0]) * (top - p[1])
		top = p[1]
	}
	return area
}

func box(p, ref []float64) float64 {
	volume := 1.0
	for i, v := range p {
		volume *= ref[i] - v
	}
	return volume
}

// limit moves each point into the box of p: what of the box it covers stays the same.
func limit(points [][]float64, p []float64) [][]float64 {
	limited := make([][]float64, len(points))
	for i, q := range points {
		limited[i] = make([]float64, len(q))
		for k, v := range q {
			limited[i][k] = max(v, p[k])
		}
	}
	return limited
}

// NonDominated returns the points that none dominates, one of each set of equal ones.
func NonDominated(points [][]float64) [][]float64 {
	var kept [][]float64
	for i, p := range points {
		beaten := false
		for j, q := range points {
			if betterInAll(q, p) || j < i && slices.Equal(q, p) {
				beaten = true
				break
			}
		}
		if !beaten {
			kept = append(kept, p)
		}
	}
	return kept
}

// Gain returns what a point adds to the hypervolume of others.
func Gain(points [][]float64, p, ref []float64) float64 {
	if !strictlyBetter(p, ref) {
		return 0
	}
	return box(p, ref) - Hypervolume(limit(points, p), ref)
}
