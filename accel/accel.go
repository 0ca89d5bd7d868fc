// Package accel says what an accelerator is: its compute array, the memories around it, DRAM,
// DMA and host, read from a YAML file with units or from an embedded preset.
//
// The package knows nothing of networks and prices nothing; it hands checked numbers to sim.
package accel

import (
	"dse/accel/technology"
	"dse/accel/unit"
)

// Accelerator is a checked description of one chip. All fields of a value returned by Load are
// within their legal ranges, so its users need no checks of their own.
type Accelerator struct {
	Name        string
	Description string
	// Status is Estimated unless the error against reference rows that the numbers were not
	// calibrated on has been measured.
	Status Status
	// Validation says what was compared and how far it was off. Empty unless Status is Validated.
	Validation string
	Technology Technology
	Clock      unit.Hertz
	Array      Array
	Precision  PrecisionTable
	// Vector is the unit for layers without weights: pooling, element-wise addition.
	Vector Vector
	// Memories are on-chip memories from the one nearest DRAM inwards. At least one.
	Memories []Memory
	DRAM     DRAM
	DMA      DMA
	Host     Host
	// Engines describe tiles on decoupled engines, where that is known.
	Engines Engines
	// Sources gives, for each dotted key of the file ("array.rows", "memories[0].banks"), the words
	// of the comment on its line: the number's source, or "assumed". Keys without a comment are
	// not in it.
	Sources map[string]string
	// Derived says, for each dotted key that the file leaves out and that follows from others, from what
	// (see derive.go). Nil if there are none.
	Derived map[string]string
}

// Status says how far the numbers of a preset can be trusted.
type Status uint8

const (
	// Estimated numbers were taken from documents or assumed, and not compared with measurements.
	Estimated Status = iota
	// Validated numbers carry an error measured on rows they were not calibrated on.
	Validated
)

// Technology gives the process and what it costs to be switched on.
type Technology struct {
	NodeNM  int                // process node in nm
	Supply  unit.Volt          // core voltage, 0 for the nominal one of the node
	Devices technology.Devices // flavour of the transistors
	Leakage unit.Milliwatt     // static power of the whole accelerator, all memories included
	// Running is the power of what runs along as long as an inference does, whatever is computed: the clock
	// tree, control, processors that wait.
	Running unit.Milliwatt
	// Area of everything beside the array, its accumulators and the memories. 0 if it is not known.
	Area unit.SquareMillimetre
}

// Dataflow names the operand that stays in the processing elements (PEs).
type Dataflow uint8

const (
	// WeightStationary keeps a weight in each PE while activations stream through: rows hold
	// input channels (reduction), columns hold output channels.
	WeightStationary Dataflow = iota
	// OutputStationary keeps a partial sum in each PE.
	OutputStationary
	// InputStationary keeps an activation in each PE.
	InputStationary
	// Unrolled arrays are no systolic grid: every cycle, activations are broadcast to the columns
	// and products are added along the rows by a tree, for one or several output positions at a time
	// (NVDLA, Ethos-U, NE16). There is no skew, and weights come with the activations.
	Unrolled
	// RowStationary arrays keep a row of a filter in each PE. Rows of one filter lie down a column of
	// the array and add up; output rows lie along it (Eyeriss). See RowStationaryPEs.
	RowStationary
)

// Reduction says what the rows of an array sum over at the same time.
type Reduction uint8

const (
	// ReduceWindow lays input channels and the taps of the window on the rows, one after another.
	ReduceWindow Reduction = iota
	// ReduceChannels lays input channels only on the rows; the taps of the window follow in time.
	ReduceChannels
)

// Positions are output positions that an Unrolled array computes at the same time, each with
// multipliers of its own. 0 counts as 1.
type Positions struct{ Height, Width int }

// Count returns Height*Width.
func (p Positions) Count() int { return max(1, p.Height) * max(1, p.Width) }

