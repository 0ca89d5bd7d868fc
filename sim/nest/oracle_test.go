package nest

import (
	"fmt"
	"sort"
	"strings"
)

// walker is the slow oracle: it runs the loops step by step with the set of elements that every unit
// holds, and whether a held sum has received anything yet.
type walker struct {
	l     *Layer
	m     *Mapping
	rules Rules

	times  []int // index of each temporal loop
	counts []([NumOperands]Count)
	chains [NumOperands][]*rank
}

// rank is a level as one operand sees it.
type rank struct {
	level, cut int
	units      map[string]*holder
	innermost  int // position of the last temporal loop outside the tile with several steps, or -1
}

type holder struct {
	tile, whole string          // its present tile, by pieces and by elements
	held        map[string]bool // its elements; true if a value was received
}

// drop lets an idle unit forget what the enclosing one no longer holds.
func (h *holder) drop(outer *holder) {
	for e := range h.held {
		if _, ok := outer.held[e]; !ok {
			delete(h.held, e)
			h.tile = ""
		}
	}
}

// name identifies a tile by the pieces of the dimensions that the operand uses.
func (w *walker) name(o Operand, p [][2]int) string {
	name := ""
	for d := range Dim(NumDims) {
		if w.l.role(o, d) != unused {
			name += fmt.Sprint(p[d])
		}
	}
	return name
}

func countSlowly(l *Layer, m *Mapping, rules Rules) [][NumOperands]Count {
	w := &walker{l: l, m: m, rules: rules, times: make([]int, len(m.Loops)), counts: make([][NumOperands]Count, len(m.Levels))}
	for o := range Operand(NumOperands) {
		for i, level := range m.Levels {
			if level.Cut[o] != Bypass {
				r := &rank{level: i, cut: level.Cut[o], units: map[string]*holder{}, innermost: -1}
				for pos, steps := range w.trips() {
					if pos < r.cut && steps > 1 && !m.Loops[pos].Spatial {
						r.innermost = pos
					}
				}
				w.chains[o] = append(w.chains[o], r)
			}
		}
		top := w.chains[o][0]
		top.units[""] = &holder{held: map[string]bool{}}
		for _, e := range w.elements(o, w.pieces(nil, 0)) {
			top.units[""].held[e] = false
		}
	}
	advanced := 0
	for {
		for o := range Operand(NumOperands) {
			w.step(o, advanced)
		}
		advanced = w.advance()
		if advanced < 0 {
			return w.counts
		}
	}
}

// trips returns the number of steps of each loop.
func (w *walker) trips() []int {
	trips, tile := make([]int, len(w.m.Loops)), w.l.Size
	for i, loop := range w.m.Loops {
		trips[i] = (tile[loop.Dim] + loop.Step - 1) / loop.Step
		tile[loop.Dim] = loop.Step
	}
	return trips
}

// advance moves to the next step in time, and returns the position of the loop that moved forward.
func (w *walker) advance() int {
	trips := w.trips()
	for i := len(w.times) - 1; i >= 0; i-- {
		if w.m.Loops[i].Spatial {
			continue
		}
		if w.times[i]++; w.times[i] < trips[i] {
			return i
		}
		w.times[i] = 0
	}
	return -1
}

// pieces returns [at, end) of each dimension inside the first cut loops, for the unit with the given
// indices of spatial loops; nil if it has no part in this step.
func (w *walker) pieces(unit []int, cut int) [][2]int {
	p := make([][2]int, NumDims)
	for d := range p {
		p[d] = [2]int{0, w.l.Size[d]}
	}
	spatial := 0
	for i, loop := range w.m.Loops[:cut] {
		index := w.times[i]
		if loop.Spatial {
			index = unit[spatial]
			spatial++
		}
		at := p[loop.Dim][0] + index*loop.Step
		p[loop.Dim] = [2]int{at, min(p[loop.Dim][1], at+loop.Step)}
		if p[loop.Dim][1] <= at {
			return nil
		}
	}
	return p
}

// elements lists the coordinates of an operand that the pieces touch.
func (w *walker) elements(o Operand, p [][2]int) []string {
	set := map[string]bool{}
	each := func(d Dim, f func(int)) {
		for i := p[d][0]; i < p[d][1]; i++ {
			f(i)
		}
	}
	channel := K
	if w.l.Depthwise {
		channel = C
	}
	switch o {
	case Weights:
		each(K, func(k int) {
			each(C, func(c int) {
				each(S, func(s int) {
					each(R, func(r int) { set[fmt.Sprint(k, c, s, r)] = true })
				})
			})
		})
	case Outputs:
		each(N, func(n int) {
			each(channel, func(k int) {
				each(Q, func(q int) {
					each(P, func(p int) { set[fmt.Sprint(n, k, q, p)] = true })
				})
			})
		})
	case Inputs:
		all := w.pieces(nil, 0)
		rows, cols := w.slide(p[Q], p[S], all[Q], all[S], w.l.StrideH), w.slide(p[P], p[R], all[P], all[R], w.l.StrideW)
		each(N, func(n int) {
			each(C, func(c int) {
				for y := range rows {
					for x := range cols {
						set[fmt.Sprint(n, c, y, x)] = true
					}
				}
			})
		})
	}
	list := make([]string, 0, len(set))
	for e := range set {
		list = append(list, e)
	}
	sort.Strings(list)
	return list
}

