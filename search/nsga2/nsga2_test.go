package nsga2

import (
	"errors"
	"math"
	"math/rand"
	"slices"
	"strconv"
	"testing"

	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
	"pgregory.net/rapid"
)

// number is a solution with one integer gene below limit, objectives n and -n (all values are
// optimal) unless failing says that n breaks a constraint.
type number struct {
	n, limit  int
	failing   func(n int) bool
	still     bool // mutation does nothing
	evaluated bool
}

func (x *number) Evaluate() (float64, error)         { x.evaluated = true; return float64(x.n), nil }
func (x *number) Key() string                        { return strconv.Itoa(x.n) }
func (x *number) Clone() eaopt.Genome                { c := *x; return &c }
func (x *number) Crossover(eaopt.Genome, *rand.Rand) { x.evaluated = false }

func (x *number) Mutate(rng *rand.Rand) {
	x.evaluated = false
	if !x.still {
		x.n = rng.Intn(x.limit)
	}
}

func (x *number) Point() pareto.Point {
	if !x.evaluated {
		panic("nsga2 test: point of a solution that was not evaluated")
	}
	if x.failing != nil && x.failing(x.n) {
		return pareto.Point{Violation: math.Inf(1)}
	}
	return pareto.Point{Values: []float64{float64(x.n), float64(-x.n)}}
}

// numbers runs a model on a population of 0 to size-1.
func numbers(t *testing.T, m *Model, size int, generations uint, template number) (*eaopt.GA, error) {
	t.Helper()
	ga, err := eaopt.GAConfig{
		NPops: 1, PopSize: uint(size), NGenerations: generations, HofSize: 1, Model: m,
		RNG: rand.New(rand.NewSource(1)),
	}.NewGA()
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	return ga, ga.Minimize(func(*rand.Rand) eaopt.Genome {
		x := template
		x.n = next
		next++
		return &x
	})
}

func TestEveryDesignOnce(t *testing.T) {
	met := map[string]bool{}
	m := &Model{CrossoverRate: 0.5, Evaluate: func(batch []Solution) (int, error) {
		for _, s := range batch {
			if s.(*number).n < 4 || met[s.Key()] {
				t.Errorf("%s is evaluated again", s.Key())
			}
			met[s.Key()] = true
			s.(*number).evaluated = true
		}
		return len(batch), nil
	}}
	_, err := numbers(t, m, 4, 100, number{limit: 30})
	if !errors.Is(err, ErrExhausted) {
		t.Fatalf("error %v, want ErrExhausted", err)
	}
	if len(met) != 26 {
		t.Errorf("%d offspring of the 26 designs that were left", len(met))
	}
}

// TestDrawTakesOverFromCouples has couples whose children are always copies.
func TestDrawTakesOverFromCouples(t *testing.T) {
	if _, err := numbers(t, &Model{}, 4, 10, number{limit: 30, still: true}); !errors.Is(err, ErrExhausted) {
		t.Errorf("error %v, want ErrExhausted", err)
	}
	m := &Model{Draw: func(rng *rand.Rand) Solution { return &number{n: rng.Intn(30), limit: 30, still: true} }}
	if _, err := numbers(t, m, 4, 10, number{limit: 30, still: true}); !errors.Is(err, ErrExhausted) {
		t.Errorf("error %v, want ErrExhausted", err)
	}
	if len(m.seen) != 30 {
		t.Errorf("%d of 30 solutions were met", len(m.seen))
	}
}

