package edgetpu

import (
	"io/fs"
	"testing"

	"dse/models"
	"dse/sim"
	"dse/sim/agreement"
)

// Every name in the table that the project ships means a network that can be built, but for those
// listed here.
func TestNamesOfTheShippedTable(t *testing.T) {
	unknown := map[string]bool{}
	data, err := fs.Sub(sim.Reference(), "silicon")
	if err != nil {
		t.Fatal(err)
	}
	table, err := agreement.ReadFile(data, "edge_tpu.csv")
	if err != nil {
		t.Fatal(err)
	}
	err = table.Records(func(r agreement.Record) error {
		model := r.Text("model")
		network, ok := names.Find(model)
		if ok == unknown[model] {
			t.Errorf("%q means %q, %v", model, network, ok)
		}
		if ok {
			if _, err := models.Build(network); err != nil {
				t.Errorf("%q means %q: %v", model, network, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
