package sim

import (
	"dse/accel"
	"dse/accel/unit"
)

// widths are the stored bits per element of a step's tensors.
type widths struct {
	weight, in, residual, out float64
	metadata                  float64 // bits of the whole step
}

// place says which share of each tensor is on chip: of what is read, when the step starts; of the
// output, when it ends.
type place struct{ in, residual, out, weights float64 }

// work is what the modes decide about a step.
type work struct {
	stream, fill float64 // cycles of the array at the largest tile
	sums         float64 // accesses to accumulators
	mac          float64 // pJ
}

// buffers is space in each on-chip memory, in bits.
type buffers [maxMemories]float64

// stream returns the space that tile t needs to move data through the memories nearest the array:
// one tile of each operand, two where the memory is double-buffered, never more than the tensor.
func (c *chip) stream(g *geometry, t *tile, w *widths) buffers {
	var b buffers
	at := c.serves(weights)
	if g.weights > 0 {
		n := c.buffers[weights]
		b[at] += min(n*t.weights, g.weights) * w.weight
	}
	b[at] += w.metadata * min(1, c.buffers[weights]*float64(g.described)/float64(g.filters))
	b[c.serves(inputs)] += min(c.buffers[inputs]*t.inputs, g.inputTensor) * w.in
	b[c.serves(inputs)] += min(c.buffers[inputs]*t.residual, g.residual) * w.residual
	out := w.out
	if g.rows != nil {
		out = max(out, float64(c.Array.RowStationary.SumWidth)) // what waits there is partial sums
	}
	b[c.serves(outputs)] += min(c.buffers[outputs]*t.outputs, g.outputs) * out
	return b
}

// fitting returns the largest tile whose buffers fit. Between two sizes it returns a tile in
// proportion to the space there is, which stands for the sizes in between and keeps costs continuous.
// Tiles are smaller than the largest only where the memory cannot even stream it; nothing is kept
// for reuse then, so a smaller tile is never the better one. The space of the largest is given.
func (c *chip) fitting(g *geometry, w *widths, largest buffers) (t tile, space buffers, ok bool) {
	space = largest
	if c.fits(&space) {
		return g.tiles[0], space, true
	}
	for i := 1; i < len(g.tiles); i++ {
		before := space
		space = c.stream(g, &g.tiles[i], w)
		if !c.fits(&space) {
			continue
		}
		share := 1.0
		for m, capacity := range c.capacity {
			if before[m] > capacity {
				share = min(share, (capacity-space[m])/(before[m]-space[m]))
			}
		}
		for m := range space {
			space[m] += share * (before[m] - space[m])
		}
		return g.tiles[i].toward(&g.tiles[i-1], share), space, true
	}
	return tile{}, space, false
}

// fits says whether no memory is asked for more than it has.
func (c *chip) fits(b *buffers) bool {
	for m, capacity := range c.capacity {
		if b[m] > capacity {
			return false
		}
	}
	return true
}

// toward returns the tile that lies a share of the way to a larger one.
func (t tile) toward(u *tile, share float64) tile {
	for _, p := range []struct {
		small *float64
		large float64
	}{
		{&t.count, u.count}, {&t.folds, u.folds}, {&t.stream, u.stream}, {&t.weights, u.weights}, {&t.inputs, u.inputs},
		{&t.outputs, u.outputs}, {&t.residual, u.residual}, {&t.streamed, u.streamed}, {&t.weightReads, u.weightReads},
	} {
		*p.small += share * (p.large - *p.small)
	}
	return t
}

// outcome is the cost of a step.
type outcome struct {
	time, busy TimeParts
	energy     EnergyParts
	dram, sram ByOperand
	ports      [maxMemories]Traffic
	tile       tile
	fetched    fetched
}

// run computes the cost of a step in the space that is free for reuse.
//
// The array, the vector unit, the memory ports and the DRAM work at the same time on different
// tiles. Let X be the longest of the first three, F the time to fetch what the first output row
// waits for, L the time to write the last one, and D all DRAM traffic. Then the step moves data for
//
//	first access + max(F + X + L, D)
//
// where D is split into what overlaps with X and what does not, because its memory is not double
// buffered; the latter is added. The layer's and the transfers' set-up come before.
func (c *chip) run(g *geometry, t *tile, w *widths, p *place, k *work, free room, o *outcome) {
	*o = outcome{tile: *t}
	if g.rows != nil {
		o.fetched = g.fetchRows(w.in, w.weight)
	} else {
		o.fetched = c.fetch(g, t, w.in, w.weight, free, (1-p.in)*c.coding(w.in, g.codedIn), 1-p.weights)
	}
	c.move(g, w, p, o)
	c.clock(g, w, p, k, o)
	c.energy(g, k, o)
}

