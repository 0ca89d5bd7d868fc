package bench

import (
	"math"
	"math/rand" // eaopt's interface
	randv2 "math/rand/v2"

	"dse/search/adaptive"
	"dse/search/nsga2"
	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// Algorithm solves a problem with a number of evaluations and returns the objectives that it found: the
// last population, or all that it evaluated.
type Algorithm struct {
	Name  string
	Solve func(p *Problem, evaluations int, seed uint64) [][]float64
}

// Large is NSGA-II as usual: populations of 100, the last of which counts.
var Large = Algorithm{"nsga2", func(p *Problem, evaluations int, seed uint64) [][]float64 {
	return evolve(p, 100, evaluations, seed, &nsga2.Model{CrossoverRate: 0.9}, false)
}}

// Small returns the algorithms for few evaluations; all that they evaluated counts. NSGA-II has a
// population of 10 here: with 20 or more it has hardly begun.
func Small() []Algorithm {
	return []Algorithm{
		Random,
		Grid,
		{"nsga2", func(p *Problem, evaluations int, seed uint64) [][]float64 {
			return evolve(p, smallPopulation, evaluations, seed, &nsga2.Model{CrossoverRate: 0.9}, true)
		}},
		{"adaptive", func(p *Problem, evaluations int, seed uint64) [][]float64 {
			var found [][]float64
			record := func(f []float64) { found = append(found, f) }
			m := &adaptive.Model{CrossoverRate: 0.9, Batch: smallPopulation / 2, Draw: func(rng *rand.Rand) nsga2.Solution {
				return random(p, record, rng)
			}}
			run(p, smallPopulation, smallPopulation/2, evaluations, seed, m, record)
			return found[:evaluations]
		}},
	}
}

const smallPopulation = 10

// Random evaluates points drawn uniformly.
var Random = Algorithm{"random", func(p *Problem, evaluations int, seed uint64) [][]float64 {
	rng := newRand(seed)
	var found [][]float64
	for range evaluations {
		found = append(found, p.Evaluate(eaopt.InitUnifFloat64(uint(p.Variables), 0, 1, rng)))
	}
	return found
}}

// Grid evaluates points of a full grid with as many levels per variable as there are evaluations for, three
// at least, in an order drawn at random: with tens of variables no budget reaches its end, and in its
// natural order most variables would never move.
var Grid = Algorithm{"grid", func(p *Problem, evaluations int, seed uint64) [][]float64 {
	rng := newRand(seed)
	levels := max(3, int(math.Pow(float64(evaluations), 1/float64(p.Variables))))
	var found [][]float64
	x := make([]float64, p.Variables)
	for range evaluations {
		for i := range x {
			x[i] = float64(rng.Intn(levels)) / float64(levels-1)
		}
		found = append(found, p.Evaluate(x))
	}
	return found
}}

func evolve(p *Problem, population, evaluations int, seed uint64, m eaopt.Model, all bool) [][]float64 {
	var found [][]float64
	last := run(p, population, population, evaluations, seed, m, func(f []float64) { found = append(found, f) })
	if all {
		return found[:evaluations]
	}
	return last
}

// run evolves a population, with so many evaluations per generation after the first, until there were as
// many as asked for or just more, and returns the last population's objectives.
func run(p *Problem, population, batch, evaluations int, seed uint64, m eaopt.Model, record func([]float64)) [][]float64 {
	generations := max(1, (evaluations-population+batch-1)/batch)
	ga, err := eaopt.GAConfig{
		NPops: 1, PopSize: uint(population), NGenerations: uint(generations), HofSize: 1, Model: m, RNG: newRand(seed),
	}.NewGA()
	if err != nil {
		panic("bench: " + err.Error())
	}
	err = ga.Minimize(func(rng *rand.Rand) eaopt.Genome { return random(p, record, rng) })
	if err != nil {
		panic("bench: " + err.Error())
	}
	var last [][]float64
	for _, indi := range ga.Populations[0].Individuals {
		last = append(last, indi.Genome.(*vector).f)
	}
	return last
}

// hypervolume counts what a corner sees of the points.
func hypervolume(points [][]float64, c Corner) float64 { return pareto.Hypervolume(points, c.Point) }

// newRand returns a generator of the older rand package with a PCG source.
func newRand(seed uint64) *rand.Rand { return rand.New(pcg{randv2.NewPCG(seed, 0)}) }

type pcg struct{ *randv2.PCG }

func (p pcg) Int63() int64 { return int64(p.Uint64() >> 1) }

// Seed is part of rand.Source; nothing calls it.
func (p pcg) Seed(seed int64) { p.PCG.Seed(uint64(seed), 0) }
