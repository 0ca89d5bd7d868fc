package sim

import (
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// assemble builds a network of one stage, with the names and input shapes filled in.
func assemble(t testing.TB, layers ...models.Layer) *models.Network {
	t.Helper()
	for i := range layers {
		if len(layers[i].Inputs) > 0 {
			layers[i].In = layers[layers[i].Inputs[0]].Out
		}
	}
	n, err := models.Assemble("assembled", 0, []string{"all"}, layers)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// plainConv is a 1x1 convolution without norm or bias.
func plainConv(name string, from int, out models.Shape) models.Layer {
	one := models.Window{H: 1, W: 1}
	return models.Layer{Name: name, Kind: models.Conv, Inputs: []int{from}, Out: out, Kernel: one, Stride: one, Groups: 1}
}

func shape(c, h, w int) models.Shape { return models.Shape{C: c, H: h, W: w} }

// nothingStays is the chip of hand_test with a memory in which tensors of these tests find no room.
func nothingStays(bytes int) *accel.Accelerator {
	a := small()

	a.Memories[0].Capacity = unit.Bytes(bytes)
	return a
}

// Two convolutions of 2 and 3 channels on 4x4 pixels are joined; a third reads them where they lie, at 8 and at 3
// bits: 16*(2*8 + 3*3) = 400 bits. The join itself is no step. A slice of channels 1 to 3 shows one channel of the first and
// two of the second: 16*(8 + 2*3) = 224 bits.
func TestViewsByHand(t *testing.T) {
	n := assemble(t,
		models.Layer{Name: "image", Kind: models.Input, Out: shape(2, 4, 4)},
		plainConv("a", 0, shape(2, 4, 4)),
		plainConv("b", 0, shape(3, 4, 4)),
		models.Layer{Name: "join", Kind: models.Concat, Inputs: []int{1, 2}, Out: shape(5, 4, 4)},
		plainConv("all", 3, shape(1, 4, 4)),
		models.Layer{Name: "some", Kind: models.Slice, Inputs: []int{3}, First: 1, Out: shape(3, 4, 4)},
		plainConv("few", 5, shape(1, 4, 4)),
		models.Layer{Name: "result", Kind: models.Concat, Inputs: []int{4, 6}, Out: shape(2, 4, 4)},
	)
	p := n.Uniform(n.PerTensor(), 8, 8)
	p.Activations[n.ActivationSiteOf(2)] = 3
	for _, capacity := range []int{200, 1 << 12} {
		r := mustRun(t, mustNew(t, nothingStays(capacity), n), p)
		if len(r.Layers) != 4 {
			t.Fatalf("%d steps, want 4", len(r.Layers))
		}
		for i, want := range []float64{3: 224, 2: 400} {
			if want == 0 {
				continue
			}
			l := &r.Layers[i]
			// Each input enters the array once per column tile and window position, of which there is one.
			if got := float64(l.SRAM.Inputs.Read); !near(got, want) {
				t.Errorf("%s: %v bits of inputs enter the array, want %v", l.Name, got, want)
			}
			if capacity == 1<<12 {
				if l.DRAM.Inputs.Read != 0 {
					t.Errorf("%s: %v of inputs come from DRAM although there is room", l.Name, l.DRAM.Inputs.Read)
				}
			}
			if modes := l.Mapping.Modes; len(modes) != 1 || modes[0].Mode.Activation != 8 {
				t.Errorf("%s runs in modes %+v, want that of the wider tensor", l.Name, modes)
			}
		}
		// The result goes to DRAM: both parts of it, at 8 bits.
		if a, b := r.Layers[2].DRAM.Outputs.Write, r.Layers[3].DRAM.Outputs.Write; a != 128 || b != 128 {
			t.Errorf("%v and %v bits of results are written to DRAM, want 128 each", a, b)
		}
	}
}

// A gate of one value per channel is read once, 3 values of 8 bits, and multiplied with each of 3*16 elements.
// Enlarging 3x1x1 four times takes an operation for each of 48 outputs, linearly four.
func TestVectorLayersByHand(t *testing.T) {
	for _, bilinear := range []bool{false, true} {
		n := assemble(t,
			models.Layer{Name: "image", Kind: models.Input, Out: shape(3, 4, 4)},
			models.Layer{Name: "mean", Kind: models.AveragePool, Inputs: []int{0}, Out: shape(3, 1, 1), Kernel: models.Window{H: 4, W: 4}, Stride: models.Window{H: 1, W: 1}},
			models.Layer{Name: "scale", Kind: models.Multiply, Inputs: []int{0, 1}, Out: shape(3, 4, 4)},
			models.Layer{Name: "spread", Kind: models.Resize, Inputs: []int{1}, Factor: 4, Bilinear: bilinear, Out: shape(3, 4, 4)},
			models.Layer{Name: "sum", Kind: models.Add, Inputs: []int{2, 3}, Out: shape(3, 4, 4)},
		)
		r := mustRun(t, mustNew(t, nothingStays(1<<12), n), n.Uniform(n.PerTensor(), 8, 8))
		scale, spread := &r.Layers[1], &r.Layers[2]
		if got := scale.SRAM.Residual; got != (Traffic{Read: 24}) {
			t.Errorf("the gate moves %+v, want 24 bits read", got)
		}
		if scale.Busy.Vector != 48/4 || scale.MACs != 0 {
			t.Errorf("scaling keeps the vector unit for %v cycles, MACs %d", scale.Busy.Vector, scale.MACs)
		}
		want := Clocks(48 / 4)
		if bilinear {
			want *= 4
		}
		if spread.Busy.Vector != want {
			t.Errorf("enlarging (linear %v) keeps the vector unit for %v cycles, want %v", bilinear, spread.Busy.Vector, want)
		}
	}
}

// A transposed 3x3 convolution of stride 2 from 2 to 1 channels on 4x4 pixels has 2*9*16 MACs. On 3 rows its window of 18
// takes 6 folds, each of which streams the 8x8 outputs: 384 cycles, of which 2*9*16/(384*3) of one column's slots count.
// Its inputs enter without the zeros between them: 18*64/4 elements.
func TestDeconvByHand(t *testing.T) {
	n := assemble(t,
		models.Layer{Name: "image", Kind: models.Input, Out: shape(2, 4, 4)},
		models.Layer{
			Name: "up", Kind: models.Deconv, Inputs: []int{0}, Out: shape(1, 8, 8), Kernel: models.Window{H: 3, W: 3}, Stride: models.Window{H: 2, W: 2},
			Pad: models.Pad{Bottom: 1, Right: 1}, Groups: 1,
		},
	)
	r := mustRun(t, mustNew(t, nothingStays(1<<12), n), n.Uniform(n.PerTensor(), 8, 8))
	l := &r.Layers[0]
	if l.MACs != 288 || l.Time.Compute != 6*64 {
		t.Errorf("%d MACs in %v cycles, want 288 in 384", l.MACs, l.Time.Compute)
	}
	if got, want := float64(l.SRAM.Inputs.Read), 18.0*64/4*8; got != want {
		t.Errorf("%v bits of inputs enter the array, want %v", got, want)
	}
	if got, want := l.Utilisation, 288/(6*float64(l.Cycles)); !near(got, want) {
		t.Errorf("utilisation %v, want %v", got, want)
	}
	if got := float64(l.DRAM.Inputs.Read); got != 2*16*8 {
		t.Errorf("%v bits of inputs are fetched, want %v", got, 2*16*8)
	}
}

// Where one mode runs everything and packing is exact, a width acts through stored bits alone, and its price
// is what a bit less of it saves: also for tensors that views show in part, or several times.
func TestGradientOfViews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		a := drawChip(t, rapid.Bool().Draw(t, "separate memories"))
		a.Precision.Modes = []accel.Mode{{Weight: 8, Activation: 8, Throughput: 1, Energy: 0.1}}
		for i := range a.Memories {
			a.Memories[i].Packing = accel.PackExact
		}
		s, err := New(a, n)
		if err != nil {
			t.Skip(err)
		}
		cost := s.Cost(Quantity(rapid.IntRange(0, 1).Draw(t, "quantity")))
		p := drawWidths(t, n)
		for i := range p.Activations {
			p.Activations[i] = max(2, p.Activations[i])
		}
		grad := p.Clone()
		grad.Zero()
		at, err := cost.Price(p, grad)
		if err != nil {
			t.Skip(err)
		}
		for i := range p.Activations {
			q := p.Clone()
			q.Activations[i]--
			less, err := cost.Price(q, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := float64(grad.Activations[i]); !near(at-got, less) {
				t.Fatalf("layer %s: a bit less saves %v, its price is %v", n.Layers[n.Activations[i].Layer].Name, at-less, got)
			}
		}
	})
}
