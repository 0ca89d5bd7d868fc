package mapper

import (
	"fmt"

	"dse/accel"
	"dse/models"
)

// Widths are the stored bits per element. They may be fractional: means over a tensor.
type Widths struct {
	Weight, Input, Output float64
	// Residual is the width of a tensor that is added to the outputs on their way out; 0 if there is none.
	Residual float64
	// Partial is the width of a sum that leaves the accumulators before it is complete.
	Partial float64
	// Metadata is fetched once with the weights: bits of the whole layer.
	Metadata float64
}

// Present says which share of an operand need not cross the DRAM interface, because it is on chip when the
// layer starts or stays there when it ends. Zero for a layer by itself.
type Present struct{ Weights, Inputs, Outputs, Residual float64 }

// ModeShare says that some output channels run in a mode of the array. Channels counts those of all groups.
type ModeShare struct {
	Mode     accel.Mode
	Channels int
}

// Problem is what is to be mapped: a layer at given widths.
type Problem struct {
	Layer   Layer
	Widths  Widths
	Present Present
	// Modes of the output channels, in the order of column tiles; their Channels sum to the layer's.
	Modes []ModeShare
	// VectorOps are element operations on the results, on the vector unit, and VectorCycles the time that it
	// takes for them beside the array.
	VectorOps, VectorCycles float64
	// Reserved is the space of each memory that is not to be used, in bits.
	Reserved [maxMemories]float64
}

// NewProblem returns the problem of a layer by itself: nothing is on chip when it starts and nothing stays
// there, elements take exactly the given bits, and the array multiplies in the cheapest mode that is wide
// enough.
func NewProblem(a *accel.Accelerator, l *models.Layer, weight, activation int) (*Problem, error) {
	shape, err := NewLayer(l)
	if err != nil {
		return nil, err
	}
	kind := accel.ConvOperator
	switch {
	case l.Kind == models.Dense:
		kind = accel.DenseOperator
	case l.Depthwise():
		kind = accel.DepthwiseOperator
	}
	var best *accel.Mode
	for _, m := range a.Precision.For(kind) {
		if m.Weight < weight || m.Activation < activation {
			continue
		}
		if best == nil || m.Throughput > best.Throughput || m.Throughput == best.Throughput && m.Energy < best.Energy {
			best = &m
		}
	}
	if best == nil {
		return nil, fmt.Errorf("layer %s: no mode of accelerator %s multiplies %d-bit weights by %d-bit activations", l.Name, a.Name, weight, activation)
	}
	return &Problem{
		Layer:  shape,
		Widths: Widths{Weight: float64(weight), Input: float64(activation), Output: float64(activation), Partial: float64(a.Array.Accumulator.Width)},
		Modes:  []ModeShare{{*best, l.Out.C}},
	}, nil
}

// check returns an error unless the problem is well formed on m.
func (p *Problem) check(m *Machine) error {
	l := &p.Layer
	for _, x := range []struct {
		name string
		n    int
	}{
		{"groups", l.Groups}, {"K", l.K}, {"C", l.C}, {"Q", l.Rows.Out}, {"P", l.Cols.Out}, {"S", l.Rows.Taps}, {"R", l.Cols.Taps},
		{"input rows", l.Rows.In}, {"input columns", l.Cols.In}, {"row stride", l.Rows.Stride}, {"column stride", l.Cols.Stride},
	} {
		if x.n < 1 {
			return fmt.Errorf("layer: %s is %d; every size is at least 1", x.name, x.n)
		}
	}
	sum := 0
	for _, s := range p.Modes {
		sum += s.Channels
	}
	if want := l.filters() * l.Groups; sum != want {
		return fmt.Errorf("layer: modes for %d output channels, it has %d", sum, want)
	}
	if w := p.Widths; !(w.Weight > 0 && w.Input > 0 && w.Output > 0 && w.Partial > 0) {
		return fmt.Errorf("layer: widths of weights, inputs, outputs and partial sums are %v, %v, %v and %v bits; each is above 0", w.Weight, w.Input, w.Output, w.Partial)
	}
	if bits := p.tensorBits(); bits > float64(m.accel.DRAM.Capacity.Bits()) {
		return fmt.Errorf("layer: its tensors take %.0f bytes, the DRAM has %v", bits/8, m.accel.DRAM.Capacity)
	}
	return nil
}

// tensorBits returns the size of all tensors of the layer.
func (p *Problem) tensorBits() float64 {
	l := &p.Layer
	w := float64(l.Groups) * float64(l.K) * float64(l.C) * float64(l.taps())
	in := float64(l.Groups) * float64(l.C) * float64(l.Rows.In) * float64(l.Cols.In)
	return w*p.Widths.Weight + in*p.Widths.Input + p.outputs()*(p.Widths.Output+p.Widths.Residual) + p.Widths.Metadata
}

// outputs returns the elements of the output tensor.
func (p *Problem) outputs() float64 {
	l := &p.Layer
	return float64(l.Groups) * float64(l.filters()) * float64(l.Rows.Out) * float64(l.Cols.Out)
}
