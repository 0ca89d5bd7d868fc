package accel

import (
	"dse/accel/technology"
	"dse/accel/unit"
)

// schema is every key of an accelerator file. Parsing, printing, the summary and the key list of
// docs/accelerator.md all walk this one table.
//
// It is filled by init because the findings of the entries look keys up in it.
var schema mapping[Accelerator]

func init() {
	schema = mapping[Accelerator]{
		single(about{"name", "my-npu", required, "short name, printed with every result"},
			words(), func(a *Accelerator) *string { return &a.Name }, someText),
		single(about{"description", "what the chip is", "", "one line on what the chip is"},
			words(), func(a *Accelerator) *string { return &a.Description }),
		single(about{"status", "estimated", "estimated", "how far the numbers can be trusted; `validated` needs `validation`"},
			oneOf[Status](statusNames...), func(a *Accelerator) *Status { return &a.Status }),
		single(about{"validation", "cycles within 9 % on 41 rows", "", "the error measured on rows that the numbers were not calibrated on"},
			words(), func(a *Accelerator) *string { return &a.Validation }),
		nested(about{"technology", "", required, "process and static power"},
			func(a *Accelerator) *Technology { return &a.Technology }, technologyKeys),
		single(about{"clock", "800 MHz", required, "core clock of array, on-chip memories and DMA"},
			quantity[unit.Hertz]("frequency"), func(a *Accelerator) *unit.Hertz { return &a.Clock },
			within[unit.Hertz](1e6, 10e9)),
		nested(about{"array", "", required, "the grid of processing elements"},
			func(a *Accelerator) *Array { return &a.Array }, arrayKeys),
		nested(about{"precision", "", required, "the widths that the array multiplies natively"},
			func(a *Accelerator) *PrecisionTable { return &a.Precision }, precisionKeys),
		nested(about{"vector", "", required, "the unit for layers without weights"},
			func(a *Accelerator) *Vector { return &a.Vector }, vectorKeys),
		several(about{"memories", "", required, "on-chip memories, the one nearest DRAM first"},
			func(a *Accelerator) *[]Memory { return &a.Memories }, 8, memoryKeys),
		nested(about{"dram", "", required, "the off-chip memory"},
			func(a *Accelerator) *DRAM { return &a.DRAM }, dramKeys),
		nested(about{"dma", "", "see its keys", "the engine between DRAM and the first on-chip memory"},
			func(a *Accelerator) *DMA { return &a.DMA }, dmaKeys),
		nested(about{"host", "", "see its keys", "the processor that starts layers"},
			func(a *Accelerator) *Host { return &a.Host }, hostKeys),
		nested(about{"engines", "", "see its keys", "decoupled engines for loading, computing and storing tiles"},
			func(a *Accelerator) *Engines { return &a.Engines }, engineKeys),
	}
}

var technologyKeys = mapping[Technology]{
	single(about{"node", "22 nm", required, "process node that the energies are meant for"},
		node(), func(t *Technology) *int { return &t.NodeNM }, within(1, 250)),
	single(about{"supply", "0.8 V", "", "core voltage, for what is derived; without it, the nominal one of the node"},
		supply(), func(t *Technology) *unit.Volt { return &t.Supply }, within(technology.LowestSupply, technology.HighestSupply)),
	single(about{"devices", "low-power", "low-power", "flavour of the transistors, from which leakage is derived"},
		oneOf[technology.Devices](deviceNames...), func(t *Technology) *technology.Devices { return &t.Devices }),
	single(about{"leakage", "5 mW", derived, "static power of the whole accelerator, all memories included"},
		quantity[unit.Milliwatt]("power"), func(t *Technology) *unit.Milliwatt { return &t.Leakage }),
	single(about{"running", "15 mW", "0 mW", "power of what runs along with an inference whatever is computed: clock tree, control, processors that wait"},
		quantity[unit.Milliwatt]("power"), func(t *Technology) *unit.Milliwatt { return &t.Running }),
	single(about{"area", "0.1 mm2", derived, "area of everything beside the array, its accumulators and the memories"},
		area(), func(t *Technology) *unit.SquareMillimetre { return &t.Area }, positive[unit.SquareMillimetre]),
}

