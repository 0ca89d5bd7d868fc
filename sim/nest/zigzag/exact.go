package zigzag

import (
	"fmt"
	"io/fs"

	"dse/sim/nest"
)

// exact returns what package nest counts for one operand at each level, innermost first. Operands
// have their loops in the same order but are counted one by one, as spatial loops stand at different
// places in it.
func (e *experiment) exact(c *nest.Counter, o nest.Operand) ([]nest.Count, error) {
	var factors []nest.Factor
	add := func(level int, spatial bool) {
		for i := len(e.loops[o]) - 1; i >= 0; i-- {
			if l := e.loops[o][i]; l.level == level && l.spatial == spatial {
				factors = append(factors, nest.Factor{Dim: l.dim, Count: int(l.factor), Spatial: spatial})
			}
		}
	}
	levels := e.levels[o]
	mapping := nest.Mapping{Levels: make([]nest.Level, len(levels))}
	for i := len(levels) - 1; i >= 0; i-- {
		add(i, true) // over the units of the level
		level := nest.Level{Name: levels[i], Cut: [nest.NumOperands]int{nest.Bypass, nest.Bypass, nest.Bypass}}
		if i == len(levels)-1 {
			level.Cut = [nest.NumOperands]int{}
		}
		level.Cut[o] = len(factors)
		mapping.Levels[len(levels)-1-i] = level
		add(i, false)
	}
	add(-1, true)
	loops, err := nest.Loops(&e.layer, factors)
	if err != nil {
		return nil, fmt.Errorf("zigzag case %s: %w", e.id, err)
	}
	mapping.Loops = loops
	if err := mapping.Check(&e.layer, e.widths); err != nil {
		return nil, fmt.Errorf("zigzag case %s: %w", e.id, err)
	}
	counts := c.Count(&e.layer, &mapping, nest.Exact)
	list := make([]nest.Count, len(levels))
	for i := range levels {
		list[i] = counts[len(levels)-1-i][o]
	}
	return list, nil
}

// value returns the count in a direction.
func (d direction) value(c nest.Count) int64 {
	return [...]int64{readDown: c.Reads, writeUp: c.Updates, readUp: c.Drains, writeDown: c.Fills}[d]
}

// The names of the tool's rules, see the package comment.
const (
	registerRule   = "register"
	wholeTilesRule = "whole tiles"
	touchedRule    = "touched"
	firstSumsRule  = "first sums"
)

// An Explanation says which of the tool's rules makes one of its rows differ from the exact count.
type Explanation struct {
	Row  string
	Rule string // empty if none explains it
}

// Explain returns an explanation for every row of access.csv whose elements the exact counter does
// not meet.
func Explain(data fs.FS) ([]Explanation, error) {
	cases, err := readCases(data)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(data, cases)
	if err != nil {
		return nil, err
	}
	var list []Explanation
	var counter nest.Counter
	for _, r := range rows {
		counts, err := r.of.exact(&counter, r.operand)
		if err != nil {
			return nil, err
		}
		if exact := r.way.value(counts[r.level]); exact != r.elements {
			list = append(list, Explanation{r.name, r.rule(exact)})
		}
	}
	return list, nil
}

// empty returns the sums that units of a level start from zero: all that they send out later, less
// those that come in.
func (e *experiment) empty(level int) int64 {
	empty := e.transfer(nest.Outputs, level, readUp).total
	if in, happens := e.happens(nest.Outputs, level, writeDown); happens {
		empty -= in.elements
	}
	return empty
}

// rule returns the rule behind the difference from an exact count. Of the rules that concern single
// values, undoing them must give the exact count. Those that concern tiles of inputs have a direction:
// fetching halos again adds traffic, and so does holding a range where single rows would do.
func (r row) rule(exact int64) string {
	t := r.of.transfer(r.operand, r.level, r.way)
	switch {
	case r.operand == nest.Outputs && r.way == readDown && exact == t.total-r.of.empty(r.level):
		return firstSumsRule
	case r.operand != nest.Outputs && r.level == 0 && r.way == readDown && exact == t.elements*t.waited:
		return registerRule
	case r.operand == nest.Inputs && exact < r.elements:
		return wholeTilesRule
	case r.operand == nest.Inputs && r.of.layer.StrideH > 1:
		return touchedRule
	}
	return ""
}
