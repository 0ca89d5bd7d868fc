// Package adaptive is an evolutionary search that asks a model before it evaluates, as a model for
// eaopt. It is meant for a few dozen to a few hundred evaluations.
//
// One generation: a Gaussian process (package surrogate) is fitted to each objective over all designs
// evaluated so far; NSGA-II runs on the processes' optimistic predictions, which costs nothing; from its
// last population, designs are chosen one by one that are predicted to add most to the hypervolume, each
// time taking those chosen before for granted; only these are evaluated. The best of parents and
// offspring, as NSGA-II ranks them, are the next population.
//
// Related: Knowles, "ParEGO", IEEE Trans. Evolutionary Computation 10(1), 2006; Emmerich, Giannakoglou,
// Naujoks, "Single- and Multiobjective Evolutionary Optimization Assisted by Gaussian Random Field
// Metamodels", ibid. 10(4), 2006 (preselection, hypervolume of optimistic predictions); Ginsbourger, Le
// Riche, Carraro, "Kriging Is Well-Suited to Parallelize Optimization", 2010 (believing predictions).
package adaptive

import (
	"errors"
	"math"
	"math/rand" // eaopt's interface; the generator comes from its caller

	"dse/search/nsga2"
	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// Solution is a genome that a surrogate can learn from.
type Solution interface {
	nsga2.Solution
	// Features returns the genome as numbers in [0, 1], as many for every solution.
	Features() []float64
}

// Settings of the search on the surrogates.
const (
	imaginedSize        = 40 // population
	imaginedGenerations = 25
	// optimism is how many standard deviations a prediction is moved towards the better side.
	optimism = 0.5
)

// Model is the adaptive search. All individuals of the population that it is applied to must hold a
// Solution, evaluated. It serves one run: it remembers the designs it met.
type Model struct {
	// CrossoverRate is the probability that a couple is crossed rather than copied, in [0, 1].
	CrossoverRate float64
	// Batch is the number of designs evaluated in a generation.
	Batch int
	// Evaluate evaluates a batch in any order and returns how many, from the first on, were. If nil,
	// each one's own Evaluate is called in turn.
	Evaluate func(batch []nsga2.Solution) (int, error)
	// Draw returns a solution from anywhere in the space.
	Draw func(rng *rand.Rand) nsga2.Solution

	evaluated []Solution
	met       map[string]struct{}
}

var _ eaopt.Model = (*Model)(nil)

// Validate checks the settings.
func (m *Model) Validate() error {
	switch {
	case !(m.CrossoverRate >= 0 && m.CrossoverRate <= 1):
		return errors.New("adaptive: crossover rate must lie between 0 and 1")
	case m.Batch < 1:
		return errors.New("adaptive: batch must be at least 1")
	case m.Draw == nil:
		return errors.New("adaptive: no function to draw solutions")
	}
	return nil
}

// Apply replaces the population by its next generation, best first; see nsga2.Model.Apply for the order.
// It returns nsga2.ErrExhausted when no designs are found that are new.
func (m *Model) Apply(pop *eaopt.Population) error {
	m.remember(pop.Individuals)
	batch := m.choose(pop)
	if len(batch) == 0 {
		return nsga2.ErrExhausted
	}
	n, err := m.evaluate(batch)
	if err != nil {
		return err
	}
	all := append(eaopt.Individuals{}, pop.Individuals...)
	for _, s := range batch[:n] {
		m.evaluated = append(m.evaluated, s.(Solution))
		all = append(all, eaopt.NewIndividual(s, pop.RNG))
	}
	nsga2.Select(all, pop.Individuals)
	return nil
}

// remember takes the first population into the record.
func (m *Model) remember(individuals eaopt.Individuals) {
	if m.met != nil {
		return
	}
	m.met = map[string]struct{}{}
	for _, indi := range individuals {
		s := indi.Genome.(Solution)
		m.evaluated = append(m.evaluated, s)
		m.met[s.Key()] = struct{}{}
	}
}

func (m *Model) evaluate(batch []nsga2.Solution) (int, error) {
	if m.Evaluate != nil {
		return m.Evaluate(batch)
	}
	for i, s := range batch {
		if _, err := s.Evaluate(); err != nil {
			return i, err
		}
	}
	return len(batch), nil
}

// choose returns up to Batch new designs, best first.
func (m *Model) choose(pop *eaopt.Population) []nsga2.Solution {
	o := newOracle(m.evaluated)
	candidates := m.imagine(pop, o)
	var batch []nsga2.Solution
	take := func(s Solution) {
		m.met[s.Key()] = struct{}{}
		batch = append(batch, s)
	}
	for len(batch) < m.Batch && len(candidates) > 0 {
		best, gain := 0, math.Inf(-1)
		for i, c := range candidates {
			if g := o.gain(c.point); g > gain {
				best, gain = i, g
			}
		}
		c := candidates[best]
		candidates = append(candidates[:best], candidates[best+1:]...)
		o.believe(c.features)
		take(c.Solution)
	}
	// Where the model has nothing new to offer, chance does.
	for vain := 0; len(batch) < m.Batch && vain < drawsInVain; vain++ {
		s := m.Draw(pop.RNG).(Solution)
		if _, met := m.met[s.Key()]; !met {
			take(s)
		}
	}
	return batch
}

// drawsInVain bounds the search for one new design, see nsga2.
const drawsInVain = 5000

// imagine runs NSGA-II on predictions, from the population and random designs on, and returns the new
// designs that it ends with.
func (m *Model) imagine(pop *eaopt.Population, o *oracle) []*imagined {
	inner := &eaopt.Population{RNG: pop.RNG}
	add := func(s nsga2.Solution) {
		i := &imagined{Solution: s.(Solution), oracle: o}
		i.predict()
		inner.Individuals = append(inner.Individuals, eaopt.NewIndividual(i, pop.RNG))
	}
	for _, indi := range pop.Individuals {
		if len(inner.Individuals) < imaginedSize/2 {
			add(indi.Genome.Clone().(nsga2.Solution))
		}
	}
	for len(inner.Individuals) < imaginedSize {
		add(m.Draw(pop.RNG))
	}
	evolve := nsga2.Model{CrossoverRate: m.CrossoverRate, Evaluate: func(batch []nsga2.Solution) (int, error) {
		for _, s := range batch {
			s.(*imagined).predict()
		}
		return len(batch), nil
	}}
	for range imaginedGenerations {
		if evolve.Apply(inner) != nil { // a small space may be exhausted
			break
		}
	}
	var fresh []*imagined
	listed := map[string]bool{} // random designs may come twice
	for _, indi := range inner.Individuals {
		i := indi.Genome.(*imagined)
		if _, met := m.met[i.Key()]; !met && !listed[i.Key()] {
			listed[i.Key()] = true
			fresh = append(fresh, i)
		}
	}
	return fresh
}

// imagined is a solution whose point is a prediction.
type imagined struct {
	Solution
	oracle   *oracle
	features []float64
	point    pareto.Point
}

var _ nsga2.Solution = (*imagined)(nil)

func (i *imagined) predict() {
	i.features = i.Features()
	i.point = i.oracle.optimistic(i.features)
}

// Evaluate is called by nobody: predictions are made in batches.
func (i *imagined) Evaluate() (float64, error) {
	panic("adaptive: an imagined design is not evaluated")
}

// Point returns the prediction.
func (i *imagined) Point() pareto.Point { return i.point }

// Clone copies the solution within.
func (i *imagined) Clone() eaopt.Genome {
	clone := *i
	clone.Solution = i.Solution.Clone().(Solution)
	return &clone
}

// Crossover crosses the solutions within.
func (i *imagined) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	i.Solution.Crossover(mate.(*imagined).Solution, rng)
}
