package search

import (
	"math"
	"math/rand" // eaopt's interface
	"slices"

	"dse/search/adaptive"
	"dse/search/nsga2"
	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// Distribution indices of the operators. Deb's runs of hundreds of generations use 15 to 20. With the
// few dozen designs that training leaves time for, wider steps find the ends of the front sooner: on
// the two synthetic networks of this package's tests, 32 to 120 designs, the mean hypervolume of ten
// seeds was 1 to 1.5 % larger on the one and within 2 % either way on the other.
const (
	crossoverIndex = 2
	mutationIndex  = 5
)

// design is a genome as NSGA-II sees it.
type design struct {
	space  *Space
	genome Genome
	point  *pareto.Point // nil until evaluated
	place  int           // in the first population
	trial  int           // that it was last evaluated by
	parent int           // trial of the parent that it was made from, 0 for none
}

var _ adaptive.Solution = (*design)(nil)

// setOutcome fixes what the design was evaluated to, and by which trial.
func (d *design) setOutcome(r Result, goals []Goal) {
	p := point(r.Outcome, goals)
	d.point, d.trial = &p, r.Trial.ID
}

// point returns the goals as values to be minimised.
func point(o Outcome, goals []Goal) pareto.Point {
	p := pareto.Point{Violation: o.Violation()}
	if o.Failed {
		return p
	}
	p.Values = make([]float64, len(goals))
	for i, g := range goals {
		v, ok := o.Value(g.Name)
		if !ok {
			panic("search: outcome lacks an objective that is a goal")
		}
		if g.Maximize {
			v = -v
		}
		p.Values[i] = v
	}
	return p
}

// Evaluate is called by eaopt on the first population, which has its outcomes already; the result
// only keeps its order.
func (d *design) Evaluate() (float64, error) {
	if d.point == nil {
		panic("search: design evaluated outside of a batch")
	}
	return float64(d.place), nil
}

// Key returns the genome's canonical text.
func (d *design) Key() string { return d.genome.String() }

// Point returns goals and violation.
func (d *design) Point() pareto.Point { return *d.point }

// Features returns the genome in [0, 1]: how fine each stage is, then the numbers.
func (d *design) Features() []float64 {
	var x []float64
	for _, g := range d.genome.Granularity {
		x = append(x, float64(g)/(granularities-1))
	}
	return append(x, d.space.encode(d.genome)...)
}

// Clone shares the genome, which is never written.
func (d *design) Clone() eaopt.Genome {
	clone := *d
	return &clone
}

// Crossover crosses d and its mate: uniformly in the granularity of each stage, by SBX in each
// number.
func (d *design) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	m := mate.(*design)
	ga, gb := slices.Clone(d.genome.Granularity), slices.Clone(m.genome.Granularity)
	for i := range ga {
		if rng.Float64() < 0.5 {
			ga[i], gb[i] = gb[i], ga[i]
		}
	}
	a, b := d.space.encode(d.genome), d.space.encode(m.genome)
	for i := range a {
		a[i], b[i] = nsga2.SBX(a[i], b[i], 0, 1, crossoverIndex, rng)
	}
	d.become(ga, a)
	m.become(gb, b)
}

// Mutate changes each gene with a probability that makes one change the mean: a granularity to any
// other that is allowed, a number by polynomial mutation.
func (d *design) Mutate(rng *rand.Rand) {
	granularity, numbers := slices.Clone(d.genome.Granularity), d.space.encode(d.genome)
	rate := 1 / float64(len(granularity)+len(numbers))
	allowed := d.space.granularities()
	for i, g := range granularity {
		if rng.Float64() < rate && len(allowed) > 1 {
			k := rng.Intn(len(allowed) - 1)
			if k >= slices.Index(allowed, g) {
				k++
			}
			granularity[i] = allowed[k]
		}
	}
	for i, x := range numbers {
		if rng.Float64() < rate {
			numbers[i] = nsga2.PolynomialMutation(x, 0, 1, mutationIndex, rng)
		}
	}
	d.become(granularity, numbers)
}

func (d *design) become(granularity []Granularity, numbers []float64) {
	if d.point != nil {
		d.parent = 0
		if !math.IsInf(d.point.Violation, 1) {
			d.parent = d.trial
		}
	}
	d.genome, d.point = d.space.decode(granularity, numbers), nil
}

// The numbers of a genome on the unit interval, in this order; the extra budgets follow. Phases are
// shares of the epochs that are left above the least lengths.
const (
	numberWeights = iota
	numberActivations
	numberPhases
	numberBudgets = numberPhases + phases
)

// encode maps the numbers of a genome to the unit interval. A range without extent maps to 0.
func (s *Space) encode(g Genome) []float64 {
	x := make([]float64, numberBudgets+len(g.Budgets))
	x[numberWeights] = s.WeightBits.encode(g.WeightBits)
	x[numberActivations] = s.ActivationBits.encode(g.ActivationBits)
	if spare := s.spareEpochs(); spare > 0 {
		for i, e := range g.Phases {
			x[numberPhases+i] = float64(e-s.MinEpochs[i]) / float64(spare)
		}
	}
	for i, b := range g.Budgets {
		x[numberBudgets+i] = b.Fraction.Float()
	}
	return x
}

// decode returns the design on the grid nearest to the numbers; phase lengths are scaled to add up
// to the total.
func (s *Space) decode(granularity []Granularity, x []float64) Genome {
	g := Genome{
		Granularity:    granularity,
		WeightBits:     s.WeightBits.decode(x[numberWeights]),
		ActivationBits: s.ActivationBits.decode(x[numberActivations]),
		Phases:         s.apportion([phases]float64(x[numberPhases:numberBudgets])),
	}
	for i, name := range s.Budgets {
		g.Budgets = append(g.Budgets, Budget{name, FractionOf(x[numberBudgets+i])})
	}
	return g
}

func (r BitsRange) encode(b AverageBits) float64 {
	if r.Max == r.Min {
		return 0
	}
	return float64(b-r.Min) / float64(r.Max-r.Min)
}

func (r BitsRange) decode(x float64) AverageBits {
	return r.Min + AverageBits(math.Round(x*float64(r.Max-r.Min)))
}
