package sim

import (
	"testing"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// A step of 4 cycles on 8 rows sums 32 channels of one tap, or 8 channels of 4 taps:
//
//	3x3 of 3 channels    9 taps of up to 32: 9 steps; ceil(9/4) of up to 8: 3 steps
//	3x3 of 40 channels   9 taps of 2 x 32: 18 steps; 3 x 5: 15 steps
//	1x1 of 16            1 step; 1x1 of 40 channels 2 steps, not 5
//	dense of 1280        40 steps
//	depthwise 3x3        3 steps of 4 taps, one tap a cycle
func TestStepsOfFourCycles(t *testing.T) {
	conv := func(channels, kernel int) *models.Layer {
		return &models.Layer{Kind: models.Conv, In: models.Shape{C: channels, H: 9, W: 9}, Out: models.Shape{C: 8, H: 9, W: 9},
			Kernel: models.Window{H: kernel, W: kernel}, Groups: 1}
	}
	depthwise := conv(8, 3)
	depthwise.Groups = 8
	array := accel.Array{Rows: 8, Cols: 8, Dataflow: accel.Unrolled, Reduction: accel.ReduceChannels, StepCycles: 4, DepthwiseLanes: 1}
	a := edge()
	array.Accumulator = a.Array.Accumulator
	a.Array = array
	c, err := newChip(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []struct {
		name  string
		layer *models.Layer
		steps int
	}{
		{"3x3 of 3", conv(3, 3), 3},
		{"3x3 of 40", conv(40, 3), 15},
		{"1x1 of 16", conv(16, 1), 1},
		{"1x1 of 40", conv(40, 1), 2},
		{"dense", &models.Layer{Kind: models.Dense, In: models.Shape{C: 1280, H: 1, W: 1}, Out: models.Shape{C: 8, H: 1, W: 1}}, 40},
		{"depthwise 3x3", depthwise, 3},
	} {
		g := &geometry{layer: l.layer, window: l.layer.Fanin(), taps: max(1, l.layer.Kernel.H*l.layer.Kernel.W)}
		if got := reductionSteps(c, g, accel.Mode{Throughput: 1}); got != float64(4*l.steps) {
			t.Errorf("%s: %v cycles, want %d", l.name, got, 4*l.steps)
		}
	}
}

// pointwise is a 1x1 convolution from 16 to 32 channels on a 4x4 map behind a stem.
func pointwise(t *testing.T) *models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{Name: "pointwise", Image: models.Shape{C: 1, H: 4, W: 4}, Classes: 2, Stem: 16, StemStride: 1, Head: 32})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Of 32 channels on a 4x4 map, with 256 inputs and 512 weights:
//
//	64 sums    blocks of  8: 2 tiles, inputs read 4 times: 4*256 + 2*512 = 2048, the least
//	                     16: 4 tiles, 2*256 + 4*512 = 2560
//	256 sums   blocks of  8: 1 tile,  4*256 + 512 = 1536
//	                     16: 1 tile,  2*256 + 512 = 1024, the least
//	                     32: 2 tiles,   256 + 1024 = 1280
func TestBlocksShareReadings(t *testing.T) {
	n := pointwise(t)
	for _, c := range []struct{ sums, most, block, tiles int }{
		{64, 64, 8, 2}, {256, 64, 16, 1}, {256, 0, 8, 1}, {1024, 64, 32, 1}, {1024, 20, 16, 1},
	} {
		a := edge()
		a.Array = accel.Array{
			Rows: 8, Cols: 8, Dataflow: accel.Unrolled, Reduction: accel.ReduceChannels, BlockChannels: c.most,
			Accumulator: accel.Accumulator{Capacity: unit.Bytes(4 * c.sums), Width: 32, Energy: 0.01},
		}
		l := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8)).Layers[1]
		if m := l.Mapping; m.TileChannels != c.block || m.ChannelTiles != 32/c.block || m.PixelTiles != float64(c.tiles) {
			t.Errorf("%d sums, blocks of at most %d: %d channels, %d readings, %v tiles; want %d, %d, %d",
				c.sums, c.most, m.TileChannels, m.ChannelTiles, m.PixelTiles, c.block, 32/c.block, c.tiles)
		}
	}
}

// Results pass through the vector unit where it has to do with them: 32 of the stem's at 4 lanes take
// 8 cycles beside the array's 66. Pooling 32 inputs takes 2 cycles on 16 lanes of its own.
func TestOutputsThroughVectorUnit(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Vector.Outputs, a.Vector.PoolLanes = true, 16
	r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	for i, want := range []Clocks{8, 8, 2, 0.5} {
		if got := r.Layers[i].Busy.Vector; got != want {
			t.Errorf("%s: vector unit busy for %v cycles, want %v", r.Layers[i].Name, got, want)
		}
	}
	if got := r.Layers[0].Time; got.Vector != 0 || got.Compute+got.ArrayFill != 66 {
		t.Errorf("stem takes %+v, want the array's 66 cycles", got)
	}
}

// A residual addition of its own adds its operations to the step's time, and the layer's result is
// written and read once more.
func TestSeparateAddition(t *testing.T) {
	n := micro(t)
	a := edge()
	a.Vector.AddOperations = 3
	fused := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	a.Vector.SeparateAdd = true
	apart := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	if err := apart.Check(n); err != nil {
		t.Fatal(err)
	}
	adds := 0
	for i, l := range apart.Layers {
		if l.FusedAdd < 0 {
			continue
		}
		adds++
		elements := float64(n.Layers[l.Layer].Out.Elements())
		f := fused.Layers[i]
		busy := max(f.Busy.Compute+f.Busy.ArrayFill, l.Busy.Port)
		if want := busy + Clocks(3*elements/16); l.Time.Compute+l.Time.ArrayFill+l.Time.Port+l.Time.Vector != want {
			t.Errorf("%s takes %+v, want %v cycles beside DRAM and set-up", l.Name, l.Time, want)
		}
		if got, want := l.SRAM.Outputs.Write-f.SRAM.Outputs.Write, unit.Bits(8*elements); got != want {
			t.Errorf("%s writes %v bits more, want %v", l.Name, got, want)
		}
	}
	if adds == 0 {
		t.Fatal("the network has no residual addition")
	}
}

// Where the host shares the memory, an inference that fits on chip touches no DRAM at all.
func TestSharedMemoryNeedsNoDRAM(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Host.SharesMemory = true
	r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	if r.DRAM.Total() != 0 || r.Time.DRAM != 0 {
		t.Errorf("%v bits of DRAM traffic, %v cycles", r.DRAM.Total(), r.Time.DRAM)
	}
	b := *split()
	b.Host.SharesMemory = true // inputs and outputs have memories of their own
	if _, err := New(&b, n); err == nil {
		t.Error("no memory holds inputs and outputs, yet there is no error")
	}
}