// move counts the bits that each memory reads and writes.
func (c *chip) move(g *geometry, w *widths, p *place, o *outcome) {
	t := &o.tile
	if g.weights > 0 {
		bits := g.weights * w.weight
		c.inward(weights, (1-p.weights)*o.fetched.weights, 1, bits*t.weightReads, bits*t.folds, c.straight(t)*bits, &o.dram.Weights, &o.sram.Weights, o)
	}
	c.inward(weights, (1-p.weights)*w.metadata, 1, w.metadata*t.count, w.metadata*t.count, 0, &o.dram.Metadata, &o.sram.Metadata, o)
	c.inward(inputs, (1-p.in)*o.fetched.inputs, c.coding(w.in, g.codedIn), t.streamed*w.in*float64(g.reads), g.arrayInputs*w.in, 0, &o.dram.Inputs, &o.sram.Inputs, o)
	if w.residual > 0 {
		bits := g.residual * w.residual
		c.inward(inputs, (1-p.residual)*bits, c.coding(w.residual, g.codedResidual), bits, bits, 0, &o.dram.Residual, &o.sram.Residual, o)
	}
	c.outward((1-p.out)*g.outputs*w.out, c.coding(w.out, g.codedOut), g.outputs*w.out, o)
	if g.rows != nil {
		c.respill(g.rows, o)
	}
	if g.addCycles > 0 {
		// The layer's own result is written to memory and read again by the addition.
		bits := unit.Bits(g.outputs * w.out)
		again := &o.ports[c.home(outputs)]
		again.Write += bits
		again.Read += bits
		o.sram.Outputs.Write += bits
		o.sram.Outputs.Read += bits
	}
}

// inward moves an operand from DRAM through its memories into the array: fetch bits enter its
// home in whole bursts, of which a share coded crosses the DRAM's bus, pass bits go on from each
// memory to the next, and enter bits enter the array. Straight bits pass by the home.
func (c *chip) inward(op operand, fetch, coded, pass, enter, straight float64, dram, sram *Traffic, o *outcome) {
	path := c.path[op]
	dram.Read += unit.Bits(c.bursts(fetch * coded))
	fetch = c.bursts(fetch)
	write := func(m int, bits float64) {
		o.ports[m].Write += unit.Bits(bits)
		sram.Write += unit.Bits(bits)
	}
	read := func(m int, bits float64) {
		o.ports[m].Read += unit.Bits(bits)
		sram.Read += unit.Bits(bits)
	}
	write(path[0], fetch-straight)
	for i := 1; i < len(path); i++ {
		read(path[i-1], pass-straight)
		write(path[i], pass)
		straight = 0
	}
	read(path[len(path)-1], enter)
}

// straight returns the share of a layer's weights that goes from DRAM to the next memory inwards
// without a stay at home: all of them where each is needed once and the home keeps none for the next
// inference, none where each is needed twice or more.
func (c *chip) straight(t *tile) float64 {
	if !c.Memories[c.home(weights)].Transient || len(c.path[weights]) < 2 {
		return 0
	}
	return max(0, 2-t.weightReads)
}

// outward moves bits of results from the array to their home, and leave bits on to DRAM, a share coded of
// them on its bus.
func (c *chip) outward(leave, coded, bits float64, o *outcome) {
	path := c.path[outputs]
	for i := len(path) - 1; i >= 0; i-- {
		on := bits
		if i == 0 {
			on = leave
		}
		o.ports[path[i]].Write += unit.Bits(bits)
		o.ports[path[i]].Read += unit.Bits(on)
		o.sram.Outputs.Write += unit.Bits(bits)
		o.sram.Outputs.Read += unit.Bits(on)
	}
	o.dram.Outputs.Write += unit.Bits(c.bursts(leave * coded))
}

