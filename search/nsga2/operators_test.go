package nsga2

import (
	"math"
	"math/rand"
	"testing"

	"pgregory.net/rapid"
)

// script hands out given numbers.
type script []float64

func (s *script) Float64() float64 {
	x := (*s)[0]
	*s = (*s)[1:]
	return x
}

// The expected children are worked out by hand for index 1 and interval [0, 1].
func TestSBX(t *testing.T) {
	for _, c := range []struct {
		name         string
		a, b         float64
		draws        script
		wantA, wantB float64
	}{
		{"left as they are", 0.4, 0.6, script{0.51}, 0.4, 0.6},
		{"equal genes", 0.4, 0.4, script{0.1}, 0.4, 0.4},
		// beta = 1 + 2*0.4/0.2 = 5, alpha = 2 - 1/25 = 1.96, beta_q = sqrt(0.25*1.96) = 0.7.
		{"contracting", 0.4, 0.6, script{0.1, 0.25, 0.9}, 0.43, 0.57},
		{"contracting, exchanged", 0.4, 0.6, script{0.1, 0.25, 0.1}, 0.57, 0.43},
		{"order of parents is no matter", 0.6, 0.4, script{0.1, 0.25, 0.9}, 0.43, 0.57},
		// beta_q = sqrt(1/(2 - 0.9*1.96)) = 2.0585.
		{"expanding", 0.4, 0.6, script{0.1, 0.9, 0.9}, 0.5 - 0.1/math.Sqrt(0.236), 0.5 + 0.1/math.Sqrt(0.236)},
		// Below: no room, beta = 1, alpha = 1, beta_q = sqrt(0.25) = 0.5, child 0.25-0.125;
		// above: room 0.5, beta = 3, alpha = 17/9, beta_q = sqrt(17/36).
		{"at the bound", 0, 0.5, script{0.1, 0.25, 0.9}, 0.125, 0.25 + 0.25*math.Sqrt(17.0/36)},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := SBX(c.a, c.b, 0, 1, 1, &c.draws)
			if math.Abs(a-c.wantA) > 1e-12 || math.Abs(b-c.wantB) > 1e-12 { // a few roundings of Pow
				t.Errorf("children %v and %v, want %v and %v", a, b, c.wantA, c.wantB)
			}
			if len(c.draws) > 0 {
				t.Errorf("%d numbers were not drawn", len(c.draws))
			}
		})
	}
}

func TestPolynomialMutation(t *testing.T) {
	for _, c := range []struct {
		name          string
		x, lo, hi, u  float64
		want          float64
		numbersUnused bool
	}{
		// u <= 1/2: shift = sqrt(2u + (1-2u)(1-x)^2) - 1.
		{"as far down as can be", 0.5, 0, 1, 0, 0, false},
		{"down", 0.5, 0, 1, 0.25, math.Sqrt(0.625) - 0.5, false},
		{"not at all", 0.5, 0, 1, 0.5, 0.5, false},
		{"up", 0.5, 0, 1, 0.75, 1.5 - math.Sqrt(0.625), false},
		{"scaled by the interval", 3, 2, 4, 0.25, 2 * (math.Sqrt(0.625) + 0.5), false},
		{"never below the bound", 0, 0, 1, 0.1, 0, false},
		{"no interval", 2, 2, 2, 0.1, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			draws := script{c.u}
			got := PolynomialMutation(c.x, c.lo, c.hi, 1, &draws)
			if math.Abs(got-c.want) > 1e-12 { // a few roundings of Pow
				t.Errorf("mutant %v, want %v", got, c.want)
			}
			if (len(draws) > 0) != c.numbersUnused {
				t.Errorf("%d numbers were not drawn", len(draws))
			}
		})
	}
}

func TestOperatorsStayWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-10, 10).Draw(t, "lo")
		hi := lo + rapid.Float64Range(0.001, 10).Draw(t, "extent")
		gene := rapid.Float64Range(lo, hi)
		a, b := gene.Draw(t, "a"), gene.Draw(t, "b")
		eta := rapid.Float64Range(0, 50).Draw(t, "eta")
		rng := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		c, d := SBX(a, b, lo, hi, eta, rng)
		m := PolynomialMutation(a, lo, hi, eta, rng)
		for _, x := range []float64{c, d, m} {
			if !(x >= lo && x <= hi) {
				t.Fatalf("child %v outside of [%v, %v]", x, lo, hi)
			}
		}
	})
}
