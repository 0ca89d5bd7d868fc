package zigzag

import (
	"dse/sim/nest"
)

// loop is a loop of an operand's mapping.
type loop struct {
	dim    nest.Dim
	factor int64
	// level is, for a temporal loop, the level whose tile it runs in. A spatial loop spreads over
	// the units of the level, or over the multipliers of one unit of level 0 if it is -1.
	level   int
	spatial bool
}

// direction is one of the four ways of data through a level.
type direction uint8

const (
	readDown  direction = iota // to the level inside, or the multipliers
	writeUp                    // results from inside
	readUp                     // results to outside
	writeDown                  // from outside
)

var directions = map[string]direction{
	"rd_out_to_low": readDown, "wr_in_by_low": writeUp, "rd_out_to_high": readUp, "wr_in_by_high": writeDown,
}

func (d direction) write() bool { return d == writeUp || d == writeDown }

// transfer is the traffic of an operand through a level in one direction.
type transfer struct {
	periods  int64 // tiles that pass through each unit
	perUnit  int64 // elements of such a tile
	units    int64
	elements int64 // in total
	partial  bool  // the elements are sums that are not complete

	total  int64 // elements with those that rule first sums leaves out
	waited int64 // steps that rule register saves, as a factor
}

// problem is what counting needs of a case.
type problem struct {
	layer nest.Layer
	loops [nest.NumOperands][]loop // innermost first
}

// transfer counts by the tool's rules, see the package comment.
func (p *problem) transfer(o nest.Operand, level int, d direction) transfer {
	// tile is the level whose tiles pass: the level's own towards outside, else that of the level inside.
	tile := level
	if d == readDown || d == writeUp {
		tile = level - 1
	}
	t := transfer{periods: 1, units: 1, waited: 1}
	distinct, reductions := int64(1), int64(1)
	// Rule register: the multiplier keeps inputs and weights, and a level its tile, while loops that
	// the operand does not use run. Sums at the multiplier are read and written every cycle.
	waiting := o != nest.Outputs || tile >= 0
	for _, l := range p.loops[o] {
		used := p.layer.Uses(o, l.dim)
		switch {
		case l.spatial && l.level >= level:
			t.units *= l.factor
			if used {
				distinct *= l.factor
			}
		case !l.spatial && l.level > tile:
			if waiting && !used {
				t.waited *= l.factor
				continue
			}
			waiting = false
			t.periods *= l.factor
			if !used {
				reductions *= l.factor
			}
		}
	}
	merged := p.elements(o, func(l loop) bool { return l.inside(tile, level) })
	t.perUnit = merged
	if d == readDown && level > 0 {
		// Rule whole tiles: units that hold the same tile are served together, neighbours that share
		// a part of theirs are not.
		t.perUnit = p.elements(o, func(l loop) bool { return l.inside(tile, tile) }) *
			p.elements(o, func(l loop) bool { return l.spatial && l.level >= tile && l.level < level })
	}
	t.total = merged * t.periods * t.units
	t.elements = t.total
	if o != nest.Outputs {
		return t
	}
	t.partial = reductions > 1
	// Rule first sums: the elements of sums that come in leave out those that are still empty, and
	// copies in units that reduce together; port words, which follow from periods, do not.
	switch first := merged * t.periods / reductions * distinct; d {
	case readDown:
		t.elements -= first
	case writeDown:
		t.elements = merged*t.periods*distinct - first
	}
	return t
}

// inside says whether the loop is inside the tile of a level, for the units of a level around it.
func (l loop) inside(tile, around int) bool {
	if l.spatial {
		return l.level < around
	}
	return l.level <= tile
}

// elements returns the elements of an operand that the chosen loops cover.
func (p *problem) elements(o nest.Operand, chosen func(loop) bool) int64 {
	var tile [nest.NumDims]int64
	for d := range tile {
		tile[d] = 1
	}
	for _, l := range p.loops[o] {
		if chosen(l) {
			tile[l.dim] *= l.factor
		}
	}
	if o == nest.Inputs {
		return tile[nest.N] * tile[nest.C] *
			slide(tile[nest.Q], tile[nest.S], int64(p.layer.StrideH)) *
			slide(tile[nest.P], tile[nest.R], int64(p.layer.StrideW))
	}
	n := int64(1)
	for d := range nest.Dim(nest.NumDims) {
		if p.layer.Uses(o, d) {
			n *= tile[d]
		}
	}
	return n
}

// slide returns the different values of stride*out + filter: each output has as many as the filter,
// and shares those beyond the stride with the one before.
func slide(outs, filter, stride int64) int64 {
	return outs*filter - (outs-1)*max(0, filter-stride)
}
