package qat

import (
	"context"
	"fmt"

	"dse/models"
	"dse/qat/kernel"
)

// evaluationBatch divides the usual set sizes (5,000 and 10,000); a last short batch is padded.
const evaluationBatch = 250

// evaluationElements bounds the activations of an evaluation batch: 256 MB of results of convolutions, and
// as much behind their epilogues.
const evaluationElements = 64 << 20

// evaluationBatchOf returns the batch for a network: 250, or as many as memory allows but at least 8.
func evaluationBatchOf(n *models.Network) int {
	elements := 0
	for i := range n.Layers {
		elements += n.Layers[i].Out.Elements()
	}
	return min(evaluationBatch, max(8, evaluationElements/elements))
}

// evaluator classifies images with a model's running statistics.
type evaluator struct {
	program *program
	index   []int
}

func newEvaluator(m *Model, team *kernel.Team) (*evaluator, error) {
	size := evaluationBatchOf(m.Network)
	p, err := newProgram(m, size, 0, false, team)
	if err != nil {
		return nil, fmt.Errorf("compiling %s for evaluation: %w", m.Network.Name, err)
	}
	return &evaluator{program: p, index: make([]int, size)}, nil
}

func (e *evaluator) close() error { return e.program.close() }

// accuracy classifies all samples, quantized or in float.
func (e *evaluator) accuracy(ctx context.Context, s Samples, quantize bool) (Accuracy, error) {
	e.program.mode.Quantize = quantize
	var a Accuracy
	labels := e.program.labels.Float32s()
	for at := 0; at < s.Len(); at += len(e.index) {
		if err := ctx.Err(); err != nil {
			return a, err
		}
		real := min(len(e.index), s.Len()-at)
		for i := range e.index {
			e.index[i] = at + min(i, real-1)
		}
		if err := fill(s, 0, e.index, e.program.x.Float32s(), labels); err != nil {
			return a, fmt.Errorf("evaluating: %w", err)
		}
		for i := real; i < len(e.index); i++ {
			labels[i] = -1
		}
		if err := e.program.run(); err != nil {
			return a, fmt.Errorf("evaluating: %w", err)
		}
		correct, of := e.program.loss.Correct() // without the padding, and without images that were left out
		a.Correct += correct
		a.Of += of
	}
	return a, nil
}

// reestimate replaces the running statistics of every norm by their plain averages over batches of
// samples, the first ones in the given order. The averages that training keeps lag behind weights
// and widths that still moved, and at few bits a small shift of the statistics changes many codes.
func (e *evaluator) reestimate(ctx context.Context, s Samples, o *order, batches int, quantize bool) error {
	mode := e.program.mode
	mode.Training, mode.Quantize = true, quantize
	defer func() { mode.Training, mode.BatchWeight = false, 0 }()
	for k := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.batch(k, e.index)
		if err := fill(s, 0, e.index, e.program.x.Float32s(), e.program.labels.Float32s()); err != nil {
			return fmt.Errorf("re-estimating norm statistics: %w", err)
		}
		mode.BatchWeight = 1 / float32(k+1)
		if err := e.program.run(); err != nil {
			return fmt.Errorf("re-estimating norm statistics: %w", err)
		}
	}
	return nil
}

// Evaluate classifies all samples with the model.
func Evaluate(ctx context.Context, m *Model, s Samples, quantize bool, threads int) (Accuracy, error) {
	team := kernel.NewTeam(threads)
	defer team.Close()
	e, err := newEvaluator(m, team)
	if err != nil {
		return Accuracy{}, err
	}
	a, err := e.accuracy(ctx, s, quantize)
	if cerr := e.close(); err == nil {
		err = cerr
	}
	return a, err
}
