package gemmini

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"dse/sim/nest"
	"dse/sim/pipeline"
)

func TestMapping(t *testing.T) {
	m, err := parseMapping("L3[WIO] K2 C8 - L2[WI] N1 K10X - L1[O] K50 C16 C4X - L0[W] Q2 P3")
	if err != nil {
		t.Fatal(err)
	}
	want := &mapping{
		tile:    [nest.NumDims]int{nest.N: 1, nest.C: 64, nest.K: 500, nest.Q: 2, nest.P: 3, nest.S: 1, nest.R: 1},
		spatial: [nest.NumDims]int{nest.N: 1, nest.C: 4, nest.K: 10, nest.Q: 1, nest.P: 1, nest.S: 1, nest.R: 1},
		order:   []nest.Dim{nest.C, nest.K, nest.R, nest.S, nest.P, nest.Q, nest.N},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v\nwant %+v", m, want)
	}
	// The smallest array built that holds 10 columns and 4 rows has 16.
	if side := m.side(false, 16); side != 16 {
		t.Errorf("random mapping on a side of %d", side)
	}
	m.spatial[nest.C] = 17
	if side := m.side(false, 16); side != 32 {
		t.Errorf("random mapping on a side of %d, want 32", side)
	}
	if side := m.side(true, 16); side != 16 {
		t.Errorf("searched design on a side of %d", side)
	}
	for text, problem := range map[string]string{
		"":                                  "1 levels",
		"L3[WIO] K2 - L2[WI] K1 - L1[O] C1": "3 levels",
		"L2[WIO] K2 - L3[WI] K1 - L1[O] C1 - L0[W] N1": "level 1 must begin with L3[",
		"L3[WIO] K2 - L2[WI] Z1 - L1[O] C1 - L0[W] N1": `"Z1" is no loop`,
		"L3[WIO] K2 - L2[WI] K0 - L1[O] C1 - L0[W] N1": `"K0" is no loop`,
		"L3[WIO] KX - L2[WI] K1 - L1[O] C1 - L0[W] N1": `"KX" is no loop`,
	} {
		if _, err := parseMapping(text); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", text, err, problem)
		}
	}
}

// Halves of 256 KiB of scratchpad and of 64 KiB of accumulator: 8192 rows of 16 bytes, 512 of 64.
var half = library{side: 16, scratchpad: 8192, accumulator: 512}

// A product of 128 x 768 with 768 x 3072. Sums: the largest square within 512/16 = 32 array-fulls is 5 x 5.
// Depth: half of 512 array-fulls by 5 is 51, but the product has 48. (5+5) 48 = 480 array-fulls
// of 512 are taken; one more on either side takes 528.
func TestProductTilesByHand(t *testing.T) {
	got := half.tiling(pipeline.NewProduct(128, 768, 3072))
	want := [nest.NumDims]int{nest.N: 1, nest.C: 768, nest.K: 80, nest.Q: 1, nest.P: 80, nest.S: 1, nest.R: 1}
	if got.Size != want || got.Tried != 0 {
		t.Errorf("got %+v", got)
	}
}

// A 3 x 3 convolution of 256 to 36 channels on 14 x 14 pixels. The sums of 36 channels, 3 columns of
// array-fulls, take 3*196 = 588 rows, more than 512. So channels shrink, the most first: 256 inputs by 16
// down to 32, below 36, then 36 filters to 32, whose sums take 392. What grows then is the
// input channels, since 33 filters take 588 rows again: 15*16*16 = 3840 rows of inputs and
// 2*9*240 = 4320 of weights fit 8192, a 241st channel begins another 256 rows.
func TestConvolutionTilesByHand(t *testing.T) {
	p := &pipeline.Problem{
		Filters: 36, Channels: 256, Out: pipeline.Size{H: 14, W: 14}, In: pipeline.Size{H: 14, W: 14},
		Kernel: pipeline.Size{H: 3, W: 3}, Stride: 1, Pad: pipeline.Size{H: 1, W: 1},
	}
	got := half.tiling(p)
	want := [nest.NumDims]int{nest.N: 1, nest.C: 240, nest.K: 32, nest.Q: 14, nest.P: 14, nest.S: 3, nest.R: 3}
	// Tried: 1 whole, 14 steps of the inputs, 1 of the filters; then filters and inputs in each
	// of 209 rounds, the last of which grows nothing.
	if got.Size != want || got.Tried != 16+2*209 {
		t.Errorf("got %+v", got)
	}
	// A problem that fits as a whole is tried once.
	p.Channels = 16
	p.Filters = 32
	if got := half.tiling(p); got.Tried != 1 || got.Size[nest.C] != 16 || got.Size[nest.K] != 32 {
		t.Errorf("got %+v", got)
	}
}

