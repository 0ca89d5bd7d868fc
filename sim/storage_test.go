package sim

import (
	"testing"

	"dse/accel"
	"dse/models"
)

// one returns the cost of a layer between two others on the chip packed, without coding, at 8 bits.
func one(t *testing.T, a *accel.Accelerator, l models.Layer) *LayerResult {
	t.Helper()
	a.DRAM.RunLength, a.DRAM.Burst, a.Precision.Modes = accel.RunLength{}, 1, a.Precision.Modes[:1]
	for i := range a.Memories {
		a.Memories[i].Capacity = 1 << 20
	}
	l.Name, l.Kind, l.Inputs, l.Groups = "layer", models.Conv, []int{1}, max(1, l.Groups)
	n, err := models.Assemble("one", 0, []string{"all"}, []models.Layer{
		{Name: "image", Kind: models.Input, Out: l.In},
		{Name: "before", Kind: models.Activate, Inputs: []int{0}, In: l.In, Out: l.In},
		l,
		{Name: "after", Kind: models.Activate, Inputs: []int{2}, In: l.Out, Out: l.Out},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8)).Layers[1]
}

// By hand on 16 x 16 multipliers, in bytes and steps, with granules of 4 channels, 2 for images of at most 2:
//
//	pointwise   6 to 18 channels on 10x10: stored as 8 and 20; 100 positions * 8/16 * 20/16 steps
//	image       2 channels to 16, 5x5 on 12x12 in 8x8: stored as 2; 64 * 25 taps * 2/16 steps
//	Winograd    8 to 16 channels, 3x3 on 10x10: 4 steps of 8/16 per position; filters 16/9
//	strided     8 to 16 channels, 1x1 in steps of 2 on 10x10: filters as 2x2, the whole input is fetched
//	grouped     2 groups of 8 to 8: side by side on rows and columns, one step; filters as they are
func TestPackedByHand(t *testing.T) {
	window := func(k int) models.Window { return models.Window{H: k, W: k} }
	for _, c := range []struct {
		name                    string
		l                       models.Layer
		steps, in, weights, out float64
	}{
		{"pointwise", models.Layer{In: models.Shape{C: 6, H: 10, W: 10}, Out: models.Shape{C: 18, H: 10, W: 10}, Kernel: window(1), Stride: window(1)},
			100 * 0.5 * 1.25, 800, 8 * 18, 2000},
		{"image", models.Layer{In: models.Shape{C: 2, H: 12, W: 12}, Out: models.Shape{C: 16, H: 8, W: 8}, Kernel: window(5), Stride: window(1)},
			64 * 25.0 / 8, 288, 2 * 16 * 25, 1024},
		{"Winograd", models.Layer{In: models.Shape{C: 8, H: 10, W: 10}, Out: models.Shape{C: 16, H: 8, W: 8}, Kernel: window(3), Stride: window(1)},
			64 * 4 * 0.5, 800, 8 * 16 * 16, 1024},
		{"strided", models.Layer{In: models.Shape{C: 8, H: 10, W: 10}, Out: models.Shape{C: 16, H: 5, W: 5}, Kernel: window(1), Stride: window(2)},
			25 * 0.5, 800, 8 * 16 * 4, 400},
		{"grouped", models.Layer{In: models.Shape{C: 16, H: 10, W: 10}, Out: models.Shape{C: 16, H: 10, W: 10}, Kernel: window(1), Stride: window(1), Groups: 2},
			100, 1600, 8 * 16, 1600},
	} {
		got := one(t, packed(), c.l)
		steps, in, weights, out := float64(got.Busy.Compute), float64(got.DRAM.Inputs.Read)/8, float64(got.DRAM.Weights.Read)/8, float64(got.DRAM.Outputs.Write)/8
		if steps != c.steps || in != c.in || weights != c.weights || out != c.out {
			t.Errorf("%s: %v steps, %v + %v bytes read, %v written; want %v, %v + %v, %v", c.name, steps, in, weights, out, c.steps, c.in, c.weights, c.out)
		}
	}
}

// F(2x2, 3x3) takes 4/9 of the multiplications and of their energy.
func TestWinogradEnergy(t *testing.T) {
	l := models.Layer{
		In: models.Shape{C: 8, H: 10, W: 10}, Out: models.Shape{C: 16, H: 8, W: 8},
		Kernel: models.Window{H: 3, W: 3}, Stride: models.Window{H: 1, W: 1},
	}
	with := one(t, packed(), l)
	a := packed()
	a.Array.Winograd = false
	without := one(t, a, l)
	if !near(float64(with.Energy.MAC)*9/4, float64(without.Energy.MAC)) || with.MACs != without.MACs {
		t.Errorf("%v and %v for %d and %d MACs", with.Energy.MAC, without.Energy.MAC, with.MACs, without.MACs)
	}
}

// A ring overlaps transfers with work as a double buffer does, in half the space.
func TestRingNeedsNoSecondCopy(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Memories[0].Capacity = 83
	plain := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8)).Layers[1]
	a.Memories[0].Ring = true
	ring := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8)).Layers[1]
	if ring.Time.DRAM != plain.Time.DRAM-ring.Busy.Compute-ring.Busy.ArrayFill {
		t.Errorf("DRAM shows for %v cycles, without overlap for %v", ring.Time.DRAM, plain.Time.DRAM)
	}
	if ring.Occupied[0] != plain.Occupied[0] {
		t.Errorf("%v bits occupied, without overlap %v", ring.Occupied[0], plain.Occupied[0])
	}
}

// What a flushed memory held is read again: TestTinyByHand's chip then fetches weights and activations in each layer.
func TestFlushedMemories(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Memories[0].Flushed = true
	r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	if r.Pinned != 0 {
		t.Errorf("%v of the weights stay", r.Pinned)
	}
	for _, l := range r.Layers {
		if l.Mapping.InputResident != 0 || l.Mapping.OutputResident != 0 || l.Mapping.WeightsPinned != 0 && l.MACs > 0 {
			t.Errorf("%s finds %+v", l.Name, l.Mapping)
		}
	}
}
