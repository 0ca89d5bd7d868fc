package qat

import (
	"context"
	"fmt"
	"math"

	"dse/qat/optim"
)

// position is how far a run has come: what a checkpoint holds beside tensors.
type position struct {
	Phase int `json:"phase"`
	Step  int `json:"step"` // of the phase; the steps before it are done
	// Sums over the steps of the phase's last tenth.
	Loss    float64 `json:"loss"`
	Correct int     `json:"correct"`
	Seen    int     `json:"seen"`
	// BestCorrect are the held-out images that the best state of a learning phase classified; -1 while
	// there is none.
	BestCorrect int           `json:"best_correct"`
	Records     []PhaseRecord `json:"records"` // of the phases before

	weights, quantizers optim.Solver
	best                bestState
}

// enter prepares the start of a phase: a fresh optimiser, and no best state.
func (t *trainer) enter(at *position, phase int) {
	s := t.Settings
	*at = position{
		Phase: phase, BestCorrect: -1, Records: at.Records,
		weights: s.solver(s.WeightDecay), quantizers: s.solver(0),
		best: bestState{model: t.Model},
	}
}

// phase runs the rest of the phase that the run is in and enters the next.
func (t *trainer) phase(ctx context.Context, at *position) error {
	p := t.Phases[at.Phase]
	steps := t.steps(p)
	order := newOrder(t.Train.Len(), t.Settings.Batch, t.Seed, at.Phase)
	t.program.mode.Quantize = p.Quantize
	if p.WeightBits > 0 && at.Step == 0 {
		if err := t.calibrate(p, order); err != nil {
			return err
		}
	}
	feed := newFeeder(t.Train, order, at.Step, steps, t.Model.Network.Image().Elements())
	defer feed.close()
	for at.Step < steps {
		if err := ctx.Err(); err != nil {
			return t.interrupted(at, err)
		}
		if err := t.step(ctx, at, p, steps, feed); err != nil {
			return err
		}
		if c := t.Checkpoints; c != nil && c.Every > 0 && at.Step%c.Every == 0 && at.Step < steps {
			if err := t.save(at); err != nil {
				return err
			}
		}
	}
	if err := t.healthy(p.Name, steps); err != nil {
		return err
	}
	if err := t.finish(at, p, steps); err != nil {
		return err
	}
	t.enter(at, at.Phase+1)
	if t.Checkpoints != nil {
		return t.save(at)
	}
	return nil
}

// step takes one training step.
func (t *trainer) step(ctx context.Context, at *position, p Phase, steps int, feed *feeder) error {
	step := at.Step
	if err := feed.next(t.program.x.Float32s(), t.program.labels.Float32s()); err != nil {
		return fmt.Errorf("phase %s, step %d: %w", p.Name, step, err)
	}
	if err := t.program.run(); err != nil {
		return fmt.Errorf("phase %s, step %d: %w", p.Name, step, err)
	}
	loss := t.program.loss.Value()
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &DivergedError{p.Name, step, fmt.Sprintf("the loss is %v", loss)}
	}
	if (p.Learn || p.LearnRange) && (step+1)%max(1, p.UpdateEvery) == 0 {
		at.quantizers.SetRate(p.rates(p.QuantizerRate, steps).Rate(step))
		if err := t.updateQuantizers(at.quantizers, p, optim.PenaltyRamp(step, steps)); err != nil {
			return err
		}
	}
	rate := p.rates(p.Rate, steps).Rate(step)
	at.weights.SetRate(rate)
	if err := at.weights.Step(t.program.weightsModel); err != nil {
		return fmt.Errorf("phase %s, step %d: %w", p.Name, step, err)
	}
	correct, of := t.program.loss.Correct()
	if tail := max(1, steps/10); step >= steps-tail {
		at.Correct, at.Seen = at.Correct+correct, at.Seen+of
		at.Loss += loss / float64(tail)
	}
	if p.Learn && checkDue(step, steps, p.Checks) {
		if err := t.consider(ctx, at); err != nil {
			return err
		}
	}
	at.Step++
	t.stepsDone++
	if t.Progress != nil {
		t.Progress(Progress{
			Phase: p.Name, PhaseIndex: at.Phase, Phases: len(t.Phases), Step: at.Step, Steps: steps,
			Epoch: p.Epochs * float64(at.Step) / float64(steps), Epochs: p.Epochs, Done: float64(t.stepsDone) / float64(t.stepsTotal),
			Loss: loss, Rate: rate, Correct: correct, Of: of,
		})
	}
	return nil
}

// finish closes the books of a phase.
func (t *trainer) finish(at *position, p Phase, steps int) error {
	record := PhaseRecord{Name: p.Name, Steps: steps, Loss: at.Loss}
	if at.Seen > 0 {
		record.TrainAccuracy = float64(at.Correct) / float64(at.Seen)
	}
	if p.Learn {
		at.best.restore()
		met, err := t.targetsMet()
		if err != nil {
			return err
		}
		record.TargetsMet = met
	}
	if p.Quantize {
		t.Model.widths(t.precision)
		record.WeightBits = t.Model.Network.MeanWeightWidth(t.precision)
		record.ActivationBits = t.Model.Network.MeanActivationWidth(t.precision)
	}
	at.Records = append(at.Records, record)
	return nil
}

// calibrate initialises all quantizers: weights from their values, activations in network order
// from one batch of training images.
func (t *trainer) calibrate(p Phase, o *order) error {
	t.Model.InitWeightQuantizers(p.WeightBits)
	t.program.initialBits = p.ActivationBits
	o.batch(0, t.index)
	if err := fill(t.Train, o.draw(0), t.index, t.program.x.Float32s(), t.program.labels.Float32s()); err != nil {
		return fmt.Errorf("phase %s: calibrating: %w", p.Name, err)
	}
	t.program.mode.Calibrate = true
	defer func() { t.program.mode.Calibrate = false }()
	if err := t.program.run(); err != nil {
		return fmt.Errorf("phase %s: calibrating: %w", p.Name, err)
	}
	t.Model.guard()
	return nil
}
