// Package experiment turns a trial of the search into a training run on a network, a data set and
// an accelerator, and measures what came of it. It is the one place where the rooms meet: search
// knows objectives as numbers, qat knows costs as an interface, sim knows nothing of training.
package experiment

import (
	"fmt"

	"dse/qat"
	"dse/search"
)

// Plan holds the training settings that all trials of a study share.
type Plan struct {
	// FloatEpochs is the length of phase 0, which all other trials start from.
	FloatEpochs float64 `json:"float_epochs"`
	// Epochs is the length of phases 1 to 3 together, and of each homogeneous baseline.
	Epochs float64 `json:"epochs"`
	// FloatRate, QuantizedRate and TuneRate are the peak learning rates of weights in phase 0, in
	// phases 1 and 2 (and of baselines), and in phase 3.
	FloatRate     float64 `json:"float_rate"`
	QuantizedRate float64 `json:"quantized_rate"`
	TuneRate      float64 `json:"tune_rate"`
	// QuantizerRate is the peak rate of steps and ranges, on a logarithmic scale; phase 3 has half.
	QuantizerRate float64 `json:"quantizer_rate"`
	// UpdateEvery is the alternation: steps from one update of the quantizers to the next.
	UpdateEvery int `json:"update_every"`
	// Penalty is the weight of every cost in the loss, see qat.Penalty.
	Penalty float64 `json:"penalty"`
	// HeadRoom is how many bits above its budget a design starts phase 1.
	HeadRoom int `json:"head_room"`
	// Checks is the number of evaluations on held-out images in phase 2.
	Checks int `json:"checks"`
	// Rungs are the shares of a design's epochs after which it may be stopped, ascending to 1. If empty,
	// designs are trained in one go.
	Rungs    []float64    `json:"rungs,omitempty"`
	Training qat.Settings `json:"training"`
}

// DefaultPlan is tuned for mobilenetv2-micro on Fashion-MNIST: short runs whose order agrees with
// longer ones.
func DefaultPlan() Plan {
	return Plan{
		FloatEpochs: 2, Epochs: 0.5, FloatRate: 1e-3, QuantizedRate: 5e-4, TuneRate: 2.5e-4, QuantizerRate: 1.5e-3,
		UpdateEvery: 1, Penalty: 10, HeadRoom: 1, Checks: 2, Training: qat.DefaultSettings(),
	}
}

const warmUp = 0.05 // of each phase (paper: 2 of 50 epochs)

// float returns phase 0.
func (p Plan) float() []qat.Phase {
	return []qat.Phase{{Name: "float", Epochs: p.FloatEpochs, Rate: p.FloatRate, WarmUp: warmUp}}
}

// baseline returns the training of a homogeneous design: all widths at bits, ranges learned, for as
// many epochs as phases 1 to 3 have together.
func (p Plan) baseline(bits int) []qat.Phase {
	return []qat.Phase{{
		Name: "homogeneous", Epochs: p.Epochs, Rate: p.QuantizedRate, WarmUp: warmUp, Quantize: true, WeightBits: bits, ActivationBits: bits,
		LearnRange: true, QuantizerRate: p.QuantizerRate, UpdateEvery: p.UpdateEvery,
	}}
}

// design returns phases 1 to 3 of a genome. Widths are learned in phase 2 and stay as they are in
// the others, where the paper freezes ranges as well: with a hundredth of its steps it pays to let
// them follow the weights.
func (p Plan) design(g search.Genome, weightBits, activationBits int) []qat.Phase {
	return []qat.Phase{
		{
			Name: "homogeneous", Epochs: g.Phases[search.Homogeneous].Float(), Rate: p.QuantizedRate, WarmUp: warmUp,
			Quantize: true, WeightBits: weightBits, ActivationBits: activationBits,
			LearnRange: true, QuantizerRate: p.QuantizerRate, UpdateEvery: p.UpdateEvery,
		},
		{
			Name: "mixed", Epochs: g.Phases[search.Mixed].Float(), Rate: p.QuantizedRate, WarmUp: warmUp, Quantize: true,
			Learn: true, QuantizerRate: p.QuantizerRate, Relative: true, UpdateEvery: p.UpdateEvery, Checks: p.Checks,
		},
		{
			Name: "fine-tune", Epochs: g.Phases[search.FineTune].Float(), Rate: p.TuneRate, WarmUp: warmUp, Quantize: true,
			LearnRange: true, QuantizerRate: p.QuantizerRate / 2, UpdateEvery: p.UpdateEvery,
		},
	}
}

// rung returns the phases of a design on one of its rungs. The first rung goes through phases 1 to 3 in its
// share of the epochs. Later ones go on from its widths: they learn on for the epochs of phases 1 and 2 that
// their share has, then fine-tune.
func (p Plan) rung(phases []qat.Phase, rung int) []qat.Phase {
	if len(p.Rungs) == 0 {
		return phases
	}
	share := p.Rungs[rung]
	if rung > 0 {
		share -= p.Rungs[rung-1]
		mixed := phases[search.Mixed]
		mixed.Epochs += phases[search.Homogeneous].Epochs
		phases = []qat.Phase{mixed, phases[search.FineTune]}
	}
	for i := range phases {
		phases[i].Epochs *= share
	}
	return phases
}

// Check returns an error that names the first setting out of range.
func (p Plan) Check() error {
	switch {
	case p.FloatEpochs <= 0:
		return fmt.Errorf("float epochs must be positive, got %v", p.FloatEpochs)
	case p.Epochs <= 0:
		return fmt.Errorf("epochs must be positive, got %v", p.Epochs)
	}
	for i, share := range p.Rungs {
		if !(share > 0 && share <= 1) || i > 0 && share <= p.Rungs[i-1] || i == len(p.Rungs)-1 && share != 1 {
			return fmt.Errorf("rungs must be shares of the epochs that rise to 1, such as 0.2,1; got %v", p.Rungs)
		}
	}
	return nil
}
