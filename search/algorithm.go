package search

import (
	"fmt"
	"math/rand" // eaopt's interface
	randv2 "math/rand/v2"
	"slices"

	"dse/search/adaptive"
	"dse/search/nsga2"

	"github.com/MaxHalford/eaopt"
)

// Algorithm is a way to propose designs.
type Algorithm string

const (
	// NSGA2 evolves a stratified first population, see package nsga2.
	NSGA2 Algorithm = "nsga2"
	// Adaptive asks a model of the designs so far, see package adaptive.
	Adaptive Algorithm = "adaptive"
	// Random draws each design from anywhere in the space.
	Random Algorithm = "random"
	// Grid takes designs of a full grid, with one granularity for all stages, in random order.
	Grid Algorithm = "grid"
)

// Algorithms lists them.
func Algorithms() []Algorithm { return []Algorithm{NSGA2, Adaptive, Random, Grid} }

func (a Algorithm) check() error {
	if a != "" && !slices.Contains(Algorithms(), a) {
		return fmt.Errorf("unknown algorithm %q; the algorithms are: nsga2, adaptive, random, grid", string(a))
	}
	return nil
}

// population returns the designs of the first generation.
func (e *evolution) population() []Genome {
	s := &e.settings
	switch s.Algorithm {
	case Random, Grid:
		return e.sample(s.Population)
	}
	return s.Space.first(s.Population, randv2.New(randv2.NewPCG(s.Seed, streamFirst)))
}

// model returns what makes later generations.
func (e *evolution) model() eaopt.Model {
	switch s := &e.settings; s.Algorithm {
	case Adaptive:
		return &adaptive.Model{CrossoverRate: crossoverRate, Batch: max(1, s.Population/2), Evaluate: e.offspring, Draw: e.draw}
	case Random, Grid:
		return &sampling{e}
	}
	return &nsga2.Model{CrossoverRate: crossoverRate, Evaluate: e.offspring, Draw: e.draw}
}

// sampling is a model without selection: every generation is drawn anew.
type sampling struct{ *evolution }

// Validate is part of eaopt.Model; there is nothing to check.
func (s *sampling) Validate() error { return nil }

// Apply evaluates the next designs. They replace the population, which nothing is bred from.
func (s *sampling) Apply(pop *eaopt.Population) error {
	genomes := s.sample(len(pop.Individuals))
	if len(genomes) == 0 {
		return nsga2.ErrExhausted
	}
	batch := make([]nsga2.Solution, len(genomes))
	for i, g := range genomes {
		batch[i] = &design{space: &s.settings.Space, genome: g}
	}
	_, err := s.offspring(batch)
	return err
}

// sample returns up to n designs that were not sampled before.
func (e *evolution) sample(n int) []Genome {
	if e.sampled == nil {
		e.sampled = map[string]bool{}
		e.rng = newLegacyRand(e.settings.Seed)
		if e.settings.Algorithm == Grid {
			e.grid = e.settings.Space.grid()
			e.rng.Shuffle(len(e.grid), func(i, j int) { e.grid[i], e.grid[j] = e.grid[j], e.grid[i] })
		}
	}
	var genomes []Genome
	for vain := 0; len(genomes) < n && vain < redraws; vain++ {
		var g Genome
		switch {
		case e.settings.Algorithm == Random:
			g = e.settings.Space.random(e.rng)
		case len(e.grid) > 0:
			g, e.grid = e.grid[0], e.grid[1:]
		default:
			return genomes
		}
		if text := g.String(); !e.sampled[text] {
			e.sampled[text] = true
			genomes = append(genomes, g)
			vain = 0
		}
	}
	return genomes
}

// draws is the state of random and grid search.
type draws struct {
	sampled map[string]bool
	grid    []Genome
	rng     *rand.Rand
}

// gridLevels is the number of values of each bit budget in a grid.
const gridLevels = 9

// grid returns every combination of one granularity, weight bits and activation bits, with phases of equal
// spare length and no budget on hardware.
func (s *Space) grid() []Genome {
	var designs []Genome
	x := make([]float64, numberBudgets+len(s.Budgets))
	for i := numberBudgets; i < len(x); i++ {
		x[i] = 1
	}
	for _, g := range s.granularities() {
		for w := range gridLevels {
			for a := range gridLevels {
				x[numberWeights], x[numberActivations] = float64(w)/(gridLevels-1), float64(a)/(gridLevels-1)
				designs = append(designs, s.decode(slices.Repeat([]Granularity{g}, len(s.Stages)), x))
			}
		}
	}
	return designs
}
