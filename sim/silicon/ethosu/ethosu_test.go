package ethosu

import (
	"strings"
	"testing"
	"testing/fstest"
)

const header = "model,npu,macs_per_cycle,clock_mhz,memory_mode,kind,macs_M,npu_active_cycles,total_cycles,latency_ms,axi0_read_beats,axi0_write_beats,axi1_read_beats,notes,source\n"

func TestRowsAndReasons(t *testing.T) {
	const mobile = "MobileNetV2 1.0 224 int8"
	data := fstest.MapFS{"ethos_u.csv": &fstest.MapFile{Data: []byte(header +
		mobile + ",Ethos-U55,128,,Sram_Only,fvp_model,,5500000,5600000,,,,,,\n" +
		mobile + ",Ethos-U55,256,,Shared_Sram,fvp_model,,,5600000,,,,,,\n" +
		mobile + ",Ethos-U65,512,1000,,silicon,,,,3,,,,,\n" +
		mobile + ",Ethos-U55,,400,,silicon,,,,3,,,,,\n" +
		mobile + ",Ethos-U55,256,,,silicon,,,,3,,,,,\n" +
		mobile + ",Ethos-U55,32,,,fvp_model,,1,,,,,,,\n" +
		mobile + ",Ethos-U55,256,400,,vela_estimate,,1,,,,,,,\n" +
		mobile + ",Ethos-U55,256,400,,silicon_end_to_end,,,,3,,,,,\n" +
		"Frobnicator,Ethos-U55,256,,,fvp_model,,1,,,,,,,\n")}}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	cycles, ms := rows[0], rows[1]
	if cycles.Quantity != "fvp_cycles" || cycles.Rows != 2 || ms.Quantity != "silicon_ms" || ms.Rows != 1 {
		t.Fatalf("%+v\n%+v", cycles, ms)
	}
	for i, want := range []string{"no preset of ethos-u55 with 32", "no built-in network"} {
		if !strings.Contains(cycles.Skipped[i], want) {
			t.Errorf("skipped %q, want %q", cycles.Skipped[i], want)
		}
	}
	for i, want := range []string{"multipliers is not stated", "clock or latency", "another model's", "host's share"} {
		if !strings.Contains(ms.Skipped[i], want) {
			t.Errorf("skipped %q, want %q", ms.Skipped[i], want)
		}
	}
}

// Weights in SRAM make the second port as fast as the first: 8 bytes per cycle. Half the clock doubles
// the latency of a board but for the flash, which has a clock of its own.
func TestSystems(t *testing.T) {
	latency := func(s system) float64 {
		c, err := s.chip()
		if err != nil {
			t.Fatal(err)
		}
		i, err := c.Network("mobilenetv2-1.0-224")
		if err != nil {
			t.Fatal(err)
		}
		return i.EightBits().Latency.Milliseconds()
	}
	shared := system{npu: "ethos-u55", macs: 256, clock: 500e6}
	fast, slow := shared, shared
	fast.sramOnly, slow.clock = true, 250e6
	a, b, c := latency(shared), latency(fast), latency(slow)
	if !(b < a && a < c && c < 2*a) {
		t.Errorf("shared %v ms, SRAM only %v ms, at half the clock %v ms", a, b, c)
	}
	slow.sramOnly = true // at half the clock the SRAM is as slow as everything else
	if d := latency(slow); d < 1.99*b || d > 2.01*b {
		t.Errorf("SRAM only at half the clock takes %v ms, want twice %v", d, b)
	}
}

func TestMissingTable(t *testing.T) {
	if rows, err := Validate(fstest.MapFS{}); err != nil || rows != nil {
		t.Errorf("%v, %v", rows, err)
	}
}
