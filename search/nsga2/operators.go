package nsga2

import "math"

// Rand is the generator that the operators draw from: numbers in [0, 1).
type Rand interface {
	Float64() float64
}

// sameGene is the distance below which two genes are equal to a crossover (the authors' program).
const sameGene = 1e-14

// SBX returns two children of genes a and b in [lo, hi] by simulated binary crossover, bounded form.
// With probability 1/2 the genes stay as they are, else the children are spread about their
// parents' mean by a polynomial density of index eta (15 to 20 is usual; larger stays closer), cut
// off at the bounds, and change places with probability 1/2.
//
// Source: Deb, Agrawal, "Simulated Binary Crossover for Continuous Search Space", Complex Systems
// 9, 1995; bounded form as in Deb's NSGA-II program.
func SBX(a, b, lo, hi, eta float64, rng Rand) (float64, float64) {
	if rng.Float64() > 0.5 || math.Abs(a-b) <= sameGene {
		return a, b
	}
	y1, y2 := min(a, b), max(a, b)
	u := rng.Float64()
	// spread is beta_q for a child on a side with the given room between gene and bound.
	spread := func(room float64) float64 {
		beta := 1 + 2*room/(y2-y1)
		alpha := 2 - math.Pow(beta, -(eta+1))
		if u <= 1/alpha {
			return math.Pow(u*alpha, 1/(eta+1))
		}
		return math.Pow(1/(2-u*alpha), 1/(eta+1))
	}
	c1 := clamp(0.5*((y1+y2)-spread(y1-lo)*(y2-y1)), lo, hi)
	c2 := clamp(0.5*((y1+y2)+spread(hi-y2)*(y2-y1)), lo, hi)
	if rng.Float64() <= 0.5 {
		return c2, c1
	}
	return c1, c2
}

// PolynomialMutation returns gene x in [lo, hi] moved by a polynomial density of index eta (20 is
// usual), cut off at the bounds.
//
// Source: Deb, Goyal, "A Combined Genetic Adaptive Search (GeneAS) for Engineering Design",
// Computer Science and Informatics 26, 1996; bounded form as in Deb's NSGA-II program.
func PolynomialMutation(x, lo, hi, eta float64, rng Rand) float64 {
	if hi <= lo {
		return x
	}
	u := rng.Float64()
	var shift float64 // delta_q, in units of the interval
	if u <= 0.5 {
		below := (x - lo) / (hi - lo)
		shift = math.Pow(2*u+(1-2*u)*math.Pow(1-below, eta+1), 1/(eta+1)) - 1
	} else {
		above := (hi - x) / (hi - lo)
		shift = 1 - math.Pow(2*(1-u)+2*(u-0.5)*math.Pow(1-above, eta+1), 1/(eta+1))
	}
	return clamp(x+shift*(hi-lo), lo, hi)
}

func clamp(x, lo, hi float64) float64 { return min(max(x, lo), hi) }
