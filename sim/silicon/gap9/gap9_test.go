package gap9

import (
	"strings"
	"testing"
	"testing/fstest"
)

const header = "round,organisation,system,accelerator,benchmark,clock_mhz,weight_bits,latency_ms,energy_uJ\n"

// Rows of other chips are none of ours; twice the clock halves what we say and, here, what was measured.
func TestRows(t *testing.T) {
	read := func(lines string) (int, float64, []string) {
		rows, err := Validate(fstest.MapFS{"mlperf_tiny.csv": &fstest.MapFile{Data: []byte(header + lines)}})
		if err != nil {
			t.Fatal(err)
		}
		return rows[0].Rows, rows[0].MAPE, rows[0].Skipped
	}
	n, slow, skipped := read("1.0,x,y,GAP9 NE16,ic,100,7,2,\n1.0,x,y,Cortex-M4,ic,100,8,9,\n1.0,x,y,GAP9 NE16,vww,100,,2,\n1.0,x,y,GAP9 NE16,zz,100,5,2,\n")
	if n != 1 || len(skipped) != 2 || !strings.Contains(skipped[0], "not given") || !strings.Contains(skipped[1], "no network mlperf-tiny-zz") {
		t.Errorf("%d rows, skipped %q", n, skipped)
	}
	if _, fast, _ := read("1.0,x,y,GAP9 NE16,ic,200,7,1,\n"); fast < slow-1e-6 || fast > slow+1e-6 {
		t.Errorf("errors of %v %% at 100 MHz and %v %% at twice the clock", slow, fast)
	}
	if rows, err := Validate(fstest.MapFS{}); err != nil || rows != nil {
		t.Errorf("without the table: %v, %v", rows, err)
	}
}

// Energy follows the square of the voltage that the system's name states; rows that the preset was calibrated on and
// systems without a voltage are left out.
func TestEnergies(t *testing.T) {
	read := func(lines string) (int, float64, []string) {
		rows, err := Validate(fstest.MapFS{"mlperf_tiny.csv": &fstest.MapFile{Data: []byte(header + lines)}})
		if err != nil {
			t.Fatal(err)
		}
		return rows[1].Rows, rows[1].Bias, rows[1].Skipped
	}
	n, low, skipped := read("1.0,x,gap9_650_240,GAP9 NE16,ic,240,7,1,30\n1.0,x,gap9_650_240,GAP9 NE16,ad,240,6,1,5\n1.0,x,gap9,GAP9 NE16,ic,240,7,1,30\n" +
		"1.0,x,gap9_650_240,GAP9 NE16,zz,240,7,1,30\n")
	if n != 1 || len(skipped) != 2 || !strings.Contains(skipped[0], "not given") || !strings.Contains(skipped[1], "no network mlperf-tiny-zz") {
		t.Errorf("%d rows, skipped %q", n, skipped)
	}
	if _, high, _ := read("1.0,x,gap9_1300_240,GAP9 NE16,ic,240,7,1,120\n"); high < low-1e-6 || high > low+1e-6 {
		t.Errorf("bias of %v %% at 650 mV and %v %% at twice that with four times the energy", low, high)
	}
}