var arrayKeys = mapping[Array]{
	single(about{"rows", "16", required, "PE rows; weight-stationary: input channels (the reduction)"},
		count(), func(a *Array) *int { return &a.Rows }, within(1, 4096)),
	single(about{"cols", "16", required, "PE columns; weight-stationary: output channels"},
		count(), func(a *Array) *int { return &a.Cols }, within(1, 4096)),
	single(about{"dataflow", "weight-stationary", required, "the operand that stays in the PEs"},
		oneOf[Dataflow](dataflowNames...), func(a *Array) *Dataflow { return &a.Dataflow }),
	nested(about{"positions", "", "see its keys", "output positions computed at the same time"},
		func(a *Array) *Positions { return &a.Positions }, positionKeys),
	single(about{"reduction", "window", "window", "what the rows sum over: input channels and taps of the window, or channels only"},
		oneOf[Reduction](reductionNames...), func(a *Array) *Reduction { return &a.Reduction }),
	single(about{"depthwise_lanes", "4", "0", "unrolled: taps of its own channel that a column takes per cycle in depthwise layers; 0: it shares the rows"},
		count(), func(a *Array) *int { return &a.DepthwiseLanes }, within(0, 4096)),
	single(about{"step_cycles", "4 cycles", "1 cycles", "unrolled: least time on one set of positions; the rows take as many times more channels of a tap, or as many taps"},
		quantity[unit.Cycles]("cycles"), func(a *Array) *unit.Cycles { return &a.StepCycles }, within[unit.Cycles](1, 1024)),
	single(about{"block_channels", "128", "0", "unrolled: most output channels that share one reading of the inputs, as accumulators permit; 0: those of the columns"},
		count(), func(a *Array) *int { return &a.BlockChannels }, within(0, 65536)),
	single(about{"fold_overhead", "8 cycles", "0 cycles", "unrolled: time beyond the steps each time the weights change"},
		quantity[unit.Cycles]("cycles"), func(a *Array) *unit.Cycles { return &a.FoldOverhead }, within[unit.Cycles](0, 1e6)),
	single(about{"channel_granule", "16", "0", "unrolled over channels: tensors are stored in granules of so many channels, and rows and columns that whole granules leave free take the next tap or position; 0: no such packing"},
		count(), func(a *Array) *int { return &a.ChannelGranule }, within(0, 4096)),
	single(about{"image_channels", "4", "0", "unrolled: the granule of inputs with no more channels than that; 0: none"},
		count(), func(a *Array) *int { return &a.ImageChannels }, within(0, 64)),
	single(about{"winograd", "true", "false", "unrolled: 3x3 convolutions of stride 1 take 4 multiplications per output, and filters are stored as 4x4"},
		flag(), func(a *Array) *bool { return &a.Winograd }),
	single(about{"stride_extension", "true", "false", "unrolled: filters of strided layers are stored with zeros up to whole strides"},
		flag(), func(a *Array) *bool { return &a.StrideExtension }),
	nested(about{"row_stationary", "", "see its keys", "the PEs of a row-stationary array"},
		func(a *Array) *RowStationaryPEs { return &a.RowStationary }, rowStationaryKeys),
	single(about{"weight_double_buffered", "true", "false", "PEs take the next weight while they use the present one"},
		flag(), func(a *Array) *bool { return &a.WeightDoubleBuffered }),
	nested(about{"accumulator", "", required, "the partial-sum memory below the array"},
		func(a *Array) *Accumulator { return &a.Accumulator }, accumulatorKeys),
	single(about{"area", "0.2 mm2", derived, "area of all PEs together"},
		area(), func(a *Array) *unit.SquareMillimetre { return &a.Area }, positive[unit.SquareMillimetre]),
}

var positionKeys = mapping[Positions]{
	single(about{"height", "2", "1", "unrolled: output rows computed at the same time"},
		count(), func(p *Positions) *int { return &p.Height }, within(1, 64)),
	single(about{"width", "2", "1", "unrolled: output columns computed at the same time"},
		count(), func(p *Positions) *int { return &p.Width }, within(1, 64)),
}

