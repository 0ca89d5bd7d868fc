package qat

import (
	"context"
	"errors"
	"fmt"
	"math"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/optim"
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
	// Decay, Momentum and Eps are RMSprop's, in the paper's form.
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
	Held      Samples // held out of training, for every choice made here
	Phases    []Phase
	Penalties []Penalty
	Settings  Settings
	Seed      uint64 // of the order of images
	Threads   int
	// Progress, if not nil, is called after each step from the training goroutine.
	Progress func(Progress)
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
}

// trainer is the state of a run.
type trainer struct {
	*Run
	team       *kernel.Team
	program    *program
	evaluator  *evaluator
	index      []int // of the batch
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
	out := &Outcome{}
	quantized := false
	for i, p := range run.Phases {
		record, err := t.phase(ctx, i, p)
		if err != nil {
			return nil, err
		}
		out.Phases = append(out.Phases, *record)
		out.Images += int64(record.Steps) * int64(run.Settings.Batch)
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

func (t *trainer) phase(ctx context.Context, number int, p Phase) (*PhaseRecord, error) {
	steps := t.steps(p)
	record := &PhaseRecord{Name: p.Name, Steps: steps}
	order := newOrder(t.Train.Len(), t.Settings.Batch, t.Seed, number)
	t.program.mode.Quantize = p.Quantize
	if p.WeightBits > 0 {
		if err := t.calibrate(p, order); err != nil {
			return nil, err
		}
	}
	s := t.Settings
	weights := &optim.RMSprop{Decay: s.Decay, Momentum: s.Momentum, Eps: s.Eps, WeightDecay: s.WeightDecay}
	quantizers := &optim.RMSprop{Decay: s.Decay, Momentum: s.Momentum, Eps: s.Eps}
	best := bestState{model: t.Model}
	tail := max(1, steps/10)
	correct, seen := 0, 0
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		order.batch(step, t.index)
		t.Train.Fill(t.index, t.program.x.Float32s(), t.program.labels.Float32s())
		if err := t.program.run(); err != nil {
			return nil, fmt.Errorf("phase %s, step %d: %w", p.Name, step, err)
		}
		loss := t.program.loss.Value()
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, &DivergedError{p.Name, step, fmt.Sprintf("the loss is %v", loss)}
		}
		if (p.Learn || p.LearnRange) && (step+1)%max(1, p.UpdateEvery) == 0 {
			quantizers.SetRate(p.rates(p.QuantizerRate, steps).Rate(step))
			if err := t.updateQuantizers(quantizers, p, optim.PenaltyRamp(step, steps)); err != nil {
				return nil, err
			}
		}
		weights.SetRate(p.rates(p.Rate, steps).Rate(step))
		if err := weights.Step(t.program.weightsModel); err != nil {
			return nil, fmt.Errorf("phase %s, step %d: %w", p.Name, step, err)
		}
		if step >= steps-tail {
			c, of := t.program.loss.Correct()
			correct, seen = correct+c, seen+of
			record.Loss += loss / float64(tail)
		}
		if p.Learn && checkDue(step, steps, p.Checks) {
			if err := t.consider(ctx, &best); err != nil {
				return nil, err
			}
		}
		t.stepsDone++
		if t.Progress != nil {
			t.Progress(Progress{
				Phase: p.Name, PhaseIndex: number, Phases: len(t.Phases), Step: step + 1, Steps: steps,
				Epoch: p.Epochs * float64(step+1) / float64(steps), Epochs: p.Epochs, Done: float64(t.stepsDone) / float64(t.stepsTotal), Loss: loss,
			})
		}
	}
	if err := t.Model.checkFinite(); err != nil {
		return nil, &DivergedError{p.Name, steps, err.Error()}
	}
	if seen > 0 {
		record.TrainAccuracy = float64(correct) / float64(seen)
	}
	if p.Learn {
		best.restore()
		met, err := t.targetsMet()
		if err != nil {
			return nil, err
		}
		record.TargetsMet = met
	}
	if p.Quantize {
		t.Model.widths(t.precision)
		record.WeightBits = t.Model.Network.MeanWeightWidth(t.precision)
		record.ActivationBits = t.Model.Network.MeanActivationWidth(t.precision)
	}
	return record, nil
}

// calibrate initialises all quantizers: weights from their values, activations in network order
// from one batch of training images.
func (t *trainer) calibrate(p Phase, o *order) error {
	t.Model.InitWeightQuantizers(p.WeightBits)
	t.program.initialBits = p.ActivationBits
	o.batch(0, t.index)
	t.Train.Fill(t.index, t.program.x.Float32s(), t.program.labels.Float32s())
	t.program.mode.Calibrate = true
	defer func() { t.program.mode.Calibrate = false }()
	if err := t.program.run(); err != nil {
		return fmt.Errorf("phase %s: calibrating: %w", p.Name, err)
	}
	t.Model.guard()
	return nil
}
