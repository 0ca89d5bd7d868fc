package timeloop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dse/sim/nest"
)

const reference = "../../testdata/reference/timeloop"

func TestAgainstTimeloop(t *testing.T) {
	rows, err := Validate(os.DirFS(reference))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		quantity    string
		rows, exact int
	}{
		{"exact_dram", 349, 349},
		{"access counts", 2724, 2724},
		{"cycles", 117, 117},
		{"energy", 117, 117},
		{"access counts, exact", 2724, 2623},
		{"cycles, exact", 117, 112},
	} {
		r := rows[i]
		t.Logf("%+v", r)
		if r.Quantity != want.quantity || r.Rows != want.rows || r.Exact != want.exact {
			t.Errorf("%s: %d of %d rows exact, worst %v %% (%s); want %s: %d of %d",
				r.Quantity, r.Exact, r.Rows, r.Worst, r.WorstRow, want.quantity, want.exact, want.rows)
		}
		if want.exact < want.rows && r.Bias > 0 {
			t.Errorf("%s: bias %v %%; what Timeloop counts beyond the exact count must not be negative", r.Quantity, r.Bias)
		}
	}
}

func TestDifferencesHaveNames(t *testing.T) {
	list, err := Explain(os.DirFS(reference))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[nest.Rules]int{}
	for _, e := range list {
		rules[e.Rules]++
		if e.Rules == nest.Exact {
			t.Errorf("%s: no rule explains the difference", e.Row)
		}
	}
	for rule, n := range map[nest.Rules]int{
		nest.BoundingBox:                     14,
		nest.InnermostHalo:                   27,
		nest.WholeTiles:                      5,
		nest.InnermostHalo | nest.WholeTiles: 1,
		nest.SpillToAll:                      27,
	} {
		if rules[rule] != n {
			t.Errorf("%v explains %d rows, want %d", rule, rules[rule], n)
		}
	}
}

func TestValidateNamesThePlace(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"architecture", "cases.csv", "_edp,eyeriss168,", "_edp,eyeriss,", `cases.csv:2: unknown architecture "eyeriss"; known are eyeriss168, mini2, mini3, ws16x16`},
		{"operand kept", "cases.csv", "DRAM:WIO;", "DRAM:WXO;", `cases.csv:2: keep: unknown operand 'X'`},
		{"level", "mapping.csv", ",0,DRAM,", ",0,SRAM,", `mapping.csv:2: the architecture has no level "SRAM"`},
		{"order", "mapping.csv", ",0,DRAM,", ",1,DRAM,", "mapping.csv:2: loop 0 of the case is at position 1; loops must be in order"},
		{"loop product", "mapping.csv", "temporal,Q,11", "temporal,Q,12", "ey_alexnet_conv1_edp: mapping: the loops over Q multiply to 60, but the layer has Q = 55"},
		{"whole number", "access.csv", "383328,0,0,76665600", "many,0,0,76665600", `access.csv:2: reads_total must be a whole number, got "many"`},
		{"case", "exact_dram.csv", "m2_1x1_C8_K2_P6,", "m9,", `exact_dram.csv:2: cases.csv has no case "m9"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"cases.csv", "mapping.csv", "access.csv", "exact_dram.csv"} {
				data, err := os.ReadFile(filepath.Join(reference, name))
				if err != nil {
					t.Fatal(err)
				}
				text := string(data)
				if name == c.file {
					text = strings.Replace(text, c.old, c.new, 1)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Validate(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that contains %s", err, c.want)
			}
		})
	}
	if _, err := Validate(os.DirFS(t.TempDir())); err == nil {
		t.Error("an empty folder gives no error")
	}
}
