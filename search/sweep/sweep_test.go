package sweep

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dse/accel"
	"dse/models"
)

func edge(t *testing.T) *accel.Accelerator {
	t.Helper()
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParseAxis(t *testing.T) {
	a := edge(t)
	a.Memories[0].Name = "buffer"
	for text, want := range map[string]Axis{
		"sram=128KiB, 256 KiB":       {"sram", []string{"memories[0].capacity"}, []string{"128KiB", "256 KiB"}},
		"buffer=1 MiB":               {"buffer", []string{"memories[0].capacity"}, []string{"1 MiB"}},
		"array=8x8,16x32":            {"array", []string{"array.rows", "array.cols"}, []string{"8x8", "16x32"}},
		"bandwidth=1 GB/s":           {"bandwidth", []string{"dram.bandwidth"}, []string{"1 GB/s"}},
		"memories[0].banks=8,16":     {"memories[0].banks", []string{"memories[0].banks"}, []string{"8", "16"}},
		"array.dataflow=os-or-other": {"array.dataflow", []string{"array.dataflow"}, []string{"os-or-other"}},
	} {
		got, err := ParseAxis(text, a)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "sram", "sram=", "=1", "array=8", "array=8x8x8", "sram=1KiB,1KiB"} {
		if _, err := ParseAxis(text, a); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is read: %v", text, err)
		}
	}
}

func axes(t *testing.T, texts ...string) []Axis {
	t.Helper()
	var out []Axis
	for _, text := range texts {
		x, err := ParseAxis(text, edge(t))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func TestVariants(t *testing.T) {
	variants, err := Variants(edge(t), axes(t, "sram=128KiB,256KiB", "array=8x8,16x32"))
	if err != nil {
		t.Fatal(err)
	}
	type size struct{ kib, rows, cols int }
	var got []size
	for _, v := range variants {
		got = append(got, size{int(v.Accelerator.Memories[0].Capacity) >> 10, v.Accelerator.Array.Rows, v.Accelerator.Array.Cols})
	}
	want := []size{{128, 8, 8}, {128, 16, 32}, {256, 8, 8}, {256, 16, 32}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(size{})); diff != "" {
		t.Errorf("variants (-want +got):\n%s", diff)
	}
	_, err = Variants(edge(t), axes(t, "sram=128KiB,2 parsec"))
	if err == nil || !strings.Contains(err.Error(), "sram=2 parsec") {
		t.Errorf("error %v", err)
	}
	_, err = Variants(edge(t), axes(t, "memories[0].bank=4"))
	if err == nil || !strings.Contains(err.Error(), "did you mean memories[0].banks?") {
		t.Errorf("error %v", err)
	}
}

// More memory and bandwidth cost no time, and what does not fit says why without ending the sweep.
func TestRun(t *testing.T) {
	n, err := models.Build("resnet18-224")
	if err != nil {
		t.Fatal(err)
	}
	designs := []Design{{"8/8", n.Uniform(n.PerTensor(), 8, 8)}, {"4/4", n.Uniform(n.PerTensor(), 4, 4)}}
	// The window of the first layer alone takes more than 768 bytes.
	variants, err := Variants(edge(t), axes(t, "memories[0].banks=1", "sram=768B,32KiB,64KiB,1MiB", "bandwidth=1.6 GB/s,6.4 GB/s"))
	if err != nil {
		t.Fatal(err)
	}
	prices, err := Run(context.Background(), n, variants, designs)
	if err != nil {
		t.Fatal(err)
	}
	if len(prices) != len(variants)*len(designs) {
		t.Fatalf("%d prices", len(prices))
	}
	at := func(sram, bandwidth, design int) Price { return prices[(sram*2+bandwidth)*2+design] }
	for design := range designs {
		if slow, fast := at(1, 0, design), at(1, 1, design); fast.LatencyMS >= slow.LatencyMS {
			t.Errorf("four times the bandwidth: %v ms instead of %v", fast.LatencyMS, slow.LatencyMS)
		}
		for bandwidth := range 2 {
			if p := at(0, bandwidth, 0); !strings.Contains(p.Infeasible, "768") || p.LatencyMS != 0 {
				t.Errorf("768 B hold a tile: %+v", p)
			}
			for sram := 1; sram < 4; sram++ {
				p := at(sram, bandwidth, design)
				if p.Infeasible != "" || p.LatencyMS <= 0 || p.EnergyUJ <= 0 {
					t.Errorf("%+v", p)
				}
				if sram > 1 && p.LatencyMS > at(sram-1, bandwidth, design).LatencyMS {
					t.Errorf("more memory makes %v slower", p)
				}
			}
		}
	}
}
