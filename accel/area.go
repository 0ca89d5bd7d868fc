package accel

import "dse/accel/unit"

// AreaParts is the area of an accelerator by cause. A part is 0 where it is not known.
type AreaParts struct {
	Array       unit.SquareMillimetre
	Accumulator unit.SquareMillimetre
	Memories    []unit.SquareMillimetre // in the accelerator's order
	Rest        unit.SquareMillimetre   // Technology.Area
}

// Area returns the area by cause.
func (a *Accelerator) Area() AreaParts {
	p := AreaParts{Array: a.Array.Area, Accumulator: a.Array.Accumulator.Area, Rest: a.Technology.Area}
	for _, m := range a.Memories {
		p.Memories = append(p.Memories, m.Area)
	}
	return p
}

// Total returns the sum of the parts, and whether all of them are known.
func (p *AreaParts) Total() (sum unit.SquareMillimetre, known bool) {
	known = true
	for _, part := range append([]unit.SquareMillimetre{p.Array, p.Accumulator, p.Rest}, p.Memories...) {
		sum += part
		known = known && part > 0
	}
	return sum, known
}
