package sim

import (
	"cmp"
	"slices"

	"dse/accel"
	"dse/models"
)

// unitWidth is the width that decides the mode of one column tile.
type unitWidth struct {
	width float64
	// cell of width and the input's width in the tables of unitShape.
	cell cell
}

// channelRun is a number of neighbouring output channels of one slice.
type channelRun struct {
	slice, channels int
	width           float64
}

// cutWidths finds the width of every column tile.
//
// A tile runs at the widest of its channels, or of the layer's where that is the change unit.
// Where the unit is a channel, channels are first put in order of width, so that tiles hold channels
// of like widths; the columns of a tile still run in step, but each spends energy at its own width.
func (c *chip) cutWidths(g *geometry, site models.WeightSite, w *models.SlicedWidths, units []unitWidth, runs []channelRun) []channelRun {
	runs = runs[:0]
	widest := 0.0
	for j, b := range w.Widths {
		lo, hi := site.SliceChannels(w.Group, j)
		runs = append(runs, channelRun{j, hi - lo, float64(b)})
		widest = max(widest, float64(b))
	}
	if c.Precision.ChangeUnit == accel.ChangePerLayer || len(runs) == 1 {
		for i := range units {
			units[i].width = widest
		}
		return runs
	}
	if c.Precision.ChangeUnit == accel.ChangePerChannel {
		slices.SortStableFunc(runs, func(a, b channelRun) int { return cmp.Compare(b.width, a.width) })
	}
	next, end := 0, 0 // runs[next] is the first that ends beyond the tile's start; it ends at channel end
	for i, u := range g.units {
		for end <= u.lo {
			end += runs[next].channels
			next++
		}
		units[i].width = runs[next-1].width
		for j, at := next, end; at < u.hi; j++ {
			units[i].width = max(units[i].width, runs[j].width)
			at += runs[j].channels
		}
	}
	return runs
}

// count sums the work of all column tiles at the input width a.
func (c *chip) count(g *geometry, site models.WeightSite, w *models.SlicedWidths, units []unitWidth, a float64, k *work) {
	*k = work{}
	var stream, fill, sums, energy float64
	last := -1
	for i, u := range g.units {
		shape := &g.shapes[u.shape]
		if last < 0 || units[i].width != units[last].width || u.shape != g.units[last].shape {
			units[i].cell = newCell(units[i].width, a)
			at := &units[i].cell
			stream, fill, sums = shape.stream.at(at), shape.fill.at(at), shape.sums.at(at)
			energy = g.mac.at(at)
		} else {
			units[i].cell = units[last].cell
		}
		last = i
		k.stream += stream
		k.fill += fill
		k.sums += sums
		k.mac += energy * float64(u.hi-u.lo)
	}
	k.stream *= g.streamFactor()
	k.fill *= g.fillFactor(c)
	k.sums *= float64(g.pixels)
	if c.Precision.ChangeUnit == accel.ChangePerChannel {
		k.mac = 0
		for j, b := range w.Widths {
			lo, hi := site.SliceChannels(w.Group, j)
			at := newCell(float64(b), a)
			k.mac += g.mac.at(&at) * float64(hi-lo)
		}
	}
	k.mac *= float64(g.window * g.pixels)
}
