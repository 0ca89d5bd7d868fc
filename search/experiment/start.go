package experiment

import (
	"fmt"
	"math"

	"dse/models"
	"dse/qat"
	"dse/search"
)

// start gives a model the state that its trial starts from: that of the rung before, or the weights of the
// parent or of the float network.
func (e *Experiment) start(t search.Trial, m *qat.Model) error {
	switch {
	case t.Continues():
		return e.load(m, *t.Start)
	case t.From > 0:
		parent := e.NewModel(*t.Start)
		if err := e.load(parent, *t.Start); err != nil {
			return err
		}
		m.CopyFloat(parent)
		return nil
	}
	float, err := e.floatStart()
	if err == nil {
		m.CopyFloat(float)
	}
	return err
}

// load reads the trained state of a trial that another starts from.
func (e *Experiment) load(m *qat.Model, t search.Trial) error {
	if err := m.Load(e.CheckpointPath(t.ID)); err != nil {
		return &search.StopError{Err: fmt.Errorf("loading the trained state of trial %d, which others start from: %w; start again in another --study folder", t.ID, err)}
	}
	return nil
}

// Cost returns the images that the training of a trial takes.
func (e *Experiment) Cost(t search.Trial) int64 {
	images, batch := int64(0), e.config.Plan.Training.Batch
	for _, p := range e.Phases(t) {
		// Whole steps, as qat takes them.
		steps := math.Round(p.Epochs * float64(e.config.Train.Len()/batch))
		images += int64(steps) * int64(batch)
	}
	return images
}

// NewModel returns an untrained model with the trial's slices.
func (e *Experiment) NewModel(t search.Trial) *qat.Model {
	return qat.NewModel(e.network, e.slicing(t), qat.DefaultQuantization(), t.Seed)
}

// slicing returns the slices of a trial. Homogeneous baselines have a slice per channel: widths are equal,
// but every channel's range is its own.
func (e *Experiment) slicing(t search.Trial) models.Slicing {
	groups := make([]int, len(e.network.Stages))
	for i := range groups {
		switch t.Kind {
		case search.BaselineTrial:
			groups[i] = 1
		case search.DesignTrial, search.ProbeTrial:
			groups[i] = e.group(t.Genome.Granularity[i])
		}
	}
	return e.network.SliceByStage(groups)
}

// floatStart loads the state that phase 0 left. It is shared by all trials and only read.
func (e *Experiment) floatStart() (*qat.Model, error) {
	e.floatOnce.Do(func() {
		e.floatNet = e.NewModel(search.Trial{Kind: search.FloatTrial})
		e.floatErr = e.floatNet.Load(e.CheckpointPath(0))
	})
	if e.floatErr != nil {
		return nil, &search.StopError{Err: fmt.Errorf("loading the float network that all designs start from: %w; start again in another --study folder", e.floatErr)}
	}
	return e.floatNet, nil
}
