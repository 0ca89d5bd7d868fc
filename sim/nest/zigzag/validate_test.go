package zigzag

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const reference = "../../testdata/reference/zigzag"

func TestAgainstZigZag(t *testing.T) {
	rows, err := Validate(os.DirFS(reference))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		quantity    string
		rows, exact int
	}{
		{"port bits", 856, 856},
		{"energy", 59, 59},
		{"elements", 856, 856},
		{"elements, exact", 856, 760},
	} {
		r := rows[i]
		t.Logf("%+v", r)
		if r.Quantity != want.quantity || r.Rows != want.rows || r.Exact != want.exact {
			t.Errorf("%s: %d of %d rows exact, worst %v %% (%s); want %s: %d of %d",
				r.Quantity, r.Exact, r.Rows, r.Worst, r.WorstRow, want.quantity, want.exact, want.rows)
		}
		if want.exact == want.rows && r.MAPE != 0 {
			t.Errorf("%s: mean error %v %%, want 0", r.Quantity, r.MAPE)
		}
	}
}

func TestDifferencesHaveNames(t *testing.T) {
	list, err := Explain(os.DirFS(reference))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]int{}
	for _, e := range list {
		rules[e.Rule]++
		if e.Rule == "" {
			t.Errorf("%s: no rule explains the difference", e.Row)
		}
	}
	want := map[string]int{registerRule: 54, wholeTilesRule: 16, touchedRule: 2, firstSumsRule: 24}
	for rule, n := range want {
		if rules[rule] != n {
			t.Errorf("rule %q explains %d rows, want %d", rule, rules[rule], n)
		}
	}
}

func TestValidateNamesThePlace(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"operand", "access.csv", "ey_alexnet_conv1_ene,W,", "ey_alexnet_conv1_ene,X,", `access.csv:2: unknown operand "X"`},
		{"dimension", "mapping.csv", "temporal,0,FX", "temporal,0,FZ", `mapping.csv:2: unknown dimension "FZ"; known are B, C, FX, FY, G, K, OX, OY`},
		{"factor", "mapping.csv", "FX,11\n", "FX,12\n", "mapping: the loops over R multiply to 12, but the layer has R = 11"},
		{"memory", "levels.csv", "0,spad_W,121", "0,spad_X,121", `architecture "eyeriss168" has no known memory "spad_X"`},
		{"column", "cases.csv", "bits_W", "bits", "cases.csv:2: there is no column bits_W"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"cases.csv", "mapping.csv", "levels.csv", "access.csv"} {
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
}
