package sim

import (
	"math"

	"dse/accel"
)

// What a step moves and computes in all was decided when it was priced. Here it is dealt out. Each
// tile has a demand for each quantity, and gets the whole number between two rounded running sums of
// these demands, scaled to the step's total. So tiles always add up to the step.
//
// A tile's share of a map is its share of the output positions; halos are spread evenly. Shares that
// are on chip beforehand are missing from every tile alike. Where the model has a tile between two
// sizes (see fitting), the map is cut into equal tiles, as many as the next whole number.

// quantity indexes what is dealt out.
type quantity int

const (
	dealWeights  quantity = iota // bursts; of these, dealWeightsHeld are kept
	dealMetadata                 // bursts
	dealInputs                   // bursts; of these, dealInputsHeld are kept
	dealResidual                 // bursts
	dealOutputs                  // bursts
	dealWeightsHeld
	dealInputsHeld
	dealStream                               // cycles
	dealFill                                 // cycles
	dealVector                               // cycles
	dealEnter                                // bits, one entry for each flow
	dealPass   = dealEnter + quantity(Flows) // bits, one entry for each flow
	quantities = dealPass + quantity(Flows)
)

// walkUnit is a column tile.
type walkUnit struct {
	channels     float64 // share of the layer's output channels
	groups       float64 // groups of the convolution that it holds, at least in part
	stream, fill float64 // work of the array, relative to that of other column tiles
	passes       int64   // of the array for one output tile
	reads        float64 // how often it has a streamed input read
	first        bool    // of its block
	block        float64 // share of the layer's inputs that its block reads
	round        int     // weights outer
}

// walkPlan says how a step is walked through.
type walkPlan struct {
	order     Order
	rounds    int
	positions []float64 // share of each output tile in the map
	units     []walkUnit
	perBlock  int // column tiles per block

	// What fetch decided.
	inputs, again           float64 // bits of one reading of all, and of one pass that fetches halos again
	heldInputs, heldWeights float64 // shares kept, see Mapping
	heldRow                 float64 // weights outer: share of a row of tiles that is kept for the column tiles of a round
	keepsInputs             bool    // what is kept takes space of its own
	weightReads             float64 // by one pass over the map
	folds                   float64 // of the array's pixel dimension, over the map

	total [quantities]int64
	sum   [quantities]float64 // of demands
}

// newWalkPlan plans the walk through step i, which was just priced.
func (s *Simulator) newWalkPlan(st *state, i int) walkPlan {
	c, k, w, o := s.chip, &s.steps[i], &st.widths[i], &st.out
	t, f := &o.tile, &o.fetched
	p := walkPlan{
		order: f.order, positions: positions(k.geometry, t),
		inputs: k.inputs * w.in, again: t.streamed * w.in,
		heldInputs: f.heldInputs, heldWeights: f.heldWeights, keepsInputs: f.inputSpace > 0,
		weightReads: t.weightReads, folds: t.folds, rounds: f.rounds,
	}
	if p.order == WeightsOuter {
		free := st.plan.steps[i].free
		p.heldRow, _ = free.take(inputs, k.rowGroups[len(k.rowGroups)-1].inputs*w.in*c.copies[inputs])
	}
	p.cutUnits(c, k.geometry, st.units[i])

	whole := func(v float64) int64 { return int64(math.Round(v)) }
	hidden := 0.0
	if c.hidesLoads() && o.busy.ArrayFill > 0 {
		hidden = float64(c.array.Load(c.Array.Dataflow))
	}
	p.total = [quantities]int64{
		dealWeights: c.wholeBursts(float64(o.dram.Weights.Read)), dealMetadata: c.wholeBursts(float64(o.dram.Metadata.Read)),
		dealInputs: c.wholeBursts(float64(o.dram.Inputs.Read)), dealResidual: c.wholeBursts(float64(o.dram.Residual.Read)),
		dealOutputs: c.wholeBursts(float64(o.dram.Outputs.Write)),
		dealStream:  whole(float64(o.busy.Compute)), dealFill: whole(float64(o.busy.ArrayFill) - hidden),
		dealVector: whole(float64(o.busy.Vector) - k.addCycles),
	}
	// A memory of a path writes what comes from DRAM, the others what is passed on; all but the last
	// read what they pass on, and the last what enters the array. Results go the other way, and are
	// written once more where an addition follows.
	weightReads, weightWrites := o.sram.Weights.Read+o.sram.Metadata.Read, o.sram.Weights.Write+o.sram.Metadata.Write
	for flow, d := range [Flows]struct{ read, write, fetched float64 }{
		WeightFlow:   {float64(weightReads), float64(weightWrites), float64(o.dram.Weights.Read + o.dram.Metadata.Read)},
		InputFlow:    {float64(o.sram.Inputs.Read), float64(o.sram.Inputs.Write), float64(o.dram.Inputs.Read)},
		ResidualFlow: {float64(o.sram.Residual.Read), float64(o.sram.Residual.Write), float64(o.dram.Residual.Read)},
	} {
		passed := d.write - d.fetched // by all memories of the path together
		p.total[dealEnter+quantity(flow)] = whole(d.read - passed)
		if hops := len(c.path[operandOf[flow]]) - 1; hops > 0 {
			p.total[dealPass+quantity(flow)] = whole(passed / float64(hops))
		}
	}
	levels, again := float64(len(c.path[outputs])), 0.0
	if k.addCycles > 0 {
		again = k.outputs * w.out
	}
	p.total[dealEnter+quantity(OutputFlow)] = whole((float64(o.sram.Outputs.Write) - again) / levels)
	if levels > 1 {
		p.total[dealPass+quantity(OutputFlow)] = p.total[dealEnter+quantity(OutputFlow)]
	}
	p.measure()
	return p
}

