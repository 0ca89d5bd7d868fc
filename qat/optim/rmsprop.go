package optim

import (
	"math"

	"gorgonia.org/gorgonia"
)

var (
	_ Solver = (*RMSprop)(nil)
	_ Solver = (*TorchRMSprop)(nil)
)

// RMSprop is the method's optimiser, RMSprop with momentum in the form of TensorFlow and Optax:
//
//	g  += WeightDecay * p                       parameters with Decay
//	nu  = Decay*nu + (1-Decay)*g^2
//	buf = Momentum*buf + rate*g/sqrt(nu + Eps)
//	p  -= buf
//
// with nu and buf 0 at the start. Eps stands inside the root, and momentum gathers steps that the
// rate has already scaled; TorchRMSprop differs in both.
type RMSprop struct {
	Rate, Decay, Momentum, Eps, WeightDecay float64
	memory
}

// PaperRMSprop returns the optimiser with the method's constants for ImageNet: decay 0.9,
// momentum 0.9, Eps 1e-3, weight decay 1e-5. The rate is left to SetRate.
func PaperRMSprop() *RMSprop {
	return &RMSprop{Decay: 0.9, Momentum: 0.9, Eps: 1e-3, WeightDecay: 1e-5}
}

// rmspropKinds are the averages of both forms: of the squared gradient, and of the steps.
var rmspropKinds = []kind{{name: "nu"}, {name: "buf"}}

// SetRate sets the learning rate.
func (o *RMSprop) SetRate(rate float64) { o.Rate = rate }

// State returns the averages "nu" and "buf" of each parameter.
func (o *RMSprop) State() []Slot { return o.state(rmspropKinds) }

// Step updates the model once.
func (o *RMSprop) Step(model []gorgonia.ValueGrad) error {
	if err := o.bind(model, rmspropKinds, o.Rate, o.WeightDecay); err != nil {
		return err
	}
	keep, add, momentum, eps := float32(o.Decay), float32(1-o.Decay), float32(o.Momentum), float32(o.Eps)
	for i := range o.params {
		p := &o.params[i]
		if p.skip {
			continue
		}
		grad, nu, buf := p.grad[:len(p.data)], p.slots[0][:len(p.data)], p.slots[1][:len(p.data)]
		for j, v := range p.data {
			g := grad[j] + p.decay*v
			n := keep*nu[j] + add*g*g
			b := momentum*buf[j] + p.rate*g/sqrt(n+eps)
			nu[j], buf[j], p.data[j] = n, b, v-b
		}
	}
	return nil
}

// TorchRMSprop is RMSprop as PyTorch defines it:
//
//	g  += WeightDecay * p                       parameters with Decay
//	nu  = Decay*nu + (1-Decay)*g^2
//	buf = Momentum*buf + g/(sqrt(nu) + Eps)
//	p  -= rate*buf
type TorchRMSprop struct {
	Rate, Decay, Momentum, Eps, WeightDecay float64
	memory
}

// SetRate sets the learning rate.
func (o *TorchRMSprop) SetRate(rate float64) { o.Rate = rate }

// State returns the averages "nu" and "buf" of each parameter.
func (o *TorchRMSprop) State() []Slot { return o.state(rmspropKinds) }

// Step updates the model once.
func (o *TorchRMSprop) Step(model []gorgonia.ValueGrad) error {
	if err := o.bind(model, rmspropKinds, o.Rate, o.WeightDecay); err != nil {
		return err
	}
	keep, add, momentum, eps := float32(o.Decay), float32(1-o.Decay), float32(o.Momentum), float32(o.Eps)
	for i := range o.params {
		p := &o.params[i]
		if p.skip {
			continue
		}
		grad, nu, buf := p.grad[:len(p.data)], p.slots[0][:len(p.data)], p.slots[1][:len(p.data)]
		for j, v := range p.data {
			g := grad[j] + p.decay*v
			n := keep*nu[j] + add*g*g
			b := momentum*buf[j] + g/(sqrt(n)+eps)
			nu[j], buf[j], p.data[j] = n, b, v-p.rate*b
		}
	}
	return nil
}

// sqrt is the correctly rounded float32 root, which the compiler turns into one instruction.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
