package pareto

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDominates(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Point
		want bool
	}{
		{"better in one, equal in the other", Point{[]float64{1, 2}, 0}, Point{[]float64{1, 3}, 0}, true},
		{"equal", Point{[]float64{1, 2}, 0}, Point{[]float64{1, 2}, 0}, false},
		{"trade-off", Point{[]float64{1, 3}, 0}, Point{[]float64{2, 2}, 0}, false},
		{"feasible over infeasible, though worse", Point{[]float64{9, 9}, 0}, Point{[]float64{1, 1}, 0.1}, true},
		{"infeasible over feasible", Point{[]float64{1, 1}, 0.1}, Point{[]float64{9, 9}, 0}, false},
		{"less violation, though worse", Point{[]float64{9, 9}, 0.1}, Point{[]float64{1, 1}, 0.2}, true},
		{"equal violation, though better", Point{[]float64{1, 1}, 0.1}, Point{[]float64{9, 9}, 0.1}, false},
		{"infeasible over failed", Point{[]float64{9, 9}, 5}, Point{nil, math.Inf(1)}, true},
		{"failed over failed", Point{nil, math.Inf(1)}, Point{nil, math.Inf(1)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Dominates(c.a, c.b); got != c.want {
				t.Errorf("Dominates(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
			}
		})
	}
}

// drawPoints draws few distinct values, so that ties and duplicates are common.
func drawPoints(t *rapid.T, dimensions int) []Point {
	value := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 6).Draw(t, "value")) })
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
		violation := rapid.SampledFrom([]float64{0, 0, 0, 0.5, 1, math.Inf(1)}).Draw(t, "violation")
		if math.IsInf(violation, 1) {
			return Point{nil, violation}
		}
		return Point{rapid.SliceOfN(value, dimensions, dimensions).Draw(t, "values"), violation}
	}), 0, 30).Draw(t, "points")
}

// peel is the definition of the fronts: what nothing among the rest dominates, over and over.
func peel(points []Point) [][]int {
	rest := make([]int, len(points))
	for i := range rest {
		rest[i] = i
	}
	var fronts [][]int
	for len(rest) > 0 {
		var front, dominated []int
		for _, p := range rest {
			if slices.ContainsFunc(rest, func(q int) bool { return Dominates(points[q], points[p]) }) {
				dominated = append(dominated, p)
			} else {
				front = append(front, p)
			}
		}
		fronts, rest = append(fronts, front), dominated
	}
	return fronts
}

func TestSortPeels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawPoints(t, rapid.IntRange(1, 4).Draw(t, "dimensions"))
		if diff := cmp.Diff(peel(points), Sort(points)); diff != "" {
			t.Fatalf("fronts of %v (-peeled +sorted):\n%s", points, diff)
		}
	})
}

func TestSortAndCrowdingIgnoreOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Equal values share their crowding in an order of their own: see Crowding.
		points := distinct(drawPoints(t, rapid.IntRange(2, 4).Draw(t, "dimensions")))
		order := rapid.Permutation(indices(len(points))).Draw(t, "order")
		shuffled := make([]Point, len(points))
		for i, k := range order {
			shuffled[i] = points[k]
		}
		rank, distance := describe(points)
		shuffledRank, shuffledDistance := describe(shuffled)
		for i, k := range order {
			if rank[k] != shuffledRank[i] || distance[k] != shuffledDistance[i] {
				t.Fatalf("%v: rank %d, distance %v; shuffled: rank %d, distance %v",
					points[k], rank[k], distance[k], shuffledRank[i], shuffledDistance[i])
			}
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func distinct(points []Point) (kept []Point) {
	for _, p := range points {
		if !slices.ContainsFunc(kept, func(q Point) bool { return slices.Equal(p.Values, q.Values) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// describe returns each point's front and crowding distance.
func describe(points []Point) (rank []int, distance []float64) {
	rank, distance = make([]int, len(points)), make([]float64, len(points))
	for r, front := range Sort(points) {
		for i, d := range Crowding(points, front) {
			rank[front[i]], distance[front[i]] = r, d
		}
	}
	return rank, distance
}

func TestCrowding(t *testing.T) {
	inf := math.Inf(1)
	feasible := func(values ...[]float64) (points []Point) {
		for _, v := range values {
			points = append(points, Point{Values: v})
		}
		return points
	}
	for _, c := range []struct {
		name   string
		points []Point
		want   []float64
	}{
		{"one", feasible([]float64{3, 4}), []float64{0}},
		{"two", feasible([]float64{0, 1}, []float64{1, 0}), []float64{inf, inf}},
		// f1 has extent 10, f2 extent 100. Middle (2, 40): (10-0)/10 + (100-0)/100.
		{"three", feasible([]float64{0, 100}, []float64{2, 40}, []float64{10, 0}), []float64{inf, 2, inf}},
		// (1, 6): (4-0)/10 + (10-3)/10; (4, 3): (10-1)/10 + (6-0)/10.
		{"four", feasible([]float64{4, 3}, []float64{10, 0}, []float64{0, 10}, []float64{1, 6}), []float64{1.5, inf, inf, 1.1}},
		{"no extent", feasible([]float64{1, 1}, []float64{1, 1}, []float64{1, 1}), []float64{0, 0, 0}},
		{"failed", []Point{{nil, inf}, {nil, inf}}, []float64{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Crowding(c.points, indices(len(c.points)))
			// A sum of two quotients of small integers: one rounding each.
			near := cmp.Comparer(func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-15 })
			if diff := cmp.Diff(c.want, got, near); diff != "" {
				t.Errorf("distance (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenContractsPanic(t *testing.T) {
	for _, c := range []struct {
		name, want string
		call       func()
	}{
		{"dimension", "pareto: points of different dimension", func() { Sort([]Point{{[]float64{1}, 0}, {[]float64{1, 2}, 0}}) }},
		{"NaN", "pareto: value must be finite", func() { Sort([]Point{{[]float64{math.NaN()}, 0}}) }},
		{"violation", "pareto: violation must be at least 0", func() { Sort([]Point{{nil, -1}}) }},
		{"reference", "pareto: points of different dimension", func() { Hypervolume([][]float64{{1}}, []float64{1, 2}) }},
		{"no reference", "pareto: hypervolume without dimensions", func() { Hypervolume(nil, nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.call()
		})
	}
}

func BenchmarkSort(b *testing.B) {
	for _, n := range []int{100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			points := make([]Point, n)
			for i := range points {
				x := float64(i*7919%n) / float64(n)
				points[i] = Point{Values: []float64{x, 1 - x + float64(i%5)/10}}
			}
			for b.Loop() {
				Sort(points)
			}
		})
	}
}
