package sim

import (
	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim/rowstationary"
)

// Clocks is a duration in cycles of the core clock. DRAM has a clock of its own, so fractions occur.
type Clocks float64

// At returns the time that c takes at clock f.
func (c Clocks) At(f unit.Hertz) unit.Nanosecond {
	return unit.Nanosecond(float64(c) / float64(f) * 1e9)
}

// Result is the cost of one inference of one image.
type Result struct {
	Network     string
	Accelerator string
	Status      accel.Status // how far the accelerator's numbers can be trusted

	// Layers are the steps in the order of execution. An Add that is fused into the layer before it
	// has no step of its own.
	Layers []LayerResult

	MACs    int64
	Time    TimeParts // sums over the layers, plus the host's start of the inference
	Cycles  Clocks    // Time.Total()
	Latency unit.Nanosecond
	Energy  EnergyParts
	DRAM    Traffic

	// Memories are the on-chip memories in the accelerator's order.
	Memories []MemoryUse
	// PeakOnChip is the largest occupancy of all memories together, over the steps.
	PeakOnChip unit.Bits
	// Pinned is the share of all weights and metadata that stays on chip between inferences.
	Pinned float64
}

// LayerResult is one step.
type LayerResult struct {
	Layer    int // index into Network.Layers
	Name     string
	Kind     models.Kind
	FusedAdd int // index of the Add computed in this step's output stage, or -1
	MACs     int64

	Time   TimeParts // exposed: the parts follow one another and sum to Cycles
	Cycles Clocks
	// Busy is how long each resource works during the step, hidden behind others or not.
	Busy  TimeParts
	Bound Bound
	// Utilisation is the share of the array's multiply-accumulate slots, in the modes used, that
	// do a MAC of the layer.
	Utilisation float64

	Bits TensorBits
	DRAM ByOperand // off-chip traffic
	SRAM ByOperand // traffic of all on-chip memories together
	// Ports is the traffic of each on-chip memory.
	Ports  []Traffic
	Energy EnergyParts
	// Occupied is the space taken in each on-chip memory while the step runs.
	Occupied []unit.Bits
	Mapping  Mapping
	// Mapped is what a mapper found for the step; nil if none was asked, or if the step has no weights.
	Mapped *Mapped `json:",omitempty"`
}

// TensorBits are the stored bits per element of a step's tensors: their widths, or what these are
// packed to.
type TensorBits struct {
	Weight   float64 // mean over the tensor
	Input    float64
	Residual float64 // 0 where there is none
	Output   float64
	Metadata unit.Bits // of the whole step
	// Shares of the bits of tensors that cross the DRAM's bus, 1 without coding.
	InputCoding, ResidualCoding, OutputCoding float64
}

// TimeParts are durations by cause.
type TimeParts struct {
	Compute   Clocks // operands stream through the array
	ArrayFill Clocks // weights are loaded, the wave fills and drains
	Vector    Clocks // vector unit
	Port      Clocks // on-chip memory ports
	DRAM      Clocks // data bus of the DRAM and its first access
	Setup     Clocks // starting the layer and its transfers
	Host      Clocks // starting the inference
}

// Total returns the sum.
func (t TimeParts) Total() Clocks {
	return t.Compute + t.ArrayFill + t.Vector + t.Port + t.DRAM + t.Setup + t.Host
}

func (t *TimeParts) add(u *TimeParts) {
	t.Compute += u.Compute
	t.ArrayFill += u.ArrayFill
	t.Vector += u.Vector
	t.Port += u.Port
	t.DRAM += u.DRAM
	t.Setup += u.Setup
	t.Host += u.Host
}

// Bound names the resource that a step waits for.
type Bound uint8

const (
	// ComputeBound steps last as long as operands stream through the array.
	ComputeBound Bound = iota
	// ArrayFillBound steps are held by the array, which spends more on filling than on streaming.
	ArrayFillBound
	// VectorBound steps wait for the vector unit.
	VectorBound
	// PortBound steps wait for the ports of an on-chip memory.
	PortBound
	// DRAMBound steps wait for DRAM.
	DRAMBound
	// SetupBound steps take longer to start than to run.
	SetupBound
)

func (b Bound) String() string {
	return [...]string{"compute", "array fill", "vector", "port", "dram", "set-up"}[b]
}

// EnergyParts is energy by cause.
type EnergyParts struct {
	MAC            unit.Picojoule
	Accumulator    unit.Picojoule
	Memories       [maxMemories]unit.Picojoule // on-chip memories in the accelerator's order, then zeros
	DRAMRead       unit.Picojoule
	DRAMWrite      unit.Picojoule
	DRAMActivate   unit.Picojoule // opening and closing rows
	DRAMBackground unit.Picojoule
	Leakage        unit.Picojoule
	Running        unit.Picojoule // what runs along whatever is computed
	Vector         unit.Picojoule
	Host           unit.Picojoule
}

