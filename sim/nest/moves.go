package nest

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
	for i := range c.axes {
		a := &c.axes[i]
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
	for i := range c.axes {
		a, y := &c.axes[i], c.slides[i]
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
