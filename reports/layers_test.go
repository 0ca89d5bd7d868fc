package reports

import (
	"fmt"
	"strings"
	"testing"

	"dse/accel/unit"
)

func sampleLayers() LayerReport {
	return LayerReport{
		Heading: []string{"mobilenetv2-micro on edge-npu (estimated), 4 bit weights, 4 bit activations, one image."},
		Layers: []Layer{
			{"stem", "conv", "16x28x28", 4, 8, 112896, 3136, "compute", 14.1, 50176, 408000, 1.31e6},
			{"block1.1.depthwise", "depthwise", "16x28x28", 4, 4, 112896, 7056, "array edge", 6.3, 288, 88000, 0.41e6},
			{"block1.1.project", "conv", "8x28x28", 4.25, 4, 100352, 940, "SRAM", 41.7, 512, 72000, 0.39e6},
			{"pool", "pool", "128x1x1", Unknown, 4, 0, 392, "vector", Unknown, 0, 25088, 0.02e6},
		},
		Notes: []string{"Latency 0.014 ms at 800 MHz."},
	}
}

func sampleEntries() []Entry {
	return []Entry{
		{"array.rows", "16", "assumed"},
		{"dram.device", "LPDDR4-3200", "JEDEC JESD209-4, table 21, and the data sheet of a common 8 Gb part, revision C"},
		{"precision.rows", "8x8, 8x4, 8x2, 4x4, 4x2, 2x2 bits of weights and activations", "assumed"},
		{"", "1, 2, 4, 4, 8, 16 times the rate", "assumed"},
	}
}

func TestLayers(t *testing.T) {
	for _, width := range []int{60, 120} {
		var out strings.Builder
		if err := WriteLayers(&out, sampleLayers(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("layers-%d.txt", width), out.String())
	}
}

func TestLayerTotal(t *testing.T) {
	got := total(sampleLayers().Layers)
	if got.MACs != 326144 || got.Cycles != 11524 || got.DRAM != 50976 || got.SRAM != 593088 || got.Energy != unit.Picojoule(2.13e6) {
		t.Errorf("total %+v", got)
	}
	// (14.1*3136 + 6.3*7056 + 41.7*940) / 11524, the pool's cycles using nothing of the array.
	if u := got.Utilisation.fixed(3); u != "11.096" {
		t.Errorf("utilisation %s, want 11.096", u)
	}
	if u := total(nil).Utilisation; u.Known() {
		t.Errorf("utilisation of nothing is %v", u)
	}
}

func TestEntries(t *testing.T) {
	for _, width := range []int{40, 60, 120} {
		var out strings.Builder
		if err := WriteEntries(&out, []string{"edge-npu (estimated)"}, sampleEntries(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("entries-%d.txt", width), out.String())
	}
}
