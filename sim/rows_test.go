package sim

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim/rowstationary"
)

// rowChip returns an array of the size of Eyeriss's that multiplies at 8 and at 16 bits.
func rowChip() *accel.Accelerator {
	a := edge()
	a.Name = "rows"
	a.Array = accel.Array{
		Rows: 12, Cols: 14, Dataflow: accel.RowStationary, Accumulator: a.Array.Accumulator,
		RowStationary: accel.RowStationaryPEs{FilterWords: 224, InputWords: 12, SumWords: 24, SumWidth: 16, InputBus: 16, PassOverhead: 100, Batch: 1},
	}
	a.Precision = accel.PrecisionTable{Modes: []accel.Mode{
		{Weight: 16, Activation: 16, Throughput: 1, Energy: 2}, {Weight: 8, Activation: 8, Throughput: 2, Energy: 1},
	}}
	m := a.Memories[0]
	m.DoubleBuffered, m.Packing = false, accel.PackExact
	filters := m
	filters.Name, filters.Capacity, filters.Holds = "filters", 8<<10, accel.Weights
	m.Capacity, m.Holds = 100<<10, accel.Inputs|accel.Outputs
	a.Memories = []accel.Memory{filters, m}
	a.DRAM.Burst = 1
	return a
}

// single is an image of 8 channels behind a ReLU, a 3x3 convolution to 16 channels on a 28x28 map, one more of 16
// channels, and a ReLU.
func single(t testing.TB) *models.Network {
	t.Helper()
	map_ := models.Shape{C: 8, H: 28, W: 28}
	conv := models.Layer{
		Kind: models.Conv, In: map_, Out: models.Shape{C: 16, H: 28, W: 28}, Kernel: models.Window{H: 3, W: 3},
		Stride: models.Window{H: 1, W: 1}, Pad: models.Pad{Top: 1, Left: 1, Bottom: 1, Right: 1}, Groups: 1, Activation: models.ReLU,
	}
	first, second := conv, conv
	first.Name, first.Inputs = "first", []int{1}
	second.Name, second.Inputs, second.In = "second", []int{2}, conv.Out
	n, err := models.Assemble("single", 0, []string{"all"}, []models.Layer{
		{Name: "image", Kind: models.Input, Out: map_},
		{Name: "before", Kind: models.Activate, Inputs: []int{0}, In: map_, Out: map_, Activation: models.ReLU},
		first, second,
		{Name: "after", Kind: models.Activate, Inputs: []int{3}, In: conv.Out, Out: conv.Out, Activation: models.ReLU},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// By hand: 3 rows of filters and 28 output rows make a set in two folds; two such sets fill the 12 rows. Each
// takes 4 channels (q = 4, r = 2), so the second layer's 16 take two passes of all 16 filters. All inputs
// and sums fit, so each tensor crosses DRAM's bus once.
//
//	cycles  2 passes * 28 columns * 16 filters * (4*3 products + 1), half the products' cycles at 8 bits
//	array   30 rows of 30 inputs of 16 channels enter once; 16*28*28 sums are written and read once at 16 bits,
//	        and once as results
func TestRowsByHand(t *testing.T) {
	n := single(t)
	a := rowChip()
	a.Memories[0].Flushed, a.Memories[1].Flushed = true, true
	a.Array.RowStationary.InputBus = 64
	s := mustNew(t, a, n)
	for _, c := range []struct {
		width  models.Width
		cycles Clocks
	}{{16, 2 * 28 * 16 * 13}, {8, 2 * 28 * 16 * 7}} {
		r := mustRun(t, s, n.Uniform(n.PerTensor(), c.width, c.width))
		l := &r.Layers[2]
		m := l.Mapping.Rows
		if m == nil || *m != (rowstationary.Mapping{M: 16, N: 1, E: 28, P: 16, Q: 4, R: 2, T: 1, Groups: 1}) || l.Mapping.ActivePEs != 168 {
			t.Fatalf("mapping %+v with %d active PEs", m, l.Mapping.ActivePEs)
		}
		if l.Busy.Compute != c.cycles || l.Busy.ArrayFill != 200 {
			t.Errorf("%v bit: %v and %v cycles, want %v and 200", c.width, l.Busy.Compute, l.Busy.ArrayFill, c.cycles)
		}
		bits := unit.Bits(c.width)
		if l.DRAM.Inputs.Read != 16*28*28*bits || l.DRAM.Weights.Read != 16*16*9*bits || l.DRAM.Outputs.Write != 16*28*28*bits {
			t.Errorf("%v bit: DRAM moves %+v", c.width, l.DRAM)
		}
		sums := unit.Bits(16 * 28 * 28)
		if got, want := l.SRAM.Inputs.Read, 16*30*30*bits; got != want {
			t.Errorf("%v bit: %v bits of inputs enter the array, want %v", c.width, got, want)
		}
		if got, want := l.SRAM.Outputs, (Traffic{sums * (16 + bits), sums * (16 + bits)}); got != want {
			t.Errorf("%v bit: sums and results move %v, want %v", c.width, got, want)
		}
	}
}

// A batch shares the filters; its images share nothing else.
func TestBatchSharesFilters(t *testing.T) {
	n := single(t)
	a := rowChip()
	a.Memories[1].Flushed, a.Memories[0].Flushed = true, true
	a.Array.RowStationary.Batch = 4
	l := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 16, 16)).Layers[1]
	// The map of 28 rows is folded, so images take passes of their own: nothing is shared.
	if l.Mapping.Rows.N != 1 || l.DRAM.Weights.Read != 8*16*9*16 {
		t.Errorf("%+v reads %v bits of filters", l.Mapping.Rows, l.DRAM.Weights.Read)
	}
	a.Array.Rows, a.Array.Cols = 3, 28
	l = mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 16, 16)).Layers[1]
	if m := l.Mapping.Rows; m.N < 2 || l.DRAM.Weights.Read != unit.Bits(8*16*9*16/m.N) {
		t.Errorf("%+v reads %v bits of filters per image", m, l.DRAM.Weights.Read)
	}
}

