package nest

import (
	"cmp"
	"slices"
)

// entered returns the elements of an operand that enter the tiles inside the first cut loops, over
// the whole run and summed over units. What enters several units that only spatial loops in
// [shared, cut) tell apart, at the same step, counts once.
func (c *Counter) entered(o Operand, shared, cut int) int64 {
	innermost := len(c.steps)
	for innermost > 0 && c.steps[innermost-1].pos >= cut {
		innermost--
	}
	// Loops inside the last one that moves the tile are free.
	last := innermost
	for last > 0 && c.role(o, c.steps[last-1].dim) == unused {
		last--
	}
	if c.allOrNothing(o, cut) {
		return c.whole(o, shared, cut, last)
	}
	c.classes, c.holds = c.classes[:0], c.holds[:0]
	for d := range Dim(NumDims) {
		c.tabulate(d, c.role(o, d), shared, cut)
		c.outside[d] = 0
		c.stale(d)
	}
	total, _ := c.product(o, NumDims, false)
	for i, s := range c.steps[:last] {
		halo := c.rules&InnermostHalo == 0 || i == innermost-1
		new, kept := c.product(o, s.dim, halo)
		total += new - kept
		c.outside[s.dim]++
		c.stale(s.dim)
	}
	return total
}

// allOrNothing says whether a step either moves all tiles of an operand by their full size, or none:
// no tile slides, and every loop that moves it has several steps wherever it runs.
func (c *Counter) allOrNothing(o Operand, cut int) bool {
	for d := range Dim(NumDims) {
		switch c.role(o, d) {
		case index:
			if !c.even[d] {
				return false
			}
		case window:
			if len(c.loops[d]) > 0 && c.loops[d][0].pos < cut {
				return false
			}
		}
	}
	return true
}

// whole is entered where a step moves all or nothing: the tile, times the steps of the loops outside
// and at the last one that moves it, times the units.
func (c *Counter) whole(o Operand, shared, cut, last int) int64 {
	end := 0
	if last > 0 {
		end = c.steps[last-1].pos + 1
	}
	total := int64(1)
	tile := c.layer.Size
	for d := range Dim(NumDims) {
		r := c.role(o, d)
		if !c.even[d] {
			total *= c.positions(d, shared, end, cut)
			continue
		}
		for _, l := range c.loops[d] {
			if l.pos >= cut {
				break
			}
			tile[d] = l.step
			if l.spatial && (r == index || l.pos < shared) || !l.spatial && l.pos < end {
				total *= int64(l.count)
			}
		}
	}
	return total * c.layer.tileElements(o, tile, c.rules&BoundingBox != 0)
}

// used returns the elements of an operand that multipliers take, which keep nothing between steps.
// What several multipliers that only spatial loops from shared on tell apart take at the same step
// counts once.
func (c *Counter) used(o Operand, shared int) int64 {
	c.classes, c.holds = c.classes[:0], c.holds[:0]
	end := len(c.mapping.Loops)
	total := int64(1)
	for d := range Dim(NumDims) {
		switch r := c.role(o, d); {
		case !c.shares(d, shared) || r == index:
			// Every index of the dimension has a step, or a unit, of its own.
			c.single(d)
			if r != window {
				total *= int64(c.layer.Size[d])
			}
		case r == unused:
			total *= c.positions(d, shared, end, end)
		default:
			c.tabulate(d, r, shared, end)
		}
	}
	if o != Inputs {
		return total
	}
	for _, a := range c.axes {
		out, filter := c.tables[a.out].stay, c.tables[a.filter].stay
		n, _ := c.pairs(a, out[len(out)-1], filter[len(filter)-1], false)
		total *= n
	}
	return total
}

// shares says whether a spatial loop over the dimension is at or inside the given position.
func (c *Counter) shares(d Dim, shared int) bool {
	for _, l := range c.loops[d] {
		if l.spatial && l.pos >= shared {
			return true
		}
	}
	return false
}

// single fills the table of a dimension whose pieces are single indices that meet nothing.
func (c *Counter) single(d Dim) {
	t := &c.tables[d]
	t.stay = append(t.stay[:0], tally{lo: int32(len(c.classes)), hi: int32(len(c.classes) + 1)})
	c.classes = append(c.classes, class{int64(c.layer.Size[d]), int32(len(c.holds)), int32(len(c.holds) + 1)})
	c.holds = append(c.holds, hold{-1, span{0, 1}, span{0, 1}})
}

// positions returns the number of different values that the loops of an unused dimension take:
// temporal ones before end, spatial ones before cut that are not united.
func (c *Counter) positions(d Dim, shared, end, cut int) int64 {
	loops := c.loopsOf(d, cut)
	k := 0
	for _, l := range loops {
		if !l.spatial && l.pos < end {
			k++
		}
	}
	return c.sum(d, unused, loops, shared, k, -1).new
}

// stale forgets what was computed for the sliding axis of a dimension.
func (c *Counter) stale(d Dim) { c.fresh[c.axisOf[d]] = false }

