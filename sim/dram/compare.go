package dram

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Comparison sums up how a quantity of ours compares with reference data.
type Comparison struct {
	Source, Quantity string
	Rows             int
	Exact            int     // rows that agree to the last digit that the reference gives
	MAPE             float64 // mean absolute error, % of the reference
	Bias             float64 // mean signed error, %
	Worst            float64 // the signed error of largest magnitude, %
	WorstRow         string  // the row that has it
	Spearman         float64 // rank correlation; 0 if either side is constant
}

// pair is one row of a comparison.
type pair struct {
	id         string
	ours, want float64
	tolerance  float64 // of the last digit given
}

// compare sums up pairs whose reference is not 0.
func compare(source, quantity string, pairs []pair) Comparison {
	c := Comparison{Source: source, Quantity: quantity}
	var ours, wants []float64
	for _, p := range pairs {
		if p.want == 0 {
			continue
		}
		c.Rows++
		if math.Abs(p.ours-p.want) <= p.tolerance {
			c.Exact++
		}
		e := 100 * (p.ours - p.want) / p.want
		c.MAPE += math.Abs(e)
		c.Bias += e
		if math.Abs(e) > math.Abs(c.Worst) || c.WorstRow == "" {
			c.Worst, c.WorstRow = e, p.id
		}
		ours, wants = append(ours, p.ours), append(wants, p.want)
	}
	if c.Rows == 0 {
		return c
	}
	c.MAPE /= float64(c.Rows)
	c.Bias /= float64(c.Rows)
	if r := stat.Correlation(ranks(ours), ranks(wants), nil); !math.IsNaN(r) {
		c.Spearman = r
	}
	return c
}

// ranks replaces values by their ranks, equal values by the mean of theirs.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}