var rowStationaryKeys = mapping[RowStationaryPEs]{
	single(about{"filter_words", "224", "0", "words of a PE's filter scratchpad, at the native width"},
		count(), func(p *RowStationaryPEs) *int { return &p.FilterWords }, within(0, 1<<20)),
	single(about{"input_words", "12", "0", "words of a PE's input scratchpad"},
		count(), func(p *RowStationaryPEs) *int { return &p.InputWords }, within(0, 1<<20)),
	single(about{"sum_words", "24", "0", "words of a PE's scratchpad for partial sums"},
		count(), func(p *RowStationaryPEs) *int { return &p.SumWords }, within(0, 1<<20)),
	single(about{"sum_width", "16 bit", "16 bit", "width of a partial sum in the memory that holds outputs"},
		width(), func(p *RowStationaryPEs) *int { return &p.SumWidth }, bitsWithin(2, 128)),
	single(about{"input_bus", "16 bit", "16 bit", "inputs that enter the array per cycle"},
		width(), func(p *RowStationaryPEs) *int { return &p.InputBus }, bitsWithin(1, 8192)),
	single(about{"pass_overhead", "500 cycles", "0 cycles", "time to start and drain a pass"},
		quantity[unit.Cycles]("cycles"), func(p *RowStationaryPEs) *unit.Cycles { return &p.PassOverhead }, within[unit.Cycles](0, 1e6)),
	single(about{"batch", "4", "1", "images that share the filters; costs are per image"},
		count(), func(p *RowStationaryPEs) *int { return &p.Batch }, within(1, 1024)),
}

var accumulatorKeys = mapping[Accumulator]{
	single(about{"capacity", "32 KiB", required, "size of all columns together"},
		quantity[unit.Bytes]("size"), func(a *Accumulator) *unit.Bytes { return &a.Capacity }, positive[unit.Bytes]),
	single(about{"width", "32 bit", required, "width of one partial sum"},
		width(), func(a *Accumulator) *int { return &a.Width }, bitsWithin(2, 128)),
	single(about{"energy", "0.05 pJ/bit", derived, "energy of one read or one write of one bit"},
		quantity[unit.PicojoulePerBit]("energy per bit"), func(a *Accumulator) *unit.PicojoulePerBit { return &a.Energy }),
	single(about{"area", "0.05 mm2", derived, "area of all columns together"},
		area(), func(a *Accumulator) *unit.SquareMillimetre { return &a.Area }, positive[unit.SquareMillimetre]),
}

var precisionKeys = mapping[PrecisionTable]{
	single(about{"change_unit", "column-tile", "layer", "the part of a weight tensor that runs at its widest width"},
		oneOf[ChangeUnit](changeUnitNames...), func(p *PrecisionTable) *ChangeUnit { return &p.ChangeUnit }),
	several(about{"modes", "", required, "the native weight x activation widths"},
		func(p *PrecisionTable) *[]Mode { return &p.Modes }, 256, modeKeys).short(),
}

var modeKeys = mapping[Mode]{
	single(about{"weight", "8 bit", required, "width of a weight"},
		width(), func(m *Mode) *int { return &m.Weight }, bitsWithin(1, 32)),
	single(about{"activation", "8 bit", required, "width of an activation"},
		width(), func(m *Mode) *int { return &m.Activation }, bitsWithin(1, 32)),
	single(about{"operator", "any", "any", "the layers that the mode is for; `any`: all kinds without a mode of their own; `pointwise`: 1x1, by default as conv"},
		oneOf[OperatorKind](operatorNames...), func(m *Mode) *OperatorKind { return &m.Operator }),
	single(about{"throughput", "1", "1", "MACs per PE and cycle"},
		ratio(), func(m *Mode) *float64 { return &m.Throughput }, positive[float64], within(0, 1024.0)),
	single(about{"energy", "0.2 pJ", derived, "energy of one MAC"},
		quantity[unit.Picojoule]("energy"), func(m *Mode) *unit.Picojoule { return &m.Energy }, positive[unit.Picojoule]),
}

