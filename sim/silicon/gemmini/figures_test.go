package gemmini

import (
	"io/fs"
	"math"
	"testing"

	"dse/sim"
	"dse/sim/agreement"
)

// The figures on the rows that the project ships, in %: no worse than when these constants were calibrated
// (accel/presets/gemmini-16x16.yaml), and better than every null model.
func TestFigures(t *testing.T) {
	data, err := fs.Sub(sim.Reference(), "silicon")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	byQuantity := map[string]agreement.Row{}
	for _, r := range rows {
		byQuantity[r.Quantity] = r
	}
	for _, c := range []struct {
		quantity             string
		rows                 int
		mape, bias, spearman float64
	}{
		{"cycles, default mapper", 150, 10.7, 3.8, 0.99},
		{"cycles, given mapping", 279, 12.3, 0.3, 0.99},
	} {
		r := byQuantity[c.quantity]
		if r.Rows != c.rows || r.MAPE > c.mape || math.Abs(r.Bias) > c.bias || r.Spearman < c.spearman {
			t.Errorf("%s: %d rows, mean error %.2f %%, bias %.2f %%, rank correlation %.4f, worst %.1f %% (%s); want %d, at most %v and %v, at least %v",
				c.quantity, r.Rows, r.MAPE, r.Bias, r.Spearman, r.Worst, r.WorstRow, c.rows, c.mape, c.bias, c.spearman)
		}
		if null := r.BestNull(); null == nil || null.MAPE <= r.MAPE {
			t.Errorf("%s: mean error %.1f %%, the best null model is %+v", c.quantity, r.MAPE, null)
		}
	}
}
