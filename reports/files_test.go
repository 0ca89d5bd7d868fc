package reports

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sameValue lets unknown figures be equal.
var sameValue = cmp.Comparer(func(a, b Value) bool { return a == b || !a.Known() && !b.Known() })

func TestJSONRoundTrip(t *testing.T) {
	var out strings.Builder
	if err := WriteJSON(&out, sample()); err != nil {
		t.Fatal(err)
	}
	var back Results
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil {
		t.Fatal(err)
	}
	var settings strings.Builder // indentation is no part of the settings
	for _, r := range [][]byte{sample().Settings, back.Settings} {
		var v any
		if err := json.Unmarshal(r, &v); err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(v)
		settings.Write(append(b, '\n'))
	}
	if lines := strings.Split(settings.String(), "\n"); lines[0] != lines[1] {
		t.Errorf("settings %s come back as %s", lines[0], lines[1])
	}
	want := sample().normal()
	want.Settings, back.Settings = nil, nil
	if diff := cmp.Diff(want, back, sameValue); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestJSONKeys(t *testing.T) {
	var out strings.Builder
	if err := WriteJSON(&out, sample()); err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal([]byte(out.String()), &top); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"front", "baselines", "trials", "seed", "settings", "accelerator_status"} {
		if _, ok := top[key]; !ok {
			t.Errorf("no key %s", key)
		}
	}
	design := top["front"].([]any)[0].(map[string]any)
	for _, key := range strings.Fields("id accuracy accuracy_se memory_kb weights_kb activations_kb metadata_kb " +
		"weight_bits activation_bits latency_ms energy_uj granularity phases") {
		if _, ok := design[key]; !ok {
			t.Errorf("no key %s in a design", key)
		}
	}
	if design["accuracy"] != 90.87 {
		t.Errorf("accuracy %v, want 90.87", design["accuracy"])
	}
}

func TestJSONOfNothing(t *testing.T) {
	var out strings.Builder
	r := Results{Trials: []Design{{Accuracy: Unknown, MemoryKB: Value(math.Inf(1)), Failed: true}}}
	if err := WriteJSON(&out, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.json", out.String())
	if r.Front != nil || r.Trials[0].Phases != nil {
		t.Error("the results handed in were changed")
	}
}

func TestJSONRefusesBrokenSettings(t *testing.T) {
	r := sample()
	r.Settings = json.RawMessage(`{"budget":`)
	var out strings.Builder
	if err := WriteJSON(&out, r); err == nil || out.Len() > 0 {
		t.Errorf("error %v after %d bytes, want an error and nothing", err, out.Len())
	}
}

// Each figure of the CSV file reads back as that of the JSON file.
func TestCSVEqualsJSON(t *testing.T) {
	r := sample()
	var table, object strings.Builder
	if err := WriteCSV(&table, r); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(&object, r); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Front, Baselines, Trials []map[string]any }
	if err := json.Unmarshal([]byte(object.String()), &all); err != nil {
		t.Fatal(err)
	}
	byID := make(map[float64]map[string]any)
	for _, d := range append(append(all.Trials, all.Baselines...), all.Front...) {
		byID[d["id"].(float64)] = d
	}
	sets := make(map[string]int)
	for _, rec := range records[1:] {
		var id float64
		for i, name := range records[0] {
			switch name {
			case "set":
				sets[rec[i]]++
			case "id":
				if err := json.Unmarshal([]byte(rec[i]), &id); err != nil {
					t.Fatal(err)
				}
			}
		}
		d := byID[id]
		for i, name := range records[0] {
			var want string
			switch v := d[name].(type) {
			case float64:
				b, _ := json.Marshal(v)
				want = string(b)
			case string:
				want = v
			default:
				continue
			}
			if rec[i] != want {
				t.Errorf("design %v, %s: %q in CSV, %q in JSON", id, name, rec[i], want)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"front": 4, "baseline": 4, "trial": 5}, sets); diff != "" {
		t.Errorf("rows by set (-want +got):\n%s", diff)
	}
}

func TestCSV(t *testing.T) {
	var out strings.Builder
	if err := WriteCSV(&out, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "results.csv", out.String())
}

func TestMarkdown(t *testing.T) {
	r := sample()
	r.Trials[6].Reason = "loss | <b>*not*</b> a_number"
	var out strings.Builder
	if err := WriteMarkdown(&out, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "results.md", out.String())
}
