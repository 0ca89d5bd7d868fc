package qat

import (
	"context"
	"fmt"
)

// consider evaluates the present state if it meets all targets, and keeps it if it is the best.
func (t *trainer) consider(ctx context.Context, at *position) error {
	met, err := t.targetsMet()
	if err != nil || !met {
		return err
	}
	a, err := t.judge(ctx, true)
	if err != nil {
		return err
	}
	if a.Correct > at.BestCorrect {
		at.BestCorrect = a.Correct
		at.best.state = t.Model.snapshot(at.best.state)
	}
	return nil
}

// judge classifies the held-out images with the present state.
func (t *trainer) judge(ctx context.Context, quantized bool) (Accuracy, error) {
	if n := min(t.Settings.Reestimate, t.Train.Len()/len(t.evaluator.index)); quantized && n > 0 {
		o := newOrder(t.Train.Len(), len(t.evaluator.index), t.Seed, len(t.Phases)) // an order of its own
		if err := t.evaluator.reestimate(ctx, t.Train, o, n, true); err != nil {
			return Accuracy{}, err
		}
	}
	return t.evaluator.accuracy(ctx, t.Held, quantized)
}

// targetsMet reports whether the present widths meet every penalty's target.
func (t *trainer) targetsMet() (bool, error) {
	t.Model.widths(t.precision)
	for _, q := range t.Penalties {
		cost, err := q.Cost.Price(t.precision, nil)
		if err != nil {
			return false, fmt.Errorf("pricing %s: %w", q.Name, err)
		}
		if cost > q.Target {
			return false, nil
		}
	}
	return true, nil
}

// bestState is the best state under all targets that a learning phase has seen.
type bestState struct {
	model *Model
	state [][]float32
}

// restore puts the best state back; without one the model stays as it is.
func (b *bestState) restore() {
	if b.state != nil {
		b.model.restore(b.state)
	}
}

// checkDue reports whether one of checks evaluations, spread evenly over the second half of the
// steps with the last at the end, falls behind this step.
func checkDue(step, steps, checks int) bool {
	for c := 1; c <= checks; c++ {
		if step == steps/2+c*(steps-steps/2)/checks-1 {
			return true
		}
	}
	return false
}