// Array is the grid of PEs, one multiply-accumulate (MAC) per PE and cycle at the native width.
type Array struct {
	// Rows and Cols are the PEs of one output position; there are Rows*Cols*Positions.Count().
	Rows, Cols int
	Positions  Positions
	Dataflow   Dataflow
	// Reduction is what the rows sum over.
	Reduction Reduction
	// DepthwiseLanes is the number of taps of its own channel that a column takes per cycle in
	// depthwise layers. 0: columns share the rows' activations, so that only as many channels run
	// together as lie beside one another on the rows.
	DepthwiseLanes int
	// StepCycles is the least time for which an Unrolled array works on one set of positions and columns.
	// In it the rows take as many times more channels of one tap, or as many taps of their channels,
	// whichever leaves fewer multipliers idle; in depthwise layers with DepthwiseLanes as many times
	// more taps. 0 counts as 1.
	StepCycles unit.Cycles
	// BlockChannels is the most output channels that share one reading of the inputs on an Unrolled
	// array, as far as the accumulators hold their partial sums. 0: those of the columns.
	BlockChannels int
	// FoldOverhead is the time that an Unrolled array spends beyond its steps each time its weights
	// change: the depth of the pipeline.
	FoldOverhead unit.Cycles
	// ChannelGranule is the number of channels in which an Unrolled array that reduces over channels
	// counts: what a layer's last rows and columns leave free in whole granules works on the next
	// tap or position, and tensors are stored in whole granules. 0: free rows and columns idle, and
	// tensors are stored as they are.
	ChannelGranule int
	// ImageChannels is the granule of inputs with no more channels than that. 0: none.
	ImageChannels int
	// Winograd arrays run ungrouped 3x3 convolutions of stride 1 as F(2x2, 3x3): 4 multiplications
	// per output instead of 9, with the filters stored as 4x4.
	Winograd bool
	// StrideExtension arrays store the filters of strided layers with zeros up to whole strides.
	StrideExtension bool
	RowStationary   RowStationaryPEs
	// WeightDoubleBuffered PEs hold the next weight while the present one is used, so that loading
	// the array overlaps with computing.
	WeightDoubleBuffered bool
	// Accumulator holds partial sums, one bank per column.
	Accumulator Accumulator
	// Area of all PEs together. 0 if it is not known.
	Area unit.SquareMillimetre
}

// RowStationaryPEs describes the PEs of a RowStationary array.
type RowStationaryPEs struct {
	// Words of the native width in each PE's scratchpads, for filters, inputs and partial sums.
	FilterWords, InputWords, SumWords int
	// SumWidth is the bits of a partial sum in the memory that holds outputs, where sums wait for
	// their next input channels.
	SumWidth int
	// InputBus is the bits of inputs that enter the array per cycle.
	InputBus int
	// PassOverhead is the time to start and drain a pass, in which the PEs' filters stay.
	PassOverhead unit.Cycles
	// Batch is the number of images that share the filters. Costs are per image.
	Batch int
}

// Accumulator is the partial-sum memory below the array.
type Accumulator struct {
	Capacity unit.Bytes // all columns together
	Width    int        // bits of one partial sum
	// Energy of one read or one write, per bit.
	Energy unit.PicojoulePerBit
	Area   unit.SquareMillimetre // of all columns together; 0 if it is not known
}

// ChangeUnit is the smallest part of a weight tensor within which all widths must agree for the
// array to run at the narrower mode; a unit with several widths runs at its widest.
type ChangeUnit uint8

const (
	// ChangePerLayer runs a whole layer at its widest channel.
	ChangePerLayer ChangeUnit = iota
	// ChangePerColumnTile runs each group of Array.Cols output channels at its widest channel.
	ChangePerColumnTile
	// ChangePerChannel runs each output channel at its own width.
	ChangePerChannel
)

// OperatorKind selects rows of the precision table.
type OperatorKind uint8

const (
	// AnyOperator applies to every kind that has no row of its own.
	AnyOperator OperatorKind = iota
	// ConvOperator is a convolution with a reduction over channels, 1x1 and grouped included.
	ConvOperator
	// DepthwiseOperator is a convolution with one input channel per output channel.
	DepthwiseOperator
	// DenseOperator is a matrix-vector product.
	DenseOperator
	// PointwiseOperator is a 1x1 convolution of one group, where it has modes of its own.
	PointwiseOperator
)

// PrecisionTable says which weight x activation widths the array multiplies natively.
// A layer at other widths runs in the cheapest mode that is at least as wide in both operands.
type PrecisionTable struct {
	ChangeUnit ChangeUnit
	Modes      []Mode // at least one; the widest in both operands is the native mode
}

// For returns the modes that layers of a kind may run in: those of the kind itself, or those for
// any operator where it has none. Pointwise layers without modes of their own are like other
// convolutions. The slice is new.
func (t PrecisionTable) For(kind OperatorKind) []Mode {
	var own, general []Mode
	for _, m := range t.Modes {
		switch m.Operator {
		case kind:
			own = append(own, m)
		case AnyOperator:
			general = append(general, m)
		}
	}
	switch {
	case own != nil:
		return own
	case kind == PointwiseOperator:
		return t.For(ConvOperator)
	}
	return general
}