// Total returns the sum of the parts.
func (e *EnergyParts) Total() unit.Picojoule {
	return e.MAC + e.Accumulator + e.OnChip() + e.DRAMAccess() + e.DRAMBackground + e.Leakage + e.Running + e.Vector + e.Host
}

// DRAMAccess returns the energy of moving data from and to DRAM.
func (e *EnergyParts) DRAMAccess() unit.Picojoule { return e.DRAMRead + e.DRAMWrite + e.DRAMActivate }

// static returns what time costs, whatever happens in it.
func (e *EnergyParts) static() unit.Picojoule {
	return e.DRAMBackground + e.Leakage + e.Running + e.Host
}

// OnChip returns the energy of all on-chip memories.
func (e *EnergyParts) OnChip() unit.Picojoule {
	var s unit.Picojoule
	for _, m := range e.Memories {
		s += m
	}
	return s
}

func (e *EnergyParts) add(f *EnergyParts) {
	e.MAC += f.MAC
	e.Accumulator += f.Accumulator
	for i := range e.Memories {
		e.Memories[i] += f.Memories[i]
	}
	e.DRAMRead += f.DRAMRead
	e.DRAMWrite += f.DRAMWrite
	e.DRAMActivate += f.DRAMActivate
	e.DRAMBackground += f.DRAMBackground
	e.Leakage += f.Leakage
	e.Running += f.Running
	e.Vector += f.Vector
	e.Host += f.Host
}

// Traffic is data moved out of (Read) and into (Write) a memory.
type Traffic struct{ Read, Write unit.Bits }

// Total returns reads and writes together.
func (t Traffic) Total() unit.Bits { return t.Read + t.Write }

func (t *Traffic) add(u Traffic) {
	t.Read += u.Read
	t.Write += u.Write
}

// ByOperand is traffic by what is moved.
type ByOperand struct {
	Weights  Traffic
	Inputs   Traffic
	Residual Traffic // the other operand of a fused or free-standing Add
	Outputs  Traffic
	Metadata Traffic // norm, bias, scales and widths of slices
}

// Total returns the sum over operands.
func (b *ByOperand) Total() Traffic {
	t := b.Weights
	t.add(b.Inputs)
	t.add(b.Residual)
	t.add(b.Outputs)
	t.add(b.Metadata)
	return t
}

// MemoryUse is what one on-chip memory does during an inference.
type MemoryUse struct {
	Name     string
	Capacity unit.Bits
	Peak     unit.Bits // largest occupancy over the steps
	Traffic  Traffic
}

// Order is the outermost loop over tiles. Partial sums never leave the accumulators before they
// are complete, so both orders are output-stationary within a tile.
type Order uint8

const (
	// InputsOuter goes through groups of output rows and streams the weights for each group.
	InputsOuter Order = iota
	// WeightsOuter goes through groups of output channels and streams the inputs for each group.
	WeightsOuter
)

func (o Order) String() string { return [...]string{"inputs outer", "weights outer"}[o] }

// Mapping is how a step is cut into tiles, and what stays on chip.
type Mapping struct {
	// TileRows x TileCols output positions times TileChannels output channels are computed at a
	// time, from TileInputs input channels in a streaming buffer.
	TileRows, TileCols       int
	TileChannels, TileInputs int
	// PixelTiles is the number of such tiles that cover the output map. It is fractional where the
	// memory holds something between two of the tile sizes that the model knows.
	PixelTiles float64
	// ChannelTiles is how often a streamed input is read for a layer of one group of channels.
	ChannelTiles int

	Order Order
	// Groups is the number of rounds of the outermost loop.
	Groups int
	// HeldInputs and HeldWeights are the shares of the current group's inputs (InputsOuter) or
	// of the current group's weights (WeightsOuter) that are kept on chip while it is worked on, and of the other
	// operand that is kept from group to group.
	HeldInputs, HeldWeights float64

	// Shares that are on chip when the step starts, and of the output that stays there.
	InputResident, ResidualResident, OutputResident, WeightsPinned float64

	// Rows is the mapping on a row-stationary array, nil on others, and ActivePEs the PEs it has at work.
	Rows      *rowstationary.Mapping
	ActivePEs int
	// Images share the weights' transfers; 0 and 1 mean that they are the step's own.
	Images int

	// Modes are the widths at which the array multiplies.
	Modes []ModeUse
}

// ModeUse says how many output channels run in a mode.
type ModeUse struct {
	Mode     accel.Mode
	Channels int
}
