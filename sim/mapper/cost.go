package mapper

import "dse/accel"

// Traffic is data moved out of (Read) and into (Write) a memory, in bits.
type Traffic struct{ Read, Write float64 }

// Total returns reads and writes together.
func (t Traffic) Total() float64 { return t.Read + t.Write }

func (t *Traffic) add(u Traffic) {
	t.Read += u.Read
	t.Write += u.Write
}

// ByOperand is traffic by what is moved.
type ByOperand struct{ Weights, Inputs, Residual, Outputs, Metadata Traffic }

// Cost is what one mapping costs.
type Cost struct {
	Cycles float64 // from the start of the layer to its end
	// Resources, each for itself, in cycles.
	Stream, Fill float64 // the array: operands stream, the wave fills and drains
	Vector       float64 // the vector unit
	Port         float64 // the busiest memory port
	DRAM         float64 // transfers with their set-up
	First, Last  float64 // fetch of the first tiles, writing of the last one
	Setup        float64 // layer and first transfer

	Energy float64 // pJ

	// Bits that cross the DRAM interface, in whole bursts, and those that on-chip memories move.
	OffChip, OnChip ByOperand
	Ports           [maxMemories]Traffic
	Transfers       [operands]float64 // between DRAM and the homes
	Sums            float64           // accesses of partial sums to the accumulators
	Occupied        [maxMemories]float64
}

// Bits returns all bits that cross the DRAM interface.
func (c *Cost) Bits() float64 {
	b := &c.OffChip
	return b.Weights.Total() + b.Metadata.Total() + b.Inputs.Total() + b.Residual.Total() + b.Outputs.Total()
}

// evaluator prices mappings of one problem. It allocates nothing once made.
type evaluator struct {
	m *Machine
	p *Problem

	role      *[operands][dims]uint8
	taps      float64
	groups    float64
	fill      float64   // cycles of one pass beyond its stream
	firstLoad float64   // cycles of the first load of weights, when the others are hidden
	share     []float64 // by mode: share of the channels
	passes    []float64 // by mode: passes for all groups over passes for one
	mac       float64   // pJ of all MACs
	weights   float64   // elements
	outputs   float64   // elements
	touched   float64   // input elements that some output reads
	patches   float64   // inputs of one channel that enter the array in one pass over the map
}

func newEvaluator(m *Machine, p *Problem) *evaluator {
	l := &p.Layer
	e := &evaluator{m: m, p: p, role: &roles[0], taps: float64(l.taps()), groups: float64(l.Groups), outputs: p.outputs()}
	if l.Depthwise {
		e.role = &roles[1]
	}
	e.weights = e.groups * float64(l.K*l.C) * e.taps
	e.fill, e.firstLoad = m.fill()
	per := l.MACs() / int64(l.filters()*l.Groups)
	for _, s := range p.Modes {
		e.share = append(e.share, float64(s.Channels)/float64(l.filters()*l.Groups))
		side := 1
		if !l.Depthwise && l.Groups > 1 {
			length := l.C
			if m.accel.Array.Reduction == accel.ReduceWindow {
				length *= l.taps()
			}
			side = max(1, min(m.reductionRows(l, s.Mode)/length, m.accel.Array.Cols/max(1, l.K)))
		}
		e.passes = append(e.passes, float64(ceilDiv(l.Groups, side)))
		e.mac += float64(s.Channels) * float64(per) * float64(s.Mode.Energy)
	}
	_, rows := l.Rows.read(0, l.Rows.Out)
	_, cols := l.Cols.read(0, l.Cols.Out)
	e.touched = e.groups * float64(l.C*rows*cols)
	e.patches = l.Rows.patched(m.accel.Array.Positions.Height) * l.Cols.patched(m.accel.Array.Positions.Width)
	return e
}

