package accel

import (
	"regexp"
	"strings"
	"testing"
)

// references are the publications that presets may cite. A new one is added here on purpose, with
// its full name in the preset.
var references = regexp.MustCompile(`\b(assumed|Horowitz, ISSCC 2014|JSSC 58\(1\), 2023|Bit Fusion|ISCA 2018|` +
	`Gemmini|ZigZag hardware file|DRAMSys|JEDEC|NVDLA|Malladi et al\., ISCA 2012|accelergy-cacti-plug-in)`)

// TestPresetSources wants the source, or the word "assumed", behind every number of every preset.
// It reads the text, not the parsed value, so that no key can slip through.
func TestPresetSources(t *testing.T) {
	text := regexp.MustCompile(`^\s*(- )?(name|description|device):`)
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
