package systolic

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"dse/accel"
)

// By hand, weight stationary on 2x2: W=3 rows need two folds, N=2 columns one. Each fold loads for
// 2 cycles, streams 5 pixels and drains for 2: 2 * (2+5+2) = 18.
// Output stationary: 5 pixels need three folds of 3+2 cycles: 15.
// Input stationary: two folds of the window times three of pixels, 2+2+2 cycles each: 36.
func TestCyclesByHand(t *testing.T) {
	a, p := Array{2, 2}, Product{Pixels: 5, Window: 3, Filters: 2}
	for _, c := range []struct {
		flow accel.Dataflow
		want int64
	}{{accel.WeightStationary, 18}, {accel.OutputStationary, 15}, {accel.InputStationary, 36}} {
		if got := a.Cycles(c.flow, p); int64(got) != c.want {
			t.Errorf("dataflow %d: %d cycles, want %d", c.flow, got, c.want)
		}
	}
}

// golden.csv holds what the SCALE-Sim tool (commit 1d62b68, 2025-08-15) reports. Exact equality is
// expected except for two artefacts of the tool: its output-stationary writes contain R + C extra
// words per fold, and percentages are printed with six decimals.
func TestAgainstScaleSim(t *testing.T) {
	rows := readGolden(t, "../testdata/reference/scalesim/golden.csv")
	flows := map[string]accel.Dataflow{"ws": accel.WeightStationary, "os": accel.OutputStationary, "is": accel.InputStationary}
	seen := map[string]int{}
	for _, r := range rows {
		flow := flows[r.text("dataflow")]
		seen[r.text("dataflow")]++
		a := Array{r.int("array_rows"), r.int("array_cols")}
		p := Product{
			Pixels:  r.int("ofmap_h") * r.int("ofmap_w"),
			Window:  r.int("filter_h") * r.int("filter_w") * r.int("channels"),
			Filters: r.int("num_filters"),
		}
		if got, want := int(a.Cycles(flow, p)), r.int("compute_cycles"); got != want {
			t.Errorf("%s %s: %d cycles, want %d", r.text("config"), r.text("layer"), got, want)
		}
		if got, want := 100*a.Occupancy(flow, p), r.float("mapping_eff_pct"); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s %s: occupancy %v %%, want %v %%", r.text("config"), r.text("layer"), got, want)
		}
		got := a.Accesses(flow, p)
		want := Accesses{r.int("sram_ifmap_reads"), r.int("sram_filter_reads"), r.int("sram_ofmap_writes")}
		if flow == accel.OutputStationary {
			want.Sums -= a.Folds(flow, p) * (a.Rows + a.Cols)
		}
		if got != want {
			t.Errorf("%s %s: accesses %+v, want %+v", r.text("config"), r.text("layer"), got, want)
		}
	}
	if len(rows) != 915 || len(seen) != 3 {
		t.Errorf("compared %d rows of dataflows %v, want all 915 rows of 3", len(rows), seen)
	}
}

type goldenRow struct {
	t      *testing.T
	fields map[string]string
}

func (r goldenRow) text(k string) string { return r.fields[k] }

func (r goldenRow) int(k string) int {
	v, err := strconv.Atoi(r.fields[k])
	if err != nil {
		r.t.Fatalf("%s: %v", k, err)
	}
	return v
}

func (r goldenRow) float(k string) float64 {
	v, err := strconv.ParseFloat(r.fields[k], 64)
	if err != nil {
		r.t.Fatalf("%s: %v", k, err)
	}
	return v
}

func readGolden(t *testing.T, path string) []goldenRow {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenRow
	for _, line := range lines[1:] {
		r := goldenRow{t, map[string]string{}}
		for i, name := range lines[0] {
			r.fields[name] = line[i]
		}
		rows = append(rows, r)
	}
	return rows
}
