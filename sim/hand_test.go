package sim

import (
	"math"
	"testing"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// small returns a chip on which sums can be done by hand: 3x2 weight stationary, one mode, one
// memory that is not double-buffered, 8 bits of DRAM and 64 bits of SRAM per cycle, 1 ns cycles.
func small() *accel.Accelerator {
	return &accel.Accelerator{
		Name:       "small",
		Clock:      1e9,
		Technology: accel.Technology{Leakage: 2, Running: 4},
		Array:      accel.Array{Rows: 3, Cols: 2, Accumulator: accel.Accumulator{Capacity: 1 << 10, Width: 32, Energy: 0.01}},
		Precision:  accel.PrecisionTable{Modes: []accel.Mode{{Weight: 8, Activation: 8, Throughput: 1, Energy: 1}}},
		Vector:     accel.Vector{Lanes: 4, Energy: 0.5},
		Memories: []accel.Memory{{
			Name: "sram", Capacity: 1 << 10, Banks: 2, PortWidth: 32, Read: 0.1, Write: 0.2,
			Holds: accel.Weights | accel.Inputs | accel.Outputs,
		}},
		DRAM: accel.DRAM{Bandwidth: 2e9, Efficiency: 0.5, Latency: 10, Burst: 1, Capacity: 1 << 30, Read: 8, Write: 5, Row: 16, Activate: 64, Background: 3},
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

// Everything fits, so only the image (16 bytes) comes from DRAM and only the result (2 x 32 bit) goes there.
//
//	stem   9 weights per output on 3 rows: 3 folds. Each streams 16 pixels; loading takes 3 cycles
//	       and the skew 3+2-2 = 3. Stream 3*16 = 48, fill 3*6 = 18. The image takes 16 cycles after
//	       10 of latency, not overlapped. Set-up 100 + 5 for one transfer.
//	       SRAM: reads 9*16*8 inputs + 18*8 weights + metadata of norm (2*2*16), slice (20), clip (36),
//	       writes the image and 32*8 outputs: 1800 bits, 28.125 cycles, hidden.
//	head   one fold of 16 pixels: 16 + 6; set-up 100.
//	pool   2 outputs of 16 elements on 4 lanes: 8; set-up 100.
//	dense  one fold of 1 pixel: 1 + 6; the result leaves in 8 cycles; set-up 100.
func TestTinyByHand(t *testing.T) {
	n := tiny(t)
	r := mustRun(t, mustNew(t, small(), n), n.Uniform(n.PerTensor(), 8, 8))
	want := []TimeParts{
		{Compute: 48, ArrayFill: 18, DRAM: 26, Setup: 105},
		{Compute: 16, ArrayFill: 6, Setup: 100},
		{Vector: 8, Setup: 100},
		{Compute: 1, ArrayFill: 6, DRAM: 8, Setup: 100},
	}
	for i, w := range want {
		if got := r.Layers[i].Time; got != w {
			t.Errorf("%s takes %+v, want %+v", r.Layers[i].Name, got, w)
		}
	}
	if r.Cycles != 197+122+108+115+1000 || r.Latency != 1542 || r.Pinned != 1 {
		t.Errorf("cycles %v, latency %v, pinned %v", r.Cycles, r.Latency, r.Pinned)
	}
	if r.DRAM != (Traffic{Read: 128, Write: 64}) {
		t.Errorf("DRAM moves %+v", r.DRAM)
	}
	stem := &r.Layers[0]
	const metadata = 2*2*16 + 20 + 36
	if want := (Traffic{Read: 9*16*8 + 18*8 + metadata, Write: 128 + 256}); stem.Ports[0] != want {
		t.Errorf("stem: SRAM moves %+v, want %+v", stem.Ports[0], want)
	}
	if stem.Busy.Port != 28.125 {
		t.Errorf("stem: ports are busy for %v cycles", stem.Busy.Port)
	}
	// 288 MACs in 197 cycles of 6 PEs.
	if got, want := stem.Utilisation, 288.0/(197*6); math.Abs(got-want) > 1e-15 {
		t.Errorf("stem: utilisation %v, want %v", got, want)
	}
	// 1 mW for 1 ns is 1 pJ.
	for _, e := range []struct {
		what      string
		got, want unit.Picojoule
	}{
		{"MAC", stem.Energy.MAC, 288},
		{"accumulator", stem.Energy.Accumulator, 2 * 3 * 32 * 32 * 0.01}, // read and write per fold and output
		{"SRAM", stem.Energy.OnChip(), 1416*0.1 + 384*0.2},
		{"DRAM", stem.Energy.DRAMRead, 128 * 8},
		{"DRAM writes", r.Energy.DRAMWrite, 64 * 5},
		{"DRAM in all", r.Energy.DRAMAccess(), 128*8 + 64*5 + 192.0/128*64},
		{"rows opened", stem.Energy.DRAMActivate, 64}, // 128 bits are one row of 16 bytes
		{"background", stem.Energy.DRAMBackground, 197 * 3},
		{"leakage", stem.Energy.Leakage, 197 * 2},
		{"running", stem.Energy.Running, 197 * 4},
		{"running of all", r.Energy.Running, unit.Picojoule(r.Cycles) * 4},
		{"vector", r.Layers[2].Energy.Vector, 32 * 0.5},
		{"host", stem.Energy.Host, 700},
		{"all host", r.Energy.Host, 7 * 1400},
	} {
		if math.Abs(float64(e.got-e.want)) > 1e-9 {
			t.Errorf("%s energy %v, want %v", e.what, e.got, e.want)
		}
	}
}

// The same with a memory of 83 bytes. The head's buffers take just these: 32 inputs, 32 outputs and 4
// weights of 8 bits, and 2*2*16 + 20 + 36 bits of metadata. Nothing is left to keep a tensor from
// layer to layer, so each crosses the DRAM's bus once.
func TestNothingFits(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Memories[0].Capacity = 83
	r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	head := r.Layers[1].DRAM
	want := ByOperand{Weights: Traffic{Read: 32}, Inputs: Traffic{Read: 256}, Outputs: Traffic{Write: 256}, Metadata: Traffic{Read: 120}}
	if head != want {
		t.Errorf("head moves %+v, want %+v", head, want)
	}
	if r.PeakOnChip != 664 {
		t.Errorf("peak %v bits, want all 664", r.PeakOnChip)
	}
	if r.Pinned != 0 || r.Layers[1].Mapping.InputResident != 0 {
		t.Errorf("pinned %v, input resident %v", r.Pinned, r.Layers[1].Mapping.InputResident)
	}
}

// A double-buffered memory overlaps the transfers of TestNothingFits with the array. The head then
// takes 10 cycles to the first data and 10 of DMA set-up (two reads, one channel), and its 664 bits
// take 83 cycles, of which the array's 22 hide behind.
func TestDoubleBufferingOverlaps(t *testing.T) {
	n := tiny(t)
	a := small()
	a.Memories[0].Capacity = 83
	a.Memories[0].DoubleBuffered = true
	r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
	head := &r.Layers[1]
	if head.DRAM.Total() != (Traffic{Read: 408, Write: 256}) {
		t.Fatalf("head moves %+v", head.DRAM.Total())
	}
	want := TimeParts{Compute: 16, ArrayFill: 6, DRAM: 10 + 83 - 22, Setup: 110}
	if head.Time != want || head.Bound != SetupBound {
		t.Errorf("head takes %+v (%v), want %+v", head.Time, head.Bound, want)
	}
}

// The skip of a residual block costs its reading and an operation on each element, and no step.
func TestFusedAdd(t *testing.T) {
	n := micro(t)
	r := mustRun(t, mustNew(t, edge(), n), n.Uniform(n.PerTensor(), 8, 8))
	seen := 0
	for _, l := range r.Layers {
		if l.Kind == models.Add {
			t.Errorf("%s has a step", l.Name)
		}
		if l.FusedAdd < 0 {
			if l.SRAM.Residual != (Traffic{}) {
				t.Errorf("%s reads a residual", l.Name)
			}
			continue
		}
		seen++
		elements := n.Layers[l.FusedAdd].Out.Elements()
		if want := unit.Bits(8 * elements); l.SRAM.Residual != (Traffic{Read: want}) {
			t.Errorf("%s: residual moves %+v, want %v bits read", l.Name, l.SRAM.Residual, want)
		}
		if want := unit.Picojoule(0.1 * float64(elements)); l.Energy.Vector != want || l.Busy.Vector != Clocks(elements)/16 {
			t.Errorf("%s: vector unit takes %v pJ, %v cycles", l.Name, l.Energy.Vector, l.Busy.Vector)
		}
	}
	if seen != 3 {
		t.Errorf("%d fused additions, want 3", seen)
	}
}

// Depthwise on 16 rows: the nine weights of one channel fit at 8x8 bits, so each channel takes a pass of its own;
// at 2x2 bits a column does 256 reduction steps, which hold 28 channels, more than the 16 columns.
func TestDepthwisePasses(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	for _, c := range []struct {
		width models.Width
		want  Clocks // per pixel, for 16 channels
	}{{8, 16}, {4, 3}, {2, 1}} {
		r := mustRun(t, s, n.Uniform(n.PerTensor(), c.width, c.width))
		l := &r.Layers[1]
		if l.Name != "block1.1.depthwise" || l.Time.Compute != c.want*28*28 {
			t.Errorf("%s at %v bit: %v cycles, want %v", l.Name, c.width, l.Time.Compute, c.want*28*28)
		}
	}
}
