package gemmini

import (
	"fmt"

	"dse/models"
	"dse/sim/agreement"
	"dse/sim/nest"
	"dse/sim/pipeline"
)

// program is what was run for a row.
//
// The programs build square maps from the number of output columns, with a padding of half the kernel:
// a row of 60 x 6 outputs ran 60 x 60, and a kernel of 2 x 2 gives one output more than the row says.
// Layers with one column and a 1 x 1 kernel ran as matrix products of so many rows.
type program struct {
	problem *pipeline.Problem
	name    string
}

func programOf(r agreement.Record) (*program, error) {
	p, c, k := r.Int("P"), r.Int("C"), r.Int("K")
	rows, kernel, stride := r.Int("Q"), r.Int("R"), r.Int("stride_w")
	name := fmt.Sprintf("C%d K%d P%d Q%d R%d stride %d", c, k, p, rows, kernel, stride)
	if buffer := r.Text("scratchpad_kb"); buffer != "" {
		name += fmt.Sprintf(", %s + %s kB", buffer, r.Text("accumulator_kb"))
	}
	if r.Int("N") != 1 || r.Int("S") != kernel || r.Int("stride_h") != stride {
		return nil, r.Errorf("the programs take one image, square kernels and equal strides, got N = %d, R x S = %d x %d, strides %d and %d",
			r.Int("N"), kernel, r.Int("S"), stride, r.Int("stride_h"))
	}
	if p < 1 || c < 1 || k < 1 || kernel < 1 || stride < 1 {
		return nil, r.Errorf("P, C, K, R and the stride must be at least 1")
	}
	if rows == 1 && kernel == 1 {
		return &program{pipeline.NewProduct(p, c, k), name}, nil
	}
	in, pad := p*stride, kernel/2
	out := (in+2*pad-kernel)/stride + 1
	return &program{&pipeline.Problem{
		Filters: k, Channels: c, Out: pipeline.Size{H: out, W: out}, In: pipeline.Size{H: in, W: in},
		Kernel: pipeline.Size{H: kernel, W: kernel}, Stride: stride, Pad: pipeline.Size{H: pad, W: pad},
	}, name}, nil
}

// layer returns what was run as a layer of a network, for the null models.
func (p *program) layer() *models.Layer {
	q := p.problem
	return &models.Layer{
		Kind: models.Conv, Groups: 1,
		In: models.Shape{C: q.Channels, H: q.In.H, W: q.In.W}, Out: models.Shape{C: q.Filters, H: q.Out.H, W: q.Out.W},
		Kernel: models.Window{H: q.Kernel.H, W: q.Kernel.W}, Stride: models.Window{H: q.Stride, W: q.Stride},
	}
}

// tiling returns the tiles of a given mapping on an array of the given side. Programs for matrix
// products count tiles in array-fulls of 16, and step by as many of the array's own side.
func (p *program) tiling(m *mapping, side int) *pipeline.Tiling {
	t := &pipeline.Tiling{Size: m.tile, Order: m.order}
	if p.problem.Product {
		for _, d := range []nest.Dim{nest.P, nest.K, nest.C} {
			t.Size[d] = max(1, m.tile[d]/16) * side
		}
	}
	return t
}

// side returns that of the array which a given mapping was run on: rows of searched designs name it, and
// the random mappings were each run on the smallest of the arrays built, 2 to 128 a side, that they
// spread over. (Cycles of rows that spread over 64 are below what 16 x 16 multipliers can do.)
func (m *mapping) side(searched bool, named int) int {
	if searched {
		return named
	}
	side := 2
	for side < m.spatial[nest.K] || side < m.spatial[nest.C] {
		side *= 2
	}
	return side
}