var vectorKeys = mapping[Vector]{
	single(about{"lanes", "16", required, "element operations per cycle"},
		count(), func(v *Vector) *int { return &v.Lanes }, within(1, 65536)),
	single(about{"pool_lanes", "16", "0", "inputs under pooling windows per cycle; 0: as many as `lanes`"},
		count(), func(v *Vector) *int { return &v.PoolLanes }, within(0, 65536)),
	single(about{"outputs", "true", "false", "every result of the array passes through the unit, one operation each"},
		flag(), func(v *Vector) *bool { return &v.Outputs }),
	single(about{"add_operations", "3", "1", "operations that the addition of two elements takes"},
		count(), func(v *Vector) *int { return &v.AddOperations }, within(1, 64)),
	single(about{"separate_add", "true", "false", "residual additions run after the layer before them, not in its output stage"},
		flag(), func(v *Vector) *bool { return &v.SeparateAdd }),
	single(about{"energy", "0.1 pJ", derived, "energy of one element operation"},
		quantity[unit.Picojoule]("energy"), func(v *Vector) *unit.Picojoule { return &v.Energy }),
}

var memoryKeys = mapping[Memory]{
	single(about{"name", "sram", required, "name, printed in maps and results"},
		words(), func(m *Memory) *string { return &m.Name }, someText),
	single(about{"capacity", "256 KiB", required, "size of all banks together"},
		quantity[unit.Bytes]("size"), func(m *Memory) *unit.Bytes { return &m.Capacity }, positive[unit.Bytes]),
	single(about{"banks", "16", "1", "banks that can be accessed in the same cycle, a power of two"},
		count(), func(m *Memory) *int { return &m.Banks }, positive[int], powerOfTwo[int], within(1, 1024)),
	single(about{"port_width", "128 bit", required, "what one bank moves per cycle, read or write"},
		width(), func(m *Memory) *int { return &m.PortWidth }, positive[int], wholeBytes, bitsWithin(8, 8192)),
	single(about{"read", "0.13 pJ/bit", derived, "energy of reading one bit"},
		quantity[unit.PicojoulePerBit]("energy per bit"), func(m *Memory) *unit.PicojoulePerBit { return &m.Read },
		positive[unit.PicojoulePerBit]),
	single(about{"write", "0.15 pJ/bit", "as `read`; derived where that is", "energy of writing one bit"},
		quantity[unit.PicojoulePerBit]("energy per bit"), func(m *Memory) *unit.PicojoulePerBit { return &m.Write },
		positive[unit.PicojoulePerBit]).as(func(m *Memory) unit.PicojoulePerBit { return m.Read }),
	single(about{"area", "0.5 mm2", derived, "area of all banks together"},
		area(), func(m *Memory) *unit.SquareMillimetre { return &m.Area }, positive[unit.SquareMillimetre]),
	&set[Memory]{about{"holds", "[weights, inputs, outputs]", "all three", "the operands that may live here"},
		operandNames, func(m *Memory) *Operand { return &m.Holds }},
	single(about{"double_buffered", "true", "false", "half the capacity holds the next tile"},
		flag(), func(m *Memory) *bool { return &m.DoubleBuffered }),
	single(about{"ring", "true", "false", "fills while it drains: transfers overlap with work, and streams need no second copy"},
		flag(), func(m *Memory) *bool { return &m.Ring }),
	single(about{"packing", "exact", "exact", "how elements narrower than a word lie in it"},
		oneOf[Packing](packingNames...), func(m *Memory) *Packing { return &m.Packing }),
	single(about{"transient", "true", "false", "no weights stay here from one inference to the next"},
		flag(), func(m *Memory) *bool { return &m.Transient }),
	single(about{"flushed", "true", "false", "nothing stays for a later layer or the next inference"},
		flag(), func(m *Memory) *bool { return &m.Flushed }),
}

