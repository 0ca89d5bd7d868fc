package validation

import (
	"strings"
	"testing"
	"testing/fstest"

	"dse/sim"
)

// The shipped data: everything that must be exact is.
func TestShippedData(t *testing.T) {
	rows, missing, err := Run(sim.Reference())
	if err != nil || len(missing) > 0 {
		t.Fatalf("missing %v, error %v", missing, err)
	}
	exact := map[string]bool{"scalesim/compute_cycles": false, "timeloop/exact_dram": false}
	for _, r := range rows {
		name := r.Source + "/" + r.Quantity
		if _, ok := exact[name]; ok {
			exact[name] = r.Rows > 0 && r.Exact == r.Rows
		}
	}
	for name, ok := range exact {
		if !ok {
			t.Errorf("%s is not exact in all rows", name)
		}
	}
}

func TestNoData(t *testing.T) {
	if _, _, err := Run(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "scalesim") {
		t.Errorf("error = %v", err)
	}
}
