package sim

import (
	"testing"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
)

// edge returns a chip like the preset edge-npu: 16x16 weight stationary, one shared SRAM, LPDDR4.
func edge() *accel.Accelerator {
	a := &accel.Accelerator{
		Name:       "edge",
		Technology: accel.Technology{NodeNM: 22, Leakage: 5, Running: 1},
		Clock:      800e6,
		Array: accel.Array{
			Rows: 16, Cols: 16, Dataflow: accel.WeightStationary, WeightDoubleBuffered: true,
			Accumulator: accel.Accumulator{Capacity: 32 << 10, Width: 32, Energy: 0.073},
		},
		Precision: accel.PrecisionTable{ChangeUnit: accel.ChangePerColumnTile},
		Vector:    accel.Vector{Lanes: 16, Energy: 0.1},
		Memories: []accel.Memory{{
			Name: "sram", Capacity: 256 << 10, Banks: 16, PortWidth: 128, Read: 0.127, Write: 0.152,
			Holds: accel.Weights | accel.Inputs | accel.Outputs, DoubleBuffered: true, Packing: accel.PackPowerOfTwo,
		}},
		DRAM: accel.DRAM{
			Device: "LPDDR4", Bandwidth: 6.4e9, Efficiency: 0.8, Latency: 100, Burst: 32, Capacity: 1 << 30,
			Read: 8.48, Write: 5.05, Row: 2048, Activate: 1205, Background: 37.9,
		},
		DMA:  accel.DMA{Channels: 4, Setup: 20},
		Host: accel.Host{LayerSetup: 2000, InferenceSetup: 40000, Power: 10},
	}
	for _, w := range []int{8, 4, 2} {
		for _, x := range []int{8, 4, 2} {
			t := float64(64 / (w * x))
			a.Precision.Modes = append(a.Precision.Modes, accel.Mode{Weight: w, Activation: x, Throughput: t, Energy: unit.Picojoule(0.143 / t)})
		}
	}
	return a
}

// split returns a chip with three memories, one for each operand.
func split() *accel.Accelerator {
	a := edge()
	a.Name = "split"
	a.Precision.ChangeUnit = accel.ChangePerLayer
	m := a.Memories[0]
	m.Packing = accel.PackExact
	a.Memories = nil
	for i, name := range []string{"wbuf", "ibuf", "obuf"} {
		m.Name, m.Holds, m.Capacity = name, 1<<i, [...]unit.Bytes{64 << 10, 32 << 10, 8 << 10}[i]
		a.Memories = append(a.Memories, m)
	}
	return a
}

// layered returns a chip with a large memory and a small one between it and the array.
func layered() *accel.Accelerator {
	a := edge()
	a.Name = "layered"
	a.Precision.ChangeUnit = accel.ChangePerChannel
	inner := a.Memories[0]
	inner.Name, inner.Capacity, inner.DoubleBuffered, inner.Packing = "scratch", 24<<10, false, accel.PackExact
	a.Memories[0].Packing = accel.PackExact
	a.Memories = append(a.Memories, inner)
	return a
}

// packed returns a chip like NVDLA: 16x16 multipliers over channels that pack granules of 4, Winograd, whole
// strides, a ring buffer that is emptied after each layer, and coded activations.
func packed() *accel.Accelerator {
	a := split()
	a.Name = "packed"
	a.Array.Dataflow, a.Array.Reduction = accel.Unrolled, accel.ReduceChannels
	a.Array.ChannelGranule, a.Array.ImageChannels, a.Array.Winograd, a.Array.StrideExtension = 4, 2, true, true
	a.DRAM.RunLength = accel.RunLength{Run: 2, Zeros: 0.5}
	for i := range a.Memories {
		a.Memories[i].DoubleBuffered, a.Memories[i].Ring, a.Memories[i].Flushed = false, true, true
	}
	return a
}

// blocks returns a chip of the kind of Ethos-U: multipliers for two positions at a time in steps of 4
// cycles, blocks of channels that share a reading, a buffer for each operand behind a memory that keeps
// no weights and is shared with the host, and an output stage that adds after the layer.
func blocks() *accel.Accelerator {
	a := edge()
	a.Name = "blocks"
	a.Precision.ChangeUnit = accel.ChangePerLayer
	a.Array = accel.Array{
		Rows: 8, Cols: 8, Positions: accel.Positions{Height: 1, Width: 2}, Dataflow: accel.Unrolled, Reduction: accel.ReduceChannels,
		DepthwiseLanes: 1, StepCycles: 4, BlockChannels: 64,
		Accumulator: accel.Accumulator{Capacity: 6 << 10, Width: 32, Energy: 0.073},
	}
	a.Vector = accel.Vector{Lanes: 2, PoolLanes: 16, Outputs: true, AddOperations: 3, SeparateAdd: true, Energy: 0.1}
	a.Memories[0].Transient = true
	a.Memories[0].Packing = accel.PackExact
	a.Memories[0].Banks = 1
	inner := a.Memories[0]
	inner.Transient = false
	inner.Name, inner.Capacity, inner.Banks, inner.Holds = "ifm", 8<<10, 16, accel.Inputs
	a.Memories = append(a.Memories, inner)
	inner.Name, inner.Capacity, inner.Banks, inner.Holds = "weights", 4<<10, 1, accel.Weights
	a.Memories = append(a.Memories, inner)
	a.Host.SharesMemory = true
	return a
}

func micro(t testing.TB) *models.Network {
	t.Helper()
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustNew(t testing.TB, a *accel.Accelerator, n *models.Network) *Simulator {
	t.Helper()
	s, err := New(a, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustRun(t testing.TB, s *Simulator, p *models.Precision) *Result {
	t.Helper()
	r, err := s.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(s.network); err != nil {
		t.Fatal(err)
	}
	return r
}
