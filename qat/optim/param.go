package optim

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Param is one tensor that training changes, with its gradient. Both are contiguous float32
// tensors of the same number of elements.
type Param struct {
	// Name is unique within a model; the optimiser's state is saved under it.
	Name string
	// Data is changed in place by a step.
	Data *tensor.Dense
	// Gradient is what the last backward pass left.
	Gradient *tensor.Dense
	// Decay says whether the optimiser's weight decay applies. The method excludes the
	// parameters of batch normalisation and of quantizers.
	Decay bool
	// RateScale multiplies the optimiser's rate for this parameter. 0 keeps the value while the
	// state moves on.
	RateScale float64
	// Skip leaves out this parameter from a step: neither value nor state changes.
	Skip bool
}

// NewParam returns a parameter without decay that is trained at the optimiser's own rate.
func NewParam(name string, data, gradient *tensor.Dense) *Param {
	return &Param{Name: name, Data: data, Gradient: gradient, RateScale: 1}
}

var _ gorgonia.ValueGrad = (*Param)(nil)

// Value returns Data.
func (p *Param) Value() gorgonia.Value { return p.Data }

// Grad returns Gradient, or an error when there is none.
func (p *Param) Grad() (gorgonia.Value, error) {
	if p.Gradient == nil {
		return nil, fmt.Errorf("parameter %s has no gradient", p.Name)
	}
	return p.Gradient, nil
}

// Model returns params in the form that Step takes.
func Model(params []*Param) []gorgonia.ValueGrad {
	m := make([]gorgonia.ValueGrad, len(params))
	for i, p := range params {
		m[i] = p
	}
	return m
}

// float32s returns the elements of a value of one of the model's parameters.
func float32s(v gorgonia.Value, name, what string) ([]float32, error) {
	t, ok := v.(*tensor.Dense)
	switch {
	case !ok || t == nil:
		return nil, fmt.Errorf("parameter %s: %s is a %T, not a dense tensor", name, what, v)
	case t.Dtype() != tensor.Float32:
		return nil, fmt.Errorf("parameter %s: %s holds %v, not float32", name, what, t.Dtype())
	case t.RequiresIterator():
		return nil, fmt.Errorf("parameter %s: %s is not contiguous", name, what)
	}
	return t.Float32s(), nil
}