// Mode is one native width pair.
type Mode struct {
	Weight, Activation int // bits
	Operator           OperatorKind
	// Throughput multiplies Rows*Cols MACs per cycle. 2 means that each PE does two MACs of this
	// mode per cycle, on twice as many reduction steps.
	Throughput float64
	Energy     unit.Picojoule // of one MAC in this mode
}

// Vector is the element-wise unit.
type Vector struct {
	Lanes int // element operations per cycle
	// PoolLanes is the inputs under pooling windows taken per cycle, where that is not Lanes. 0: Lanes.
	PoolLanes int
	// Outputs says that every result of the array passes through the unit, one operation each.
	Outputs bool
	// AddOperations is the operations that an element-wise addition takes, one or more where both
	// operands are rescaled first. 0 counts as 1.
	AddOperations int
	// SeparateAdd says that a residual addition runs after the layer before it, on results written
	// to memory and read again, and not in that layer's output stage.
	SeparateAdd bool
	Energy      unit.Picojoule // of one element operation
}

// Operand is a bit set of what may live in a memory.
type Operand uint8

const (
	// Weights of convolution and dense layers.
	Weights Operand = 1 << iota
	// Inputs are activations read by a layer.
	Inputs
	// Outputs are activations written by a layer.
	Outputs
)

// Memory is one on-chip memory level.
type Memory struct {
	Name     string
	Capacity unit.Bytes
	Banks    int
	// PortWidth is the bits that one bank moves per access; a bank has one port, which moves one
	// word per cycle, read or write.
	PortWidth int
	Read      unit.PicojoulePerBit
	Write     unit.PicojoulePerBit
	Area      unit.SquareMillimetre // of all banks together; 0 if it is not known
	Holds     Operand
	// DoubleBuffered memories may hold the next tile while the present one is used. The second
	// copy is paid for out of Capacity.
	DoubleBuffered bool
	// Ring memories fill while they drain: transfers overlap with work, and what streams through
	// needs no second copy. What is kept for several tiles and then replaced does.
	Ring bool
	// Packing is how sub-byte elements lie in a word.
	Packing Packing
	// Transient memories keep no weights from one inference to the next.
	Transient bool
	// Flushed memories keep nothing for a later layer or the next inference.
	Flushed bool
}

// Packing of elements whose width does not divide the word.
type Packing uint8

const (
	// PackExact stores elements at their exact width, bits one after another.
	PackExact Packing = iota
	// PackPowerOfTwo stores each element in the next of 1, 2, 4, 8, 16, 32 bits.
	PackPowerOfTwo
)

// DRAM is the off-chip memory: here as plain bandwidth and latency of a named device.
type DRAM struct {
	Device string
	// Timing names a table of commands and banks for the event-driven simulation; sim knows which
	// there are. If empty, the event-driven simulation uses the bandwidth and latency below.
	Timing    string
	Bandwidth unit.BytesPerSecond // peak
	// Efficiency is the sustained share of the peak for streams of whole bursts, in (0, 1].
	Efficiency float64
	Latency    unit.Nanosecond // of the first burst of a transfer
	Burst      unit.Bytes      // least amount moved by one access
	// RunLength is the coding of activations on their way to and from DRAM.
	RunLength RunLength
	Capacity  unit.Bytes
	Read      unit.PicojoulePerBit
	Write     unit.PicojoulePerBit
	// Row is what one activation of a bank makes accessible, and Activate its energy, that of the precharge
	// included.
	Row        unit.Bytes
	Activate   unit.Picojoule
	Background unit.Milliwatt // while the device is on
}

// RunLength is a coding that leaves out zeros: each other value carries the number of zeros before it.
type RunLength struct {
	Run int // bits of that number; 0: no coding
	// Zeros is the share of zeros assumed in tensors behind a ReLU; others are not coded.
	Zeros float64
}

// ActivatePerBit returns the energy of activations that a bit of a long stream bears: each row is
// opened once.
func (d *DRAM) ActivatePerBit() unit.PicojoulePerBit {
	if d.Row == 0 {
		return 0
	}
	return unit.PicojoulePerBit(float64(d.Activate) / float64(d.Row.Bits()))
}

// DMA moves tiles between DRAM and the outermost on-chip memory.
type DMA struct {
	Channels int         // transfers in flight
	Setup    unit.Cycles // to start one transfer
}

// Host is the processor that starts layers and runs what the accelerator cannot.
type Host struct {
	LayerSetup     unit.Cycles // to configure and start one layer
	InferenceSetup unit.Cycles // once per inference
	// SharesMemory says that host and accelerator share an on-chip memory: the image lies there when
	// an inference starts and the result stays there. Otherwise both cross the DRAM interface.
	SharesMemory bool
	Power        unit.Milliwatt
}
