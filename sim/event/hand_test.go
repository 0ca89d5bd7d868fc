package event

import (
	"testing"

	"dse/accel"
	"dse/models"
	"dse/sim"
)

// small is a chip on which sums can be done by hand: 3x2 weight stationary, one memory that is not
// double-buffered, one byte of DRAM and 64 bits of SRAM per cycle, 1 ns cycles.
func small() *accel.Accelerator {
	return &accel.Accelerator{
		Name:      "small",
		Clock:     1e9,
		Array:     accel.Array{Rows: 3, Cols: 2, Accumulator: accel.Accumulator{Capacity: 1 << 10, Width: 32}},
		Precision: accel.PrecisionTable{Modes: []accel.Mode{{Weight: 8, Activation: 8, Throughput: 1, Energy: 1}}},
		Vector:    accel.Vector{Lanes: 4},
		Memories: []accel.Memory{{
			Name: "sram", Capacity: 1 << 10, Banks: 2, PortWidth: 32, Read: 0.1, Write: 0.2,
			Holds: accel.Weights | accel.Inputs | accel.Outputs,
		}},
		DRAM: accel.DRAM{Capacity: 1 << 30, Bandwidth: 2e9, Efficiency: 0.5, Latency: 10, Burst: 1, Read: 8, Write: 5, Background: 3},
		DMA:  accel.DMA{Channels: 1, Setup: 5},
		Host: accel.Host{LayerSetup: 100, InferenceSetup: 1000, Power: 7},
	}
}

// tiny is a 3x3 convolution from 1 to 2 channels on a 4x4 image, a 1x1 convolution, pooling and a
// dense layer to 2 classes.
func tiny(t testing.TB) *models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{Name: "tiny", Image: models.Shape{C: 1, H: 4, W: 4}, Classes: 2, Stem: 2, StemStride: 1, Head: 2})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// play runs both fidelities at the same widths and checks the laws of conservation of the second.
func play(t testing.TB, a *accel.Accelerator, n *models.Network, bits models.Width) (*Engine, *sim.Schedule, *sim.Result) {
	t.Helper()
	s, err := sim.New(a, n)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Schedule(n.Uniform(n.PerTensor(), bits, bits))
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	r := e.Play(plan)
	if err := r.Check(n); err != nil {
		t.Fatal(err)
	}
	return e, plan, r
}

func wantTimes(t *testing.T, r *sim.Result, want []sim.TimeParts) {
	t.Helper()
	for i, w := range want {
		if got := r.Layers[i].Time; got != w {
			t.Errorf("%s takes %+v, want %+v", r.Layers[i].Name, got, w)
		}
	}
}

// Everything fits, so only the image (16 bytes) comes from DRAM and only the result (2 x 32 bit) goes
// there. A memory with one buffer moves data while the array stands still, so that the sums are those
// of the analytical model.
//
//	stem   100 host, 5 DMA, 10 latency, 16 bursts; then three passes of 6 + 16
//	head   one pass of 6 + 16
//	pool   2 outputs of 16 elements on 4 lanes: 8
//	dense  one pass of 6 + 1; its transfer was set up long before; 8 bursts
func TestTinyByHand(t *testing.T) {
	e, plan, r := play(t, small(), tiny(t), 8)
	wantTimes(t, r, []sim.TimeParts{
		{Compute: 48, ArrayFill: 18, DRAM: 26, Setup: 105},
		{Compute: 16, ArrayFill: 6, Setup: 100},
		{Vector: 8, Setup: 100},
		{Compute: 1, ArrayFill: 6, DRAM: 8, Setup: 100},
	})
	if r.Cycles != 1542 || r.Cycles != plan.Result.Cycles || r.Energy != plan.Result.Energy {
		t.Errorf("%v cycles, analytical %v; energy %v, analytical %v", r.Cycles, plan.Result.Cycles, r.Energy, plan.Result.Energy)
	}
	if s := e.Stats(); s.Bits != [sim.Flows]int64{sim.InputFlow: 128, sim.OutputFlow: 64} {
		t.Errorf("flows moved %v bits", s.Bits)
	}
}

// With 83 bytes nothing stays on chip, and with double buffers transfers overlap with the array. The
// head reads 19 bursts of weights with metadata and 32 of inputs, and writes 32. One channel has set up
// the weights at 105, the inputs at 110 and the results at 115. The bus takes the weights up to 124 and
// the inputs up to 156; the last arrives at 166. The array has one beat of 6 + 16 cycles, which needs
// all of them. The results follow from 188 to 220.
//
// The analytical model says 203: it lets the array start with the first row.
func TestDoubleBufferingByHand(t *testing.T) {
	a := small()
	a.Memories[0].Capacity = 83
	a.Memories[0].DoubleBuffered = true
	_, plan, r := play(t, a, tiny(t), 8)
	if got := plan.Result.Layers[1].Cycles; got != 203 {
		t.Errorf("analytical: %v cycles", got)
	}
	if got, want := r.Layers[1].Time, (sim.TimeParts{Compute: 16, ArrayFill: 6, DRAM: 61 + 32, Setup: 105}); got != want {
		t.Errorf("head takes %+v, want %+v", got, want)
	}
}

// One bank of 8 bits serves a byte per cycle. The head's only beat asks for 6 cycles of nothing and 16
// of stream: 4 bytes of weights, 15 of metadata, 32 of inputs, and 32 of results: 83 cycles, of which
// 22 are hidden.
func TestPortsByHand(t *testing.T) {
	a := small()
	a.Memories[0].Banks, a.Memories[0].PortWidth = 1, 8
	_, _, r := play(t, a, tiny(t), 8)
	if got, want := r.Layers[1].Time, (sim.TimeParts{Compute: 16, ArrayFill: 6, Port: 83 - 22, Setup: 100}); got != want {
		t.Errorf("head takes %+v, want %+v", got, want)
	}
}
