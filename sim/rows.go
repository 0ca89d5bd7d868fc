package sim

import (
	"fmt"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim/rowstationary"
)

// rows is what a row-stationary array does in a step, for one image of its batch.
type rows struct {
	cost   rowstationary.Cost
	images float64 // of the batch
	// respilled is the partial sums that return to the array for their next channels: written and read
	// once more than the results.
	respilled float64
}

// layRows maps a layer on a row-stationary array. The mapping is made at the native width and kept at all
// widths: narrower operands move fewer bits and fit all the more.
func (g *geometry) layRows(c *chip, n *models.Network, s sliding) error {
	p := &c.Array.RowStationary
	at := c.serves(inputs)
	if c.serves(outputs) != at {
		return fmt.Errorf("accelerator %s: a row-stationary array keeps inputs and partial sums in one memory, but %s serves inputs and %s outputs",
			c.Name, c.Memories[at].Name, c.Memories[c.serves(outputs)].Name)
	}
	a := rowstationary.Array{
		Rows: c.array.Rows, Cols: c.array.Cols, FilterWords: p.FilterWords, InputWords: p.InputWords, SumWords: p.SumWords,
		Buffer: c.capacity[at] / c.buffers[inputs], InputWidth: float64(g.modes.maxActivation), SumWidth: float64(p.SumWidth),
		InputBus: float64(p.InputBus), Port: c.portRate[at], Coding: c.coding(float64(g.modes.maxActivation), codedShare(n, g.layer.Inputs[0])),
	}
	out := g.index
	if g.add >= 0 {
		out = g.add
		a.Buffer -= float64(s.out.W) * a.InputWidth // a row of the tensor that is added
	}
	if n.ActivationSiteOf(out) < 0 {
		a.SumWidth = max(a.SumWidth, float64(models.ResultWidth))
	}
	l := rowstationary.Layer{
		Images: p.Batch, Channels: s.channels / g.groups, Filters: g.filters / g.groups, Groups: g.groups,
		Rows: rowAxis(s.rows, s.out.H), Cols: rowAxis(s.cols, s.out.W),
	}
	cost, err := rowstationary.Choose(&l, &a)
	if err != nil {
		return fmt.Errorf("layer %s does not fit on %s: %w; enlarge memory %s", g.layer.Name, c.Name, err, c.Memories[at].Name)
	}
	images := float64(p.Batch)
	g.rows = &rows{cost, images, cost.Sums/images - g.outputs}
	g.cutPasses(c, &a, s)
	return nil
}

func rowAxis(a axis, out int) rowstationary.Axis {
	return rowstationary.Axis{In: a.in, Out: out, Kernel: a.kernel, Stride: a.stride, Pad: a.pad, Dilation: a.dilation, Up: a.up}
}

// cutPasses fills in what the rest of the model knows of tiles: the one tile is a strip of output rows, and
// all filters change width together.
func (g *geometry) cutPasses(c *chip, a *rowstationary.Array, s sliding) {
	r, m := g.rows, &g.rows.cost.Mapping
	g.prices(c, 1)
	g.units = []columns{{0, g.filters, 0}}
	perImage := 1 / r.images
	g.shapes = []unitShape{{
		channels: g.filters,
		stream:   newGrid(g.modes, func(m accel.Mode) float64 { return r.cost.Cycles(a, m.Throughput, 1) * perImage }),
		fill: newGrid(g.modes, func(accel.Mode) float64 {
			return r.cost.Passes * perImage * float64(c.Array.RowStationary.PassOverhead)
		}),
		// A PE reads and writes its sum for each product.
		sums: newGrid(g.modes, func(accel.Mode) float64 { return 2 * float64(g.window*g.filters) }),
	}}
	reads := r.cost.Filters * perImage / float64(g.layer.WeightElements())
	g.tiles = []tile{{
		rows: m.E, cols: s.out.W, count: float64(r.cost.Strips), folds: reads, stream: 1, weightReads: reads,
		weights: float64(m.P * m.Q * r.cost.PieceCols),
		inputs:  r.cost.Buffered, outputs: r.cost.Waiting, residual: float64(s.out.W),
		streamed: r.cost.Fetched * perImage,
	}}
	g.reads = 1
	g.weightTile = g.tiles[0].weights
	g.arrayInputs = r.cost.Inputs * perImage
	g.tileInputs, g.tileOutputs, g.described = m.Q*m.R, m.P*m.T, m.P
}

// fetchRows returns what the passes read from DRAM: the mapping says it, whatever is free.
func (g *geometry) fetchRows(inBits, weightBits float64) fetched {
	return fetched{
		order: InputsOuter, rounds: g.rows.cost.Strips,
		inputs: g.tiles[0].streamed * inBits, weights: g.weights * g.tiles[0].weightReads * weightBits,
	}
}

// respill counts the traffic of partial sums that are not complete yet.
func (c *chip) respill(r *rows, o *outcome) {
	bits := unit.Bits(r.respilled * float64(c.Array.RowStationary.SumWidth))
	t := &o.ports[c.serves(outputs)]
	for _, moved := range []*Traffic{t, &o.sram.Outputs} {
		moved.Read += bits
		moved.Write += bits
	}
}