// slide returns what a tile has of one axis: from the first to the last position that it touches,
// all that the layer touches.
func (w *walker) slide(out, filter, outs, filters [2]int, stride int) map[int]bool {
	set := map[int]bool{}
	for i := out[0]*stride + filter[0]; i < (out[1]-1)*stride+filter[1]; i++ {
		set[i] = w.rules&BoundingBox != 0
	}
	for q := range outs[1] {
		for s := range filters[1] {
			if _, ok := set[q*stride+s]; ok {
				set[q*stride+s] = true
			}
		}
	}
	for i, touched := range set {
		if !touched {
			delete(set, i)
		}
	}
	return set
}

// unitsOf calls f with the spatial indices of every unit inside the first cut loops.
func (w *walker) unitsOf(cut int, f func(unit []int)) {
	trips := w.trips()
	var each func(i int, unit []int)
	each = func(i int, unit []int) {
		if i == cut {
			f(unit)
			return
		}
		if !w.m.Loops[i].Spatial {
			each(i+1, unit)
			return
		}
		for x := range trips[i] {
			each(i+1, append(unit[:len(unit):len(unit)], x))
		}
	}
	each(0, nil)
}

// parent returns the key of the unit around another.
func (w *walker) parent(unit []int, cut int) string {
	n := 0
	for _, loop := range w.m.Loops[:cut] {
		if loop.Spatial {
			n++
		}
	}
	return key(unit[:n])
}

func key(unit []int) string { return strings.Trim(fmt.Sprint(unit), "[]") }

// arrival is an element that units inside one unit open at the same step.
type arrival struct {
	outer   string
	element string
}

func (w *walker) step(o Operand, advanced int) {
	chain := w.chains[o]
	for i, r := range chain[1:] {
		w.cross(o, chain[i], r, advanced)
	}
	w.compute(o, chain[len(chain)-1])
}

// cross brings the tiles of a level up to date.
func (w *walker) cross(o Operand, outer, r *rank, advanced int) {
	openers := map[arrival][]*holder{}
	var order []arrival
	wholes := map[string]bool{}
	out, in := &w.counts[outer.level][o], &w.counts[r.level][o]
	received := 0
	w.unitsOf(r.cut, func(unit []int) {
		p := w.pieces(unit, r.cut)
		h := r.units[key(unit)]
		if p == nil {
			if h != nil && o == Outputs {
				h.drop(outer.units[w.parent(unit, outer.cut)])
			}
			return
		}
		if h == nil {
			h = &holder{held: map[string]bool{}}
			r.units[key(unit)] = h
			in.Units++
		}
		list := w.elements(o, p)
		whole := strings.Join(list, ",")
		tile := w.name(o, p)
		in.Tile = max(in.Tile, int64(len(list)))
		if tile == h.tile {
			return
		}
		parent := w.parent(unit, outer.cut)
		next, new := map[string]bool{}, 0
		for _, e := range list {
			value, kept := h.held[e]
			if w.rules&InnermostHalo != 0 && o == Inputs && advanced != r.innermost {
				kept = false
			}
			if kept {
				next[e] = value
				continue
			}
			next[e] = false
			new++
			a := arrival{parent, e}
			if openers[a] == nil {
				order = append(order, a)
			}
			openers[a] = append(openers[a], h)
		}
		if whole := parent + "|" + whole + "|" + h.whole; o != Outputs && w.rules&WholeTiles != 0 && !wholes[whole] {
			wholes[whole] = true
			out.Reads += int64(new)
		}
		received += new
		h.tile, h.whole, h.held = tile, whole, next
	})
	if o != Outputs {
		in.Fills += int64(received)
		if w.rules&WholeTiles == 0 {
			out.Reads += int64(len(order))
		}
		return
	}
	in.Drains += int64(received)
	out.Updates += int64(len(order))
	out.Adds += int64(received - len(order))
	for _, a := range order {
		holders := openers[a]
		from := outer.units[a.outer]
		if from.held[a.element] {
			out.Reads++
			if w.rules&SpillToAll == 0 {
				holders = holders[:1]
			}
			for _, h := range holders {
				h.held[a.element] = true
				in.Fills++
			}
		}
		from.held[a.element] = true
	}
}

// compute lets every multiplier that has something to do take its operands.
func (w *walker) compute(o Operand, last *rank) {
	taken := map[arrival]bool{}
	at, macs := &w.counts[last.level][o], 0
	w.unitsOf(len(w.m.Loops), func(unit []int) {
		p := w.pieces(unit, len(w.m.Loops))
		if p == nil {
			return
		}
		macs++
		taken[arrival{w.parent(unit, last.cut), w.elements(o, p)[0]}] = true
	})
	if o != Outputs {
		at.Reads += int64(len(taken))
		return
	}
	at.Updates += int64(len(taken))
	at.Adds += int64(macs - len(taken))
	for a := range taken {
		h := last.units[a.outer]
		if h.held[a.element] {
			at.Reads++
		}
		h.held[a.element] = true
	}
}
