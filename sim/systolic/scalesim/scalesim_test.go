package scalesim

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// The closed forms equal every row of the reference.
func TestValidate(t *testing.T) {
	rows, err := Validate(os.DirFS("../../testdata/reference/scalesim"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"compute_cycles": 915, "mapping_eff_pct": 915, "accesses": 3 * 915}
	for _, r := range rows {
		if r.Rows != want[r.Quantity] || r.Exact != r.Rows {
			t.Errorf("%s: %d of %d rows exact, want all of %d; worst %.3f %% at %s", r.Quantity, r.Exact, r.Rows, want[r.Quantity], r.Worst, r.WorstRow)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d quantities, want %d", len(rows), len(want))
	}
}

func TestValidateBadData(t *testing.T) {
	if _, err := Validate(fstest.MapFS{}); err == nil {
		t.Error("missing file is accepted")
	}
	data := fstest.MapFS{"golden.csv": {Data: []byte("config,layer,dataflow\na,b,rs\n")}}
	if _, err := Validate(data); err == nil || !strings.Contains(err.Error(), "rs") {
		t.Errorf("unknown dataflow: error = %v", err)
	}
}
