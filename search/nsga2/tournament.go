package nsga2

import (
	"math/rand"

	"dse/search/pareto"
)

// tournament picks parents by binary tournaments. Contestants come from shuffled rounds, so that in
// every round of n contestants each one competes once; a generation of n children takes two rounds.
type tournament struct {
	rank     []int
	distance []float64
	round    []int // those who have yet to compete
	rng      *rand.Rand
}

func newTournament(ps []pareto.Point, rng *rand.Rand) *tournament {
	t := &tournament{rank: make([]int, len(ps)), distance: make([]float64, len(ps)), rng: rng}
	for r, front := range pareto.Sort(ps) {
		for i, d := range pareto.Crowding(ps, front) {
			t.rank[front[i]], t.distance[front[i]] = r, d
		}
	}
	return t
}

// next returns the index of the winner of a tournament.
func (t *tournament) next() int {
	a, b := t.contestant(), t.contestant()
	switch {
	case t.better(a, b):
		return a
	case t.better(b, a):
		return b
	case t.rng.Float64() < 0.5:
		return a
	}
	return b
}

func (t *tournament) contestant() int {
	if len(t.round) == 0 {
		t.round = t.rng.Perm(len(t.rank))
	}
	c := t.round[0]
	t.round = t.round[1:]
	return c
}

// better is the crowded-comparison operator (Deb 2002, section III-B).
func (t *tournament) better(a, b int) bool {
	if t.rank[a] != t.rank[b] {
		return t.rank[a] < t.rank[b]
	}
	return t.distance[a] > t.distance[b]
}
