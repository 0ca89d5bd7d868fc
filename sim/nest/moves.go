package nest

import (
	"cmp"
	"slices"
)

// entered returns the elements of an operand that enter the tiles inside the first cut loops, over
// the whole run and summed over units. What enters several units that only spatial loops in
// [shared, cut) tell apart, at the same step, counts once.
func (c *Counter) entered(o Operand, shared, cut int) int64 {
	c.prepare(o, shared, cut)
	total, _ := c.product(o, NumDims, false)
	last := len(c.steps)
	for last > 0 && c.steps[last-1].pos >= cut {
		last--
	}
	for i, s := range c.steps[:last] {
		halo := c.rules&InnermostHalo == 0 || i == last-1
		new, kept := c.product(o, s.dim, halo)
		total += new - kept
		c.outside[s.dim]++
		c.stale(s.dim)
	}
	return total
}

// used returns the elements of an operand that multipliers take, which keep nothing between steps.
// What several multipliers that only spatial loops from shared on tell apart take at the same step
// counts once.
func (c *Counter) used(o Operand, shared int) int64 {
	c.prepare(o, shared, len(c.mapping.Loops))
	for d := range c.outside {
		c.outside[d] = len(c.tables[d].move)
	}
	total, _ := c.product(o, NumDims, false)
	return total
}

func (c *Counter) prepare(o Operand, shared, cut int) {
	c.classes, c.holds = c.classes[:0], c.holds[:0]
	for d := range Dim(NumDims) {
		c.tabulate(d, c.layer.role(o, d), shared, cut)
		c.outside[d] = 0
		c.stale(d)
	}
}

// stale forgets what was computed for the sliding axis of a dimension.
func (c *Counter) stale(d Dim) { c.fresh[c.axisOf[d]] = false }

// product returns, summed over the steps at which a loop over the given dimension advances (or over
// the first step, if it is NumDims), the elements of the new tiles, and those of them that units
// had. halo says whether parts of a tile can be kept.
func (c *Counter) product(o Operand, moving Dim, halo bool) (new, kept int64) {
	new, kept = 1, 1
	for d := range Dim(NumDims) {
		if c.layer.role(o, d) != window {
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
