package optim

import (
	"fmt"
	"strconv"

	"gorgonia.org/gorgonia"
)

// Solver is what all optimisers of this package offer beyond gorgonia's Solver.
type Solver interface {
	gorgonia.Solver
	// SetRate sets the learning rate of the steps that follow.
	SetRate(rate float64)
	// Reset forgets the state, as at the start of a phase.
	Reset()
	// State returns the state in a fixed order: parameter by parameter, and for each the
	// optimiser's averages. It is empty before the first step. The values are the optimiser's
	// own; they are good until the next step.
	State() []Slot
	// Restore replaces the state by a saved one, which is copied; an empty one is that of a run
	// not begun. The next Step fails if it does not fit the model.
	Restore([]Slot)
}

// Slot is one saved array of an optimiser's state.
type Slot struct {
	// Name is the kind of average and the parameter's name: "nu/stem.weight".
	Name   string
	Values []float32
}

// kind is one sort of average that an optimiser keeps.
type kind struct {
	name string
	// scalar: one value for each parameter, not one for each of its elements.
	scalar bool
}

// view is one parameter as a step sees it.
type view struct {
	name        string
	data, grad  []float32
	rate, decay float32
	slots       [][]float32 // by kind
	skip        bool
}

// memory is the state of an optimiser, by position of the parameter in the model.
type memory struct {
	params []view
	saved  []Slot // restored and not yet taken over by bind
}

// Reset forgets the state.
func (m *memory) Reset() { *m = memory{} }

// Restore replaces the state; bind checks it.
func (m *memory) Restore(slots []Slot) {
	m.Reset()
	for _, s := range slots {
		m.saved = append(m.saved, Slot{Name: s.Name, Values: append([]float32(nil), s.Values...)})
	}
}

// state lists the state for an optimiser that keeps kinds.
func (m *memory) state(kinds []kind) []Slot {
	if m.params == nil {
		return m.saved
	}
	var list []Slot
	for i := range m.params {
		p := &m.params[i]
		for k, values := range p.slots {
			list = append(list, Slot{Name: kinds[k].name + "/" + p.name, Values: values})
		}
	}
	return list
}

// bind makes params the views of model at the given rate and decay, with their state: the present
// one, a restored one, or zeros.
func (m *memory) bind(model []gorgonia.ValueGrad, kinds []kind, rate, decay float64) error {
	if m.params == nil {
		if err := m.allocate(model, kinds); err != nil {
			return err
		}
	}
	if len(model) != len(m.params) {
		return fmt.Errorf("model has %d parameters, the optimiser's state belongs to %d", len(model), len(m.params))
	}
	for i, vg := range model {
		if err := m.params[i].read(vg, i, rate, decay); err != nil {
			return err
		}
	}
	return nil
}

// allocate lays out the state for model.
func (m *memory) allocate(model []gorgonia.ValueGrad, kinds []kind) error {
	params := make([]view, len(model))
	seen := make(map[string]bool, len(model))
	saved := m.saved
	for i, vg := range model {
		p := &params[i]
		p.name = nameOf(vg, i)
		if seen[p.name] {
			return fmt.Errorf("two parameters are named %s", p.name)
		}
		seen[p.name] = true
		data, err := float32s(vg.Value(), p.name, "value")
		if err != nil {
			return err
		}
		p.data = data
		for _, k := range kinds {
			n := len(data)
			if k.scalar {
				n = 1
			}
			if m.saved == nil {
				p.slots = append(p.slots, make([]float32, n))
				continue
			}
			want := k.name + "/" + p.name
			if len(saved) == 0 {
				return fmt.Errorf("restored optimiser state lacks %s", want)
			}
			if s := saved[0]; s.Name != want || len(s.Values) != n {
				return fmt.Errorf("restored optimiser state has %s of %d values where the model needs %s of %d",
					s.Name, len(s.Values), want, n)
			}
			p.slots = append(p.slots, saved[0].Values)
			saved = saved[1:]
		}
	}
	if len(saved) > 0 {
		return fmt.Errorf("restored optimiser state has %d arrays more than the model needs, the first is %s", len(saved), saved[0].Name)
	}
	m.params, m.saved = params, nil
	return nil
}

// read refreshes the view from the i-th member of the model. Anything but a Param, such as a
// gorgonia Node, is decayed and trained at the full rate, as gorgonia's own solvers would.
func (p *view) read(vg gorgonia.ValueGrad, i int, rate, decay float64) error {
	p.rate, p.decay, p.skip = float32(rate), float32(decay), false
	if param, ok := vg.(*Param); ok {
		p.rate = float32(rate * param.RateScale)
		if !param.Decay {
			p.decay = 0
		}
		if p.skip = param.Skip; p.skip {
			return nil
		}
	}
	gradient, err := vg.Grad()
	if err != nil {
		return err
	}
	data, err := float32s(vg.Value(), p.name, "value")
	if err != nil {
		return err
	}
	grad, err := float32s(gradient, p.name, "gradient")
	if err != nil {
		return err
	}
	if len(data) != len(p.data) {
		return fmt.Errorf("parameter %s has %d elements, the optimiser's state belongs to %d", p.name, len(data), len(p.data))
	}
	if len(grad) != len(data) {
		return fmt.Errorf("parameter %s has %d elements and a gradient of %d", p.name, len(data), len(grad))
	}
	p.data, p.grad = data, grad
	return nil
}

// nameOf returns the name of the i-th member of a model, or its position if it has none.
func nameOf(vg gorgonia.ValueGrad, i int) string {
	name := ""
	switch v := vg.(type) {
	case *Param:
		name = v.Name
	case gorgonia.Namer:
		name = v.Name()
	}
	if name == "" {
		return strconv.Itoa(i)
	}
	return name
}