// clock works out how long each resource is busy and what of it is exposed.
func (c *chip) clock(g *geometry, w *widths, p *place, k *work, o *outcome) {
	stream, fill := k.stream*o.tile.streamScale(g), k.fill*o.tile.folds/g.tiles[0].folds
	if fill > 0 && c.hidesLoads() {
		fill += float64(c.array.Load(c.Array.Dataflow)) // the first load has nothing to hide behind
	}
	array := stream + fill
	vector := g.vectorCycles
	port := 0.0
	for m := range c.capacity {
		port = max(port, float64(o.ports[m].Total())/c.portRate[m])
	}
	busy := max(array, vector, port) + g.addCycles

	var overlapped, serial float64
	add := func(op operand, bits float64) {
		if c.overlaps[op] {
			overlapped += bits / c.dramRate
		} else {
			serial += bits / c.dramRate
		}
	}
	add(weights, float64(o.dram.Weights.Read+o.dram.Metadata.Read))
	add(inputs, float64(o.dram.Inputs.Read+o.dram.Residual.Read))
	add(outputs, float64(o.dram.Outputs.Write))
	ends := 0.0
	if c.overlaps[weights] && g.weights > 0 {
		ends += (1 - p.weights) * g.weightTile * w.weight
	}
	if c.overlaps[inputs] {
		ends += (1 - p.in) * min(g.firstInputs, g.inputs) * w.in * c.coding(w.in, g.codedIn)
	}
	if c.overlaps[outputs] {
		ends += (1 - p.out) * g.lastOutputs * w.out * c.coding(w.out, g.codedOut)
	}
	ends /= c.dramRate

	first, starts := c.start(o)
	o.busy = TimeParts{
		Compute: Clocks(stream), ArrayFill: Clocks(fill), Vector: Clocks(vector + g.addCycles), Port: Clocks(port),
		DRAM:  Clocks(first + overlapped + serial),
		Setup: Clocks(float64(c.Host.LayerSetup) + starts),
	}
	o.time = TimeParts{
		Compute: Clocks(stream), ArrayFill: Clocks(fill),
		Vector: Clocks(max(0, vector-array) + g.addCycles),
		Port:   Clocks(max(0, port-max(array, vector))),
		DRAM:   Clocks(first + max(ends, overlapped-busy) + serial),
		Setup:  o.busy.Setup,
	}
}

// streamScale returns how much longer operands stream through the array than at the largest tile.
func (t *tile) streamScale(g *geometry) float64 { return t.stream / g.tiles[0].stream }

// start returns the cycles from the start of the step's reads to their first data: the first
// access, and the set-up of transfers. One transfer, of chained descriptors, carries an operand for
// the whole step. Transfers start together as far as there are channels; writes start while the
// step runs. A transfer of less than a burst counts in proportion, for the sake of continuity.
func (c *chip) start(o *outcome) (first, setup float64) {
	var longest, sum float64
	for _, bits := range [...]float64{
		float64(o.dram.Weights.Read + o.dram.Metadata.Read), float64(o.dram.Inputs.Read), float64(o.dram.Residual.Read),
	} {
		started := min(1, bits/c.burst)
		longest, sum = max(longest, started), sum+started
	}
	return longest * c.firstWord, float64(c.DMA.Setup) * max(longest, sum/float64(max(1, c.DMA.Channels)))
}

// offChip sets what moving data from and to DRAM takes.
func (e *EnergyParts) offChip(t Traffic, d *accel.DRAM) {
	e.DRAMRead = unit.Picojoule(float64(t.Read) * float64(d.Read))
	e.DRAMWrite = unit.Picojoule(float64(t.Write) * float64(d.Write))
	e.DRAMActivate = unit.Picojoule(float64(t.Total()) * float64(d.ActivatePerBit()))
}

// energy prices what move and clock counted.
func (c *chip) energy(g *geometry, k *work, o *outcome) {
	e := &o.energy
	e.MAC = unit.Picojoule(k.mac)
	e.Accumulator = unit.Picojoule(k.sums * float64(c.Array.Accumulator.Width) * float64(c.Array.Accumulator.Energy))
	for m, t := range o.ports[:len(c.capacity)] {
		e.Memories[m] = unit.Picojoule(float64(t.Read)*float64(c.Memories[m].Read) + float64(t.Write)*float64(c.Memories[m].Write))
	}
	e.offChip(o.dram.Total(), &c.DRAM)
	e.Vector = unit.Picojoule(g.vectorOps * float64(c.Vector.Energy))
	e.Host = c.power(c.Host.Power, Clocks(c.Host.LayerSetup))
	t := o.time.Total()
	e.DRAMBackground = c.power(c.DRAM.Background, t)
	e.Leakage = c.power(c.Technology.Leakage, t)
	e.Running = c.power(c.Technology.Running, t)
}
