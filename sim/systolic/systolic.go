// Package systolic counts the cycles and operand reads of a matrix product on a systolic array
// that never waits for memory.
//
// A layer is a product of P output pixels, a window of W elements per pixel, and N filters. The
// dataflow lays two of the three dimensions on the rows and columns of the array and streams the
// third; where a dimension is longer than the array, the product is folded.
//
//	dataflow            rows  columns  streamed  cycles of one fold
//	weight stationary   W     N        P         R + (P + R + C - 2)
//	input stationary    W     P        N         R + (N + R + C - 2)
//	output stationary   P     N        W         W + R + C - 2
//
// The first R cycles of the stationary flows load the operand that stays. R + C - 2 is the skew:
// the wave enters at one corner of the array and leaves at the opposite one. Every fold pays for
// the whole array, used or not, and folds do not overlap.
//
// Source: Samajdar et al., "A Systematic Methodology for Characterizing Scalability of DNN
// Accelerators using SCALE-Sim", ISPASS 2020. The figures equal those of the SCALE-Sim tool.
package systolic

import (
	"dse/accel"
	"dse/accel/unit"
)

// Product is a layer as the array sees it.
type Product struct {
	Pixels  int // P: output positions
	Window  int // W: multiply-accumulates per output value
	Filters int // N: output channels
}

// Array is a grid of processing elements.
type Array struct{ Rows, Cols int }

// Skew returns the cycles between the first operand's entry and the last result's exit, beyond the
// length of the stream: R + C - 2.
func (a Array) Skew() int { return a.Rows + a.Cols - 2 }

// Load returns the cycles that loading the stationary operand of one fold takes: one row of the
// array per cycle, and none where results are what stays.
func (a Array) Load(d accel.Dataflow) int {
	if d == accel.OutputStationary {
		return 0
	}
	return a.Rows
}

// layout returns the dimensions on rows and columns and the streamed one.
func (p Product) layout(d accel.Dataflow) (rows, cols, stream int) {
	switch d {
	case accel.WeightStationary:
		return p.Window, p.Filters, p.Pixels
	case accel.InputStationary:
		return p.Window, p.Pixels, p.Filters
	case accel.OutputStationary:
		return p.Pixels, p.Filters, p.Window
	}
	panic("systolic: unknown dataflow")
}

// Stream returns the length of the stream of one fold.
func (p Product) Stream(d accel.Dataflow) int {
	_, _, stream := p.layout(d)
	return stream
}

// Folds returns how often the array is filled.
func (a Array) Folds(d accel.Dataflow, p Product) int {
	rows, cols, _ := p.layout(d)
	return ceilDiv(rows, a.Rows) * ceilDiv(cols, a.Cols)
}

// Cycles returns the duration of the whole product.
func (a Array) Cycles(d accel.Dataflow, p Product) unit.Cycles {
	return unit.Cycles(a.Folds(d, p)) * unit.Cycles(a.Load(d)+p.Stream(d)+a.Skew())
}

// Occupancy returns the share of processing elements that hold something, averaged over folds.
func (a Array) Occupancy(d accel.Dataflow, p Product) float64 {
	rows, cols, _ := p.layout(d)
	return float64(rows*cols) / float64(a.Folds(d, p)*a.Rows*a.Cols)
}

// Accesses are the elements that cross the edge of the array.
type Accesses struct {
	Inputs  int // activations read
	Weights int // weights read
	Sums    int // partial sums that leave, one for each fold of the window
}

// Accesses returns the operand traffic of the whole product. An element that meets several
// columns (or rows) of one fold is read once.
func (a Array) Accesses(d accel.Dataflow, p Product) Accesses {
	inputs, weights, outputs := p.Pixels*p.Window, p.Window*p.Filters, p.Pixels*p.Filters
	window := ceilDiv(p.Window, a.Rows)
	switch d {
	case accel.WeightStationary:
		return Accesses{inputs * ceilDiv(p.Filters, a.Cols), weights, outputs * window}
	case accel.InputStationary:
		return Accesses{inputs, weights * ceilDiv(p.Pixels, a.Cols), outputs * window}
	case accel.OutputStationary:
		return Accesses{inputs * ceilDiv(p.Filters, a.Cols), weights * ceilDiv(p.Pixels, a.Rows), outputs}
	}
	panic("systolic: unknown dataflow")
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
