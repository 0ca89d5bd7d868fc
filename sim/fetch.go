package sim

import "math"

// fetched is what a step reads from DRAM when none of its operands is there beforehand.
type fetched struct {
	inputs, weights float64 // bits
	order           Order
	rounds          int
	// shares kept on chip, see Mapping
	heldInputs, heldWeights float64
	// space taken by what is kept, in bits
	inputSpace, weightSpace float64
}

// room is what the homes of inputs and weights can spare for reuse, in bits. Shared homes draw on
// one amount, given as both.
type room struct {
	inputs, weights float64
	shared          bool
}

// take uses at most need bits for an operand, weights or inputs, and returns the share covered.
func (r *room) take(op operand, need float64) (share, used float64) {
	have := &r.inputs
	if op == weights {
		have = &r.weights
	}
	share = 1
	if *have < need {
		share = max(0, *have) / need
	}
	used = share * need
	*have -= used
	if r.shared {
		r.inputs, r.weights = *have, *have
	}
	return share, used
}

// fetch chooses the order of tiles with the least traffic from DRAM.
//
// Results are written once in any order, and cycles on the array do not depend on it. So mappings
// differ only in what they read: each bit costs the same time and the same energy, and the least
// traffic, in whole bursts, is best on both counts, whatever the bandwidth. Were that not so, more of
// some resource could make the faster choice the dearer one. (It is not quite so where the homes
// of weights and inputs differ in energy per bit, or in ports so narrow that they bind.)
//
// The compulsory traffic is one reading of each operand, I and W. Without reuse, one pass over the
// output map for each column tile fetches H input bits, which is I with the halos of tiles, and each
// of its weights t.weightReads times.
//
//   - InputsOuter in n rounds of tile rows streams the weights n times. Space goes first to the
//     round's inputs, of which a share h is kept between column tiles, then to weights, of which a
//     share f is kept between rounds:
//
//     inputs = h*I + (1-h)*reads*H,  weights = W*(f + (1-f)*n*weightReads)
//
//   - WeightsOuter in n rounds of column tiles streams the inputs n times. Space goes first to one
//     row of tiles of inputs (share x), then to the round's weights (share v), then to inputs kept
//     between rounds (share h):
//
//     inputs = x*I*(h + (1-h)*n) + (1-x)*reads*H,  weights = W*(v + (1-v)*folds)
//
// What is replaced from round to round takes twice its size in a double-buffered home. Shares are
// real numbers: part of a tile can be kept. pi and pw weigh the operands by the share of them that
// is not on chip beforehand.
func (c *chip) fetch(g *geometry, t *tile, inBits, weightBits float64, free room, pi, pw float64) fetched {
	in, w := g.inputs*inBits, g.weights*weightBits
	again := t.streamed * inBits * float64(g.reads)
	least := c.bursts(pi*in) + c.bursts(pw*w)
	var best fetched
	most := math.Inf(1)
	for _, r := range g.rowGroups {
		f := fetched{order: InputsOuter, rounds: r.rounds, inputs: in, weights: w, heldInputs: 1}
		left := free
		if again > in {
			need := r.inputs * inBits
			if r.rounds > 1 {
				need *= c.copies[inputs]
			}
			f.heldInputs, f.inputSpace = left.take(inputs, need)
			f.inputs = f.heldInputs*in + (1-f.heldInputs)*again
		}
		if n := float64(r.rounds) * t.weightReads; n > 1 {
			f.heldWeights, f.weightSpace = left.take(weights, w)
			f.weights = w * (f.heldWeights + (1-f.heldWeights)*n)
		}
		if bits := c.bursts(pi*f.inputs) + c.bursts(pw*f.weights); bits < most {
			best, most = f, bits
		}
		if most <= least {
			return best
		}
	}
	row := g.rowGroups[len(g.rowGroups)-1].inputs * inBits * c.copies[inputs]
	for _, n := range g.channelGroups {
		if n == 1 || n == g.reads {
			continue // one round is InputsOuter with all weights kept; a round per read keeps none
		}
		f := fetched{order: WeightsOuter, rounds: n}
		left := free
		x, rowSpace := left.take(inputs, row)
		f.heldWeights, f.weightSpace = left.take(weights, w/float64(n)*c.copies[weights])
		f.weights = w * (f.heldWeights + (1-f.heldWeights)*t.folds)
		f.heldInputs, f.inputSpace = left.take(inputs, in)
		f.inputs = x*in*(f.heldInputs+(1-f.heldInputs)*float64(n)) + (1-x)*again
		f.inputSpace += rowSpace
		if bits := c.bursts(pi*f.inputs) + c.bursts(pw*f.weights); bits < most {
			best, most = f, bits
		}
	}
	return best
}

// reuse returns the space in the homes of inputs and weights with which fetch is sure to reach the
// compulsory traffic: for all inputs of the layer, or for all weights and a row of tiles.
//
// If one memory does everything, the smaller sum counts, and nothing is needed where the largest
// tile streams each operand once. With several memories the tile may be smaller than that although
// the homes have room, so both operands are always provided for; weights are relied on if they fit at
// any width, so that the choice does not jump while widths are learned.
func (c *chip) reuse(g *geometry, inBits, weightBits float64) (inputSpace, weightSpace float64) {
	if g.rows != nil {
		return 0, 0 // the mapping decided
	}
	in, w := g.inputs*inBits, g.weights*weightBits
	row := in
	if len(g.rowGroups) > 1 {
		row = min(in, g.rowGroups[len(g.rowGroups)-1].inputs*inBits*c.copies[inputs])
	}
	switch {
	case c.single && g.tiles[0].streamed*float64(g.reads) <= g.inputs:
		return 0, 0
	case c.single && (len(g.rowGroups) == 1 || in <= row+w):
		return in, 0
	case c.shared:
		return row, w
	}
	widest := stored(float64(g.modes.maxWeight), c.pow2[weights]) * g.growth
	if (g.weights+c.buffers[weights]*g.tiles[0].weights)*widest > c.capacity[c.home(weights)] {
		row = in
	}
	return row, w
}
