package pipeline

import (
	"fmt"

	"dse/sim/nest"
)

// Problem is a convolution, or a matrix product of Out.W rows where Product is set. Elements take a byte
// each; sums stay in the accumulators. Tensors lie in memory with their channels innermost.
type Problem struct {
	Filters, Channels int
	Out, In           Size
	Kernel            Size
	Stride            int
	Pad               Size // before the first row and column
	// Product says that the host starts tiles with the command for matrix products, which needs
	// no zeros for fresh sums and stores up to a line at a time.
	Product bool
}

// Size is an extent in rows and columns.
type Size struct{ H, W int }

// NewProduct returns the product of a rows x depth matrix with a depth x cols one.
func NewProduct(rows, depth, cols int) *Problem {
	return &Problem{Filters: cols, Channels: depth, Out: Size{1, rows}, In: Size{1, rows}, Kernel: Size{1, 1}, Stride: 1, Product: true}
}

// Tiling says how a problem is cut into tiles.
type Tiling struct {
	// Size of a tile. Positions are those of the output. Sizes need not divide the problem.
	Size [nest.NumDims]int
	// Order of the loops over tiles, innermost first. Dimensions that are not named follow, in the order
	// of nest.
	Order []nest.Dim
	// Tried is the tile sizes that the host's library tried to find this one.
	Tried int
}

func (p *Problem) sizes() [nest.NumDims]int {
	return [nest.NumDims]int{nest.N: 1, nest.C: p.Channels, nest.K: p.Filters, nest.Q: p.Out.H, nest.P: p.Out.W, nest.S: p.Kernel.H, nest.R: p.Kernel.W}
}

// Check says what is wrong with a tiling.
func (p *Problem) Check(t *Tiling) error {
	sizes := p.sizes()
	for d := range nest.Dim(nest.NumDims) {
		if sizes[d] < 1 {
			return fmt.Errorf("the problem has %v = %d; it needs at least 1", d, sizes[d])
		}
		if t.Size[d] < 1 {
			return fmt.Errorf("a tile of %v = %d holds nothing; the problem has %v = %d, a tile takes at least 1", d, t.Size[d], d, sizes[d])
		}
	}
	var seen [nest.NumDims]bool
	for _, d := range t.Order {
		if seen[d] {
			return fmt.Errorf("the order of loops names %v twice; name each dimension once", d)
		}
		seen[d] = true
	}
	return nil
}

// order returns all dimensions, innermost first.
func (t *Tiling) order() []nest.Dim {
	order := append([]nest.Dim(nil), t.Order...)
	var named [nest.NumDims]bool
	for _, d := range order {
		named[d] = true
	}
	for d := range nest.Dim(nest.NumDims) {
		if !named[d] {
			order = append(order, d)
		}
	}
	return order
}

// loops returns the loops over tiles, innermost first, as the cache sees them.
func (m *Machine) loops(p *Problem, t *Tiling) []loop {
	sizes := p.sizes()
	var loops []loop
	for _, d := range t.order() {
		count := float64(ceilDiv(sizes[d], t.Size[d]))
		if count == 1 {
			continue
		}
		l := loop{count: count, share: [streams]float64{count, count, count}}
		switch d {
		case nest.P, nest.Q:
			l.share[inputs], l.share[outputs] = 1, 1
		case nest.K:
			l.share[weights] = min(count, m.together(t.Size[d]))
			l.share[outputs] = l.share[weights]
		case nest.C:
			l.share[weights] = 1
			l.share[inputs] = min(count, m.together(t.Size[d]))
		case nest.R, nest.S:
			l.share[weights] = 1 // windows of neighbouring taps overlap, so inputs are the same
		}
		loops = append(loops, l)
	}
	return loops
}

// together returns how many tiles of so many channels lie in one line.
func (m *Machine) together(channels int) float64 { return float64(max(1, m.line/channels)) }
