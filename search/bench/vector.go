package bench

import (
	"encoding/binary"
	"math"
	"math/rand" // eaopt's interface
	"slices"

	"dse/search/adaptive"
	"dse/search/nsga2"
	"dse/search/pareto"

	"github.com/MaxHalford/eaopt"
)

// Distribution indices, and one mutation per design on average: Deb's and pymoo's defaults.
const (
	crossoverIndex = 15
	mutationIndex  = 20
)

// vector is a solution of numbers in [0, 1].
type vector struct {
	problem *Problem
	x       []float64
	f       []float64 // nil until evaluated
	// record, if not nil, is told of the objectives of each evaluation.
	record func(f []float64)
}

var _ adaptive.Solution = (*vector)(nil)

// random draws a vector from anywhere.
func random(p *Problem, record func([]float64), rng *rand.Rand) *vector {
	return &vector{problem: p, x: eaopt.InitUnifFloat64(uint(p.Variables), 0, 1, rng), record: record}
}

func (v *vector) Evaluate() (float64, error) {
	v.f = v.problem.Evaluate(v.x)
	v.record(v.f)
	return v.f[0], nil
}

func (v *vector) Point() pareto.Point { return pareto.Point{Values: v.f} }

func (v *vector) Features() []float64 { return v.x }

func (v *vector) Key() string {
	var key []byte
	for _, x := range v.x {
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(x))
	}
	return string(key)
}

func (v *vector) Clone() eaopt.Genome {
	clone := *v
	clone.x = slices.Clone(v.x)
	return &clone
}

func (v *vector) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	w := mate.(*vector)
	for i := range v.x {
		v.x[i], w.x[i] = nsga2.SBX(v.x[i], w.x[i], 0, 1, crossoverIndex, rng)
	}
	v.f, w.f = nil, nil
}

func (v *vector) Mutate(rng *rand.Rand) {
	for i := range v.x {
		if rng.Float64() < 1/float64(len(v.x)) {
			v.x[i] = nsga2.PolynomialMutation(v.x[i], 0, 1, mutationIndex, rng)
		}
	}
	v.f = nil
}
