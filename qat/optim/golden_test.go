package optim_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"dse/qat/internal/golden"
	"dse/qat/optim"
)

// optimizerAttrs are the attributes of an optimizer case. What a case leaves out is 0, or the
// constants of Adam's authors.
type optimizerAttrs struct {
	Name        string    `json:"name"`
	Decay       float64   `json:"decay"`
	Momentum    float64   `json:"momentum"`
	Nesterov    bool      `json:"nesterov"`
	Beta1       float64   `json:"beta1"`
	Beta2       float64   `json:"beta2"`
	Betas       []float64 `json:"betas"`
	Eps         float64   `json:"eps"`
	WeightDecay float64   `json:"weight_decay"`
	Rates       []float64 `json:"lr"`
	UpdateEvery int       `json:"update_every"`
	OffSteps    string    `json:"off_steps"`
	Rule        string    `json:"rule"`
}

// solver builds what the attributes describe.
func (a optimizerAttrs) solver(c *golden.Case) optim.Solver {
	c.Helper()
	switch a.Name {
	case "rmsprop_paper":
		return &optim.RMSprop{Decay: a.Decay, Momentum: a.Momentum, Eps: a.Eps, WeightDecay: a.WeightDecay}
	case "rmsprop_torch":
		return &optim.TorchRMSprop{Decay: a.Decay, Momentum: a.Momentum, Eps: a.Eps, WeightDecay: a.WeightDecay}
	case "sgd":
		return &optim.SGD{Momentum: a.Momentum, Nesterov: a.Nesterov, WeightDecay: a.WeightDecay}
	case "adam", "adamw":
		if len(a.Betas) == 2 {
			a.Beta1, a.Beta2 = a.Betas[0], a.Betas[1]
		}
		o := optim.NewAdam()
		o.Beta1, o.Beta2, o.Eps = cmp.Or(a.Beta1, o.Beta1), cmp.Or(a.Beta2, o.Beta2), cmp.Or(a.Eps, o.Eps)
		o.WeightDecay, o.Decoupled = a.WeightDecay, a.Name == "adamw"
		return o
	}
	c.Fatalf("unknown value %q of attribute name", a.Name)
	return nil
}

// offStep says how a step between updates is made.
func (a optimizerAttrs) offStep(c *golden.Case) (skip bool) {
	c.Helper()
	if a.UpdateEvery == 0 {
		return false
	}
	if a.Rule != "" && !strings.Contains(a.Rule, "i % update_every == 0") {
		c.Fatalf("unknown value %q of attribute rule", a.Rule)
	}
	switch {
	case strings.Contains(a.OffSteps, "optimiser runs"):
		return false
	case strings.Contains(a.OffSteps, "skip"), strings.Contains(a.OffSteps, "not run"):
		return true
	}
	c.Fatalf("unknown value %q of attribute off_steps", a.OffSteps)
	return false
}

// slotNames gives, for each name of a state that references use, the names it has here.
var slotNames = map[string][]string{
	"state_nu": {"nu/p", "v/p"}, "state_buf": {"buf/p"},
	"state_m": {"m/p"}, "state_mu": {"m/p"}, "state_exp_avg": {"m/p"},
	"state_v": {"v/p"}, "state_exp_avg_sq": {"v/p"},
	"state_t": {"t/p"}, "state_step": {"t/p"},
}

func TestOptimizerGolden(t *testing.T) {
	golden.Each(t, "optimizer", func(c *golden.Case) {
		var a optimizerAttrs
		c.Attrs(&a)
		o, skip := a.solver(c), a.offStep(c)
		data, grads := c.Float32s("p"), c.Float32s("g")
		n := len(data)
		if len(grads) != n*len(a.Rates) {
			c.Fatalf("%d gradients for %d steps of %d elements", len(grads), len(a.Rates), n)
		}
		shape := tensor.WithShape(c.Shape("p")...)
		p := optim.NewParam("p", tensor.New(shape, tensor.WithBacking(data)), nil)
		p.Decay = true
		var after []float32
		for i, rate := range a.Rates {
			g := slices.Clone(grads[i*n : (i+1)*n])
			if a.UpdateEvery > 0 && i%a.UpdateEvery != 0 {
				p.Skip = skip
				clear(g)
			} else {
				p.Skip = false
			}
			p.Gradient = tensor.New(shape, tensor.WithBacking(g))
			o.SetRate(rate)
			if err := o.Step(optim.Model([]*optim.Param{p})); err != nil {
				c.Fatal(err)
			}
			after = append(after, data...)
		}
		golden.Near(c, "p_after", after, golden.Optimizer)
		for _, key := range c.Keys("output") {
			if key == "p_after" {
				continue
			}
			i := slices.IndexFunc(o.State(), func(s optim.Slot) bool { return slices.Contains(slotNames[key], s.Name) })
			if i < 0 {
				c.Fatalf("unknown state %s", key)
			}
			golden.Near(c, key, o.State()[i].Values, golden.Optimizer)
		}
	})
}

func TestScheduleGolden(t *testing.T) {
	golden.Each(t, "schedule", func(c *golden.Case) {
		var a struct {
			Total   int     `json:"total_steps"`
			Warmup  int     `json:"warmup_steps"`
			Peak    float64 `json:"peak_lr"`
			Formula string  `json:"lr"`
			Ramp    string  `json:"lambda_"`
		}
		c.Attrs(&a)
		c.OneOf("lr", a.Formula, "t<W: peak*t/W; else peak*(1+cos(pi*(t-W)/(T-W)))/2")
		c.OneOf("lambda_", a.Ramp, "0.01 + 0.99*min(t/(T/2), 1)")
		s := optim.Schedule{Total: a.Total, Warmup: a.Warmup, Peak: a.Peak}
		var rate, lambda []float64
		for _, step := range c.Int64s("step") {
			rate = append(rate, s.Rate(int(step)))
			lambda = append(lambda, optim.PenaltyRamp(int(step), a.Total))
		}
		golden.Near(c, "lr", rate, golden.Schedule)
		golden.Near(c, "lambda", lambda, golden.Schedule)
	})
}
