package optim

import (
	"math"

	"gorgonia.org/gorgonia"
)

var _ Solver = (*Adam)(nil)

// Adam is the optimiser of Kingma and Ba (ICLR 2015), and with Decoupled the AdamW of Loshchilov
// and Hutter (ICLR 2019), in PyTorch's form. At step t, counted from 1 for each parameter,
//
//	g += WeightDecay * p                        coupled, parameters with Decay
//	p *= 1 - rate*WeightDecay                   decoupled, parameters with Decay
//	m  = Beta1*m + (1-Beta1)*g
//	v  = Beta2*v + (1-Beta2)*g^2
//	p -= rate * m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Eps)
type Adam struct {
	Rate, Beta1, Beta2, Eps, WeightDecay float64
	Decoupled                            bool
	memory
}

// NewAdam returns Adam with the constants its authors recommend (0.9, 0.999, 1e-8) and no decay.
func NewAdam() *Adam { return &Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8} }

// NewAdamW returns AdamW with the same constants and the given decay.
func NewAdamW(weightDecay float64) *Adam {
	return &Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: weightDecay, Decoupled: true}
}

// adamKinds are the averages of the gradient and of its square, and the number of steps taken.
var adamKinds = []kind{{name: "m"}, {name: "v"}, {name: "t", scalar: true}}

// SetRate sets the learning rate.
func (o *Adam) SetRate(rate float64) { o.Rate = rate }

// State returns the averages "m" and "v" and the step count "t" of each parameter.
func (o *Adam) State() []Slot { return o.state(adamKinds) }

// Step updates the model once.
func (o *Adam) Step(model []gorgonia.ValueGrad) error {
	if err := o.bind(model, adamKinds, o.Rate, o.WeightDecay); err != nil {
		return err
	}
	keep1, add1 := float32(o.Beta1), float32(1-o.Beta1)
	keep2, add2 := float32(o.Beta2), float32(1-o.Beta2)
	eps := float32(o.Eps)
	for i := range o.params {
		p := &o.params[i]
		if p.skip {
			continue
		}
		// A float32 counts exactly up to 2^24 steps, far beyond any phase.
		p.slots[2][0]++
		t := float64(p.slots[2][0])
		rate := float32(float64(p.rate) / (1 - math.Pow(o.Beta1, t)))
		unbias2 := float32(1 / (1 - math.Pow(o.Beta2, t)))
		coupled, shrink := p.decay, float32(1)
		if o.Decoupled {
			coupled, shrink = 0, float32(1-float64(p.rate)*float64(p.decay))
		}
		grad, m, v := p.grad[:len(p.data)], p.slots[0][:len(p.data)], p.slots[1][:len(p.data)]
		for j, x := range p.data {
			g := grad[j] + coupled*x
			m[j] = keep1*m[j] + add1*g
			v[j] = keep2*v[j] + add2*g*g
			p.data[j] = shrink*x - rate*m[j]/(sqrt(v[j]*unbias2)+eps)
		}
	}
	return nil
}
