package technology

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"dse/sim/agreement"
)

const data = "../../testdata/reference/silicon"

// Each quantity within a bound a little above what was measured when the model was made, so that a change
// for the worse shows. Some bounds are no praise: published multipliers differ by a factor of eight among
// themselves, and a whole core is more than its multipliers and its buffer.
func TestValidate(t *testing.T) {
	got, err := Validate(os.DirFS(data))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]agreement.Row{}
	for _, r := range got {
		rows[r.Quantity] = r
	}
	for _, c := range []struct {
		quantity       string
		rows           int
		mape, spearman float64
	}{
		{inSRAM, 10, 33, 0.85},
		{leaks, 12, 13, 0.98},
		{inPE, 3, 1, 1},
		{sizes, 3, 4, 1},
		{elsewhere, 6, 52, 0.7},
		{unknownNode, 11, 26, 0.98},
		{relative, 2, 150, 1},
		{"PE, pJ per MAC against bits", 11, 1.5, 1},
		{"energy of a narrow MAC / native", 2, 35, 1},
		{"array and buffer of whole core, mm2", 8, 70, 1},
	} {
		r := rows[c.quantity]
		if r.Source != Source || r.Rows != c.rows || r.MAPE > c.mape || r.Spearman < c.spearman-1e-9 {
			t.Errorf("%s: %d rows, MAPE %.1f %%, rank correlation %.3f, worst %.1f %% at %s; want %d, %v, %v",
				c.quantity, r.Rows, r.MAPE, r.Spearman, r.Worst, r.WorstRow, c.rows, c.mape, c.spearman)
		}
		delete(rows, c.quantity)
	}
	for q := range rows {
		t.Errorf("%s is compared and has no bound", q)
	}
}

// Every row that fixed a constant is in the data, once, and is not compared.
func TestFittedRowsAreThere(t *testing.T) {
	table, err := agreement.ReadFile(os.DirFS(data), "energy_per_op.csv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[3]string]int{}
	err = table.Records(func(r agreement.Record) error {
		seen[[3]string{r.Text("operation"), r.Text("size_or_condition"), r.Text("value")}]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for row := range fitted {
		if seen[row] != 1 {
			t.Errorf("%v is in the data %d times", row, seen[row])
		}
	}
}

// A file of one fitted and one other row, by hand: reading 8 KB with 64 bits at 45 nm takes
// 0.15 + 3.2e-5 x 256^2 + 3.7e-4 x 64 x 256 = 8.309 pJ, 16.91 % below the 10 pJ given.
func TestByHand(t *testing.T) {
	const text = `operation,size_or_condition,technology_nm,value,unit_of_value,source
"cache/SRAM read, 64 bit",32 KB,45,20,pJ/access,Horowitz
"cache/SRAM read, 64 bit",8 KB,45,10,pJ/access,Horowitz
fp add,16 bit,45,0.4,pJ/op,Horowitz
`
	rows, err := Validate(fstest.MapFS{"energy_per_op.csv": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if r := rows[0]; r.Quantity != inSRAM || r.Rows != 1 || r.Worst < -16.92 || r.Worst > -16.90 {
		t.Errorf("%+v, want one row at -16.91 %%", r)
	}
	for _, r := range rows[1:] {
		if r.Rows > 0 {
			t.Errorf("%s has %d rows", r.Quantity, r.Rows)
		}
	}
}

func TestBadData(t *testing.T) {
	if rows, err := Validate(fstest.MapFS{}); err != nil || rows != nil {
		t.Errorf("no files: %v, error %v", rows, err)
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"node", "energy_per_op.csv", "int multiply,8 bit,5,0.2,pJ/op,x\n", "energy_per_op.csv:2: a node of 5 nm is outside"},
		{"value", "energy_per_op.csv", "int multiply,8 bit,45,many,pJ/op,x\n", `energy_per_op.csv:2: value must be a number, got "many"`},
	} {
		head := "operation,size_or_condition,technology_nm,value,unit_of_value,source\n"
		_, err := Validate(fstest.MapFS{c.file: {Data: []byte(head + c.text)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
