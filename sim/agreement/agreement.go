// Package agreement measures how closely figures of ours agree with reference data, and reads the
// tables that hold such data.
package agreement

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Row says how one quantity agrees with its reference.
type Row struct {
	Source, Quantity string
	Rows             int
	Exact            int     // rows whose values are equal
	MAPE             float64 // mean absolute error, % of the reference
	Bias             float64 // mean signed error, %
	Worst            float64 // the signed error of largest magnitude, %
	WorstRow         string  // the row that has it, empty if all are exact
	Spearman         float64 // rank correlation; 0 if either side is constant
	// Skipped are rows of the reference that were left out, each with the reason: "name: reason".
	Skipped []string
	// Nulls are the figures of null models on the same rows, their names as quantities. Empty where
	// the reference is no measurement.
	Nulls []Row
}

// BestNull returns the null model with the least MAPE, nil if there are none.
func (r *Row) BestNull() *Row {
	var best *Row
	for i := range r.Nulls {
		if best == nil || r.Nulls[i].MAPE < best.MAPE {
			best = &r.Nulls[i]
		}
	}
	return best
}

// Comparison collects the rows of one quantity.
type Comparison struct {
	source, quantity string
	names            []string
	ours, reference  []float64
	nulls            []*Comparison
	skipped          []string
}

// New returns a comparison without rows.
func New(source, quantity string) *Comparison {
	return &Comparison{source: source, quantity: quantity}
}

// Add adds a row. Where the reference is 0, any other value counts as an error of 100 %.
func (c *Comparison) Add(name string, ours, reference float64) {
	c.names = append(c.names, name)
	c.ours = append(c.ours, ours)
	c.reference = append(c.reference, reference)
}

// Skip notes a row of the reference that is left out.
func (c *Comparison) Skip(name, reason string) {
	c.skipped = append(c.skipped, name+": "+reason)
}

// AddMeasured adds a row with what null models say of it, in the unit of the reference. All rows of a
// comparison name the same models in the same order.
func (c *Comparison) AddMeasured(name string, ours, reference float64, models []string, nulls []float64) {
	c.Add(name, ours, reference)
	if c.nulls == nil {
		for _, m := range models {
			c.nulls = append(c.nulls, New(c.source, m))
		}
	}
	for i, n := range c.nulls {
		n.Add(name, nulls[i], reference)
	}
}

// AddPrinted adds a row whose reference is given to a limited number of digits: a value within digit
// of it counts as equal.
func (c *Comparison) AddPrinted(name string, ours, reference, digit float64) {
	if math.Abs(ours-reference) <= digit {
		ours = reference
	}
	c.Add(name, ours, reference)
}

// Row sums the comparison up.
func (c *Comparison) Row() Row {
	r := Row{Source: c.source, Quantity: c.quantity, Rows: len(c.names), Skipped: c.skipped}
	if r.Rows == 0 {
		return r
	}
	for i, ours := range c.ours {
		e := percent(ours, c.reference[i])
		if e == 0 {
			r.Exact++
			continue
		}
		r.MAPE += math.Abs(e) / float64(r.Rows)
		r.Bias += e / float64(r.Rows)
		if math.Abs(e) > math.Abs(r.Worst) {
			r.Worst, r.WorstRow = e, c.names[i]
		}
	}
	if s := stat.Correlation(ranks(c.ours), ranks(c.reference), nil); !math.IsNaN(s) {
		r.Spearman = s
	}
	for _, n := range c.nulls {
		r.Nulls = append(r.Nulls, n.Row())
	}
	return r
}

// percent returns the signed error in % of the reference.
func percent(ours, reference float64) float64 {
	switch {
	case ours == reference:
		return 0
	case reference == 0:
		return math.Copysign(100, ours)
	}
	return 100 * (ours - reference) / reference
}

// ranks replaces values by their ranks, and equal values by the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && values[order[hi]] == values[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return out
}
