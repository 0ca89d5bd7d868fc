package qat

import (
	"context"
	"errors"
	"fmt"
	"math"

	"dse/models"
	"dse/qat/kernel"
)

// Samples is a set of labelled images. Implementations must be safe for concurrent use.
type Samples interface {
	Len() int
	// Fill writes image index[i] to x as [H, W, C] floats at position i, and its class to y[i].
	Fill(index []int, x []float32, y []float32)
}

// Settings are what all trials of a study share.
type Settings struct {
	Batch       int     `json:"batch"`
	Smoothing   float32 `json:"label_smoothing"`
	WeightDecay float64 `json:"weight_decay"`
	// Optimizer is one of Optimizers; "" is rmsprop.
	Optimizer string `json:"optimizer,omitempty"`
	// Decay, Momentum and Eps are RMSprop's; Momentum is SGD's too. Adam has its authors' constants.
	Decay    float64 `json:"rmsprop_decay"`
	Momentum float64 `json:"rmsprop_momentum"`
	Eps      float64 `json:"rmsprop_eps"`
	// Reestimate is the number of batches from which norm statistics are estimated anew before a
	// quantized state is judged. 0 keeps the running averages.
	Reestimate int `json:"reestimate"`
}

// DefaultSettings returns the paper's settings with a batch for small networks and short runs: on
// Fashion-MNIST two epochs in batches of 64 reach what three in batches of 128 do.
func DefaultSettings() Settings {
	return Settings{Batch: 64, Smoothing: 0.1, WeightDecay: 1e-5, Decay: 0.9, Momentum: 0.9, Eps: 1e-3, Reestimate: 16}
}

// Run describes one training run of a model through phases.
type Run struct {
	Model     *Model
	Train     Samples
	Held      Samples // held out of training, for every choice made here; may be empty where none is made
	Phases    []Phase
	Penalties []Penalty
	Settings  Settings
	Seed      uint64 // of the order of images
	Threads   int
	// Progress, if not nil, is called after each step from the training goroutine.
	Progress func(Progress)
	// Checkpoints, if not nil, keeps the state of the run on disk while it goes on.
	Checkpoints *Checkpoints
}

// Progress says where a run is.
type Progress struct {
	Phase       string
	PhaseIndex  int
	Phases      int
	Step, Steps int     // of the phase
	Epoch       float64 // of the phase
	Epochs      float64
	Done        float64 // share of all steps of the run
	Loss        float64 // of the last batch
	Rate        float64 // of the weights in this step
	Correct, Of int     // of the last batch
}

// trainer is the state of a run.
type trainer struct {
	*Run
	team       *kernel.Team
	program    *program
	evaluator  *evaluator
	index      []int // of a batch
	stepsTotal int
	stepsDone  int
	logs       logParams
	// scratch of the penalties
	precision, grad, scratch *models.Precision
}

// Train runs all phases and leaves the trained state in run.Model. It returns ctx's error when
// cancelled, within one step.
func Train(ctx context.Context, run Run) (_ *Outcome, err error) {
	for _, p := range run.Phases {
		if err := p.Check(); err != nil {
			return nil, err
		}
	}
	if err := run.Settings.Check(); err != nil {
		return nil, err
	}
	if run.Settings.Batch < 1 || run.Train.Len() < run.Settings.Batch {
		return nil, fmt.Errorf("a batch of %d needs at least as many training images, there are %d", run.Settings.Batch, run.Train.Len())
	}
	t := &trainer{Run: &run, team: kernel.NewTeam(run.Threads), index: make([]int, run.Settings.Batch)}
	defer t.team.Close()
	if t.program, err = newProgram(run.Model, run.Settings.Batch, run.Settings.Smoothing, true, t.team); err != nil {
		return nil, fmt.Errorf("compiling %s: %w", run.Model.Network.Name, err)
	}
	defer func() { err = errors.Join(err, t.program.close()) }()
	if t.evaluator, err = newEvaluator(run.Model, t.team); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.evaluator.close()) }()

	n := run.Model.Network
	t.precision, t.grad, t.scratch = n.Uniform(run.Model.Slicing, 0, 0), n.Uniform(run.Model.Slicing, 0, 0), n.Uniform(run.Model.Slicing, 0, 0)
	for _, p := range run.Phases {
		t.stepsTotal += t.steps(p)
	}
	at, err := t.begin()
	if err != nil {
		return nil, err
	}
	for at.Phase < len(run.Phases) {
		if err := t.phase(ctx, at); err != nil {
			return nil, err
		}
	}
	out := &Outcome{Phases: at.Records}
	quantized := false
	for i, p := range run.Phases {
		out.Images += int64(at.Records[i].Steps) * int64(run.Settings.Batch)
		quantized = p.Quantize
	}
	if out.Accuracy, err = t.judge(ctx, quantized); err != nil {
		return nil, err
	}
	if quantized {
		out.Precision = run.Model.Precision()
	}
	return out, nil
}

// steps returns the whole steps of a phase: an epoch is as many as the images fill batches.
func (t *trainer) steps(p Phase) int {
	return int(math.Round(p.Epochs * float64(t.Train.Len()/t.Settings.Batch)))
}
