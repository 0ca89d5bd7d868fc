package nsga2

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// vector is a solution of real numbers in [0, 1].
type vector struct {
	problem func(x []float64) []float64
	x       []float64
	f       []float64
}

var _ Solution = (*vector)(nil)

func (v *vector) Evaluate() (float64, error) {
	v.f = v.problem(v.x)
	return v.f[0], nil
}

func (v *vector) Point() pareto.Point { return pareto.Point{Values: v.f} }

func (v *vector) Key() string {
	var key []byte
	for _, x := range v.x {
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(x))
	}
	return string(key)
}

func (v *vector) Clone() eaopt.Genome {
	return &vector{v.problem, slices.Clone(v.x), v.f}
}

func (v *vector) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	w := mate.(*vector)
	for i := range v.x {
		v.x[i], w.x[i] = SBX(v.x[i], w.x[i], 0, 1, 15, rng)
	}
	v.f, w.f = nil, nil
}

func (v *vector) Mutate(rng *rand.Rand) {
	for i := range v.x {
		if rng.Float64() < 1/float64(len(v.x)) {
			v.x[i] = PolynomialMutation(v.x[i], 0, 1, 20, rng)
		}
	}
	v.f = nil
}

// zdtG is 1 on the front of all three problems.
func zdtG(x []float64) float64 {
	sum := 0.0
	for _, v := range x[1:] {
		sum += v
	}
	return 1 + 9*sum/float64(len(x)-1)
}

// The problems of Zitzler, Deb, Thiele, Evolutionary Computation 8(2), 2000.

func zdt1(x []float64) []float64 {
	g := zdtG(x)
	return []float64{x[0], g * (1 - math.Sqrt(x[0]/g))}
}

func zdt2(x []float64) []float64 {
	g := zdtG(x)
	return []float64{x[0], g * (1 - x[0]/g*x[0]/g)}
}

func zdt3(x []float64) []float64 {
	g := zdtG(x)
	return []float64{x[0], g * (1 - math.Sqrt(x[0]/g) - x[0]/g*math.Sin(10*math.Pi*x[0]))}
}

// solve runs NSGA-II with 30 variables and a population of 100 for 250 generations, the first
// included (25,000 evaluations), and returns the last population's objectives.
func solve(t testing.TB, problem func([]float64) []float64, seed int64) [][]float64 {
	t.Helper()
	evaluations := 0
	counted := func(x []float64) []float64 { evaluations++; return problem(x) }
	ga, err := eaopt.GAConfig{
		NPops: 1, PopSize: 100, NGenerations: 249, HofSize: 1,
		Model: &Model{CrossoverRate: 0.9},
		RNG:   rand.New(rand.NewSource(seed)),
	}.NewGA()
	if err != nil {
		t.Fatal(err)
	}
	err = ga.Minimize(func(rng *rand.Rand) eaopt.Genome {
		return &vector{problem: counted, x: eaopt.InitUnifFloat64(30, 0, 1, rng)}
	})
	if err != nil {
		t.Fatal(err)
	}
	if evaluations != 25000 {
		t.Fatalf("%d evaluations, want 25000", evaluations)
	}
	var front [][]float64
	for _, indi := range ga.Populations[0].Individuals {
		front = append(front, indi.Genome.(*vector).f)
	}
	return front
}

// ideal is the hypervolume of the whole front of a problem whose second objective is f2 of the first
// once g = 1: the area below 1.1 and above the least f2 so far, for x up to 1.1.
func ideal(problem func([]float64) []float64) float64 {
	const steps = 1_000_000
	area, least := 0.0, math.Inf(1)
	for i := range steps {
		least = min(least, problem([]float64{(float64(i) + 0.5) / steps, 0})[1])
		area += (1.1 - least) / steps
	}
	return area + 0.1*(1.1-least)
}

func TestIdeal(t *testing.T) {
	// By hand: 1.21 less the integral of 1-sqrt(x), 1/3, or of 1-x^2, 2/3.
	for _, c := range []struct {
		name    string
		problem func([]float64) []float64
		want    float64
	}{{"ZDT1", zdt1, 1.21 - 1.0/3}, {"ZDT2", zdt2, 1.21 - 2.0/3}} {
		if got := ideal(c.problem); math.Abs(got-c.want) > 1e-6 { // the step of the integral
			t.Errorf("%s: ideal hypervolume = %v, want %v", c.name, got, c.want)
		}
	}
}

// TestZDT holds the hypervolume within the reference point (1.1, 1.1) against the ideal one. A
// hundred points on a continuous front of length about 1.5 lose half a step each, 0.005 in all; the
// bounds leave as much again for uneven spacing.
func TestZDT(t *testing.T) {
	for _, c := range []struct {
		name    string
		problem func([]float64) []float64
		seeds   []int64
		loss    float64
	}{
		{"ZDT1", zdt1, []int64{1, 2, 3, 4}, 0.0087},
		{"ZDT2", zdt2, []int64{1, 2}, 0.01},
		{"ZDT3", zdt3, []int64{1, 2}, 0.01},
	} {
		best := ideal(c.problem)
		for _, seed := range c.seeds {
			t.Run(fmt.Sprintf("%s seed %d", c.name, seed), func(t *testing.T) {
				t.Parallel()
				got := pareto.Hypervolume(solve(t, c.problem, seed), []float64{1.1, 1.1})
				t.Logf("hypervolume %.4f of %.4f", got, best)
				if got < best-c.loss || got > best {
					t.Errorf("hypervolume = %v, want %v to %v", got, best-c.loss, best)
				}
			})
		}
	}
}

func TestSameSeedSamePopulation(t *testing.T) {
	if a, b := solve(t, zdt1, 7), solve(t, zdt1, 7); !slices.EqualFunc(a, b, slices.Equal[[]float64]) {
		t.Error("two runs of one seed differ")
	}
}

func BenchmarkZDT1(b *testing.B) {
	for b.Loop() {
		solve(b, zdt1, 1)
	}
	b.ReportMetric(25000*float64(b.N)/b.Elapsed().Seconds(), "evaluations/s")
}
