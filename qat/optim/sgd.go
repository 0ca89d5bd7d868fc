package optim

import "gorgonia.org/gorgonia"

var _ Solver = (*SGD)(nil)

// SGD is stochastic gradient descent with momentum, in PyTorch's form:
//
//	g  += WeightDecay * p                       parameters with Decay
//	buf = Momentum*buf + g
//	p  -= rate * (g + Momentum*buf)             with Nesterov
//	p  -= rate * buf                            without
type SGD struct {
	Rate, Momentum, WeightDecay float64
	Nesterov                    bool
	memory
}

// sgdKinds is the average of the gradients.
var sgdKinds = []kind{{name: "buf"}}

// SetRate sets the learning rate.
func (o *SGD) SetRate(rate float64) { o.Rate = rate }

// State returns the average "buf" of each parameter.
func (o *SGD) State() []Slot { return o.state(sgdKinds) }

// Step updates the model once.
func (o *SGD) Step(model []gorgonia.ValueGrad) error {
	if err := o.bind(model, sgdKinds, o.Rate, o.WeightDecay); err != nil {
		return err
	}
	momentum := float32(o.Momentum)
	for i := range o.params {
		p := &o.params[i]
		if p.skip {
			continue
		}
		grad, buf := p.grad[:len(p.data)], p.slots[0][:len(p.data)]
		for j, v := range p.data {
			g := grad[j] + p.decay*v
			b := momentum*buf[j] + g
			step := b
			if o.Nesterov {
				step = g + momentum*b
			}
			buf[j], p.data[j] = b, v-p.rate*step
		}
	}
	return nil
}