// cut tabulates dimension d cut by step.
func (e *evaluator) cut(d Dim, step int) cut {
	l, a := &e.p.Layer, &e.m.accel.Array
	switch d {
	case K:
		c := newCut(l.K, step, nil)
		c.blocks = float64(c.full*ceilDiv(step, a.Cols) + ceilDiv(c.rest, a.Cols))
		return c
	case C:
		c := newCut(l.C, step, nil)
		for _, s := range e.p.Modes {
			if l.Depthwise {
				side := e.m.together(l, s.Mode)
				steps := e.m.steps(l, 1, s.Mode)
				c.folds = append(c.folds, float64(steps*(c.full*ceilDiv(step, side)+ceilDiv(c.rest, side))))
				c.sums = append(c.sums, float64(steps))
				continue
			}
			c.folds = append(c.folds, float64(c.full*e.m.steps(l, step, s.Mode)+e.m.steps(l, c.rest, s.Mode)))
			c.sums = c.folds
		}
		return c
	case Q:
		c := newCut(l.Rows.Out, step, &l.Rows)
		c.steps = c.positionSteps(a.Positions.Height)
		return c
	}
	c := newCut(l.Cols.Out, step, &l.Cols)
	c.steps = c.positionSteps(a.Positions.Width)
	return c
}

// positionSteps returns the steps of at most size positions that cover all pieces.
func (c *cut) positionSteps(size int) float64 {
	size = max(1, size)
	return float64(c.full*ceilDiv(c.step, size) + ceilDiv(c.rest, size))
}

// occupy works out the space of the tiles and says whether it is there.
func (e *evaluator) occupy(cuts *[dims]*cut, space *[maxMemories]float64) bool {
	m, w := e.m, &e.p.Widths
	*space = e.p.Reserved
	tile := float64(cuts[K].step*cuts[C].step) * e.taps * w.Weight
	meta := w.Metadata
	if n := cuts[K].n * cuts[C].n; n > 1 {
		tile *= m.copies[weights]
		meta *= min(1, m.copies[weights]/float64(n))
	}
	space[m.home(weights)] += tile + meta
	tile = float64(cuts[C].step) * cuts[Q].most * cuts[P].most * w.Input
	if cuts[C].n*cuts[Q].n*cuts[P].n > 1 {
		tile *= m.copies[inputs]
	}
	space[m.home(inputs)] += tile
	out := w.Output
	channels := e.channels(cuts)
	if !e.p.Layer.Depthwise && cuts[C].n > 1 {
		out = max(out, w.Partial)
	}
	tile = float64(channels.step*cuts[Q].step*cuts[P].step) * out
	if channels.n*cuts[Q].n*cuts[P].n > 1 {
		tile *= m.copies[outputs]
	}
	space[m.home(outputs)] += tile
	if w.Residual > 0 {
		space[m.home(inputs)] += tile / out * w.Residual / m.copies[outputs] * m.copies[inputs]
	}
	for i, c := range m.capacity {
		if space[i] > c {
			return false
		}
	}
	return true
}

// moved is what crosses the DRAM interface when nothing is on chip beforehand.
type moved struct {
	weights, inputs float64 // elements fetched, of all groups
	visits          float64 // tiles of outputs that are opened, in elements
	loads           [operands]float64
}

// price fills in the cost of a mapping whose tiles fit; c.Occupied is left alone.
func (e *evaluator) price(order *[dims]Dim, cuts *[dims]*cut, c *Cost) {
	t := moved{
		weights: e.groups * entered(&e.role[weights], order, cuts) * e.taps,
		inputs:  e.groups * entered(&e.role[inputs], order, cuts),
		visits:  e.groups * entered(&e.role[outputs], order, cuts),
	}
	for op := range operands {
		t.loads[op] = e.groups * loads(&e.role[op], order, cuts)
	}
	stored := 0.0
	if !e.p.Layer.Depthwise && cuts[C].n > 1 && !(innermost(order, cuts) == C && e.stays(cuts)) {
		stored = e.outputs * float64(cuts[C].n-1)
	}
	e.count(&t, stored, cuts, c)
	e.clock(cuts, c, true)
	e.energize(c)
}

