package qat

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/qat/optim"
	"dse/qat/quant"
)

// updateQuantizers moves every step and range once, within the paper's guards, as the phase says.
func (t *trainer) updateQuantizers(solver optim.Solver, p Phase, ramp float64) error {
	var err error
	params := t.program.quantizers // (d, xmax) pairs
	if p.LearnRange {
		tieRanges(params)
		err = t.logs.step(params, solver)
	} else {
		if err := t.addPenalties(params, ramp); err != nil {
			return err
		}
		for i := 0; i < len(params); i += 2 {
			quant.ClipGradients(params[i].Gradient.Float32s(), params[i+1].Gradient.Float32s(), params[i].Data.Float32s())
		}
		if p.Relative {
			err = t.logs.step(params, solver)
		} else {
			err = solver.Step(t.program.quantizersModel)
		}
	}
	if err != nil {
		return err
	}
	t.Model.guard()
	return nil
}

// tieRanges replaces the gradients of d and xmax of each slice by that of a factor common to both,
// in units of d and clipped to [-d, d]. Both then move by the same factor, and xmax/d, which
// decides the width, stays.
func tieRanges(params []*optim.Param) {
	for i := 0; i < len(params); i += 2 {
		d, xmax := params[i].Data.Float32s(), params[i+1].Data.Float32s()
		gd, gx := params[i].Gradient.Float32s(), params[i+1].Gradient.Float32s()
		for j := range d {
			g := gd[j] + gx[j]*xmax[j]/d[j]
			gd[j], gx[j] = g, g
		}
		quant.ClipGradients(gd, gx, d)
	}
}

// addPenalties adds the penalties' gradients to those of the loss.
func (t *trainer) addPenalties(params []*optim.Param, ramp float64) error {
	t.Model.widths(t.precision)
	t.grad.Zero()
	for i := range t.Penalties {
		if _, _, err := t.Penalties[i].value(t.precision, t.grad, t.scratch, ramp); err != nil {
			return err
		}
	}
	for i := 0; i < len(params); i += 2 {
		d, xmax := params[i].Data.Float32s(), params[i+1].Data.Float32s()
		gd, gx := params[i].Gradient.Float32s(), params[i+1].Gradient.Float32s()
		site := t.program.slices[i/2]
		for j, w := range site.widths(t.grad) {
			if w != 0 {
				step, scale := quant.EffectiveStep(d[j], t.Model.Quant.PowerOfTwo)
				bd, bx := quant.BitsGradient(step, xmax[j], site.signed, t.Model.Quant.MinBits)
				gd[j] += float32(float64(w)*bd) * scale
				gx[j] += float32(float64(w) * bx)
			}
		}
	}
	return nil
}

// logParams are the logarithms of all steps and ranges, as parameters of their own.
type logParams struct {
	params []*optim.Param
	model  []gorgonia.ValueGrad
}

// step moves log(d) and log(xmax) of each pair against the gradients of d and xmax in units of d.
// ClipGradients has brought those into [-1, 1].
func (l *logParams) step(pairs []*optim.Param, solver optim.Solver) error {
	if l.params == nil {
		for _, p := range pairs {
			like := func() *tensor.Dense {
				return tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(p.Data.Shape()...))
			}
			l.params = append(l.params, optim.NewParam(p.Name+".log", like(), like()))
		}
		l.model = optim.Model(l.params)
	}
	for i, p := range pairs {
		d := pairs[i&^1].Data.Float32s()
		value, grad := l.params[i].Data.Float32s(), l.params[i].Gradient.Float32s()
		g := p.Gradient.Float32s()
		for j, v := range p.Data.Float32s() {
			value[j], grad[j] = float32(math.Log(float64(v))), g[j]/d[j]
		}
	}
	if err := solver.Step(l.model); err != nil {
		return err
	}
	for i, p := range pairs {
		x := p.Data.Float32s()
		for j, v := range l.params[i].Data.Float32s() {
			x[j] = float32(math.Exp(float64(v)))
		}
	}
	return nil
}
