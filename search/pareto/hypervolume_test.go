package pareto

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestHypervolume(t *testing.T) {
	for _, c := range []struct {
		name   string
		points [][]float64
		ref    []float64
		want   float64
	}{
		{"none", nil, []float64{1, 1}, 0},
		{"one dimension", [][]float64{{2}, {1}}, []float64{4}, 3},
		{"one box", [][]float64{{0, 0}}, []float64{2, 3}, 6},
		{"on the edge", [][]float64{{2, 0}}, []float64{2, 3}, 0},
		{"beyond", [][]float64{{3, -5}}, []float64{2, 3}, 0},
		// Boxes 2x1 and 1x2 that share 1x1.
		{"two", [][]float64{{0, 1}, {1, 0}}, []float64{2, 2}, 3},
		{"dominated adds nothing", [][]float64{{0, 1}, {1, 0}, {1, 1}}, []float64{2, 2}, 3},
		{"double adds nothing", [][]float64{{0, 1}, {0, 1}}, []float64{2, 2}, 2},
		// Three boxes 2x1x1 in a cube of side 2, all sharing one unit: 3*2 - 2.
		{"three dimensions", [][]float64{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}}, []float64{2, 2, 2}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Hypervolume(c.points, c.ref); got != c.want { // small integers: exact
				t.Errorf("hypervolume = %v, want %v", got, c.want)
			}
		})
	}
}

// side of the box in which integer points are drawn.
const side = 5

// countCells is the volume by definition: the unit cells of the box that some point dominates.
func countCells(points [][]float64, dimensions int) float64 {
	cells := 0
	corner := make([]float64, dimensions)
	var walk func(axis int)
	walk = func(axis int) {
		if axis < dimensions {
			for v := range side {
				corner[axis] = float64(v)
				walk(axis + 1)
			}
			return
		}
		for _, p := range points {
			covered := true
			for k, v := range p {
				covered = covered && v <= corner[k]
			}
			if covered {
				cells++
				return
			}
		}
	}
	walk(0)
	return float64(cells)
}

func TestHypervolumeCountsCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dimensions := rapid.IntRange(1, 4).Draw(t, "dimensions")
		value := rapid.Map(rapid.IntRange(0, side), func(v int) float64 { return float64(v) })
		points := rapid.SliceOfN(rapid.SliceOfN(value, dimensions, dimensions), 0, 12).Draw(t, "points")
		ref := make([]float64, dimensions)
		for k := range ref {
			ref[k] = side
		}
		if got, want := Hypervolume(points, ref), countCells(points, dimensions); got != want {
			t.Fatalf("hypervolume of %v = %v, want %v", points, got, want)
		}
	})
}

// TestHypervolumeOfSphere compares with the volume that the octant of a sphere leaves, which points
// on a grid approach from below.
func TestHypervolumeOfSphere(t *testing.T) {
	const n = 12
	var points [][]float64
	for i := range n {
		for j := range n {
			a, b := float64(i)/(n-1)*math.Pi/2, float64(j)/(n-1)*math.Pi/2
			points = append(points, []float64{math.Cos(a) * math.Cos(b), math.Cos(a) * math.Sin(b), math.Sin(a)})
		}
	}
	exact := 1 - math.Pi/6
	got := Hypervolume(points, []float64{1, 1, 1})
	if got >= exact || got < exact-0.15 {
		t.Errorf("hypervolume = %v, want a little less than %v", got, exact)
	}
}

// What a point adds is the difference that it makes.
func TestGain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dimensions := rapid.IntRange(1, 4).Draw(t, "dimensions")
		point := rapid.Custom(func(t *rapid.T) []float64 {
			p := make([]float64, dimensions)
			for i := range p {
				p[i] = float64(rapid.IntRange(0, side+1).Draw(t, "value"))
			}
			return p
		})
		points, p := rapid.SliceOfN(point, 0, 8).Draw(t, "points"), point.Draw(t, "point")
		ref := make([]float64, dimensions)
		for i := range ref {
			ref[i] = side
		}
		want := Hypervolume(append(points[:len(points):len(points)], p), ref) - Hypervolume(points, ref)
		if got := Gain(points, p, ref); got != want { // small integers: exact
			t.Fatalf("gain = %v, want %v", got, want)
		}
	})
}