// count fills in the traffic and the work of the array. Between the steps of a loop over C, again partial
// sums leave the accumulators for their home and come back.
func (e *evaluator) count(t *moved, again float64, cuts *[dims]*cut, c *Cost) {
	m, w, here := e.m, &e.p.Widths, &e.p.Present
	*c = Cost{Occupied: c.Occupied}
	ports := &c.Ports

	// What crosses the DRAM interface.
	fetchedWeights, fetchedInputs := t.weights*w.Weight, t.inputs*w.Input
	spilled := max(0, t.visits-e.outputs) // partial sums that leave the chip and come back
	leave := (1 - here.Outputs) * e.outputs * w.Output
	residual := e.outputs * w.Residual
	off := &c.OffChip
	off.Weights.Read = m.bursts((1 - here.Weights) * fetchedWeights)
	off.Metadata.Read = m.bursts((1 - here.Weights) * w.Metadata)
	off.Inputs.Read = m.bursts((1 - here.Inputs) * fetchedInputs)
	off.Residual.Read = m.bursts((1 - here.Residual) * residual)
	off.Outputs.Read = m.bursts(spilled * w.Partial)
	off.Outputs.Write = m.bursts(leave) + m.bursts(spilled*w.Partial)
	c.Transfers = [operands]float64{(1 - here.Weights) * t.loads[weights], (1 - here.Inputs) * t.loads[inputs], (1 - here.Outputs) * t.loads[outputs]}

	// The array.
	tilesQ, tilesP := cuts[Q], cuts[P]
	full := e.full(tilesQ, tilesP)
	positions := tilesQ.steps * tilesP.steps
	passes, folds := 0.0, 0.0
	for i, share := range e.share {
		passes += share * e.passes[i] * cuts[C].folds[i]
		folds += share * cuts[C].sums[i]
	}
	passes *= cuts[K].blocks
	c.Stream = passes * positions
	c.Sums = 2 * folds * e.outputs
	c.Fill = passes*full*e.fill + e.firstLoad

	// On-chip memories.
	c.Vector = e.p.VectorCycles
	on := &c.OnChip
	m.inward(weights, off.Weights.Read, fetchedWeights, e.weights*w.Weight*full, &on.Weights, ports)
	m.inward(weights, off.Metadata.Read, w.Metadata, w.Metadata, &on.Metadata, ports)
	m.inward(inputs, off.Inputs.Read, fetchedInputs, e.enter(cuts)*w.Input, &on.Inputs, ports)
	m.inward(inputs, off.Residual.Read, residual, residual, &on.Residual, ports)
	for i, at := range m.path[outputs] {
		t := Traffic{Read: again * w.Partial, Write: e.outputs*w.Output + again*w.Partial}
		if i == 0 {
			t.Read += leave + spilled*w.Partial
			t.Write += spilled * w.Partial
		} else {
			t.Read += e.outputs * w.Output
		}
		on.Outputs.add(t)
		ports[at].add(t)
	}
	for i := range m.capacity {
		c.Port = max(c.Port, ports[i].Total()/m.portRate[i])
	}
}

// innermost returns the dimension of the innermost loop with more than one step; dims if all have one.
func innermost(order *[dims]Dim, cuts *[dims]*cut) Dim {
	for i := len(order) - 1; i >= 0; i-- {
		if cuts[order[i]].n > 1 {
			return order[i]
		}
	}
	return dims
}

// full returns how often the accumulators are filled on the way through the map.
func (e *evaluator) full(q, p *cut) float64 {
	sums := e.m.sums
	n := q.full * p.full * ceilDiv(q.step*p.step, sums)
	if q.rest > 0 {
		n += p.full * ceilDiv(q.rest*p.step, sums)
	}
	if p.rest > 0 {
		n += q.full * ceilDiv(q.step*p.rest, sums)
	}
	if q.rest > 0 && p.rest > 0 {
		n += ceilDiv(q.rest*p.rest, sums)
	}
	return float64(n)
}

// stays says whether the accumulators hold all sums of a tile.
func (e *evaluator) stays(cuts *[dims]*cut) bool {
	return ceilDiv(cuts[K].step, e.m.accel.Array.Cols)*cuts[Q].step*cuts[P].step <= e.m.sums
}

