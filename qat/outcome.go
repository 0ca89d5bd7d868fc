package qat

import (
	"fmt"
	"math"

	"dse/models"
)

// PhaseRecord is what one phase did, for curves and reports.
type PhaseRecord struct {
	Name           string  `json:"name"`
	Steps          int     `json:"steps"`
	Loss           float64 `json:"loss"`           // mean over the last tenth of the phase
	TrainAccuracy  float64 `json:"train_accuracy"` // likewise, in [0, 1]
	WeightBits     float64 `json:"weight_bits,omitempty"`
	ActivationBits float64 `json:"activation_bits,omitempty"`
	// TargetsMet says whether the state kept at the end of a learning phase met all targets.
	TargetsMet bool `json:"targets_met"`
}

// Outcome is the result of a run. The trained state is in the run's model.
type Outcome struct {
	Accuracy  Accuracy          `json:"held_accuracy"`
	Precision *models.Precision `json:"precision,omitempty"` // nil for a float model
	Phases    []PhaseRecord     `json:"phases"`
	Images    int64             `json:"images"` // training images seen
}

// Accuracy is a share of correctly classified images.
type Accuracy struct {
	Correct int `json:"correct"`
	Of      int `json:"of"`
}

// Percent returns the accuracy in percent.
func (a Accuracy) Percent() float64 { return 100 * float64(a.Correct) / float64(a.Of) }

// StandardError returns the binomial standard error of Percent.
func (a Accuracy) StandardError() float64 {
	p := float64(a.Correct) / float64(a.Of)
	return 100 * math.Sqrt(p*(1-p)/float64(a.Of))
}

// DivergedError ends a run whose loss or state is not finite.
type DivergedError struct {
	Phase  string
	Step   int
	Reason string
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("diverged in phase %s at step %d: %s", e.Phase, e.Step, e.Reason)
}
