package rowstationary

import "fmt"

// busy is the share of the most PEs that any mapping has at work which a mapping must reach.
const busy = 0.9

// Choose returns the mapping of a layer, and its cost.
//
// Candidates are the parameters that fit the scratchpads and the buffer, and keep at least 0.9 of the most PEs
// at work that any keeps. They divide the numbers of images, filters and channels, except that q need not where
// several sets share the channels (r > 1). Several images go through one pass only where the whole map is one
// set that need not be folded. For given e, n, p, q, r and t, m is the largest that
// fits. Among them the least DRAM traffic wins, inputs counted as coded; then the least time, taken as
// products, sums over the port or inputs over the bus, whichever is longest, with no overhead; then
// the least traffic of the buffer; then the largest n, m, e, p, q, r, t in this order.
//
// More buffer never makes the chosen mapping read more from DRAM, but it can make it slower.
func Choose(l *Layer, a *Array) (Cost, error) {
	s := search{l: l, a: a}
	s.each(func(m Mapping, active int) { s.most = max(s.most, active) })
	if s.most == 0 {
		return Cost{}, fmt.Errorf("one row of outputs takes %d input words of %v bit and %d sums of %v bit, the buffer for both holds %v bit",
			l.Rows.span(1)*l.Cols.span(l.Cols.Out), a.InputWidth, l.Cols.Out, a.SumWidth, a.Buffer)
	}
	found := false
	var best Cost
	var bestKey [10]float64
	s.each(func(m Mapping, active int) {
		if float64(active) < busy*float64(s.most) {
			return
		}
		c := Evaluate(l, a, m)
		if k := c.key(a); !found || less(&k, &bestKey) {
			found, best, bestKey = true, c, k
		}
	})
	return best, nil
}

// key orders mappings, the best first.
func (c *Cost) key(a *Array) [10]float64 {
	sums := 2 * c.Sums * a.SumWidth / a.Port
	m := &c.Mapping
	return [10]float64{
		c.Filters + c.Fetched*a.Coding, max(c.Cycles(a, 1, 0), sums), 2*c.Sums + c.Inputs,
		float64(-m.N), float64(-m.M), float64(-m.E), float64(-m.P), float64(-m.Q), float64(-m.R), float64(-m.T),
	}
}

func less(a, b *[10]float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

type search struct {
	l    *Layer
	a    *Array
	most int // PEs at work
}

// each calls f for every candidate, with the PEs that it has at work.
func (s *search) each(f func(m Mapping, active int)) {
	l, a := s.l, s.a
	rows, cols, _ := a.pieces(l)
	images, filters := divisors(l.Images), divisors(l.Filters)
	width := l.Cols.span(l.Cols.Out)
	for e := 1; e <= min(l.Rows.Out, a.Rows/rows*a.Cols); e++ {
		sets := a.sets(rows, e)
		inputs := float64(l.Rows.span(e)*width) * a.InputWidth
		sum := float64(e*l.Cols.Out) * a.SumWidth // of one filter
		for _, n := range images {
			if n > 1 && (l.Rows.Out > a.Cols || e < l.Rows.Out) {
				break
			}
			for q := 1; q <= l.Channels && q*cols <= min(a.InputWords, a.FilterWords); q++ {
				for r := 1; r <= sets && q*(r-1) < l.Channels && float64(n*q*r)*inputs < a.Buffer; r++ {
					if l.Channels%r != 0 || r == 1 && l.Channels%q != 0 {
						continue
					}
					room := int((a.Buffer - float64(n*q*r)*inputs) / (float64(n) * sum)) // filters
					s.filters(filters, sets/r, room, cols, Mapping{N: n, E: e, Q: q, R: r}, func(m Mapping) {
						m.Groups = max(1, min(l.Groups, sets/(r*m.T), room/m.M))
						for m.Groups > 1 && float64(m.Groups)*(float64(n*q*r)*inputs+float64(n*m.M)*sum) > a.Buffer {
							m.Groups--
						}
						f(m, rows*e*r*m.T*m.Groups)
					})
				}
			}
		}
	}
}

// filters completes a mapping by P, T and the largest M that the room for sums takes.
func (s *search) filters(divide []int, sets, room, cols int, m Mapping, f func(Mapping)) {
	for _, p := range divide {
		if p > s.a.SumWords || p*m.Q*cols > s.a.FilterWords {
			return
		}
		for _, t := range divide {
			if t > sets || p*t > room {
				break
			}
			if s.l.Filters%(p*t) != 0 {
				continue
			}
			m.P, m.T, m.M = p, t, 0
			for _, most := range divide {
				if most <= room && most%(p*t) == 0 {
					m.M = most
				}
			}
			f(m)
		}
	}
}

// divisors returns the divisors of n in ascending order.
func divisors(n int) []int {
	var out []int
	for d := 1; d <= n; d++ {
		if n%d == 0 {
			out = append(out, d)
		}
	}
	return out
}
