package nest

import (
	"fmt"

	"dse/accel/unit"
)

// A ConstraintError names the constraint that a mapping violates, with the numbers on both sides.
type ConstraintError struct{ text string }

func (e *ConstraintError) Error() string { return "mapping: " + e.text }

func constraint(format string, args ...any) error {
	return &ConstraintError{fmt.Sprintf(format, args...)}
}

func loopError(i int, d Dim, format string, args ...any) error {
	return constraint("loop %d (over %v) %s", i, d, fmt.Sprintf(format, args...))
}

// Check returns a *ConstraintError for the first constraint that the mapping violates: the layer
// is well formed, the loops cover it, cuts grow inward, units exist and tiles fit. Widths are
// needed for the last only.
func (m *Mapping) Check(l *Layer, w Widths) error {
	if err := l.check(); err != nil {
		return err
	}
	if err := m.checkLoops(l); err != nil {
		return err
	}
	if err := m.checkCuts(); err != nil {
		return err
	}
	if used := m.units(l, len(m.Loops)); m.MACs > 0 && used > int64(m.MACs) {
		return constraint("the spatial loops use %d multipliers, but there are %d", used, m.MACs)
	}
	for i := range m.Levels {
		if err := m.checkLevel(l, i, w); err != nil {
			return err
		}
	}
	return nil
}

func (l *Layer) check() error {
	for d, n := range l.Size {
		if n < 1 {
			return constraint("the layer has %v = %d; every dimension is at least 1", Dim(d), n)
		}
	}
	if l.StrideH < 1 || l.StrideW < 1 {
		return constraint("the layer has strides %d x %d; a stride is at least 1", l.StrideH, l.StrideW)
	}
	if l.Depthwise && l.Size[K] != 1 {
		return constraint("the depthwise layer has K = %d; its channels are C, and K is 1", l.Size[K])
	}
	return nil
}

func (m *Mapping) checkLoops(l *Layer) error {
	tile := l.Size
	for i, loop := range m.Loops {
		if loop.Dim >= NumDims {
			return constraint("loop %d is over dimension %d; there are %d", i, loop.Dim, NumDims)
		}
		if loop.Step < 1 || loop.Step > tile[loop.Dim] {
			return loopError(i, loop.Dim, "steps by %d inside a piece of %d; a step is between 1 and that", loop.Step, tile[loop.Dim])
		}
		tile[loop.Dim] = loop.Step
	}
	for d, n := range tile {
		if n != 1 {
			return constraint("the loops over %v (%d in the layer) leave pieces of %d to one multiplier; its innermost loop must step by 1", Dim(d), l.Size[d], n)
		}
	}
	return nil
}

func (m *Mapping) checkCuts() error {
	if len(m.Levels) == 0 {
		return constraint("it has no memory level; the outermost one holds the tensors")
	}
	for o := range Operand(NumOperands) {
		if cut := m.Levels[0].Cut[o]; cut != 0 {
			return constraint("%s: the outermost level must hold the %v whole (cut 0), got cut %d", m.Levels[0].Name, o, cut)
		}
		outer, name := 0, m.Levels[0].Name
		for _, level := range m.Levels {
			cut := level.Cut[o]
			if cut == Bypass {
				continue
			}
			if cut < outer || cut > len(m.Loops) {
				return constraint("%s: %d loops are outside the tile of the %v; it must be between the %d of %s and all %d", level.Name, cut, o, outer, name, len(m.Loops))
			}
			outer, name = cut, level.Name
		}
	}
	return nil
}

func (m *Mapping) checkLevel(l *Layer, i int, w Widths) error {
	level := &m.Levels[i]
	var held unit.Bits
	for o := range Operand(NumOperands) {
		cut := level.Cut[o]
		if cut == Bypass {
			continue
		}
		if used := m.units(l, cut); level.Units > 0 && used > int64(level.Units) {
			return constraint("%s: the %v are spread over %d units, but there are %d", level.Name, o, used, level.Units)
		}
		held += unit.Bits(l.tileElements(o, m.tile(l, cut), false)) * m.stored(l, i, o, w)
	}
	if level.Capacity > 0 && held > level.Capacity {
		return constraint("%s: the tiles take %.0f bit of one unit, but it has %.0f bit; shrink a tile or let an operand bypass the level", level.Name, held, level.Capacity)
	}
	return nil
}

// stored returns the width at which a level holds an element. Outputs are partial sums unless every
// value that arrives from inside is complete.
func (m *Mapping) stored(l *Layer, level int, o Operand, w Widths) unit.Bits {
	if o != Outputs {
		return w.of(o)
	}
	inside := len(m.Loops)
	if inner := m.inside(o, level); inner < len(m.Levels) {
		inside = m.Levels[inner].Cut[o]
	}
	if m.reduces(l, inside, false) || m.reduces(l, m.Levels[level].Cut[o], true) {
		return unit.Bits(w.Partial)
	}
	return unit.Bits(w.Final)
}
