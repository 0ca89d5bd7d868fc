package dram

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dse/sim/agreement"
)

// TestValidate compares both models with all reference rows that the project holds. The bounds are
// what the models must reach; measured says what they reached when this was written, to the digit
// that must not get worse unnoticed. There is no bound to reach for activates of the closed form.
func TestValidate(t *testing.T) {
	if testing.Short() {
		t.Skip("plays 16 million requests")
	}
	got, err := Validate(os.DirFS(referenceDir))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]agreement.Row{}
	for _, c := range got {
		byName[c.Source+"/"+c.Quantity] = c
		t.Logf("%-10s %-22s %4d rows, %4d exact, MAPE %.3f %%, bias %+.3f %%, worst %+.2f %% (%s), Spearman %.4f",
			c.Source, c.Quantity, c.Rows, c.Exact, c.MAPE, c.Bias, c.Worst, c.WorstRow, c.Spearman)
	}
	for _, c := range []struct {
		name        string
		rows, exact int
		bound       float64 // MAPE, %
		measured    float64 // MAPE, %, rounded up
		worst       float64 // %
		spearman    float64
	}{
		{"dram/cycles", 612, 612, 4, 0, 10, 1},
		{"dram/read_latency", 564, 564, 4, 0.001, 10, 0.999},
		{"dram/activates", 612, 612, 4, 0, 10, 1},
		{"dram/energy", 612, 603, 4, 0.002, 10, 0.999},
		{"dram/cycles_closed_form", 612, 0, 15, 3.3, 30, 0.98},
		{"dram/activates_closed_form", 612, 0, 15, 11, 200, 0.98},
		{"dram_extra/cycles", 1129, 1129, 4, 0, 10, 1},
		{"dram_extra/read_latency", 1065, 1065, 4, 0.002, 10, 0.999},
		{"dram_extra/activates", 1129, 1129, 4, 0, 10, 1},
		{"dram_extra/energy", 1129, 1129, 4, 0.001, 10, 0.999},
		{"dram_extra/cycles_closed_form", 1129, 0, 15, 3.5, 30, 0.98},
		{"dram_extra/activates_closed_form", 1129, 0, 15, 8.3, 150, 0.98},
	} {
		g, ok := byName[c.name]
		if !ok {
			t.Errorf("%s is missing", c.name)
			continue
		}
		delete(byName, c.name)
		if g.Rows != c.rows || g.Exact < c.exact || g.MAPE > c.bound || g.MAPE > c.measured || math.Abs(g.Worst) > c.worst || g.Spearman < c.spearman {
			t.Errorf("%+v, want %+v", g, c)
		}
	}
	for name := range byName {
		t.Errorf("%s is not expected", name)
	}
}

// TestValidateErrors: bad data is refused with the file, the row, the column and the value.
func TestValidateErrors(t *testing.T) {
	const header = "case_id,device,max_outstanding_reads,rate_pct,s1_op,s1_base,s1_row_bytes,s1_stride,s1_rows,s1_chunk_bytes," +
		"s2_op,s3_op,rnd_blocks,bursts,cycles,total_energy_pj,avg_read_latency_cycles,act_cmds\n"
	const extra = "case_id,config,streams,read_requests,write_requests,max_outstanding,rate_pct,cycles,e_total_pj,mean_read_latency_cycles,activates\n"
	for _, c := range []struct {
		name, golden, extra string
		want                []string
	}{
		{"not a number", header + "x,lpddr4_3200_x16,32,0,R,0,many,0,1,0,,,,1,66,1,66,1\n", "", []string{"golden.csv", "row 2", "s1_row_bytes", `"many"`}},
		{"no such device", header + "x,lpddr9,32,0,R,0,32,0,1,0,,,,1,66,1,66,1\n", "", []string{`"lpddr9"`}},
		{"bursts", header + "x,lpddr4_3200_x16,32,0,R,0,32,0,1,0,,,,7,66,1,66,1\n", "", []string{"row x says 7 bursts", "make 1"}},
		{"a column is missing", "case_id\nx\n", "", []string{"golden.csv", "row 2", "there is no such column"}},
		{"no rows", header, "", []string{"golden.csv", "no rows"}},
		{"ragged", header + "x,y\n", "", []string{"golden.csv", "wrong number of fields"}},
		{"no such configuration", header + "x,lpddr4_3200_x16,32,0,R,0,32,0,1,0,,,,1,66,1,66,1\n",
			extra + "x,lp9,R:0:32:0:1:1,1,0,32,100,66,1,66,1\n", []string{"extra", "row 2", "config", `"lp9"`}},
		{"stream of too few numbers", header + "x,lpddr4_3200_x16,32,0,R,0,32,0,1,0,,,,1,66,1,66,1\n",
			extra + "x,lp3,R:0:32,1,0,32,100,66,1,66,1\n", []string{"streams", `"R:0:32"`}},
		{"stream with a word", header + "x,lpddr4_3200_x16,32,0,R,0,32,0,1,0,,,,1,66,1,66,1\n",
			extra + "x,lp3,R:0:32:a:1:1,1,0,32,100,66,1,66,1\n", []string{"streams", `"a"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(path, text string) {
				t.Helper()
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			write(filepath.Join(dir, "golden.csv"), c.golden)
			if c.extra != "" {
				write(filepath.Join(dir, "extra", "golden.csv"), c.extra)
			}
			_, err := Validate(os.DirFS(dir))
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to contain %q", err, want)
				}
			}
		})
	}
	t.Run("no data", func(t *testing.T) {
		if _, err := Validate(os.DirFS(t.TempDir())); err == nil || !strings.Contains(err.Error(), "golden.csv") {
			t.Errorf("got %v", err)
		}
	})
}