// measure sums the demands of all tiles.
func (p *walkPlan) measure() {
	w := Walk{plan: p}
	for w.advance() {
		d := w.demand()
		for q := range d {
			p.sum[q] += d[q]
		}
	}
	for q, total := range p.total {
		if total > 0 && p.sum[q] == 0 {
			panic("sim: a step moves or computes something that none of its tiles asks for")
		}
	}
	for _, q := range [...]struct{ held, of quantity }{{dealWeightsHeld, dealWeights}, {dealInputsHeld, dealInputs}} {
		if p.sum[q.of] > 0 {
			p.total[q.held] = int64(float64(p.total[q.of]) * p.sum[q.held] / p.sum[q.of])
		}
	}
}

// positions returns the share of each output tile in the map, in the order in which they are
// computed.
func positions(g *geometry, t *tile) []float64 {
	out := g.layer.Out
	if n := int(math.Ceil(t.count - 1e-9)); t.rows < 1 || t.cols < 1 || n != ceilDiv(out.H, t.rows)*ceilDiv(out.W, t.cols) || float64(n) != t.count {
		equal := make([]float64, max(1, n))
		for i := range equal {
			equal[i] = 1 / float64(len(equal))
		}
		return equal
	}
	var shares []float64
	for y := 0; y < out.H; y += t.rows {
		for x := 0; x < out.W; x += t.cols {
			shares = append(shares, float64(min(t.rows, out.H-y)*min(t.cols, out.W-x))/float64(out.H*out.W))
		}
	}
	return shares
}

// cutUnits lists the column tiles. A layer of the vector unit is one column tile.
func (p *walkPlan) cutUnits(c *chip, g *geometry, widths []unitWidth) {
	p.perBlock = 1
	if len(g.units) == 0 {
		p.rounds = min(p.rounds, len(p.positions))
		p.units = []walkUnit{{channels: 1, groups: 1, passes: 1, reads: 1, first: true, block: 1}}
		return
	}
	perGroup := g.filters / g.groups
	if perGroup > c.array.Cols {
		p.perBlock = len(g.units) / g.groups
	}
	if p.order == WeightsOuter {
		p.rounds = min(p.rounds, p.perBlock)
	} else {
		p.rounds = min(p.rounds, len(p.positions))
	}
	folds := p.folds / float64(len(p.positions)) // of the array for one output tile
	if c.Array.Dataflow == accel.InputStationary {
		folds *= float64(g.reads)
	}
	p.units = make([]walkUnit, len(g.units))
	for i, u := range g.units {
		shape, cell, k := &g.shapes[u.shape], &widths[i].cell, i%p.perBlock
		groups := float64(ceilDiv(u.hi-u.lo, perGroup))
		before, after := ceilDiv(k*g.reads, p.perBlock), ceilDiv((k+1)*g.reads, p.perBlock)
		p.units[i] = walkUnit{
			channels: float64(u.hi-u.lo) / float64(g.filters), groups: groups,
			stream: shape.stream.at(cell), fill: shape.fill.at(cell),
			passes: max(1, int64(math.Round(shape.fill.at(cell)*folds))),
			reads:  float64(after - before), first: k == 0, block: groups / float64(g.groups),
		}
		if p.order == WeightsOuter {
			p.units[i].round = k * p.rounds / p.perBlock
		}
	}
}
