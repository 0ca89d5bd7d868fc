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
	folds := func(m accel.Mode) float64 { return float64(ceilDiv(g.window, reductionRows(c, m))) }
	shape := unitShape{channels: channels}
	switch c.Array.Dataflow {
	case accel.WeightStationary:
		passes := func(m accel.Mode) float64 {
			side := max(1, min(reductionRows(c, m)/g.window, c.array.Cols/perGroup))
			return float64(ceilDiv(groupsHere, side)) * folds(m)
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

// reductionRows returns the reduction steps that one column does per cycle in mode m.
func reductionRows(c *chip, m accel.Mode) int {
	return max(1, int(math.Floor(float64(c.array.Rows)*m.Throughput)))
}

// streamFactor converts the sum of unitShape.stream over column tiles to cycles at the largest tile.
func (g *geometry) streamFactor() float64 {
	if g.streamPerFold {
		return g.tiles[0].folds
	}
	return float64(g.pixels)
}

// fillFactor converts the sum of unitShape.fill over column tiles to cycles at the largest tile.
func (g *geometry) fillFactor(c *chip) float64 {
	cycles := c.array.Skew()
	if !c.hidesLoads() {
		cycles += c.array.Load(c.Array.Dataflow)
	}
	folds := g.tiles[0].folds * float64(cycles)
	if c.Array.Dataflow == accel.InputStationary {
		folds *= float64(g.reads)
	}
	return folds
}
