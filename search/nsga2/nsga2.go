// Package nsga2 is the elitist multi-objective genetic algorithm NSGA-II as a model for eaopt.
//
// One generation: binary tournaments by rank, then crowding distance, choose parents; crossover and
// mutation make as many offspring as there are parents; the best of both together, front by front
// and the least crowded of the last front that fits, are the next parents. Ranks are by
// constrained domination.
//
// Source: Deb, Pratap, Agarwal, Meyarivan, IEEE Trans. Evolutionary Computation 6(2), 2002, and the
// authors' program for the bounded forms of the operators. Departure: a design that was met before
// is not evaluated again, for evaluations are dear here; couples mate until the offspring are new.
package nsga2

import (
	"errors"
	"math"
	"math/rand" // eaopt's interface; the generator comes from its caller
	"slices"

	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// Solution is a genome with several objectives.
//
// Crossover changes both mates and Mutate the receiver; both forget what the changed genomes were
// evaluated to. Clone keeps it.
type Solution interface {
	eaopt.Genome
	// Key is the same for the same design and for no other.
	Key() string
	// Point returns objectives and violation of an evaluated solution.
	Point() pareto.Point
}

// ErrExhausted is returned by Apply when no offspring are found that are new.
var ErrExhausted = errors.New("nsga2: no new solution found")

// Bounds of the search for one new child: so many couples mate in vain before solutions are drawn
// anew, and so many of those are old before the search ends. If one solution in a thousand
// is new, 5000 draws miss it with a probability of exp(-5).
const (
	matingsInVain = 1000
	drawsInVain   = 5000
)

// Model is NSGA-II. All individuals of the population that it is applied to must hold a Solution,
// evaluated, of finite-dimensional objectives. It serves one run: it remembers the designs it met.
type Model struct {
	// CrossoverRate is the probability that a couple is crossed rather than copied, in [0, 1].
	CrossoverRate float64
	// Evaluate evaluates a generation's offspring in any order and returns how many of them, from
	// the first on, were; the others are dropped. If nil, each one's own Evaluate is called in turn.
	Evaluate func(offspring []Solution) (int, error)
	// Draw returns a solution from anywhere in the space. It takes the place of children where couples
	// have none that are new, as happens late in small spaces. May be nil.
	Draw func(rng *rand.Rand) Solution

	seen map[string]struct{}
}

var _ eaopt.Model = (*Model)(nil)

// Validate checks the settings.
func (m *Model) Validate() error {
	if !(m.CrossoverRate >= 0 && m.CrossoverRate <= 1) {
		return errors.New("nsga2: crossover rate must lie between 0 and 1")
	}
	return nil
}

// Apply replaces the population by its next generation, best first: by front, then from the least
// to the most crowded. An individual's Fitness is its place in this order, so that eaopt's sort
// leaves it as it is.
func (m *Model) Apply(pop *eaopt.Population) error {
	parents := pop.Individuals
	m.remember(parents)
	offspring := m.mate(parents, pop.RNG)
	if len(offspring) == 0 {
		return ErrExhausted
	}
	n, err := m.evaluate(offspring)
	if err != nil {
		return err
	}
	Select(append(slices.Clone(parents), offspring[:n]...), parents)
	return nil
}

// Select fills next with the best of all, which are evaluated and no fewer, in the order of Apply.
func Select(all, next eaopt.Individuals) {
	for place, i := range Best(points(all), len(next)) {
		next[place] = all[i]
		next[place].Fitness, next[place].Evaluated = float64(place), true
	}
}

func (m *Model) remember(indis eaopt.Individuals) {
	if m.seen == nil {
		m.seen = map[string]struct{}{}
	}
	for _, indi := range indis {
		m.seen[indi.Genome.(Solution).Key()] = struct{}{}
	}
}

// mate returns as many new children as there are parents, fewer if no more are found.
func (m *Model) mate(parents eaopt.Individuals, rng *rand.Rand) eaopt.Individuals {
	t := newTournament(points(parents), rng)
	children := make(eaopt.Individuals, 0, len(parents))
	// add reports whether a child was new. eaopt passes the mate of a crossover by value and clears
	// the flag of a copy, so the flags are set here.
	add := func(child eaopt.Individual) bool {
		key := child.Genome.(Solution).Key()
		if _, met := m.seen[key]; met || len(children) == len(parents) {
			return false
		}
		m.seen[key] = struct{}{}
		child.Evaluated, child.Fitness = false, math.Inf(1)
		children = append(children, child)
		return true
	}
	for vain := 0; len(children) < len(parents) && vain < matingsInVain; vain++ {
		a, b := parents[t.next()].Clone(rng), parents[t.next()].Clone(rng)
		if rng.Float64() < m.CrossoverRate {
			a.Crossover(b, rng)
		}
		a.Mutate(rng)
		b.Mutate(rng)
		addedA, addedB := add(a), add(b)
		if addedA || addedB {
			vain = 0
		}
	}
	for vain := 0; m.Draw != nil && len(children) < len(parents) && vain < drawsInVain; vain++ {
		if add(eaopt.NewIndividual(m.Draw(rng), rng)) {
			vain = 0
		}
	}
	return children
}

func (m *Model) evaluate(offspring eaopt.Individuals) (int, error) {
	if m.Evaluate == nil {
		return len(offspring), offspring.Evaluate(false)
	}
	batch := make([]Solution, len(offspring))
	for i, indi := range offspring {
		batch[i] = indi.Genome.(Solution)
	}
	return m.Evaluate(batch)
}

func points(indis eaopt.Individuals) []pareto.Point {
	ps := make([]pareto.Point, len(indis))
	for i, indi := range indis {
		ps[i] = indi.Genome.(Solution).Point()
	}
	return ps
}

// Best returns the indices of the best n points: whole fronts, then the least crowded of the
// first front that does not fit. Within a front, from the least to the most crowded, ties by index.
func Best(ps []pareto.Point, n int) []int {
	var best []int
	for _, front := range pareto.Sort(ps) {
		distance := pareto.Crowding(ps, front)
		order := make([]int, len(front))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			switch {
			case distance[i] > distance[j]:
				return -1
			case distance[i] < distance[j]:
				return 1
			}
			return 0
		})
		for _, i := range order {
			if len(best) == n {
				return best
			}
			best = append(best, front[i])
		}
	}
	return best
}