var dramKeys = mapping[DRAM]{
	single(about{"device", "LPDDR4-3200 x16", "", "name of the device"},
		words(), func(d *DRAM) *string { return &d.Device }),
	single(about{"timing", "lpddr4_3200_x16", "", "table of banks and commands that `dse sim --fidelity event` plays; without it bandwidth and latency"},
		words(), func(d *DRAM) *string { return &d.Timing }),
	single(about{"bandwidth", "6.4 GB/s", required, "peak bandwidth"},
		quantity[unit.BytesPerSecond]("bandwidth"), func(d *DRAM) *unit.BytesPerSecond { return &d.Bandwidth },
		positive[unit.BytesPerSecond]),
	single(about{"efficiency", "0.8", "1", "share of the peak that streams of whole bursts sustain"},
		ratio(), func(d *DRAM) *float64 { return &d.Efficiency }, share),
	single(about{"latency", "100 ns", required, "time to the first burst of a transfer"},
		quantity[unit.Nanosecond]("time"), func(d *DRAM) *unit.Nanosecond { return &d.Latency }, within[unit.Nanosecond](0, 1e6)),
	single(about{"burst", "32 B", required, "least amount moved by one access, a power of two"},
		quantity[unit.Bytes]("size"), func(d *DRAM) *unit.Bytes { return &d.Burst },
		positive[unit.Bytes], powerOfTwo[unit.Bytes], within[unit.Bytes](1, 4096)),
	nested(about{"run_length", "", "see its keys", "coding of activations that leaves out zeros"},
		func(d *DRAM) *RunLength { return &d.RunLength }, runLengthKeys),
	single(about{"capacity", "1 GiB", required, "size of the device"},
		quantity[unit.Bytes]("size"), func(d *DRAM) *unit.Bytes { return &d.Capacity }, positive[unit.Bytes]),
	single(about{"read", "8.5 pJ/bit", required, "energy of reading one bit"},
		quantity[unit.PicojoulePerBit]("energy per bit"), func(d *DRAM) *unit.PicojoulePerBit { return &d.Read },
		positive[unit.PicojoulePerBit]),
	single(about{"write", "5 pJ/bit", "as `read`", "energy of writing one bit"},
		quantity[unit.PicojoulePerBit]("energy per bit"), func(d *DRAM) *unit.PicojoulePerBit { return &d.Write },
		positive[unit.PicojoulePerBit]).as(func(d *DRAM) unit.PicojoulePerBit { return d.Read }),
	single(about{"row", "2 KiB", "2 KiB", "what one activation of a bank makes accessible, a power of two"},
		quantity[unit.Bytes]("size"), func(d *DRAM) *unit.Bytes { return &d.Row },
		positive[unit.Bytes], powerOfTwo[unit.Bytes], within[unit.Bytes](1, 1<<20)),
	single(about{"activate", "1.2 nJ", "0 pJ", "energy of one activation with its precharge; 0 pJ: it is part of `read` and `write`"},
		quantity[unit.Picojoule]("energy"), func(d *DRAM) *unit.Picojoule { return &d.Activate }),
	single(about{"background", "30 mW", "0 mW", "power of the device while it is on, beside its accesses"},
		quantity[unit.Milliwatt]("power"), func(d *DRAM) *unit.Milliwatt { return &d.Background }),
}

var runLengthKeys = mapping[RunLength]{
	single(about{"run", "5 bit", "0 bit", "width of the number of zeros that goes with each other value; 0 bit: no coding"},
		width(), func(c *RunLength) *int { return &c.Run }, bitsWithin(0, 32)),
	single(about{"zeros", "0.5", "0", "share of zeros assumed in tensors behind a ReLU"},
		ratio(), func(c *RunLength) *float64 { return &c.Zeros }, within(0, 1.0)),
}

var dmaKeys = mapping[DMA]{
	single(about{"channels", "4", "1", "transfers in flight"},
		count(), func(d *DMA) *int { return &d.Channels }, within(1, 1024)),
	single(about{"setup", "20 cycles", "0 cycles", "time to start one transfer"},
		quantity[unit.Cycles]("cycles"), func(d *DMA) *unit.Cycles { return &d.Setup }, within[unit.Cycles](0, 1e9)),
}

