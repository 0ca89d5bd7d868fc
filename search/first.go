package search

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"
)

const (
	// hypercubes is how many Latin hypercubes are drawn to choose from.
	hypercubes = 64
	// redraws is how often a design that is there already is drawn anew before it is left out.
	redraws = 1000
)

// first returns up to n different designs that cover the space: each number and each split of the
// epochs is a Latin hypercube, so that every n-th part of its range has one design; of several
// hypercubes the one is taken whose budgets (bits and hardware fractions) keep the greatest distance
// from each other; every granularity comes equally often in every stage. Budgets of weights and of
// activations rise together, up to exchanges of neighbours: a design that is tight in one and loose
// in the other is seldom on the front, and with few designs the front is what they are for; later
// generations go wherever it pays. Fewer than n are returned only by spaces that hardly have more.
//
// Sources: McKay, Beckman, Conover, Technometrics 21(2), 1979; the choice by distance as in Morris,
// Mitchell, J. Statistical Planning and Inference 43, 1995.
func (s *Space) first(n int, rng generator) []Genome {
	var best [][]float64
	bestDistance := -1.0
	for range hypercubes {
		cube := s.latinHypercube(n, rng)
		if d := leastDistance(cube); d > bestDistance {
			best, bestDistance = cube, d
		}
	}
	alignBudgets(best, rng)
	granularity := s.balancedGranularity(n, rng)

	var designs []Genome
	met := map[string]bool{}
	for i, x := range best {
		g := s.decode(granularity[i], x)
		for tries := 0; met[g.String()] && tries < redraws; tries++ {
			g = s.random(rng)
		}
		if text := g.String(); !met[text] {
			met[text] = true
			designs = append(designs, g)
		}
	}
	return designs
}

// alignBudgets deals the activation budgets out in the order of the weight budgets, neighbours
// exchanged at random. Each column keeps its values.
func alignBudgets(cube [][]float64, rng generator) {
	order := make([]int, len(cube))
	activations := make([]float64, len(cube))
	for i, x := range cube {
		order[i], activations[i] = i, x[numberActivations]
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(cube[i][numberWeights], cube[j][numberWeights]) })
	slices.Sort(activations)
	for i := 0; i+1 < len(activations); i += 2 {
		if rng.Float64() < 0.5 {
			activations[i], activations[i+1] = activations[i+1], activations[i]
		}
	}
	for rank, i := range order {
		cube[i][numberActivations] = activations[rank]
	}
}

// generator is what both versions of math/rand offer: eaopt brings the older.
type generator interface {
	Float64() float64
	Perm(n int) []int
	Uint64() uint64
}

// random returns a design from anywhere in the space.
func (s *Space) random(rng generator) Genome {
	return s.decode(s.balancedGranularity(1, rng)[0], s.latinHypercube(1, rng)[0])
}

// latinHypercube returns n points of the unit cube in the coordinates of encode. Of the phases two
// coordinates are free: they are spread uniformly over the triangle of shares.
func (s *Space) latinHypercube(n int, rng generator) [][]float64 {
	columns := numberBudgets + len(s.Budgets)
	points := mat.NewDense(n, columns, nil)
	samplemv.LatinHypercube{Q: distmv.NewUnitUniform(columns, nil), Src: rng}.Sample(points)
	cube := make([][]float64, n)
	for i := range cube {
		cube[i] = points.RawRowView(i)
	}
	for _, x := range cube {
		a, b := math.Sqrt(x[numberPhases]), x[numberPhases+1]
		x[numberPhases], x[numberPhases+1], x[numberPhases+2] = 1-a, a*(1-b), a*b
	}
	return cube
}

// leastDistance returns the least squared distance between two points in bits and budgets.
func leastDistance(cube [][]float64) float64 {
	least := math.Inf(1)
	for i, x := range cube {
		for _, y := range cube[:i] {
			sum := 0.0
			for k := range x {
				if k < numberPhases || k >= numberBudgets {
					sum += (x[k] - y[k]) * (x[k] - y[k])
				}
			}
			least = min(least, sum)
		}
	}
	return least
}

// balancedGranularity returns the granularities of n designs such that in each stage the counts of
// the allowed ones differ by one at most.
func (s *Space) balancedGranularity(n int, rng generator) [][]Granularity {
	allowed := s.granularities()
	designs := make([][]Granularity, n)
	for i := range designs {
		designs[i] = make([]Granularity, len(s.Stages))
	}
	for stage := range s.Stages {
		offset := rng.Perm(len(allowed))[0] // so that n < len(allowed) favours none
		for i, k := range rng.Perm(n) {
			designs[i][stage] = allowed[(k+offset)%len(allowed)]
		}
	}
	return designs
}
