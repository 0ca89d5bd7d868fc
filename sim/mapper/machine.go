package mapper

import (
	"fmt"
	"math"

	"dse/accel"
	"dse/accel/unit"
	"dse/sim/systolic"
)

// operand indexes the three classes that memories distinguish.
type operand int

const (
	weights operand = iota
	inputs
	outputs
	operands
)

var (
	heldAs       = [operands]accel.Operand{weights: accel.Weights, inputs: accel.Inputs, outputs: accel.Outputs}
	operandNames = [operands]string{"weights", "inputs", "outputs"}
)

// maxMemories bounds the on-chip memories, so that costs live in arrays.
const maxMemories = 8

// Machine is an accelerator in the units of the model: bits, core cycles, pJ. It is not changed after
// NewMachine and may be shared.
type Machine struct {
	accel  *accel.Accelerator
	path   [operands][]int // memories that hold the operand, from the one nearest DRAM
	copies [operands]float64
	// capacity and portRate are bits, and bits per cycle, of each memory.
	capacity, portRate []float64
	dramRate           float64 // bits per cycle
	burst              float64 // bits
	activate           float64 // pJ per bit of DRAM traffic, for opening rows
	firstWord          float64 // cycles to the first data of a transfer
	sums               int     // partial sums in the accumulators, per column and position block
}

// NewMachine prepares an accelerator. It fails if an operand has no home, or if a rate is zero.
func NewMachine(a *accel.Accelerator) (*Machine, error) {
	m := &Machine{accel: a}
	if len(a.Memories) > maxMemories {
		return nil, fmt.Errorf("accelerator %s has %d on-chip memories, the mapper handles %d; merge levels that hold the same operands",
			a.Name, len(a.Memories), maxMemories)
	}
	if err := refuse(a); err != nil {
		return nil, err
	}
	for i, mem := range a.Memories {
		rate := float64(mem.Banks * mem.PortWidth)
		if rate <= 0 {
			return nil, fmt.Errorf("accelerator %s: memory %s has a bandwidth of 0 bit per cycle (%d banks x %d bit); a layer would never end", a.Name, mem.Name, mem.Banks, mem.PortWidth)
		}
		m.capacity = append(m.capacity, float64(mem.Capacity.Bits()))
		m.portRate = append(m.portRate, rate)
		for op, bit := range heldAs {
			if mem.Holds&bit != 0 {
				m.path[op] = append(m.path[op], i)
			}
		}
	}
	for op := range operands {
		if len(m.path[op]) == 0 {
			return nil, fmt.Errorf("accelerator %s: no on-chip memory holds %s; add %s to the holds of one", a.Name, operandNames[op], operandNames[op])
		}
		m.copies[op] = 1
		if a.Memories[m.home(op)].DoubleBuffered {
			m.copies[op] = 2
		}
	}
	clock := float64(a.Clock)
	m.dramRate = float64(a.DRAM.Bandwidth) * a.DRAM.Efficiency * unit.BitsPerByte / clock
	if !(m.dramRate > 0) {
		return nil, fmt.Errorf("accelerator %s: DRAM has a bandwidth of %v at an efficiency of %v; a layer would never end", a.Name, a.DRAM.Bandwidth, a.DRAM.Efficiency)
	}
	m.burst = max(1, float64(a.DRAM.Burst.Bits()))
	m.activate = float64(a.DRAM.ActivatePerBit())
	m.firstWord = float64(a.DRAM.Latency) * 1e-9 * clock
	m.sums = int(a.Array.Accumulator.Capacity.Bits()) / (a.Array.Accumulator.Width * a.Array.Cols)
	if m.sums < a.Array.Positions.Count() {
		return nil, fmt.Errorf("accelerator %s: the accumulators hold %d partial sums of %d bit per column, the array computes %d at a time",
			a.Name, m.sums, a.Array.Accumulator.Width, a.Array.Positions.Count())
	}
	return m, nil
}

