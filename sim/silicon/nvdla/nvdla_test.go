package nvdla

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"dse/accel"
	"dse/sim"
	"dse/sim/agreement"
)

func shipped(t *testing.T) []agreement.Row {
	t.Helper()
	data, err := fs.Sub(sim.Reference(), "silicon")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Validate(data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestShippedRows holds the errors reached on the rows that the project ships, as docs/simulator.md gives
// them, and wants each below that of the best null model.
func TestShippedRows(t *testing.T) {
	most := map[string]struct {
		rows int
		mape float64
	}{
		"mac cycles":  {72, 1.3},
		"DRAM cycles": {72, 7.9},
		"DRAM cycles, GoogLeNet's filters untransformed": {72, 1.0},
		"ms":                                    {72, 8.8},
		"ms, GoogLeNet's filters untransformed": {72, 1.9},
		"ms, network":                           {2, 1.6},
		"ms, primer":                            {4, 7.2},
	}
	for _, r := range shipped(t) {
		want := most[r.Quantity]
		delete(most, r.Quantity)
		if r.Rows != want.rows || r.MAPE > want.mape {
			t.Errorf("%s: MAPE %.2f %% on %d rows, want at most %v %% on %d", r.Quantity, r.MAPE, r.Rows, want.mape, want.rows)
		}
		if null := r.BestNull(); null == nil || null.MAPE <= r.MAPE {
			t.Errorf("%s: MAPE %.2f %%, null model %+v", r.Quantity, r.MAPE, null)
		}
	}
	if len(most) > 0 {
		t.Errorf("quantities that are not compared: %v", most)
	}
}

// By hand, at 64 x 32 multipliers and 10.24 bytes of DRAM per cycle:
//
//	pointwise  C64 56x56 K256: 56*56 * 1 * 8 steps; 196 + 784 + 16 KiB take 100 cycles each.
//	Winograd   C512 7x7 K512: 49 * 4 * 8 * 16 steps; 24.5 + 24.5 KiB, filters 512*512*16 bytes.
//	strided    C512 28x28 K1024 in 14x14: 196 * 8 * 32 steps; 392 + 196 KiB, filters as 2x2: 4 * 512 KiB.
//	granules   C24 14x14 K64 5x5 counts as C32: 196 * 25 * 1/2 * 2 steps; 6.125 + 12.25 + 50 KiB.
//	short tile C512 14x14 K296 counts as K304 on the array and in the results, not in the filters.
//	image      C3 224x224 K64 7x7 counts as C4, filters as 8x8: 112*112 * 49/16 * 2 steps; 196 KiB, 56x56x64 pooled, 16 KiB.
//	batch      a dense layer of AlexNet shares its weights among 16 images: 2304 + 9 + 4 KiB.
func TestLayersByHand(t *testing.T) {
	chip := load(t)
	for _, c := range []struct {
		network, layer string
		mac, kib       float64
	}{
		{"ResNet50", "a [conv] C64 H56 W56 K256 R1 S1 stride1 P56 Q56", 56 * 56 * 8, 196 + 784 + 16},
		{"ResNet50", "a [conv + elwise] C64 H56 W56 K256 R1 S1 stride1 P56 Q56", 56 * 56 * 8, 196 + 2*784 + 16},
		{"ResNet50", "a [conv] C512 H7 W7 K512 R3 S3 stride1 P7 Q7", 49 * 4 * 8 * 16, 49 + 4096},
		{"ResNet50", "a [conv] C512 H28 W28 K1024 R1 S1 stride2 P14 Q14", 196 * 8 * 32, 392 + 196 + 2048},
		{"GoogLeNet", "a [conv] C24 H14 W14 K64 R5 S5 stride1 P14 Q14", 196 * 25, 6.125 + 12.25 + 50},
		{"GoogLeNet", "a [conv] C512 H14 W14 K296 R1 S1 stride1 P14 Q14", 196 * 8 * 9.5, 98 + 304*196.0/1024 + 148},
		{"GoogLeNet", "conv1 [conv] C3 H224 W224 K64 R7 S7 stride2 P112 Q112", 112 * 112 * 49.0 / 16 * 2, 196 + 196 + 16},
		{"AlexNet", "fc1 [fc] C256 H6 W6 K4096 R6 S6 stride1 P1 Q1", 144 * 128, 2304 + 9 + 4},
	} {
		l, err := parse(c.network, c.layer)
		if err != nil {
			t.Fatal(err)
		}
		got, err := price(chip, &l)
		if err != nil {
			t.Fatal(err)
		}
		// A few dozen bits of scales and widths are fetched with the filters, in whole bursts of 64 bytes.
		if got.mac != c.mac || got.dram < c.kib*100 || got.dram > c.kib*100+40 {
			t.Errorf("%s %s: %v steps and %v DRAM cycles, want %v and %v", c.network, c.layer, got.mac, got.dram, c.mac, c.kib*100)
		}
	}
}

// The networks have the multiply-accumulates that their papers' shapes give: AlexNet 724 M (grouped),
// ResNet-50 3.86 G, GoogLeNet 1.58 G.
func TestNetworks(t *testing.T) {
	for name, want := range map[string][2]float64{
		"AlexNet": {0.723e9, 0.725e9}, "ResNet-50 224x224 (spreadsheet)": {3.85e9, 3.87e9}, "GoogLeNet": {1.58e9, 1.59e9},
	} {
		macs := 0.0
		for _, l := range networkOf(name) {
			macs += float64(l.channels * l.kernels * l.kernel.H * l.kernel.W * l.out.H * l.out.W)
		}
		if macs < want[0] || macs > want[1] {
			t.Errorf("%s has %v MACs, want %v", name, macs, want)
		}
	}
	if networkOf("AlexNet (4 MB SRAM on 2nd interface)") != nil || networkOf("LeNet-5") != nil {
		t.Error("a network that the simulator cannot run as the spreadsheet does is taken for another")
	}
}

func TestBadRows(t *testing.T) {
	const head = "kind,network,layer,mac_cycles,dram_cycles,latency_ms,int8_macs,cbuf_kb,clock_mhz,dram_gb_per_s,config\n"
	for _, c := range []struct{ row, want string }{
		{"vendor_spreadsheet_layer,A,no shape,1,1,1,,,,,\n", `nvdla.csv:2: layer "no shape" is not of the form`},
		{"vendor_spreadsheet_layer,A,a [conv] C0 H1 W1 K1 R1 S1 stride1 P1 Q1,1,1,1,,,,,\n", `nvdla.csv:2: layer "a [conv] C0 H1 W1 K1 R1 S1 stride1 P1 Q1": "0" is not a size`},
		{"vendor_spreadsheet_layer,A,a [conv] C8 H4 W4 K1 R1 S1 stride1 P1 Q1,1,1,1,,,,,\n", "nvdla.csv:2: a layer of the table"},
		{"vendor_estimate,ResNet-50,,,,1,96,128,1000,1,a\n", "nvdla.csv:2: no design has 96 multipliers"},
		{"vendor_estimate,ResNet-50,,,,1,64,0,1000,1,a\n", "nvdla.csv:2: a design of 0 KB at 1000 MHz and 1 GB/s"},
	} {
		_, err := Validate(fstest.MapFS{file: {Data: []byte(head + c.row)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.row, err, c.want)
		}
	}
	if rows, err := Validate(fstest.MapFS{}); rows != nil || err != nil {
		t.Errorf("without the table: %v, error %v", rows, err)
	}
}

func load(t *testing.T) *accel.Accelerator {
	t.Helper()
	chip, err := accel.Load("nvdla-large")
	if err != nil {
		t.Fatal(err)
	}
	return chip
}
