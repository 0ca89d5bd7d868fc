package nest

import "dse/accel/unit"

// Widths are the bits of one element.
type Widths struct {
	Weight, Input int
	// Partial is the width of a sum that is not complete, Final that of a result.
	Partial, Final int
}

func (w Widths) of(o Operand) unit.Bits {
	if o == Weights {
		return unit.Bits(w.Weight)
	}
	return unit.Bits(w.Input)
}

// Traffic is a Count in bits.
type Traffic struct{ Reads, Updates, Fills, Drains unit.Bits }

// Bits returns the traffic of a count of the operand. Values on their way in are partial sums, since
// a complete one is never needed again; values on their way out are as wide as they are complete.
func (w Widths) Bits(o Operand, c Count) Traffic {
	if o != Outputs {
		width := w.of(o)
		return Traffic{Reads: unit.Bits(c.Reads) * width, Fills: unit.Bits(c.Fills) * width}
	}
	partial, final := unit.Bits(w.Partial), unit.Bits(w.Final)
	return Traffic{
		Reads:   unit.Bits(c.Reads) * partial,
		Updates: unit.Bits(c.Updates-c.FinalUpdates)*partial + unit.Bits(c.FinalUpdates)*final,
		Fills:   unit.Bits(c.Fills) * partial,
		Drains:  unit.Bits(c.Drains-c.FinalDrains)*partial + unit.Bits(c.FinalDrains)*final,
	}
}