var hostKeys = mapping[Host]{
	single(about{"layer_setup", "1000 cycles", "0 cycles", "time to configure and start one layer"},
		quantity[unit.Cycles]("cycles"), func(h *Host) *unit.Cycles { return &h.LayerSetup }, within[unit.Cycles](0, 1e9)),
	single(about{"inference_setup", "10000 cycles", "0 cycles", "time spent once per inference"},
		quantity[unit.Cycles]("cycles"), func(h *Host) *unit.Cycles { return &h.InferenceSetup }, within[unit.Cycles](0, 1e12)),
	single(about{"shares_memory", "true", "false", "the image lies in on-chip memory when an inference starts, and the result stays there"},
		flag(), func(h *Host) *bool { return &h.SharesMemory }),
	single(about{"power", "10 mW", "0 mW", "power of the host while an inference runs"},
		quantity[unit.Milliwatt]("power"), func(h *Host) *unit.Milliwatt { return &h.Power }),
}

var engineKeys = mapping[Engines]{
	single(about{"passes_in_flight", "8", "1", "passes of the array between issue and the writing of their sums"},
		count(), func(e *Engines) *int { return &e.PassesInFlight }, within(1, 4096)),
	single(about{"pass_latency", "11 cycles", "0 cycles", "time from issue to writing beyond the skew of the array"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.PassLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"least_pass", "4 cycles", "0 cycles", "least time of one pass"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.LeastPass }, within[unit.Cycles](0, 1e6)),
	single(about{"sharpness", "4.5", "4", "s in (a^s + b^s)^(1/s), the time of two engines coupled by short queues"},
		ratio(), func(e *Engines) *float64 { return &e.Sharpness }, within(1, 100.0)),
	single(about{"request", "64 B", "0 B", "largest request to memory, and line of the cache; 0 B: no engines are described"},
		quantity[unit.Bytes]("size"), func(e *Engines) *unit.Bytes { return &e.Request }, within[unit.Bytes](0, 4096)),
	single(about{"bus", "128 bit", "0 bit", "what the bus to memory moves per cycle"},
		width(), func(e *Engines) *int { return &e.Bus }, wholeBytes, bitsWithin(0, 8192)),
	single(about{"bus_efficiency", "0.8", "1", "share of cycles in which the bus moves data while requests wait"},
		ratio(), func(e *Engines) *float64 { return &e.BusEfficiency }, share),
	single(about{"in_flight", "16", "1", "requests in flight"},
		count(), func(e *Engines) *int { return &e.InFlight }, within(1, 4096)),
	single(about{"hit_latency", "40 cycles", "0 cycles", "latency of a line that the cache holds"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.HitLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"miss_latency", "90 cycles", "0 cycles", "latency of a line that it does not hold"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.MissLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"jump_latency", "80 cycles", "0 cycles", "more latency where the line before in memory is not wanted"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.JumpLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"write_latency", "36 cycles", "0 cycles", "latency of writing one row of results"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.WriteLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"write_miss_latency", "160 cycles", "0 cycles", "more latency for each line of results where the map does not fit the cache"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.WriteMissLatency }, within[unit.Cycles](0, 1e6)),
	single(about{"write_conflict", "17 cycles", "0 cycles", "more time for a row in the same line as the row before"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.WriteConflict }, within[unit.Cycles](0, 1e6)),
	single(about{"cache", "512 KiB", "0 B", "cache between the accelerator and DRAM"},
		quantity[unit.Bytes]("size"), func(e *Engines) *unit.Bytes { return &e.Cache }, within[unit.Bytes](0, 1<<30)),
	single(about{"cache_ways", "8", "1", "lines of the cache that an address may lie in"},
		count(), func(e *Engines) *int { return &e.CacheWays }, within(1, 1024)),
	single(about{"tile_setup", "267 cycles", "0 cycles", "time of the host for the commands of one tile of a convolution"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.TileSetup }, within[unit.Cycles](0, 1e6)),
	single(about{"product_setup", "120 cycles", "0 cycles", "the same for one tile of a matrix product"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.ProductSetup }, within[unit.Cycles](0, 1e6)),
	single(about{"tiling_step", "270 cycles", "0 cycles", "time of the host for each tile size that its library tries"},
		quantity[unit.Cycles]("cycles"), func(e *Engines) *unit.Cycles { return &e.TilingStep }, within[unit.Cycles](0, 1e6)),
}
