package eyeriss

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"dse/accel"
	"dse/sim"
)

// TestShippedRows holds the errors reached on the rows that the project ships, as docs/simulator.md gives
// them, and wants each below that of the best null model. Active PEs are exact.
func TestShippedRows(t *testing.T) {
	data, err := fs.Sub(sim.Reference(), "silicon")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	most := map[string]float64{"processing latency": 2.4, "total latency": 5.8, "buffer MB": 3.1, "DRAM MB": 7.4, "active PEs": 0}
	for _, r := range rows {
		limit, ok := most[r.Quantity]
		delete(most, r.Quantity)
		if !ok || r.Rows != 13 || r.MAPE > limit {
			t.Errorf("%s: MAPE %.2f %% on %d rows, want at most %v %% on 13", r.Quantity, r.MAPE, r.Rows, limit)
		}
		if null := r.BestNull(); r.Quantity != "active PEs" && (null == nil || null.MAPE <= r.MAPE) {
			t.Errorf("%s: MAPE %.2f %%, null model %+v", r.Quantity, r.MAPE, null)
		}
	}
	if len(most) > 0 {
		t.Errorf("quantities that are not compared: %v", most)
	}
}

// By hand, AlexNet CONV2 for 4 images, 38.7 % zeros, in words of 2 bytes: sums of 256 x 27 x 27 results are
// written and read once for each pair of its 48 channels, inputs of 31 x 31 enter 8 times; from DRAM come
// filters 4 times, once for each image, and inputs twice at (1-0.387)*21/16 of their size; outputs leave at
// half zeros. 500 + 27*16*11 cycles for each of 4 * 2 * 24 * 8 passes.
func TestLayerByHand(t *testing.T) {
	chip, err := accel.Load("eyeriss-v1")
	if err != nil {
		t.Fatal(err)
	}
	layers, err := layersOf("AlexNet", "CONV2")
	if err != nil {
		t.Fatal(err)
	}
	c, err := price(chip, &layers[0], 4, 0.387)
	if err != nil {
		t.Fatal(err)
	}
	const outputs, inputs, filters = 4 * 256 * 27 * 27, 4 * 96 * 27 * 27, 256 * 48 * 25
	for _, w := range []struct {
		what      string
		got, want float64
	}{
		{"buffer MB", c.buffer, (2*24*outputs + 8*4*96*31*31) * 2 / 1e6},
		{"DRAM MB", c.dram, (4*filters + 2*inputs*0.613*21/16 + outputs*0.5*21/16) * 2 / 1e6},
		{"ms", c.processing, 4 * 2 * 24 * 8 * (500 + 27*16*11) / 200e3},
		{"active PEs", c.active / c.processing, 135},
	} {
		// Metadata and bursts add less than a thousandth of the traffic.
		if math.Abs(w.got-w.want) > 1e-3*w.want {
			t.Errorf("%s: %v, want %v", w.what, w.got, w.want)
		}
	}
}

// AlexNet's convolutions have 2.66 G multiply-accumulates for 4 images, VGG-16's 46.04 G for 3: the table's totals.
func TestNetworks(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
	}{{"AlexNet", 2.66e9 / 4}, {"VGG-16", 46.04e9 / 3}} {
		layers, err := layersOf(c.name, "Total")
		if err != nil {
			t.Fatal(err)
		}
		macs := 0.0
		for _, l := range layers {
			macs += float64(l.In.C/max(1, l.Groups)*l.Kernel.H*l.Kernel.W*l.Filters) * float64(l.Out.H*l.Out.W)
		}
		if math.Abs(macs-c.want) > 0.005*c.want {
			t.Errorf("%s has %v MACs an image, want %v", c.name, macs, c.want)
		}
	}
}

func TestBadRows(t *testing.T) {
	const head = "network,batch,layer,total_latency_ms,processing_latency_ms,active_pes_of_168,zeros_in_ifmap_percent,global_buffer_accesses_MB,dram_accesses_MB\n"
	for _, c := range []struct{ row, want string }{
		{"LeNet,1,CONV1,1,1,1,1,1,1\n", `eyeriss.csv:2: network "LeNet" is not known; known are AlexNet and VGG-16`},
		{"VGG-16,3,CONV6,1,1,1,1,1,1\n", `eyeriss.csv:2: VGG-16 has no layer "CONV6"; its layers are CONV1-1 to CONV5-3, and Total`},
		{"AlexNet,0,CONV2,1,1,1,1,1,1\n", "eyeriss.csv:2: a batch of 0 images"},
		{"AlexNet,4,CONV2,1,1,1,120,1,1\n", "eyeriss.csv:2: a batch of 4 images with 120 % zeros"},
	} {
		_, err := Validate(fstest.MapFS{file: {Data: []byte(head + c.row)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.row, err, c.want)
		}
	}
}
