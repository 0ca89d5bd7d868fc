package nest

import (
	"cmp"
	"slices"
)

// pairs sums over all combinations of the positions along the two dimensions of a sliding axis.
func (c *Counter) pairs(a *axis, out, filter tally, halo bool) (new, kept int64) {
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
func (c *Counter) units(a *axis, v, w class, halo bool) (new, kept int) {
	outs, filters := c.holds[v.lo:v.hi], c.holds[w.lo:w.hi]
	if len(outs) == 1 && len(filters) == 1 {
		return c.one(a, newPair(outs[0], filters[0]), halo)
	}
	c.pairList = c.pairList[:0]
	for _, x := range outs {
		for _, y := range filters {
			c.pairList = append(c.pairList, newPair(x, y))
		}
	}
	if c.rules&WholeTiles != 0 {
		return c.distinct(a, halo)
	}
	for phase := range a.phases {
		c.all, c.fetched = c.all[:0], c.fetched[:0]
		for _, p := range c.pairList {
			now, was := a.interval(p.now, phase), a.interval(p.was, phase)
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
func (c *Counter) one(a *axis, p pair, halo bool) (new, kept int) {
	new = a.size(p.now)
	switch {
	case p.still:
		kept = new
	case halo:
		kept = a.common(p.now, p.was)
	}
	return new, kept
}

// distinct is units under the rule WholeTiles: units with the same piece count once.
func (c *Counter) distinct(a *axis, halo bool) (new, kept int) {
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
