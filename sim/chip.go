package sim

import (
	"fmt"
	"math"

	"dse/accel"
	"dse/accel/unit"
	"dse/sim/systolic"
)

// maxMemories bounds the on-chip memories of a chip. Costs live in arrays of this size, which keeps
// pricing free of allocations.
const maxMemories = 8

// operand indexes the three classes that memories distinguish.
type operand int

const (
	weights operand = iota
	inputs
	outputs
	operands
)

var heldAs = [operands]accel.Operand{weights: accel.Weights, inputs: accel.Inputs, outputs: accel.Outputs}

// chip is an accelerator in the units of the model: bits, core cycles, pJ.
type chip struct {
	*accel.Accelerator
	array systolic.Array

	capacity []float64 // bits
	portRate []float64 // bits per cycle

	// path lists, for each operand, the memories that hold it, from the one nearest DRAM (its home,
	// where tensors and tiles are kept) to the one nearest the array, which serves it.
	path [operands][]int
	// shared says that weights and inputs have one home and compete for its space.
	shared bool
	// single says that this home also serves the array.
	single bool
	// resident is the memory in which activations can stay between layers, or -1: what one layer
	// writes another must be able to read at the same place.
	resident int
	pow2     [operands]bool // packing of the home
	buffers  [operands]float64
	overlaps [operands]bool    // transfers between DRAM and the home overlap with work
	copies   [operands]float64 // of what is replaced in the home while in use

	dramRate  float64 // bits per cycle
	burst     float64 // bits
	firstWord float64 // cycles from the start of a transfer to its first data, set-up excluded
}

func newChip(a *accel.Accelerator) (*chip, error) {
	c := &chip{Accelerator: a, array: systolic.Array{Rows: a.Array.Rows, Cols: a.Array.Cols}}
	if len(a.Memories) > maxMemories {
		return nil, fmt.Errorf("accelerator %s has %d on-chip memories, the simulator handles %d; merge levels that hold the same operands",
			a.Name, len(a.Memories), maxMemories)
	}
	for i, m := range a.Memories {
		c.capacity = append(c.capacity, float64(m.Capacity.Bits()))
		c.portRate = append(c.portRate, float64(m.Banks*m.PortWidth))
		for op, bit := range heldAs {
			if m.Holds&bit != 0 {
				c.path[op] = append(c.path[op], i)
			}
		}
	}
	for op, name := range [operands]string{"weights", "inputs", "outputs"} {
		if len(c.path[op]) == 0 {
			return nil, fmt.Errorf("accelerator %s: no on-chip memory holds %s; add %s to the holds of one", a.Name, name, name)
		}
		home, serves := a.Memories[c.home(operand(op))], a.Memories[c.serves(operand(op))]
		c.pow2[op] = home.Packing == accel.PackPowerOfTwo
		c.overlaps[op] = home.DoubleBuffered || home.Ring
		c.copies[op] = 1
		if c.overlaps[op] {
			c.copies[op] = 2
		}
		c.buffers[op] = 1
		if serves.DoubleBuffered {
			c.buffers[op] = 2
		}
	}
	if a.Array.Dataflow != accel.OutputStationary && a.Array.Dataflow != accel.RowStationary && c.sumsPerColumn() < 1 {
		return nil, fmt.Errorf("accelerator %s: an accumulator of %d bytes cannot hold one partial sum of %d bits for each of %d columns; make it at least %d bytes",
			a.Name, a.Array.Accumulator.Capacity, a.Array.Accumulator.Width, a.Array.Cols, ceilDiv(a.Array.Cols*a.Array.Accumulator.Width, unit.BitsPerByte))
	}
	c.shared = c.home(weights) == c.home(inputs)
	c.single = c.shared && c.home(weights) == c.serves(weights) && c.home(inputs) == c.serves(inputs)
	c.resident = -1
	if c.home(inputs) == c.home(outputs) && !a.Memories[c.home(inputs)].Flushed {
		c.resident = c.home(inputs)
	}
	if a.Host.SharesMemory && c.resident < 0 {
		return nil, fmt.Errorf("accelerator %s: host.shares_memory needs one memory in which both inputs and outputs lie first; add both to the holds of one, or remove the key", a.Name)
	}
	clock := float64(a.Clock)
	c.dramRate = float64(a.DRAM.Bandwidth) * a.DRAM.Efficiency * unit.BitsPerByte / clock
	c.burst = max(1, float64(a.DRAM.Burst.Bits()))
	c.firstWord = float64(a.DRAM.Latency) * 1e-9 * clock
	return c, nil
}

// sumsPerColumn returns the partial sums that the accumulators hold for each column.
func (c *chip) sumsPerColumn() int {
	return int(c.Array.Accumulator.Capacity.Bits()) / (c.Array.Accumulator.Width * c.array.Cols)
}

// sums returns the partial sums that the accumulators hold in all.
func (c *chip) sums() int {
	return int(c.Array.Accumulator.Capacity.Bits()) / c.Array.Accumulator.Width
}

// lanes returns the element operations that the vector unit does per cycle.
func (c *chip) lanes() float64 { return float64(max(1, c.Vector.Lanes)) }

// hidesLoads says whether the stationary operand of the next fold is loaded during the present one.
func (c *chip) hidesLoads() bool {
	return c.Array.WeightDoubleBuffered && c.Array.Dataflow == accel.WeightStationary
}

func (c *chip) home(op operand) int   { return c.path[op][0] }
func (c *chip) serves(op operand) int { return c.path[op][len(c.path[op])-1] }

// power returns the energy of p over t cycles: 1 mW for 1 s is 1e9 pJ.
func (c *chip) power(p unit.Milliwatt, t Clocks) unit.Picojoule {
	return unit.Picojoule(float64(p) * 1e9 / float64(c.Clock) * float64(t))
}

// stored returns the bits that an element of width w takes in memory: w itself, or the next power
// of two, continued linearly between whole widths.
func stored(w float64, pow2 bool) float64 {
	if !pow2 {
		return w
	}
	lo := math.Floor(w)
	a := nextPow2(lo)
	return a + (w-lo)*(nextPow2(lo+1)-a)
}

// nextPow2 returns the least power of two not below a whole number n, and 0 for 0.
func nextPow2(n float64) float64 {
	if n <= 0 {
		return 0
	}
	p := 1.0
	for p < n {
		p *= 2
	}
	return p
}

// bursts returns the bits that a transfer of the given length moves: it is rounded up to whole
// bursts. Between whole numbers of bits the step is continued by a ramp of one bit, so that the
// function is continuous.
func (c *chip) bursts(bits float64) float64 {
	whole := math.Floor(bits / c.burst)
	return c.burst * (whole + min(1, bits-whole*c.burst))
}