const header = "kind,workload,array_rows,scratchpad_kb,accumulator_kb,N,C,K,P,Q,R,S,stride_h,stride_w,default_mapper_cycles,given_mapping_cycles,given_mapping\n"

func TestBadRows(t *testing.T) {
	for _, c := range []struct{ row, problem string }{
		{"firesim_rtl_layer,,16,,,2,64,64,8,8,1,1,1,1,1000,1000,L3[WIO] N1 - L2[WI] K16X - L1[O] C4 C16X - L0[W] N1", "one image"},
		{"firesim_rtl_layer,,16,,,1,64,64,8,8,3,1,1,1,1000,1000,L3[WIO] N1 - L2[WI] K16X - L1[O] C4 C16X - L0[W] N1", "square kernels"},
		{"firesim_rtl_layer,,16,,,1,64,0,8,8,1,1,1,1,1000,1000,L3[WIO] N1 - L2[WI] K16X - L1[O] C4 C16X - L0[W] N1", "at least 1"},
		{"firesim_rtl_layer,,16,,,1,64,64,8,8,1,1,1,1,1000,1000,somewhere", "1 levels"},
		{"firesim_rtl_layer,,16,,,1,64,many,8,8,1,1,1,1,1000,1000,L3[WIO] N1", "K must be a whole number"},
	} {
		_, err := Validate(fstest.MapFS{"gemmini.csv": {Data: []byte(header + c.row + "\n")}})
		if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), "gemmini.csv:2") {
			t.Errorf("%s: %v, want %q", c.row, err, c.problem)
		}
	}
	if rows, err := Validate(fstest.MapFS{}); rows != nil || err != nil {
		t.Errorf("without a table: %v, %v", rows, err)
	}
}

// What ran is a square map, with a padding of half the kernel: 60 x 6 outputs of a 3 x 3 kernel ran as 60 x 60,
// and a kernel of 2 x 2 gives a row and a column more.
func TestMapsAreSquare(t *testing.T) {
	table := "L3[WIO] N1 - L2[WI] N1 K16X - L1[O] N1 C16X - L0[W] N1"
	rows, err := Validate(fstest.MapFS{"gemmini.csv": {Data: []byte(header +
		"firesim_rtl_layer,,16,,,1,16,16,60,6,3,3,1,1,,5000," + table + "\n" +
		"firesim_rtl_layer,,16,,,1,16,16,56,56,2,2,1,1,,5000," + table + "\n" +
		"firesim_rtl_layer,,16,,,1,16,16,56,1,1,1,1,1,,5000," + table + "\n" +
		"fpga_measured_network,ResNet-50,,,,,,,,,,,,,,,\n")}})
	if err != nil {
		t.Fatal(err)
	}
	given := rows[1]
	if rows[0].Rows != 0 || given.Rows != 3 || len(given.Skipped) != 1 || !strings.Contains(given.Skipped[0], "ResNet-50") {
		t.Fatalf("rows %+v", rows)
	}
	// Peak of 256 multipliers: 60*60*9, 57*57*4 and 56 cycles, each 16 x 16 products.
	mean := 0.0
	for _, cycles := range []float64{60 * 60 * 9, 57 * 57 * 4, 56} {
		mean += 100 * (cycles - 5000) / 5000 / 3
	}
	if got := given.Nulls[0].Bias; got < mean-1e-9 || got > mean+1e-9 {
		t.Errorf("bias of MACs / peak %v, want %v", got, mean)
	}
}