// refuse returns an error for what the cost of a mapping leaves out, and names the key.
func refuse(a *accel.Accelerator) error {
	if d := a.Array.Dataflow; d != accel.WeightStationary && d != accel.Unrolled {
		return fmt.Errorf("accelerator %s: the mapper knows weight-stationary and unrolled arrays, not %v", a.Name, d)
	}
	type key struct {
		name string
		used bool
	}
	keys := []key{
		{"array.block_channels", a.Array.BlockChannels > a.Array.Cols},
		{"array.channel_granule", a.Array.ChannelGranule > 0},
		{"array.winograd", a.Array.Winograd},
		{"array.stride_extension", a.Array.StrideExtension},
		{"vector.separate_add", a.Vector.SeparateAdd},
		{"dram.run_length", a.DRAM.RunLength.Run > 0},
	}
	for i, m := range a.Memories {
		keys = append(keys, key{fmt.Sprintf("memories[%d].transient", i), m.Transient}, key{fmt.Sprintf("memories[%d].ring", i), m.Ring})
	}
	for _, k := range keys {
		if k.used {
			return fmt.Errorf("accelerator %s: the mapper does not know %s; cut layers by the fixed rule instead", a.Name, k.name)
		}
	}
	return nil
}

func (m *Machine) home(op operand) int { return m.path[op][0] }

// overlaps says whether transfers between DRAM and the home of an operand overlap with work.
func (m *Machine) overlaps(op operand) bool { return m.copies[op] == 2 }

// bursts rounds a transfer up to whole bursts.
func (m *Machine) bursts(bits float64) float64 { return m.burst * math.Ceil(bits/m.burst) }

// power returns the energy in pJ of p mW over a number of cycles: 1 mW for 1 s is 1e9 pJ.
func (m *Machine) power(p unit.Milliwatt, cycles float64) float64 {
	return float64(p) * 1e9 / float64(m.accel.Clock) * cycles
}

// fill returns the cycles that a pass takes beyond its stream, and those of the first load of weights where
// the other loads are hidden.
func (m *Machine) fill() (pass, first float64) {
	a := &m.accel.Array
	if a.Dataflow == accel.Unrolled {
		return float64(a.FoldOverhead), 0
	}
	grid := systolic.Array{Rows: a.Rows, Cols: a.Cols}
	if a.WeightDoubleBuffered {
		return float64(grid.Skew()), float64(grid.Load(a.Dataflow))
	}
	return float64(grid.Skew() + grid.Load(a.Dataflow)), 0
}

// reductionRows returns the products that a column sums per cycle in a mode, for a layer.
func (m *Machine) reductionRows(l *Layer, mode accel.Mode) int {
	lanes := m.accel.Array.Rows
	if m.ownLanes(l) {
		lanes = m.accel.Array.DepthwiseLanes
	}
	return max(1, int(math.Floor(float64(lanes)*mode.Throughput)))
}

// ownLanes says whether columns have activations of their own in the layer.
func (m *Machine) ownLanes(l *Layer) bool {
	return l.Depthwise && m.accel.Array.Dataflow == accel.Unrolled && m.accel.Array.DepthwiseLanes > 0
}

// together returns how many channels of a depthwise layer run side by side: their windows lie beside
// one another on the rows, their outputs on as many columns.
func (m *Machine) together(l *Layer, mode accel.Mode) int {
	a := &m.accel.Array
	if m.ownLanes(l) {
		return a.Cols
	}
	length := l.taps()
	if a.Reduction == accel.ReduceChannels {
		length = 1
	}
	return max(1, min(m.reductionRows(l, mode)/length, a.Cols))
}

// steps returns the cycles of the reduction over c input channels of a group (1 in depthwise layers), in
// whole steps of accel.Array.StepCycles.
func (m *Machine) steps(l *Layer, c int, mode accel.Mode) int {
	rows, step := m.reductionRows(l, mode), max(1, int(m.accel.Array.StepCycles))
	if m.accel.Array.Reduction == accel.ReduceChannels && !m.ownLanes(l) {
		return step * min(l.taps()*ceilDiv(c, step*rows), ceilDiv(l.taps(), step)*ceilDiv(c, rows))
	}
	return step * ceilDiv(c*l.taps(), step*rows)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
