package gemmini

import (
	"math"

	"dse/sim/nest"
	"dse/sim/pipeline"
)

// library finds tiles as Gemmini's C library does, for halves of its buffers, in rows of the array.
type library struct {
	side                    int
	scratchpad, accumulator int
}

// tiling returns the tiles of a problem and how many sizes were tried on the host to find them.
func (l library) tiling(p *pipeline.Problem) *pipeline.Tiling {
	if p.Product {
		return l.product(p)
	}
	return l.convolution(p)
}

// product starts from tiles of sums as square as the accumulator permits, as deep as the scratchpad
// permits, and widens each side in turn. That takes the host next to no time.
func (l library) product(p *pipeline.Problem) *pipeline.Tiling {
	rows, cols, depth := ceilDiv(p.Out.W, l.side), ceilDiv(p.Filters, l.side), ceilDiv(p.Channels, l.side)
	square := int(math.Sqrt(float64(l.accumulator / l.side)))
	i, j := min(rows, square), min(cols, square)
	k := min(depth, l.scratchpad/2/l.side/square)
	fits := func(i, j, k int) bool {
		return (i+j)*k*l.side <= l.scratchpad && i*j*l.side <= l.accumulator && i <= rows && j <= cols && k <= depth
	}
	for more := true; more; {
		more = false
		for _, step := range [][3]int{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}} {
			if fits(i+step[0], j+step[1], k+step[2]) {
				i, j, k, more = i+step[0], j+step[1], k+step[2], true
			}
		}
	}
	t := &pipeline.Tiling{Order: []nest.Dim{nest.C, nest.K, nest.P}}
	for d := range t.Size {
		t.Size[d] = 1
	}
	t.Size[nest.P], t.Size[nest.K], t.Size[nest.C] = i*l.side, j*l.side, k*l.side
	return t
}

// convolutionDims are in the order in which the library shrinks and grows them.
var convolutionDims = [...]nest.Dim{nest.N, nest.Q, nest.P, nest.K, nest.S, nest.R, nest.C}

// convolution shrinks the largest dimension until a tile fits, channels by whole array sides, then grows
// the columns and at last every dimension in turn, by one.
func (l library) convolution(p *pipeline.Problem) *pipeline.Tiling {
	whole := [nest.NumDims]int{nest.N: 1, nest.C: p.Channels, nest.K: p.Filters, nest.Q: p.Out.H, nest.P: p.Out.W, nest.S: p.Kernel.H, nest.R: p.Kernel.W}
	size, tried := whole, 0
	fits := func(s *[nest.NumDims]int) bool {
		tried++
		return l.fits(p, s)
	}
	for !fits(&size) {
		largest := nest.N
		for _, d := range convolutionDims {
			// Columns are spared while they fill no more than a pass.
			if size[d] > size[largest] && !(d == nest.P && size[d] <= l.side && size[nest.Q] > 1) {
				largest = d
			}
		}
		if (largest == nest.K || largest == nest.C) && size[largest] > 1 {
			size[largest] = max(1, (size[largest]-1)/l.side*l.side)
		} else {
			size[largest]--
		}
	}
	grow := func(d nest.Dim) bool {
		if size[d] == whole[d] {
			return false
		}
		larger := size
		larger[d]++
		if !fits(&larger) {
			return false
		}
		size = larger
		return true
	}
	for grow(nest.P) {
	}
	for more := true; more; {
		more = false
		for _, d := range convolutionDims {
			more = grow(d) || more
		}
	}
	return &pipeline.Tiling{Size: size, Order: defaultOrder, Tried: tried}
}

// fits says whether a tile of inputs and weights, and its sums, fit.
func (l library) fits(p *pipeline.Problem, s *[nest.NumDims]int) bool {
	rows, cols := s[nest.Q]*p.Stride+s[nest.S]-1, s[nest.P]*p.Stride+s[nest.R]-1
	filters, channels := ceilDiv(s[nest.K], l.side), ceilDiv(s[nest.C], l.side)
	operands := channels*rows*cols + filters*s[nest.R]*s[nest.S]*s[nest.C]
	return operands <= l.scratchpad && filters*s[nest.Q]*s[nest.P] <= l.accumulator
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