// Behind a ReLU half of the values are dropped and the others carry 5 bits: (1-0.5)*(16+5)/16 of the tensor. At 4
// bits that is longer than the tensor, which then goes as it is. An image is not coded.
func TestCodedActivations(t *testing.T) {
	n := single(t)
	a := rowChip()
	a.Memories[1].Flushed = true
	a.DRAM.RunLength = accel.RunLength{Run: 5, Zeros: 0.5}
	s := mustNew(t, a, n)
	r := mustRun(t, s, n.Uniform(n.PerTensor(), 16, 16))
	if got, want := r.Layers[1].DRAM.Inputs.Read, unit.Bits(8*28*28*10.5); got != want {
		t.Errorf("%v bits of inputs, want %v", got, want)
	}
	if got, want := r.Layers[0].DRAM.Inputs.Read, unit.Bits(8*28*28*8); got != want {
		t.Errorf("%v bits of the image, want %v", got, want)
	}
	r = mustRun(t, s, n.Uniform(n.PerTensor(), 4, 4))
	if got, want := r.Layers[1].DRAM.Inputs.Read, unit.Bits(8*28*28*4); got != want {
		t.Errorf("%v bits of inputs at 4 bit, want %v", got, want)
	}
}

// Fewer bits, more banks and more bandwidth never make anything slower or dearer on a row-stationary array. More
// capacity can: the mapping may use it to read less and take longer.
func TestRowsMonotone(t *testing.T) {
	networks := []*models.Network{micro(t), large(t), single(t)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(networks).Draw(t, "network")
		a := rowChip()
		a.Array.Rows, a.Array.Cols = rapid.IntRange(1, 16).Draw(t, "rows"), rapid.IntRange(1, 16).Draw(t, "cols")
		a.Array.RowStationary.InputWords = rapid.IntRange(1, 12).Draw(t, "input words")
		a.Memories[1].Capacity = unit.Bytes(rapid.IntRange(1<<13, 1<<17).Draw(t, "capacity"))
		a.Memories[1].Flushed = rapid.Bool().Draw(t, "flushed")
		a.Memories[1].DoubleBuffered = rapid.Bool().Draw(t, "double buffered")
		a.DRAM.RunLength = accel.RunLength{Run: rapid.IntRange(0, 6).Draw(t, "run"), Zeros: rapid.Float64Range(0, 1).Draw(t, "zeros")}
		p := drawWidths(t, n)
		run := func(p *models.Precision) *Result {
			s, err := New(a, n)
			if err != nil {
				t.Skip(err)
			}
			r, err := s.Run(p)
			if err != nil {
				t.Skip(err)
			}
			if err := r.Check(n); err != nil {
				t.Fatal(err)
			}
			return r
		}
		base := run(p)
		notWorse(t, "fewer bits", base, run(narrowed(t, p)), true)
		a.Memories[1].Banks *= 2
		notWorse(t, "more banks", base, run(p), true)
		a.DRAM.Bandwidth *= 2
		notWorse(t, "more bandwidth", base, run(p), true)
	})
}

func TestRowsErrors(t *testing.T) {
	n := single(t)
	a := rowChip()
	a.Memories[1].Capacity = 128
	if _, err := New(a, n); err == nil || !strings.Contains(err.Error(), "layer first does not fit on rows: one row of outputs takes 90 input words") {
		t.Errorf("error %v, want the size of a row", err)
	}
	a = rowChip()
	a.Memories[1].Holds = accel.Inputs
	outputs := a.Memories[1]
	outputs.Name, outputs.Holds = "outputs", accel.Outputs
	a.Memories = append(a.Memories, outputs)
	if _, err := New(a, n); err == nil || !strings.Contains(err.Error(), "but sram serves inputs and outputs outputs") {
		t.Errorf("error %v, want both memories", err)
	}
}
