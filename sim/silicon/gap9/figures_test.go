package gap9

import (
	"io/fs"
	"math"
	"testing"

	"dse/sim"
	"dse/sim/agreement"
)

// The figures on the rows that the project ships, in %: no worse than when they were recorded in
// docs/simulator.md, and better than every null model.
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
		quantity    string
		rows        int
		mape, worst float64
	}{
		{"gap9_ms", 8, 6.2, 17},
		{"gap9_uJ", 6, 14.5, 28},
	} {
		r := byQuantity[c.quantity]
		if r.Rows != c.rows || r.MAPE > c.mape || math.Abs(r.Worst) > c.worst {
			t.Errorf("%s: %d rows, mean error %.1f %%, worst %.1f %% (%s); want %d, at most %v and %v",
				c.quantity, r.Rows, r.MAPE, r.Worst, r.WorstRow, c.rows, c.mape, c.worst)
		}
		if null := r.BestNull(); null == nil || null.MAPE <= r.MAPE {
			t.Errorf("%s: mean error %.1f %%, the best null model is %+v", c.quantity, r.MAPE, null)
		}
	}
}
