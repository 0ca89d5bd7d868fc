package nest

import "dse/accel/unit"

// Loop splits what the loops outside it leave of its dimension into pieces of Step elements, one
// piece after the other in time, or one per unit in space. The last piece is smaller where Step
// does not divide. The innermost loop over a dimension steps by 1.
type Loop struct {
	Dim     Dim
	Step    int
	Spatial bool
}

// Factor is a loop given by its number of steps instead of their size.
type Factor struct {
	Dim     Dim
	Count   int
	Spatial bool
}

// Bypass is the cut of an operand that a level does not hold.
const Bypass = -1

// Level is a memory, or a group of equal ones.
type Level struct {
	Name string
	// Cut is, for each operand, the number of loops outside the tile that one unit holds:
	// Loops[:Cut] step from tile to tile and spread tiles over units, Loops[Cut:] run within one.
	// Cuts may differ between operands.
	Cut [NumOperands]int
	// Capacity of one unit, shared by the operands that it holds; 0 is unbounded.
	Capacity unit.Bits
	// Units is the number that exist; 0 is unbounded.
	Units int
}

// Mapping says in which order, and where, a layer is computed.
type Mapping struct {
	Loops  []Loop  // outermost first
	Levels []Level // outermost first; the first holds every operand whole
	MACs   int     // multipliers that exist; 0 is unbounded
}

// Loops returns the loops of factors whose product is the layer, outermost first.
func Loops(l *Layer, factors []Factor) ([]Loop, error) {
	loops := make([]Loop, len(factors))
	step := [NumDims]int{1, 1, 1, 1, 1, 1, 1}
	for i := len(factors) - 1; i >= 0; i-- {
		f := factors[i]
		if f.Count < 1 {
			return nil, loopError(i, f.Dim, "has %d steps; it needs at least 1", f.Count)
		}
		loops[i] = Loop{f.Dim, step[f.Dim], f.Spatial}
		step[f.Dim] *= f.Count
	}
	for d, product := range step {
		if product != l.Size[d] {
			return nil, constraint("the loops over %v multiply to %d, but the layer has %v = %d; change a factor, or give step sizes that need not divide", Dim(d), product, Dim(d), l.Size[d])
		}
	}
	return loops, nil
}

// inside returns the next level inward that holds an operand, or the number of levels.
func (m *Mapping) inside(o Operand, level int) int {
	for level++; level < len(m.Levels) && m.Levels[level].Cut[o] == Bypass; level++ {
	}
	return level
}

// units returns how many units the spatial loops among the first cut make.
func (m *Mapping) units(l *Layer, cut int) int64 {
	units, tile := int64(1), l.Size
	for _, loop := range m.Loops[:cut] {
		if loop.Spatial {
			units *= int64(ceilDiv(tile[loop.Dim], loop.Step))
		}
		tile[loop.Dim] = loop.Step
	}
	return units
}

// tile returns the size of the largest piece of each dimension inside the first cut loops.
func (m *Mapping) tile(l *Layer, cut int) [NumDims]int {
	tile := l.Size
	for _, loop := range m.Loops[:cut] {
		tile[loop.Dim] = loop.Step
	}
	return tile
}

// reduces says whether a spatial, or else a temporal, loop over a dimension that outputs are summed
// over has more than one step among the first cut loops.
func (m *Mapping) reduces(l *Layer, cut int, spatial bool) bool {
	tile := l.Size
	for _, loop := range m.Loops[:cut] {
		if l.role(Outputs, loop.Dim) == unused && tile[loop.Dim] > loop.Step && loop.Spatial == spatial {
			return true
		}
		tile[loop.Dim] = loop.Step
	}
	return false
}

// spreads says whether a spatial loop among Loops[lo:hi] has more than one step.
func (m *Mapping) spreads(l *Layer, lo, hi int) bool {
	tile := m.tile(l, lo)
	for _, loop := range m.Loops[lo:hi] {
		if loop.Spatial && tile[loop.Dim] > loop.Step {
			return true
		}
		tile[loop.Dim] = loop.Step
	}
	return false
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
