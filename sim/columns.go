package sim

import (
	"math"

	"dse/accel"
)

// unitShape is a column tile's work at each pair of whole widths, per unit of the layer's factors
// (streamFactor, fillFactor).
type unitShape struct {
	channels           int
	stream, fill, sums grid
}

// newUnitShape tabulates a column tile.
//
// A mode with throughput t does t reduction steps per PE and cycle, so that the array acts as one
// with t times the rows. Groups of a convolution whose windows are short lie beside one another on
// the diagonal: g groups take g windows of rows and g times perGroup columns, and the blocks off the
// diagonal idle. For depthwise layers that leaves one column in g busy per row.
func newUnitShape(c *chip, g *geometry, channels, perGroup int) unitShape {
	groupsHere := ceilDiv(channels, perGroup)
	folds := func(m accel.Mode) float64 { return reductionSteps(c, g, m) }
	shape := unitShape{channels: channels}
	switch c.Array.Dataflow {
	case accel.WeightStationary, accel.Unrolled:
		passes := func(m accel.Mode) float64 {
			side := max(1, min(reductionRows(c, m)/reductionLength(c, g), c.array.Cols/perGroup))
			if ownLanes(c, g) {
				side = groupsHere
			}
			return float64(ceilDiv(groupsHere, side)) * folds(m) * c.packedColumns(g, channels)
		}
		shape.stream, shape.fill = newGrid(g.modes, passes), newGrid(g.modes, passes)
		shape.sums = newGrid(g.modes, func(m accel.Mode) float64 { return 2 * folds(m) * float64(channels) })
	case accel.OutputStationary:
		shape.stream = newGrid(g.modes, func(m accel.Mode) float64 {
			return float64(groupsHere) * math.Ceil(float64(g.window)/m.Throughput)
		})
		shape.fill = newGrid(g.modes, func(accel.Mode) float64 { return float64(groupsHere) })
		shape.sums = newGrid(g.modes, func(accel.Mode) float64 { return float64(channels) })
	case accel.InputStationary:
		shape.stream = newGrid(g.modes, func(m accel.Mode) float64 { return float64(channels) * folds(m) })
		shape.fill = newGrid(g.modes, func(m accel.Mode) float64 {
			return float64(channels) / float64(perGroup) * folds(m)
		})
		shape.sums = newGrid(g.modes, func(m accel.Mode) float64 { return 2 * folds(m) * float64(channels) })
	}
	return shape
}

// reductionLength returns how many rows a group of the convolution takes: its window, or its input
// channels where taps follow in time.
func reductionLength(c *chip, g *geometry) int {
	if c.Array.Reduction == accel.ReduceChannels {
		return g.window / g.taps
	}
	return g.window
}

// ownLanes says whether each column has activations of its own in the layer.
func ownLanes(c *chip, g *geometry) bool {
	return c.Array.Dataflow == accel.Unrolled && c.Array.DepthwiseLanes > 0 && g.layer.Depthwise()
}

// reductionSteps returns in how many cycles the window is summed in mode m: in whole steps of
// accel.Array.StepCycles, each of which takes as many times more channels of one tap, or as many taps.
// Where free rows take other work, time is in proportion.
func reductionSteps(c *chip, g *geometry, m accel.Mode) float64 {
	step := max(1, int(c.Array.StepCycles))
	if ownLanes(c, g) {
		lanes := max(1, int(math.Floor(float64(c.Array.DepthwiseLanes)*m.Throughput)))
		return float64(step * ceilDiv(g.window, step*lanes))
	}
	length, rows := reductionLength(c, g), reductionRows(c, m)
	taps := g.window / length
	if c.winograd(g.layer) {
		taps = winogradTaps
	}
	if c.packed(g) {
		return float64(taps) * c.packedRows(g.layer, m)
	}
	return float64(step * min(taps*ceilDiv(length, step*rows), ceilDiv(taps, step)*ceilDiv(length, rows)))
}

// reductionRows returns the reduction steps that one column does per cycle in mode m.
func reductionRows(c *chip, m accel.Mode) int {
	return max(1, int(math.Floor(float64(c.array.Rows)*m.Throughput)))
}

// streamFactor converts the sum of unitShape.stream over column tiles to cycles at the largest tile.
func (g *geometry) streamFactor() float64 { return g.tiles[0].stream }

// fillFactor converts the sum of unitShape.fill over column tiles to cycles at the largest tile.
func (g *geometry) fillFactor(c *chip) float64 {
	if g.rows != nil {
		return 1
	}
	cycles := c.array.Skew()
	switch {
	case c.Array.Dataflow == accel.Unrolled:
		cycles = int(c.Array.FoldOverhead)
	case !c.hidesLoads():
		cycles += c.array.Load(c.Array.Dataflow)
	}
	folds := g.tiles[0].folds * float64(cycles)
	if c.Array.Dataflow == accel.InputStationary {
		folds *= float64(g.reads)
	}
	return folds
}