func TestPartialGenerationIsDropped(t *testing.T) {
	var dropped []Solution
	m := &Model{CrossoverRate: 1, Evaluate: func(batch []Solution) (int, error) {
		batch[0].(*number).evaluated = true
		dropped = batch[1:]
		return 1, nil
	}}
	ga, err := numbers(t, m, 4, 1, number{limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(dropped) != 3 {
		t.Fatalf("%d dropped, want 3", len(dropped))
	}
	for _, indi := range ga.Populations[0].Individuals {
		if slices.ContainsFunc(dropped, func(s Solution) bool { return s == indi.Genome }) {
			t.Errorf("%v was never evaluated and survived", indi)
		}
	}
}

func TestEvaluationErrorEndsTheRun(t *testing.T) {
	broken := errors.New("broken")
	m := &Model{Evaluate: func([]Solution) (int, error) { return 0, broken }}
	if _, err := numbers(t, m, 4, 5, number{limit: 1000}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// TestFeasibleDisplacesFailed starts from failed solutions alone.
func TestFeasibleDisplacesFailed(t *testing.T) {
	odd := func(n int) bool { return n < 6 || n%2 == 1 }
	ga, err := numbers(t, &Model{CrossoverRate: 0.5}, 6, 10, number{limit: 200, failing: odd})
	if err != nil {
		t.Fatal(err)
	}
	for i, indi := range ga.Populations[0].Individuals {
		if n := indi.Genome.(*number).n; odd(n) {
			t.Errorf("failed %d survived", n)
		}
		if indi.Fitness != float64(i) {
			t.Errorf("fitness %v at place %d", indi.Fitness, i)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, rate := range []float64{-0.1, 1.1, math.NaN()} {
		if (&Model{CrossoverRate: rate}).Validate() == nil {
			t.Errorf("crossover rate %v is accepted", rate)
		}
	}
	if err := (&Model{CrossoverRate: 0.9}).Validate(); err != nil {
		t.Error(err)
	}
}

func drawPoints(t *rapid.T) []pareto.Point {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pareto.Point {
		return pareto.Point{
			Values:    rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 9), func(v int) float64 { return float64(v) }), 2, 2).Draw(t, "values"),
			Violation: rapid.SampledFrom([]float64{0, 0, 1}).Draw(t, "violation"),
		}
	}), 2, 20).Draw(t, "points")
}

func TestSurvivorsAreTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := drawPoints(t)
		n := rapid.IntRange(1, len(ps)).Draw(t, "n")
		best := Best(ps, n)
		if len(best) != n {
			t.Fatalf("%d survivors, want %d", len(best), n)
		}
		if sorted := slices.Compact(slices.Sorted(slices.Values(best))); len(sorted) != n {
			t.Fatalf("survivors %v are not different", best)
		}
		for q := range ps {
			for _, p := range best {
				if !slices.Contains(best, q) && pareto.Dominates(ps[q], ps[p]) {
					t.Fatalf("%v survives %v, which dominates it", ps[p], ps[q])
				}
			}
		}
	})
}

// TestTournamentIsFair checks that in two rounds each contestant competes twice, so the best of all
// wins both times and the worst of all never.
func TestTournamentIsFair(t *testing.T) {
	var chain []pareto.Point // each dominates the next
	for i := range 10 {
		chain = append(chain, pareto.Point{Values: []float64{float64(i), float64(i)}})
	}
	tour := newTournament(chain, rand.New(rand.NewSource(3)))
	wins := make([]int, len(chain))
	for range chain {
		wins[tour.next()]++
	}
	if wins[0] != 2 || wins[len(wins)-1] != 0 {
		t.Errorf("wins %v, want 2 for the first and 0 for the last", wins)
	}
}

func TestTournamentPrefersSpace(t *testing.T) {
	// One front; the ends are infinitely far from their neighbours, 1 has more room than 2.
	ps := []pareto.Point{
		{Values: []float64{0, 10}}, {Values: []float64{5, 5}}, {Values: []float64{9, 1}}, {Values: []float64{10, 0}},
	}
	tour := newTournament(ps, rand.New(rand.NewSource(3)))
	if !tour.better(0, 1) || !tour.better(1, 2) || tour.better(2, 1) || tour.better(0, 3) {
		t.Errorf("crowding %v is not preferred in order", tour.distance)
	}
}
