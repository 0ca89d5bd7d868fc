package technology

import (
	"math"

	"dse/accel/unit"
)

// PE is a processing element: a multiplier, an adder for partial sums, and the registers that
// pass both operands and the sum on.
type PE struct {
	Weight, Activation int // bits
	Sum                int // bits of a partial sum
	// Splits is the number of times that the multiplier can be halved in both operands to work on
	// narrower ones: 2 for one of 8 x 8 bit that also does 16 products of 2 x 2 bit. Fractions arise
	// where only one operand is halved.
	Splits float64
}

// Energy at 45 nm, in pJ:
//
//	multiplier  0.001618 w a + 0.002576 (w + a)
//	adder       0.002917 s + 0.006667
//
// The adder is the straight line through the integer additions of 8 and 32 bit (0.03 and 0.1 pJ) in
// M. Horowitz, "Computing's energy problem", ISSCC 2014. The multiplier, with the registers of its
// operands, is what remains of a fixed-width systolic PE of 4 x 4 and 16 x 16 bit (0.0824 and 0.6027
// pJ per cycle) in the synthesis results of Bit Fusion (github.com/hsharma35/bitfusion, commit
// 04ec1c8, results/systolic_array_synth.csv, mean over a 4 x 4 array at 500 MHz) when that has an
// adder of two bits more than the product, enough for a column of four.
const (
	multiplierSquare = 0.001618
	multiplierEdge   = 0.002576
	adderPerBit      = 0.07 / 24
	adderFixed       = 0.03 - 8*adderPerBit
)

// splitEnergy is the factor to the energy of a PE's cycle for each time that its multiplier can be
// split: fitted to the PEs of at most 4 and 16 bit in the same synthesis, which split once and three
// times down to 2 bit and take 1.43 and 3.51 times the energy of fixed ones. A split PE takes this energy
// in every cycle, whatever its mode.
const splitEnergy = 1.51

// Area at 45 nm, in um2: 4.95 w a + 6.24 (w + a + s), times 1.75 for each split. Fitted to the same
// PEs of 4 and 16 bit: 191.6 and 1679 um2 fixed, 1.85 and 5.26 times that when they split.
const (
	areaSquare = 4.95
	areaPerBit = 6.24
	splitArea  = 1.75
)

// Energy returns what the PE takes in a cycle: one multiply-accumulate of its full width.
func (n Node) Energy(p PE) unit.Picojoule {
	w, a := float64(p.Weight), float64(p.Activation)
	fixed := multiplierSquare*w*a + multiplierEdge*(w+a) + addition(p.Sum)
	return n.pJ(fixed * math.Pow(splitEnergy, p.Splits))
}

// Area returns the area of the PE, wires within the array included as far as synthesis sees them.
func (n Node) Area(p PE) unit.SquareMillimetre {
	w, a := float64(p.Weight), float64(p.Activation)
	fixed := areaSquare*w*a + areaPerBit*(w+a+float64(p.Sum))
	return n.um2(fixed * math.Pow(splitArea, p.Splits))
}

// Multiplication returns the energy of a product alone, without its sum.
func (n Node) Multiplication(weight, activation int) unit.Picojoule {
	w, a := float64(weight), float64(activation)
	return n.pJ(multiplierSquare*w*a + multiplierEdge*(w+a))
}

// Addition returns the energy of adding two integers of the given bits.
func (n Node) Addition(bits int) unit.Picojoule { return n.pJ(addition(bits)) }

func addition(bits int) float64 { return adderPerBit*float64(bits) + adderFixed }
