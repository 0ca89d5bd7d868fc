package agreement

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// By hand: errors of 0, +10, -50 and +100 % (the reference of the last is 0). Ranks of ours are
// 3 4 2 1, of the reference 3 4 2 1: they agree.
func TestRow(t *testing.T) {
	c := New("tool", "cycles")
	c.Add("a", 10, 10)
	c.Add("b", 22, 20)
	c.Add("c", 4, 8)
	c.Add("d", 3, 0)
	r := c.Row()
	want := Row{Source: "tool", Quantity: "cycles", Rows: 4, Exact: 1, MAPE: 40, Bias: 15, Worst: 100, WorstRow: "d", Spearman: 1}
	r.Spearman = math.Round(r.Spearman*1e12) / 1e12
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if got := New("tool", "nothing").Row(); !reflect.DeepEqual(got, Row{Source: "tool", Quantity: "nothing"}) {
		t.Errorf("without rows: %+v", got)
	}
}

// Null models are compared on the same rows: errors of 10 and 30 %, and of 50 and 0 %.
func TestNulls(t *testing.T) {
	c := New("chip", "cycles")
	models := []string{"one", "two"}
	c.AddMeasured("a", 10, 10, models, []float64{11, 5})
	c.AddMeasured("b", 20, 20, models, []float64{26, 20})
	r := c.Row()
	if r.Exact != 2 || len(r.Nulls) != 2 || r.Nulls[0].Quantity != "one" || r.Nulls[0].Rows != 2 {
		t.Fatalf("%+v", r)
	}
	if one, two := r.Nulls[0].MAPE, r.Nulls[1].MAPE; math.Abs(one-20) > 1e-9 || math.Abs(two-25) > 1e-9 {
		t.Errorf("errors of %v and %v %%, want 20 and 25", one, two)
	}
	if b := r.BestNull(); b == nil || b.Quantity != "one" {
		t.Errorf("best null %+v", b)
	}
	if b := (&Row{}).BestNull(); b != nil {
		t.Errorf("best of none: %+v", b)
	}
}

// Ties take the mean of their ranks: 1 2 2 4 is 0, 1.5, 1.5, 3.
func TestRanks(t *testing.T) {
	got := ranks([]float64{2, 1, 4, 2})
	for i, want := range []float64{1.5, 0, 3, 1.5} {
		if got[i] != want {
			t.Errorf("rank %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestRecordsNameThePlace(t *testing.T) {
	read := func(text string, f func(Record) error) error {
		table, err := Read(strings.NewReader(text), "x.csv")
		if err != nil {
			return err
		}
		return table.Records(f)
	}
	for _, c := range []struct {
		name, text string
		f          func(Record) error
		want       string
	}{
		{"good", "a,b\n1,2.5\n3,\n", func(r Record) error { r.Int("a"); r.Float("b"); return nil }, ""},
		{"column", "a\n1\n", func(r Record) error { r.Text("b"); return nil }, "x.csv:2: there is no column b"},
		{"whole", "a\n1\n2.5\n", func(r Record) error { r.Int("a"); return nil }, `x.csv:3: a must be a whole number, got "2.5"`},
		{"number", "a\nx\n", func(r Record) error { r.Float("a"); return nil }, `x.csv:2: a must be a number, got "x"`},
		{"own", "a\n1\n", func(r Record) error { return r.Errorf("too %s", "small") }, "x.csv:2: too small"},
		{"empty", "", nil, "x.csv: the file is empty; its first line must name the columns"},
	} {
		err := read(c.text, c.f)
		if err != nil && err.Error() != c.want || err == nil && c.want != "" {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// A printed reference agrees within its last digit, on either side of it and no further.
func TestAddPrinted(t *testing.T) {
	c := New("s", "q")
	c.AddPrinted("within", 400.4, 400, 0.5)
	c.AddPrinted("edge", 399.5, 400, 0.5)
	c.AddPrinted("beyond", 404, 400, 0.5)
	if r := c.Row(); r.Exact != 2 || r.WorstRow != "beyond" || math.Abs(r.Worst-1) > 1e-9 || math.Abs(r.MAPE-1.0/3) > 1e-9 {
		t.Errorf("row %+v, want two exact rows and 1 %% at \"beyond\"", r)
	}
}
