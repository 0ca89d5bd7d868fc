// Package null predicts latency from almost nothing. A simulator that cannot beat these three models
// on measured rows has learned nothing about the chip; reports of agreement with silicon print
// their errors beside the simulator's.
package null

import (
	"dse/accel"
	"dse/models"
	"dse/sim/systolic"
)

// Model is a null model.
type Model uint8

// The models, each a refinement of the one before.
const (
	// Peak divides the multiply-accumulates by the number of multipliers.
	Peak Model = iota
	// Tiled rounds each dimension that lies on the array up to the array's side.
	Tiled
	// TiledBytes adds the time to move every tensor of every layer once, with no overlap.
	TiledBytes
	Models = iota
)

func (m Model) String() string {
	return [...]string{"MACs / peak", "tile-quantised MACs / peak", "tile-quantised MACs / peak + bytes / bandwidth"}[m]
}

// Cycles returns what each model predicts for one inference of one image at precision p, in core
// cycles of the accelerator. Layers without weights count by their bytes only. All multiply at the
// native width, one MAC per multiplier and cycle.
func Cycles(a *accel.Accelerator, n *models.Network, p *models.Precision) [Models]float64 {
	var sum [Models]float64
	for i := range n.Layers {
		for m, cycles := range Layer(a, n, p, i) {
			sum[m] += cycles
		}
	}
	return sum
}

// Layer returns what each model predicts for layer i of the network.
func Layer(a *accel.Accelerator, n *models.Network, p *models.Precision, i int) [Models]float64 {
	l := &n.Layers[i]
	if l.Kind == models.Input {
		return [Models]float64{}
	}
	bits := float64(n.TensorSize(i, p))
	for _, j := range l.Inputs {
		bits += float64(n.TensorSize(j, p))
	}
	var peak, tiled float64
	if l.Weighted() {
		peak = float64(l.MACs()) / float64(a.Array.Rows*a.Array.Cols*a.Array.Positions.Count())
		tiled = steps(a.Array, l)
		w := &p.Weights[n.WeightSiteOf(i)]
		site := n.Weights[n.WeightSiteOf(i)]
		for j, b := range w.Widths {
			bits += float64(site.SliceElements(w.Group, j)) * float64(b)
		}
	}
	perCycle := 8 * float64(a.DRAM.Bandwidth) * a.DRAM.Efficiency / float64(a.Clock)
	return [Models]float64{peak, tiled, tiled + bits/perCycle}
}

// steps returns the cycles in which operands stream through an array that is filled as often as the
// layer needs, each group of a convolution by itself.
func steps(a accel.Array, l *models.Layer) float64 {
	groups, taps := 1, 1
	if l.Kind == models.Conv {
		groups, taps = l.Groups, l.Kernel.H*l.Kernel.W
	}
	product := systolic.Product{Pixels: l.Out.H * l.Out.W, Window: l.Fanin(), Filters: l.Out.C / groups}
	grid := systolic.Array{Rows: a.Rows, Cols: a.Cols}
	switch {
	case a.Dataflow == accel.RowStationary:
		// Filters' rows lie down the array, output rows along it; each PE does a MAC per cycle.
		rows := min(l.Kernel.H, a.Rows)
		if l.Kind == models.Dense {
			rows = 1
		}
		strips := ceilDiv(l.Out.H, a.Cols)
		return float64(l.MACs()) * float64(strips*a.Cols) / float64(l.Out.H) / float64(a.Rows/rows*rows*a.Cols)
	case a.Dataflow == accel.Unrolled:
		blocks := ceilDiv(l.Out.H, max(1, a.Positions.Height)) * ceilDiv(l.Out.W, max(1, a.Positions.Width))
		if a.DepthwiseLanes > 0 && l.Depthwise() {
			return float64(blocks * ceilDiv(taps, a.DepthwiseLanes) * ceilDiv(l.Out.C, a.Cols))
		}
		rows, again := l.Fanin(), 1
		if a.Reduction == accel.ReduceChannels {
			rows, again = l.Fanin()/taps, taps
		}
		return float64(groups) * float64(blocks*again*ceilDiv(rows, a.Rows)*ceilDiv(product.Filters, a.Cols))
	default:
		return float64(groups) * float64(grid.Folds(a.Dataflow, product)*product.Stream(a.Dataflow))
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
