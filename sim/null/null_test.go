package null

import (
	"testing"

	"dse/accel"
	"dse/models"
)

// A 3x3 convolution of 2 to 6 channels on 4x4 pixels, a 1x1 one to 3, global pooling and a dense layer to 2 classes,
// at 8 bits, on 4 rows and 4 columns that take 2 bytes per cycle from DRAM (4 GB/s, half of it
// sustained, at 1 GHz).
//
//	MACs    16 pixels * (18 * 6 + 6 * 3) + 3 * 2 = 2022, over 16 multipliers 126.375
//	tiled   ceil(18/4) ceil(6/4) 16 = 160, ceil(6/4) ceil(3/4) 16 = 32, ceil(3/4) ceil(2/4) = 1
//	bytes   stem 32 in, 108 weights, 96 out; head 96 in, 18 weights, 48 out; pool 48 in, 3 out; dense
//	        3 in, 6 weights, 2 results of 4 bytes: 466
func TestByHand(t *testing.T) {
	n := network(t)
	a := chip()
	got := Cycles(a, n, n.Uniform(n.PerTensor(), 8, 8))
	if want := [Models]float64{126.375, 193, 193 + 466/2.0}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}

	// Two positions at a time, taps in time: 8 blocks * 9 taps * ceil(2/4) * ceil(6/4) = 144, 8 * 2 = 16
	// and 1, on twice the multipliers.
	a.Array.Dataflow, a.Array.Reduction, a.Array.Positions = accel.Unrolled, accel.ReduceChannels, accel.Positions{Height: 1, Width: 2}
	got = Cycles(a, n, n.Uniform(n.PerTensor(), 8, 8))
	if want := [Models]float64{126.375 / 2, 161, 161 + 466/2.0}; got != want {
		t.Errorf("unrolled: got %v, want %v", got, want)
	}
}

// A depthwise 3x3 layer of 6 channels on 4x4 pixels: without lanes of its own each channel takes the
// array for 9 taps of 16 pixels; with 2 lanes per column 4 channels take ceil(9/2) together.
func TestDepthwiseByHand(t *testing.T) {
	l := models.Layer{Kind: models.Conv, In: models.Shape{C: 6, H: 4, W: 4}, Out: models.Shape{C: 6, H: 4, W: 4}, Kernel: models.Window{H: 3, W: 3}, Groups: 6}
	a := accel.Array{Rows: 4, Cols: 4, Dataflow: accel.Unrolled, Reduction: accel.ReduceChannels}
	if got := steps(a, &l); got != 6*9*16 {
		t.Errorf("%v cycles, want %v", got, 6*9*16)
	}
	a.DepthwiseLanes = 2
	if got := steps(a, &l); got != 2*5*16 {
		t.Errorf("with lanes %v cycles, want %v", got, 2*5*16)
	}
}

// Each model adds to the one before.
func TestModelsAreOrdered(t *testing.T) {
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range accel.Presets() {
		a, err := accel.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		c := Cycles(a, n, n.Uniform(n.PerTensor(), 8, 8))
		if !(0 < c[Peak] && c[Peak] <= c[Tiled] && c[Tiled] < c[TiledBytes]) {
			t.Errorf("%s: %v", name, c)
		}
	}
}

func network(t *testing.T) *models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{
		Name: "one", Image: models.Shape{C: 2, H: 4, W: 4}, Classes: 2, Stem: 6, StemStride: 1, Head: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func chip() *accel.Accelerator {
	return &accel.Accelerator{
		Clock: 1e9, Array: accel.Array{Rows: 4, Cols: 4},
		DRAM: accel.DRAM{Bandwidth: 4e9, Efficiency: 0.5},
	}
}
