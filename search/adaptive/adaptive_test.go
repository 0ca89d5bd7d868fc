package adaptive

import (
	"errors"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"testing"

	"dse/search/nsga2"
	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// cell is a solution of two genes on a grid. Both objectives want their own gene small and the other large;
// some cells break a constraint, some fail.
type cell struct {
	grid *grid
	at   [2]int
	p    *pareto.Point
}

type grid struct {
	side      int
	evaluated []string
	point     func(at [2]int) pareto.Point
}

func (c *cell) Evaluate() (float64, error) {
	p := c.grid.point(c.at)
	c.p = &p
	c.grid.evaluated = append(c.grid.evaluated, c.Key())
	return 0, nil
}

func (c *cell) Key() string         { return fmt.Sprint(c.at) }
func (c *cell) Point() pareto.Point { return *c.p }
func (c *cell) Clone() eaopt.Genome { clone := *c; return &clone }

func (c *cell) Features() []float64 {
	scale := float64(c.grid.side - 1)
	return []float64{float64(c.at[0]) / scale, float64(c.at[1]) / scale}
}

func (c *cell) Crossover(mate eaopt.Genome, _ *rand.Rand) {
	m := mate.(*cell)
	c.at[0], m.at[0], c.p, m.p = m.at[0], c.at[0], nil, nil
}

func (c *cell) Mutate(rng *rand.Rand) {
	c.at[rng.Intn(2)], c.p = rng.Intn(c.grid.side), nil
}

func (g *grid) draw(rng *rand.Rand) nsga2.Solution {
	return &cell{grid: g, at: [2]int{rng.Intn(g.side), rng.Intn(g.side)}}
}

// conflict is best along the diagonal from (0, side) to (side, 0), which costs both objectives nothing.
func conflict(at [2]int) pareto.Point {
	x, y := float64(at[0]), float64(at[1])
	off := math.Abs(x + y - 12)
	return pareto.Point{Values: []float64{x + off, y + off}}
}

func apply(t *testing.T, g *grid, m *Model, seed int64) error {
	t.Helper()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewSource(seed))
	pop := &eaopt.Population{RNG: rng}
	for i := range 4 {
		c := &cell{grid: g, at: [2]int{i, i}}
		c.Evaluate()
		pop.Individuals = append(pop.Individuals, eaopt.NewIndividual(c, rng))
	}
	for range 100 {
		if err := m.Apply(pop); err != nil {
			return err
		}
	}
	return nil
}

// Every cell is evaluated, once, and then the search says that there are no more.
func TestExhausts(t *testing.T) {
	for _, c := range []struct {
		name  string
		point func([2]int) pareto.Point
	}{
		{"two objectives", conflict},
		{"all the same", func([2]int) pareto.Point { return pareto.Point{Values: []float64{1, 1}} }},
		{"most fail", func(at [2]int) pareto.Point {
			if at[0]+at[1] > 3 {
				return pareto.Point{Violation: math.Inf(1)}
			}
			return conflict(at)
		}},
		{"all fail", func([2]int) pareto.Point { return pareto.Point{Violation: math.Inf(1)} }},
		{"a constraint", func(at [2]int) pareto.Point {
			p := conflict(at)
			p.Violation = float64(max(0, at[0]-2))
			return p
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &grid{side: 6, point: c.point}
			err := apply(t, g, &Model{CrossoverRate: 0.9, Batch: 3, Draw: g.draw}, 1)
			if !errors.Is(err, nsga2.ErrExhausted) {
				t.Fatalf("error %v, want %v", err, nsga2.ErrExhausted)
			}
			keys := slices.Sorted(slices.Values(g.evaluated))
			if n := len(slices.Compact(keys)); n != 36 || len(g.evaluated) != 36 {
				t.Errorf("%d evaluations of %d cells, want 36 of 36", len(g.evaluated), n)
			}
		})
	}
}

// With the constraint learned, most batches are feasible though most of the space is not.
func TestLearnsConstraints(t *testing.T) {
	g := &grid{side: 40, point: func(at [2]int) pareto.Point {
		p := pareto.Point{Values: []float64{float64(at[0]), float64(-at[1])}}
		p.Violation = math.Max(0, float64(at[1]-10))
		return p
	}}
	batches, feasible := 0, 0
	m := &Model{CrossoverRate: 0.9, Batch: 5, Draw: g.draw}
	m.Evaluate = func(batch []nsga2.Solution) (int, error) {
		if batches++; batches > 8 {
			return 0, errors.New("enough")
		}
		for _, s := range batch {
			s.Evaluate()
			if s.Point().Violation == 0 {
				feasible++
			}
		}
		return len(batch), nil
	}
	if err := apply(t, g, m, 2); err == nil || err.Error() != "enough" {
		t.Fatal(err)
	}
	// 11 of 40 rows are feasible: chance finds 11 of 40 evaluations, or 27 %.
	if feasible < 24 {
		t.Errorf("%d of 40 evaluations are feasible", feasible)
	}
}

func TestSameSeedSameDesigns(t *testing.T) {
	var runs [][]string
	for _, seed := range []int64{1, 1, 2} {
		g := &grid{side: 30, point: conflict}
		left := 6
		m := &Model{CrossoverRate: 0.9, Batch: 4, Draw: g.draw}
		m.Evaluate = func(batch []nsga2.Solution) (int, error) {
			if left--; left < 0 {
				return 0, errors.New("enough")
			}
			for _, s := range batch {
				s.Evaluate()
			}
			return len(batch), nil
		}
		apply(t, g, m, seed)
		runs = append(runs, g.evaluated)
	}
	if !slices.Equal(runs[0], runs[1]) || slices.Equal(runs[0], runs[2]) {
		t.Errorf("runs of seeds 1, 1 and 2 evaluate %v", runs)
	}
}

func TestValidate(t *testing.T) {
	draw := (&grid{}).draw
	for _, m := range []*Model{{CrossoverRate: 1.1, Batch: 1, Draw: draw}, {Batch: 0, Draw: draw}, {Batch: 1}} {
		if m.Validate() == nil {
			t.Errorf("%+v is accepted", m)
		}
	}
}
