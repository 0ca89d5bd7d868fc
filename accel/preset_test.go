package accel

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// references are the publications that presets may cite. A new one is added here on purpose, with
// its full name in the preset.
var references = regexp.MustCompile(`\b(assumed|Horowitz, ISSCC 2014|Eyeriss, JSSC 52\(1\), 2017|Eyeriss.s relative energies in Timeloop|JSSC 58\(1\), 2023|Bit Fusion|ISCA 2018|` +
	`Gemmini|ZigZag hardware file|DRAMSys|JEDEC|NVDLA|Malladi et al\., ISCA 2012|Vela|Coral|ST, STM32N6|ST, model zoo|ST: |MLPerf Tiny v1\.0|github\.com/pulp-platform/(ne16|dory)|Boroumand et al\., arXiv 2109\.14320|calibrated on \w+\.csv \(\d+ rows|accelergy-cacti-plug-in)`)

// TestPresetSources wants the source, or the word "assumed", behind every number of every preset.
// It reads the text, not the parsed value, so that no key can slip through.
func TestPresetSources(t *testing.T) {
	text := regexp.MustCompile(`^\s*(- )?(name|description|device|validation):`)
	number := regexp.MustCompile(`[:{,] *-?[0-9]`)
	for _, name := range Presets() {
		preset, _ := PresetText(name)
		numbers := 0
		for i, line := range strings.Split(string(preset), "\n") {
			content, source, _ := strings.Cut(line, "#")
			if text.MatchString(content) || !number.MatchString(content) {
				continue
			}
			numbers++
			if !references.MatchString(source) {
				t.Errorf("%s.yaml:%d: %q has the source %q, want one of %v", name, i+1, content, source, references)
			}
		}
		if numbers < 25 {
			t.Errorf("%s.yaml: %d lines with numbers seen, want at least 25", name, numbers)
		}
	}
}

// TestPresetRows wants the same of the rows that people are shown, except for the texts, names
// and flags among them.
func TestPresetRows(t *testing.T) {
	for _, name := range Presets() {
		a, err := Load(name)
		if err != nil {
			t.Fatalf("preset %s: %v", name, err)
		}
		if a.Name != name {
			t.Errorf("preset %s calls itself %q", name, a.Name)
		}
		for _, row := range Rows(a) {
			number := row.Value != "" && '0' <= row.Value[0] && row.Value[0] <= '9' && row.Key != "description"
			if number && row.Source == "" {
				t.Errorf("preset %s: %s = %s has no source", name, row.Key, row.Value)
			}
		}
	}
}

// TestEdgeNPU pins the values that other packages' expectations rest on, in base units.
func TestEdgeNPU(t *testing.T) {
	a, err := Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key       string
		got, want float64
	}{
		{"clock in Hz", float64(a.Clock), 800e6},
		{"PEs", float64(a.Array.Rows * a.Array.Cols), 256},
		{"SRAM in bytes", float64(a.Memories[0].Capacity), 262144},
		{"DRAM bytes per cycle", float64(a.DRAM.Bandwidth) / float64(a.Clock), 8},
		{"modes", float64(len(a.Precision.Modes)), 9},
		{"DRAM burst in bytes", float64(a.DRAM.Burst), 32},
		{"refresh leaves at least the efficiency", min(1-280.0/3904, a.DRAM.Efficiency), a.DRAM.Efficiency},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.key, c.got, c.want)
		}
	}
	if a.Status != Estimated {
		t.Errorf("status = %v, want estimated", a.Status)
	}
	// Every mode takes the energy of the native mode per cycle, spread over its MACs: the Bit
	// Fusion rule that the comments of the preset claim. All factors are powers of two: exact.
	native := a.Precision.Modes[0]
	for _, m := range a.Precision.Modes {
		wantThroughput := float64(64) / float64(m.Weight*m.Activation)
		if m.Throughput != wantThroughput {
			t.Errorf("%s: throughput %v, want %v", modeName(m), m.Throughput, wantThroughput)
		}
		if perCycle := float64(m.Energy) * m.Throughput; perCycle < float64(native.Energy)*(1-1e-12) || perCycle > float64(native.Energy)*(1+1e-12) {
			t.Errorf("%s: %v pJ per cycle, want %v", modeName(m), perCycle, float64(native.Energy))
		}
	}
}

