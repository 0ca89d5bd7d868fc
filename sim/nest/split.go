package nest

import "slices"

// A dimLoop is a loop of one dimension with more than one step.
type dimLoop struct {
	pos     int // in the mapping
	step    int
	count   int // steps in a full piece of the loop outside
	spatial bool
}

// A table says how one dimension moves at each kind of step, see the package comment. Index k of
// either slice is the number of the dimension's temporal loops that are outside the advancing loop.
type table struct {
	stay []tally // another dimension's loop advances
	move []tally // the dimension's own loop k advances
}

// A tally sums over all positions of the loops outside the advancing one. For a dimension that the
// operand does not use, new and kept are both the number of positions. For an axis of the operand
// they are elements. For half of a sliding axis, neither says enough, and classes are kept.
type tally struct {
	new, kept int64
	lo, hi    int32 // of Counter.classes
}

// A class is a number of equal positions.
type class struct {
	times  int64
	lo, hi int32 // of Counter.holds
}

// A hold is what a unit has of the dimension after the step (now) and had before (was), relative to
// an origin that all holds of a class share.
type hold struct {
	lane     int32 // the unit, as an index of Counter.lanes; -1 if no spatial loop matters
	now, was span
}

// A lane is a unit, or several that always have pieces of the same size, with its offset at each
// loop of the dimension.
type lane struct {
	times int64
	base  int32 // of Counter.offsets: one for each loop
}

// tabulate fills the table of a dimension for tiles inside the first cut loops, when what goes to
// units split by the spatial loops in [shared, cut) at the same step is to be united.
func (c *Counter) tabulate(d Dim, r role, shared, cut int) {
	loops := c.loopsOf(d, cut)
	t := &c.tables[d]
	t.stay, t.move = t.stay[:0], t.move[:0]
	united, temporal := false, 0
	for _, l := range loops {
		united = united || l.spatial && l.pos >= shared
		if !l.spatial {
			temporal++
		}
	}
	if c.even[d] && !(r == window && united) {
		c.tabulateEven(d, r, shared, loops, temporal)
		return
	}
	if r == window {
		c.findLanes(d, shared, loops)
	}
	for k := range temporal + 1 {
		if r == window {
			t.stay = append(t.stay, c.walkDown(d, loops, k, -1))
		} else {
			t.stay = append(t.stay, c.sum(d, r, loops, shared, k, -1))
		}
		switch {
		case k == temporal:
		case r == window:
			t.move = append(t.move, c.walkDown(d, loops, k, k))
		default:
			t.move = append(t.move, c.sum(d, r, loops, shared, k, k))
		}
	}
}

// loopsOf returns the loops over a dimension outside the cut.
func (c *Counter) loopsOf(d Dim, cut int) []dimLoop {
	loops := c.loops[d]
	for len(loops) > 0 && loops[len(loops)-1].pos >= cut {
		loops = loops[:len(loops)-1]
	}
	return loops
}

// tabulateEven is tabulate where all pieces are equal, so that there is one class.
func (c *Counter) tabulateEven(d Dim, r role, shared int, loops []dimLoop, temporal int) {
	t := &c.tables[d]
	positions, tile, jump := int64(1), c.layer.Size[d], 0
	for _, l := range loops {
		tile = l.step
		switch {
		case !l.spatial:
			jump += (l.count - 1) * l.step
		case l.pos < shared || r == index:
			positions *= int64(l.count)
		}
	}
	// was is where the unit's previous piece lies when loops outside did not move it: at the end of
	// the loops inside, which start again.
	add := func(to []tally, times int64, was int, same bool) []tally {
		y := tally{new: times, kept: times}
		switch r {
		case index:
			y.new *= int64(tile)
			y.kept = 0
			if same {
				y.kept = y.new
			}
		case window:
			y.lo = int32(len(c.classes))
			y.hi = y.lo + 1
			c.classes = append(c.classes, class{times, int32(len(c.holds)), int32(len(c.holds) + 1)})
			c.holds = append(c.holds, hold{-1, span{0, tile}, span{was, tile}})
		}
		return append(to, y)
	}
	t.stay = add(t.stay, positions, jump, jump == 0)
	for _, l := range loops {
		if l.spatial {
			continue
		}
		jump -= (l.count - 1) * l.step
		t.move = add(t.move, positions*int64(l.count-1), jump-l.step, false)
		positions *= int64(l.count)
		t.stay = add(t.stay, positions, jump, jump == 0)
	}
}

// findLanes lists the units along a dimension. Units whose pieces must be united stay apart; of the
// others, those with pieces of the same sizes are one lane. Counter.lanes[:groups] are the lanes
// that differ in loops that are not united; united lanes of group g follow in order at
// [groups + g*united, groups + (g+1)*united).
func (c *Counter) findLanes(d Dim, shared int, loops []dimLoop) {
	c.lanes, c.offsets = c.lanes[:0], c.offsets[:0]
	c.newLane(nil, 1, len(loops), -1, 0)
	c.sizes = append(c.sizes[:0], c.layer.Size[d])
	for j, l := range loops {
		if l.spatial && l.pos < shared {
			c.findBreaks(l.step)
			for i := range len(c.lanes) {
				of := c.lanes[i]
				for b, x := range c.breaks[:len(c.breaks)-1] {
					times := of.times * int64(c.breaks[b+1]-x)
					if b == 0 {
						c.lanes[i].times = times
						continue
					}
					c.newLane(&of, times, len(loops), j, x*l.step)
				}
			}
		}
		c.sizes = pieceSizes(c.sizes, l.step)
	}
	c.groups = len(c.lanes)
	c.united = 1
	for _, l := range loops {
		if l.spatial && l.pos >= shared {
			c.united *= l.count
		}
	}
	if c.united == 1 {
		return
	}
	for g := range c.groups {
		of := c.lanes[g]
		for u := range c.united {
			c.newLane(&of, of.times, len(loops), -1, 0)
			base := c.lanes[len(c.lanes)-1].base
			for j, l := range loops {
				if l.spatial && l.pos >= shared {
					c.offsets[int(base)+j] = u % l.count * l.step
					u /= l.count
				}
			}
		}
	}
}

// newLane appends a lane with the offsets of another, except at loop j.
func (c *Counter) newLane(of *lane, times int64, loops, j, offset int) {
	base := len(c.offsets)
	for i := range loops {
		at := 0
		if of != nil {
			at = c.offsets[int(of.base)+i]
		}
		if i == j {
			at = offset
		}
		c.offsets = append(c.offsets, at)
	}
	c.lanes = append(c.lanes, lane{times, int32(base)})
}

// findBreaks sets Counter.breaks to the unit numbers at which the sizes of the units' pieces can
// change when pieces of the sizes in Counter.sizes are split.
func (c *Counter) findBreaks(step int) {
	c.breaks = append(c.breaks[:0], 0)
	for _, n := range c.sizes {
		c.breaks = append(c.breaks, n/step, ceilDiv(n, step))
	}
	slices.Sort(c.breaks)
	c.breaks = slices.Compact(c.breaks)
}

// pieceSizes replaces sizes by those that their pieces can have.
func pieceSizes(sizes []int, step int) []int {
	n := len(sizes)
	for _, size := range sizes[:n] {
		if size%step > 0 {
			sizes = append(sizes, size%step)
		}
	}
	// Full pieces exist at least in the largest.
	sizes[0] = step
	kept := append(sizes[:1], sizes[n:]...)
	slices.Sort(kept)
	return slices.Compact(kept)
}
