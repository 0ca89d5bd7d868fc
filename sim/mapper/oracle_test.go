package mapper

import (
	"testing"

	"pgregory.net/rapid"

	"dse/sim/nest"
)

// drawLayer draws a small layer; without padding if bare.
func drawLayer(t *rapid.T, bare bool) Layer {
	axis := func(name string) Axis {
		a := Axis{Out: rapid.IntRange(1, 7).Draw(t, name), Taps: rapid.IntRange(1, 4).Draw(t, name+" taps"), Stride: rapid.IntRange(1, 3).Draw(t, name+" stride")}
		a.In = (a.Out-1)*a.Stride + a.Taps
		if !bare {
			a.Pad = rapid.IntRange(0, min(a.Taps-1, 2)).Draw(t, name+" pad")
			a.In = max(1, a.In-a.Pad-rapid.IntRange(0, min(a.Taps-1, a.In-a.Pad-1)).Draw(t, name+" pad behind"))
		}
		return a
	}
	l := Layer{Groups: 1, K: rapid.IntRange(1, 6).Draw(t, "K"), C: rapid.IntRange(1, 6).Draw(t, "C"), Rows: axis("Q"), Cols: axis("P")}
	if rapid.Bool().Draw(t, "depthwise") {
		l.Depthwise, l.K = true, 1
	}
	return l
}

func drawMapping(t *rapid.T, l *Layer) Mapping {
	m := Mapping{Order: rapid.SampledFrom(Orders[:]).Draw(t, "order")}
	for d, n := range [dims]int{l.K, l.C, l.Rows.Out, l.Cols.Out} {
		m.Step[d] = rapid.IntRange(1, n).Draw(t, Dim(d).String())
	}
	return m
}

func cutsOf(l *Layer, m *Mapping) (cuts [dims]*cut) {
	k, c := newCut(l.K, m.Step[K], nil), newCut(l.C, m.Step[C], nil)
	q, p := newCut(l.Rows.Out, m.Step[Q], &l.Rows), newCut(l.Cols.Out, m.Step[P], &l.Cols)
	return [dims]*cut{&k, &c, &q, &p}
}

// What crosses the DRAM interface is what package nest counts for the same loops.
func TestTrafficIsThatOfTheNest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayer(t, true)
		m := drawMapping(t, &l)
		n := nest.Layer{
			Size:    [nest.NumDims]int{nest.N: 1, nest.C: l.C, nest.K: l.K, nest.Q: l.Rows.Out, nest.P: l.Cols.Out, nest.S: l.Rows.Taps, nest.R: l.Cols.Taps},
			StrideH: l.Rows.Stride, StrideW: l.Cols.Stride, Depthwise: l.Depthwise,
		}
		named := [dims]nest.Dim{K: nest.K, C: nest.C, Q: nest.Q, P: nest.P}
		var loops []nest.Loop
		for _, d := range m.Order {
			loops = append(loops, nest.Loop{Dim: named[d], Step: m.Step[d]})
		}
		for d := range nest.Dim(nest.NumDims) {
			loops = append(loops, nest.Loop{Dim: d, Step: 1})
		}
		const buffer = int(dims)
		mapped := nest.Mapping{Loops: loops, Levels: []nest.Level{{Name: "dram"}, {Name: "buffer", Cut: [nest.NumOperands]int{buffer, buffer, buffer}}}}
		if err := mapped.Check(&n, nest.Widths{Weight: 8, Input: 8, Partial: 32, Final: 8}); err != nil {
			t.Fatal(err)
		}
		want := new(nest.Counter).Count(&n, &mapped, nest.Exact)[0]

		cuts := cutsOf(&l, &m)
		role := &roles[0]
		if l.Depthwise {
			role = &roles[1]
		}
		if got, want := entered(&role[weights], &m.Order, &cuts)*float64(l.taps()), float64(want[nest.Weights].Reads); got != want {
			t.Errorf("%v: %v weights fetched, the nest reads %v", m, got, want)
		}
		if got, want := entered(&role[inputs], &m.Order, &cuts), float64(want[nest.Inputs].Reads); got != want {
			t.Errorf("%v: %v inputs fetched, the nest reads %v", m, got, want)
		}
		if got, want := entered(&role[outputs], &m.Order, &cuts), float64(want[nest.Outputs].Updates); got != want {
			t.Errorf("%v: %v outputs written, the nest updates %v", m, got, want)
		}
	})
}

// walk steps through the tiles of a mapping and counts, element by element, what a buffer of one tile
// fetches, real inputs only, and how often a tile of each operand is replaced.
func walk(l *Layer, m *Mapping) (fetched, loads [operands]int) {
	type element [3]int
	size := [dims]int{l.K, l.C, l.Rows.Out, l.Cols.Out}
	var held [operands]map[element]bool
	var where [operands][dims]int
	started := false
	var at [dims]int // first index of the tile along each dimension
	visit := func() {
		var tile [operands]map[element]bool
		for op := range tile {
			tile[op] = map[element]bool{}
		}
		var end [dims]int
		for d := range end {
			end[d] = min(at[d]+m.Step[d], size[d])
		}
		for k := at[K]; k < end[K]; k++ {
			for c := at[C]; c < end[C]; c++ {
				tile[weights][element{k, c}] = true
				for q := at[Q]; q < end[Q]; q++ {
					for p := at[P]; p < end[P]; p++ {
						if l.Depthwise {
							tile[outputs][element{c, q, p}] = true
						} else {
							tile[outputs][element{k, q, p}] = true
						}
						for s := range l.Rows.Taps {
							for r := range l.Cols.Taps {
								y, x := q*l.Rows.Stride-l.Rows.Pad+s, p*l.Cols.Stride-l.Cols.Pad+r
								if y >= 0 && x >= 0 && y < l.Rows.In && x < l.Cols.In {
									tile[inputs][element{c, y, x}] = true
								}
							}
						}
					}
				}
			}
		}
		for op := range tile {
			for e := range tile[op] {
				if !held[op][e] {
					fetched[op]++
				}
			}
			held[op] = tile[op]
			var place [dims]int
			for d := range place {
				place[d] = -1
				if roles[map[bool]int{true: 1}[l.Depthwise]][op][d] != unused {
					place[d] = at[d]
				}
			}
			if !started || place != where[op] {
				loads[op]++
			}
			where[op] = place
		}
		started = true
	}
	var nest func(i int)
	nest = func(i int) {
		if i == len(m.Order) {
			visit()
			return
		}
		d := m.Order[i]
		for at[d] = 0; at[d] < size[d]; at[d] += m.Step[d] {
			nest(i + 1)
		}
		at[d] = 0
	}
	nest(0)
	return fetched, loads
}

// The same with padding, which is not fetched, against a walk over single elements; and the number of
// transfers.
func TestTrafficByElement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayer(t, false)
		m := drawMapping(t, &l)
		want, moves := walk(&l, &m)
		cuts := cutsOf(&l, &m)
		role := &roles[0]
		if l.Depthwise {
			role = &roles[1]
		}
		for op := range operands {
			// A weight of the walk is that of all taps.
			if got := entered(&role[op], &m.Order, &cuts); got != float64(want[op]) {
				t.Errorf("%+v as %v: %v %s enter, walking counts %d", l, m, got, operandNames[op], want[op])
			}
			if got := loads(&role[op], &m.Order, &cuts); got != float64(moves[op]) {
				t.Errorf("%+v as %v: %v transfers of %s, walking counts %d", l, m, got, operandNames[op], moves[op])
			}
		}
	})
}