// enter returns the input elements that enter the array: those under the window at every step, once for
// each column tile.
func (e *evaluator) enter(cuts *[dims]*cut) float64 {
	l := &e.p.Layer
	return e.groups * float64(l.C) * e.patches * max(1, cuts[K].blocks)
}

// inward moves an operand from DRAM through its memories into the array: fetch bits enter its home, pass
// bits go on from each memory to the next, enter bits enter the array.
func (m *Machine) inward(op operand, fetch, pass, enter float64, sum *Traffic, ports *[maxMemories]Traffic) {
	path := m.path[op]
	for i, at := range path {
		t := Traffic{Read: pass, Write: pass}
		if i == 0 {
			t.Write = fetch
		}
		if i == len(path)-1 {
			t.Read = enter
		}
		sum.add(t)
		ports[at].add(t)
	}
}

// clock combines the resources; the first fetch and the last writing count only if ends does.
func (e *evaluator) clock(cuts *[dims]*cut, c *Cost, ends bool) {
	m := e.m
	setup := float64(m.accel.DMA.Setup) / float64(max(1, m.accel.DMA.Channels))
	var overlapped, serial float64
	off := &c.OffChip
	for op, bits := range [operands]float64{
		off.Weights.Read + off.Metadata.Read, off.Inputs.Read + off.Residual.Read, off.Outputs.Total(),
	} {
		// The first transfer of an operand starts the layer, see Setup.
		d := bits/m.dramRate + setup*max(0, c.Transfers[op]-1)
		if m.overlaps(operand(op)) {
			overlapped += d
		} else {
			serial += d
		}
	}
	if ends {
		e.ends(cuts, c)
	}
	started := min(1, off.Weights.Read+off.Metadata.Read+off.Inputs.Read+off.Residual.Read)
	c.Setup = float64(m.accel.Host.LayerSetup) + started*(float64(m.accel.DMA.Setup)+m.firstWord)
	c.DRAM = overlapped + serial
	c.Cycles = c.Setup + serial + max(c.First+max(c.Stream+c.Fill, c.Vector, c.Port)+c.Last, overlapped)
}

// ends works out the fetch of the first tiles and the writing of the last one. Between memories that are
// not double-buffered nothing is done early.
func (e *evaluator) ends(cuts *[dims]*cut, c *Cost) {
	m, w, here := e.m, &e.p.Widths, &e.p.Present
	if m.overlaps(weights) {
		c.First += (1 - here.Weights) * float64(cuts[K].step*cuts[C].step) * e.taps * w.Weight
	}
	if m.overlaps(inputs) {
		c.First += (1 - here.Inputs) * float64(cuts[C].step) * cuts[Q].as[window].first * cuts[P].as[window].first * w.Input
	}
	if m.overlaps(outputs) {
		c.Last = (1 - here.Outputs) * float64(e.channels(cuts).last*cuts[Q].last*cuts[P].last) * w.Output
	}
	c.First /= m.dramRate
	c.Last /= m.dramRate
}

// channels returns the cut of the output channels.
func (e *evaluator) channels(cuts *[dims]*cut) *cut {
	if e.p.Layer.Depthwise {
		return cuts[C]
	}
	return cuts[K]
}

// energize prices what was counted.
func (e *evaluator) energize(c *Cost) {
	a := e.m.accel
	c.Energy = e.mac + c.Sums*float64(a.Array.Accumulator.Width)*float64(a.Array.Accumulator.Energy)
	for i := range e.m.capacity {
		c.Energy += c.Ports[i].Read*float64(a.Memories[i].Read) + c.Ports[i].Write*float64(a.Memories[i].Write)
	}
	read := c.Bits() - c.OffChip.Outputs.Write
	c.Energy += read*float64(a.DRAM.Read) + c.OffChip.Outputs.Write*float64(a.DRAM.Write) + c.Bits()*e.m.activate
	c.Energy += e.p.VectorOps * float64(a.Vector.Energy)
	c.Energy += e.m.power(a.DRAM.Background+a.Technology.Leakage+a.Technology.Running, c.Cycles) + e.m.power(a.Host.Power, float64(a.Host.LayerSetup))
}
