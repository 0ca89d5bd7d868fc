package nest

import "math"

// A part is a number of positions of a dimension's loops at which a unit's piece has the same size.
//
// after is what decides whether the unit still has the piece when the loops inside the advancing one
// start again: the size of the largest piece that comes after the first one in any of them, seen, as
// n is, from the loops walked so far. Units that get something of it have gone on to that piece;
// units that get nothing have kept their own.
type part struct {
	n, after int
	times    int64
}

// drained is the value of after when the unit's piece was drained with the enclosing tile.
const drained = math.MaxInt

// sum walks down the loops of a dimension that is not half of a sliding axis, and sums over what it
// meets: temporal loops outside the advancing one (the first k) take every value, loops inside it
// start again. If next is k, loop k is the one that advances.
func (c *Counter) sum(d Dim, r role, loops []dimLoop, shared, k, next int) tally {
	c.parts = append(c.parts[:0], part{n: c.layer.Size[d], times: 1})
	number, fence := 0, 0
	for _, l := range loops {
		for fence < len(c.drains) && c.drains[fence] <= l.pos {
			c.drain()
			fence++
		}
		switch {
		case l.spatial && r == unused && l.pos >= shared:
			// The first unit has a part whenever any has.
			c.again(l.step)
		case l.spatial:
			c.divide(l.step)
		case number < k:
			c.take(l.step, 0)
		case number == next:
			c.take(l.step, 1)
		default:
			c.again(l.step)
		}
		if !l.spatial {
			number++
		}
	}
	var y tally
	for _, p := range c.parts {
		amount := p.times
		if r == index {
			amount *= int64(p.n)
		}
		y.new += amount
		if r == unused || p.after == 0 && next < 0 {
			y.kept += amount
		}
	}
	return y
}

// drain marks pieces that the enclosing unit replaced. A unit that has nothing to do at the end of a
// loop keeps its piece, unless it is one of outputs and the enclosing tile goes on to other ones.
func (c *Counter) drain() {
	for i := range c.parts {
		if c.parts[i].after > 0 {
			c.parts[i].after = drained
		}
	}
}

// take splits parts by the steps of a temporal loop from step first on.
func (c *Counter) take(step, first int) {
	n := len(c.parts)
	for _, p := range c.parts[:n] {
		c.addPart(n, part{step, 0, p.times * int64(max(0, p.n/step-first))})
		if p.n >= first*step {
			c.addPart(n, part{p.n % step, 0, p.times})
		}
	}
	c.parts = c.parts[:copy(c.parts, c.parts[n:])]
}

// again takes a loop back to its first step.
func (c *Counter) again(step int) {
	for i := range c.parts {
		p := &c.parts[i]
		if p.after != drained {
			p.after = max(min(p.after, step), min(p.n-step, step), 0)
		}
		p.n = min(p.n, step)
	}
}

// divide splits parts by the units of a spatial loop.
func (c *Counter) divide(step int) {
	n := len(c.parts)
	for _, p := range c.parts[:n] {
		for x := 0; x*step < p.n; {
			q := part{min(step, p.n-x*step), p.after, p.times}
			// Units up to next get pieces of the same size.
			next := x + 1
			if q.n == step {
				next = p.n / step
			}
			if p.after != drained {
				q.after = max(0, min(step, p.after-x*step))
				switch q.after {
				case 0:
				case step:
					next = min(next, p.after/step)
				default:
					next = x + 1
				}
			}
			q.times *= int64(next - x)
			c.addPart(n, q)
			x = next
		}
	}
	c.parts = c.parts[:copy(c.parts, c.parts[n:])]
}

// addPart appends a part to those from lo on.
func (c *Counter) addPart(lo int, p part) {
	if p.n == 0 || p.times == 0 {
		return
	}
	for i := lo; i < len(c.parts); i++ {
		if q := &c.parts[i]; q.n == p.n && q.after == p.after {
			q.times += p.times
			return
		}
	}
	c.parts = append(c.parts, p)
}