// product returns, summed over the steps at which a loop over the given dimension advances (or over
// the first step, if it is NumDims), the elements of the new tiles, and those of them that units
// had. halo says whether parts of a tile can be kept.
func (c *Counter) product(o Operand, moving Dim, halo bool) (new, kept int64) {
	new, kept = 1, 1
	for d := range Dim(NumDims) {
		if c.role(o, d) != window {
			t := c.at(d, moving)
			new *= t.new
			kept *= t.kept
		}
	}
	if o != Inputs {
		return new, kept
	}
	for i, a := range c.axes {
		y := c.slides[i]
		if moves := a.out == moving || a.filter == moving; moves || !c.fresh[i] || c.slideHalo[i] != halo {
			y.new, y.kept = c.pairs(a, *c.at(a.out, moving), *c.at(a.filter, moving), halo)
			if !moves {
				c.slides[i], c.fresh[i], c.slideHalo[i] = y, true, halo
			}
		}
		new *= y.new
		kept *= y.kept
	}
	return new, kept
}

// at returns the tally of a dimension in the present state.
func (c *Counter) at(d, moving Dim) *tally {
	if d == moving {
		return &c.tables[d].move[c.outside[d]]
	}
	return &c.tables[d].stay[c.outside[d]]
}

// pairs sums over all combinations of the positions along the two dimensions of a sliding axis.
func (c *Counter) pairs(a axis, out, filter tally, halo bool) (new, kept int64) {
	for i := out.lo; i < out.hi; i++ {
		for j := filter.lo; j < filter.hi; j++ {
			v, w := c.classes[i], c.classes[j]
			n, k := c.units(a, v, w, halo)
			new += v.times * w.times * int64(n)
			kept += v.times * w.times * int64(k)
		}
	}
	return new, kept
}

// units returns the positions that units get at one step, and those of them that need not be moved.
func (c *Counter) units(a axis, v, w class, halo bool) (new, kept int) {
	boxed := c.rules&BoundingBox != 0
	outs, filters := c.holds[v.lo:v.hi], c.holds[w.lo:w.hi]
	if len(outs) == 1 && len(filters) == 1 {
		return c.one(a, newPair(outs[0], filters[0]), halo)
	}
	c.pairList = c.pairList[:0]
	shortest := a.stride
	for _, x := range outs {
		for _, y := range filters {
			c.pairList = append(c.pairList, newPair(x, y))
			shortest = min(shortest, y.now.n, y.was.n)
		}
	}
	if c.rules&WholeTiles != 0 {
		return c.distinct(a, halo)
	}
	lanes := a.lanes(boxed, shortest)
	for r := range lanes {
		c.all, c.fetched = c.all[:0], c.fetched[:0]
		for _, p := range c.pairList {
			now, was := a.interval(p.now, r, lanes), a.interval(p.was, r, lanes)
			if !halo && !p.still {
				was = span{}
			}
			c.all = append(c.all, now)
			c.fetched = appendDifference(c.fetched, now, was)
		}
		all := unionSize(c.all)
		new += all
		kept += all - unionSize(c.fetched)
	}
	return new, kept
}

// pair is the positions of a unit after and before a step.
type pair struct {
	now, was slide
	still    bool // neither dimension moved
}

func newPair(out, filter hold) pair {
	now, was := slide{out.now, filter.now}, slide{out.was, filter.was}
	return pair{now, was, now == was}
}

// one is units for a single unit.
func (c *Counter) one(a axis, p pair, halo bool) (new, kept int) {
	boxed := c.rules&BoundingBox != 0
	new = a.size(p.now, boxed)
	switch {
	case p.still:
		kept = new
	case halo:
		kept = a.common(p.now, p.was, boxed)
	}
	return new, kept
}

// distinct is units under the rule WholeTiles: units with the same piece count once.
func (c *Counter) distinct(a axis, halo bool) (new, kept int) {
	// A slide is the same wherever its origin lies on the two dimensions.
	for i := range c.pairList {
		p := &c.pairList[i]
		for _, s := range []*slide{&p.now, &p.was} {
			s.filter.at += a.stride * s.out.at
			s.out.at = 0
		}
	}
	slices.SortFunc(c.pairList, func(p, q pair) int {
		return cmp.Or(p.now.compare(q.now), p.was.compare(q.was))
	})
	for i, p := range c.pairList {
		if i > 0 && p == c.pairList[i-1] {
			continue
		}
		n, k := c.one(a, p, halo)
		new += n
		kept += k
	}
	return new, kept
}

func (s slide) compare(t slide) int {
	return cmp.Or(cmp.Compare(s.filter.at, t.filter.at), cmp.Compare(s.filter.n, t.filter.n), cmp.Compare(s.out.n, t.out.n))
}

// appendDifference appends what of now is not in was.
func appendDifference(list []span, now, was span) []span {
	if overlap(now, was) == 0 {
		return append(list, now)
	}
	if n := was.at - now.at; n > 0 {
		list = append(list, span{now.at, n})
	}
	if n := now.end() - was.end(); n > 0 {
		list = append(list, span{was.end(), n})
	}
	return list
}

// unionSize returns the integers in any of the spans, which it sorts.
func unionSize(list []span) int {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.at, b.at) })
	total, end := 0, 0
	for i, s := range list {
		if i == 0 || s.at > end {
			end = s.at
		}
		if s.end() > end {
			total += s.end() - end
			end = s.end()
		}
	}
	return total
}
