package nest

// walkDown walks down the loops of half of a sliding axis and lists the classes of what it meets, as
// Counter.sum does for other dimensions.
func (c *Counter) walkDown(d Dim, loops []dimLoop, k, next int) tally {
	y := tally{lo: int32(len(c.classes))}
	for g := range c.groups {
		c.walk = c.walk[:0]
		c.startGroup(g, c.layer.Size[d], loops)
		number := 0
		for j, l := range loops {
			switch {
			case l.spatial:
				c.spread(j, l.step)
			case number < k:
				c.each(j, loops, 0)
			case number == next:
				c.each(j, loops, 1)
			default:
				c.restart(j, loops)
			}
			if !l.spatial {
				number++
			}
		}
		c.classes = append(c.classes, c.walk...)
	}
	y.hi = int32(len(c.classes))
	return y
}

// startGroup begins a walk with the units of a group that get any part of the dimension.
func (c *Counter) startGroup(g, size int, loops []dimLoop) {
	lo := len(c.holds)
	first, n := g, 1
	if c.united > 1 {
		first, n = c.groups+g*c.united, c.united
	}
	for i := first; i < first+n; i++ {
		if c.gets(int32(i), size, 0, loops) {
			c.holds = append(c.holds, hold{int32(i), span{0, size}, span{0, size}})
		}
	}
	c.close(c.lanes[g].times, lo)
}

// gets says whether a unit has a part of a piece of n that loops[j:] split, at least at their first
// steps, where pieces are largest.
func (c *Counter) gets(lane int32, n, j int, loops []dimLoop) bool {
	base := int(c.lanes[lane].base)
	for ; j < len(loops) && n > 0; j++ {
		n = min(loops[j].step, n-c.offsets[base+j])
	}
	return n > 0
}

// close appends the class of the holds from lo on, if there are any.
func (c *Counter) close(times int64, lo int) {
	if times > 0 && len(c.holds) > lo {
		c.walk = append(c.walk, class{times, int32(lo), int32(len(c.holds))})
	}
}

// spread gives each unit its part of a piece.
func (c *Counter) spread(j, step int) {
	for _, w := range c.walk {
		for i := w.lo; i < w.hi; i++ {
			h := &c.holds[i]
			off := c.offsets[int(c.lanes[h.lane].base)+j]
			h.now = span{h.now.at + off, min(step, h.now.n-off)}
			h.was = span{h.was.at + off, min(step, h.was.n-off)}
		}
	}
}

// each splits every class by the steps of temporal loop j, from step first on. If first is 1, the
// step before is what units had. Steps in which the units have pieces of the same sizes are one
// class.
func (c *Counter) each(j int, loops []dimLoop, first int) {
	step, n := loops[j].step, len(c.walk)
	for i := range n {
		w := c.walk[i]
		c.breaks = append(c.breaks[:0], first)
		for _, h := range c.holds[w.lo:w.hi] {
			active := c.active(h.lane, h.now.n, j, loops)
			c.breaks = insert(insert(c.breaks, min(h.now.n/step, active)), active)
		}
		for b, at := range c.breaks[:len(c.breaks)-1] {
			lo := len(c.holds)
			for m := w.lo; m < w.hi; m++ {
				h := c.holds[m]
				if at >= c.active(h.lane, h.now.n, j, loops) {
					continue
				}
				now := span{h.now.at, min(step, h.now.n-at*step)}
				was := now
				if first == 1 {
					was = span{now.at - step, step}
				}
				c.holds = append(c.holds, hold{h.lane, now, was})
			}
			c.close(w.times*int64(c.breaks[b+1]-at), lo)
		}
	}
	c.walk = append(c.walk[:0], c.walk[n:]...)
	c.merge()
}

// active returns in how many steps of temporal loop j the unit has a part of a piece of n. They are
// the first ones, as pieces do not grow.
func (c *Counter) active(lane int32, n, j int, loops []dimLoop) int {
	step := loops[j].step
	if n >= step && !c.gets(lane, step, j+1, loops) {
		return 0
	}
	steps := n / step
	if rest := n % step; rest > 0 && c.gets(lane, rest, j+1, loops) {
		steps++
	}
	return steps
}

// restart takes temporal loop j back to its first step, from the last in which the unit had a part.
func (c *Counter) restart(j int, loops []dimLoop) {
	step := loops[j].step
	for i := range c.walk {
		w := &c.walk[i]
		kept := w.lo
		for m := w.lo; m < w.hi; m++ {
			h := c.holds[m]
			if c.active(h.lane, h.now.n, j, loops) == 0 {
				continue
			}
			last := (c.active(h.lane, h.was.n, j, loops) - 1) * step
			c.holds[kept] = hold{h.lane, span{h.now.at, min(step, h.now.n)}, span{h.was.at + last, min(step, h.was.n-last)}}
			kept++
		}
		w.hi = kept
	}
	n := 0
	for _, w := range c.walk {
		if w.hi > w.lo {
			c.walk[n] = w
			n++
		}
	}
	c.walk = c.walk[:n]
	c.merge()
}

// merge unites equal classes.
func (c *Counter) merge() {
	n := 0
next:
	for _, w := range c.walk {
		for i := range c.walk[:n] {
			if c.equal(c.walk[i], w) {
				c.walk[i].times += w.times
				continue next
			}
		}
		c.walk[n] = w
		n++
	}
	c.walk = c.walk[:n]
}

func (c *Counter) equal(v, w class) bool {
	if v.hi-v.lo != w.hi-w.lo {
		return false
	}
	for i := range v.hi - v.lo {
		if c.holds[v.lo+i] != c.holds[w.lo+i] {
			return false
		}
	}
	return true
}

// insert puts x into its place in an ascending list if it is beyond the first element and new.
func insert(list []int, x int) []int {
	i := len(list)
	for i > 0 && list[i-1] >= x {
		i--
	}
	if i == 0 || i < len(list) && list[i] == x {
		return list
	}
	list = append(list, 0)
	copy(list[i+1:], list[i:])
	list[i] = x
	return list
}