// TestDerivedNumbers repeats the arithmetic that the comments of the presets describe, from the
// published figures, to the digits that the presets give.
func TestDerivedNumbers(t *testing.T) {
	// between interpolates linearly in log2 of the size.
	between := func(size, lo, atLo, hi, atHi float64) float64 {
		return atLo + (atHi-atLo)*math.Log2(size/lo)/math.Log2(hi/lo)
	}
	// ZigZag hardware files: pJ per access of 512 and 1024 bits. Sizes in KB.
	zigzagRead := func(size float64) float64 { return between(size, 64, 26.56/512, 1024, 208.08/1024) }
	zigzagWrite := func(size float64) float64 { return between(size, 32, 52.01/512, 1024, 189.2/1024) }
	// Horowitz, ISSCC 2014: pJ per access of 64 bits.
	horowitz := func(size float64) float64 { return between(size, 32, 20.0/64, 1024, 100.0/64) }

	load := func(name string) *Accelerator {
		a, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	edge, gemmini, fusion, nvdla, eyeriss := load("edge-npu"), load("gemmini-16x16"), load("bitfusion-16x32"), load("nvdla-large"), load("eyeriss-v1")
	for _, c := range []struct {
		name      string
		got, want float64
		digits    float64 // half a unit of the last digit given
	}{
		{"edge-npu MAC: 2 operations at 14 TOPS/W", float64(edge.Precision.Modes[0].Energy), 2.0 / 14, 0.0005},
		{"edge-npu SRAM read", float64(edge.Memories[0].Read), zigzagRead(256), 0.00005},
		{"edge-npu SRAM write", float64(edge.Memories[0].Write), zigzagWrite(256), 0.00005},
		{"edge-npu accumulator", float64(edge.Array.Accumulator.Energy), (22.9 + 52.01) / 2 / 512, 0.00005},
		{"edge-npu DRAM read", float64(edge.DRAM.Read), 5.26 + 3.22, 0.005},
		{"edge-npu DRAM write", float64(edge.DRAM.Write), 3.87 + 1.18, 0.005},
		{"edge-npu DRAM bandwidth", float64(edge.DRAM.Bandwidth), 3200e6 * 16 / 8, 0},
		{"edge-npu DRAM background", float64(edge.DRAM.Background), 2.25*1.8 + 30*1.1 + 0.75*1.1, 0.05},
		{"gemmini MAC", float64(gemmini.Precision.Modes[0].Energy), 0.2 + 0.1, 1e-9},
		{"gemmini scratchpad bank", float64(gemmini.Memories[0].Read), horowitz(64), 0.00005},
		{"gemmini accumulator", float64(gemmini.Array.Accumulator.Energy), horowitz(64), 0.00005},
		{"gemmini DRAM", float64(gemmini.DRAM.Read), 1300.0 / 64, 0.05},
		{"gemmini DMA bus", float64(gemmini.DRAM.Bandwidth), 128.0 / 8 * float64(gemmini.Clock), 0},
		{"eyeriss MAC", float64(eyeriss.Precision.Modes[0].Energy), 3 * (4*0.2 + 0.05), 0.005},
		{"eyeriss scratchpad", float64(eyeriss.Array.Accumulator.Energy), 0.85 / 32, 0.00005},
		{"eyeriss filter buffer", float64(eyeriss.Memories[0].Read), (1 + 5*(8-0.5)/(100-0.5)) * 0.85 / 16, 0.00005},
		{"eyeriss global buffer", float64(eyeriss.Memories[1].Read), 6 * 0.85 / 16, 0.0001},
		{"eyeriss DRAM", float64(eyeriss.DRAM.Read), 200 * 0.85 / 16, 0.05},
		{"eyeriss link", float64(eyeriss.DRAM.Bandwidth), 90e6 * 8, 0},
		{"eyeriss sums", float64(eyeriss.Array.Accumulator.Capacity), 12 * 14 * 24 * 2, 0},
		{"bitfusion leakage", float64(fusion.Technology.Leakage), 16 * 32 * 59.33e-3, 0.05},
		{"bitfusion DRAM interface", float64(fusion.DRAM.Bandwidth), 192.0 / 8 * float64(fusion.Clock), 0},
		{"bitfusion narrowest MAC", float64(fusion.Precision.Modes[8].Energy), 0.4592 / 16, 1e-9},
		{"nvdla MAC", float64(nvdla.Precision.Modes[0].Energy), 766.0 / 2048, 0.0005},
		{"nvdla CBUF read", float64(nvdla.Memories[0].Read), zigzagRead(512), 0.00005},
		{"nvdla CBUF write", float64(nvdla.Memories[0].Write), zigzagWrite(512), 0.00005},
		{"nvdla CBUF size", float64(nvdla.Memories[0].Capacity), 16 * 512 * 64, 0},
	} {
		if math.Abs(c.got-c.want) > c.digits+1e-12 {
			t.Errorf("%s: the preset says %v, its sources %v", c.name, c.got, c.want)
		}
	}
}
