package qat

import (
	"fmt"
	"math"

	"dse/models"
	"dse/qat/optim"
)

// Phase is one part of a training run. The optimiser's state starts anew in each phase; its rate
// rises from 0 over WarmUp and falls to 0 along a cosine (paper-method section 5).
type Phase struct {
	Name   string  `json:"name"`
	Epochs float64 `json:"epochs"` // may be a fraction; rounded to whole steps
	// Rate is the peak learning rate of weights, norms and biases.
	Rate float64 `json:"rate"`
	// WarmUp is the share of the phase's steps over which the rate rises.
	WarmUp float64 `json:"warm_up"`
	// Quantize switches fake-quantization on.
	Quantize bool `json:"quantize"`
	// WeightBits and ActivationBits, when positive, initialise the quantizers at the phase's start:
	// weights from their values, activations from the first batch.
	WeightBits     int `json:"weight_bits,omitempty"`
	ActivationBits int `json:"activation_bits,omitempty"`
	// Learn trains step and range of each slice, under the penalties.
	Learn bool `json:"learn,omitempty"`
	// LearnRange trains step and range of each slice by one common factor, so that widths stay as
	// they are. It excludes Learn.
	LearnRange bool `json:"learn_range,omitempty"`
	// QuantizerRate is the peak learning rate of steps and ranges.
	QuantizerRate float64 `json:"quantizer_rate,omitempty"`
	// Relative lets the optimiser move log(d) and log(xmax) with gradients in units of d, so that a
	// slice of any magnitude changes at the same relative pace; the paper moves d and xmax
	// themselves, which takes its long schedules.
	Relative bool `json:"relative,omitempty"`
	// UpdateEvery is the number of steps between two updates of the quantizers; off-steps leave
	// them and their optimiser alone. If 0, every step updates.
	UpdateEvery int `json:"update_every,omitempty"`
	// Checks is the number of evaluations on held-out images in the phase's second half, each of
	// which may keep the best state that meets all targets. The last falls on the phase's end.
	Checks int `json:"checks,omitempty"`
}

// Check returns an error that names the first setting that makes no sense.
func (p Phase) Check() error {
	switch {
	case p.Epochs < 0:
		return fmt.Errorf("phase %s: epochs must not be negative, got %v", p.Name, p.Epochs)
	case p.Rate < 0 || p.QuantizerRate < 0:
		return fmt.Errorf("phase %s: learning rates must not be negative", p.Name)
	case p.WarmUp < 0 || p.WarmUp > 1:
		return fmt.Errorf("phase %s: warm-up is a share from 0 to 1, got %v", p.Name, p.WarmUp)
	case (p.Learn || p.LearnRange) && !p.Quantize:
		return fmt.Errorf("phase %s: learns quantizers without quantizing", p.Name)
	case p.Learn && p.LearnRange:
		return fmt.Errorf("phase %s: either widths or only ranges are learned", p.Name)
	case (p.WeightBits > 0) != (p.ActivationBits > 0):
		return fmt.Errorf("phase %s: initial bits are needed for weights and activations alike", p.Name)
	case p.WeightBits > 0 && !p.Quantize:
		return fmt.Errorf("phase %s: initialises quantizers without quantizing", p.Name)
	}
	return nil
}

// rates returns the learning rate's course over a phase of the given steps.
func (p Phase) rates(peak float64, steps int) optim.Schedule {
	return optim.Schedule{Total: steps, Warmup: int(math.Round(p.WarmUp * float64(steps))), Peak: peak}
}

// Cost prices a precision: bits of memory, milliseconds, microjoules. It is declared here, where
// it is used, so that training knows nothing of what is behind it.
type Cost interface {
	// Price returns the cost at p. If grad is not nil it adds the derivative with respect to each
	// width to grad, which is shaped like p.
	Price(p *models.Precision, grad *models.Precision) (float64, error)
}

// Penalty is added to the loss while bit-widths are learned:
//
//	ramp(t) * Weight * relu(cost/Target - 1)^2
//
// which is the paper's lambda(t)*p*relu(S-T)^2 with p = Weight/T^2, so that one weight serves
// costs of any unit and networks of any size.
type Penalty struct {
	Name   string
	Cost   Cost
	Target float64
	Weight float64
}

// value returns the penalty at p before the ramp and whether the target is met; derivatives with
// respect to the widths, times ramp, are added to grad. scratch is shaped like p.
func (q *Penalty) value(p, grad, scratch *models.Precision, ramp float64) (penalty float64, met bool, err error) {
	scratch.Zero()
	cost, err := q.Cost.Price(p, scratch)
	if err != nil {
		return 0, false, fmt.Errorf("pricing %s: %w", q.Name, err)
	}
	over := cost/q.Target - 1
	if over <= 0 {
		return 0, true, nil
	}
	slope := models.Width(ramp * 2 * q.Weight * over / q.Target)
	for i, w := range scratch.Weights {
		for j, v := range w.Widths {
			grad.Weights[i].Widths[j] += slope * v
		}
	}
	for i, v := range scratch.Activations {
		grad.Activations[i] += slope * v
	}
	return q.Weight * over * over, false, nil
}

// SizeCost is the memory of one kind in bits, as models counts it.
type SizeCost struct {
	Network *models.Network
	Kind    models.SizeKind
}

// Price implements Cost.
func (c SizeCost) Price(p, grad *models.Precision) (float64, error) {
	return float64(c.Network.Size(c.Kind, p, grad)), nil
}
