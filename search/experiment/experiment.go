package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"dse/accel"
	"dse/models"
	"dse/qat"
	"dse/search"
	"dse/sim"
)

// Config says what is to be explored.
type Config struct {
	Accelerator *accel.Accelerator
	Network     *models.Network
	Train, Held qat.Samples
	Plan        Plan
	Objectives  []Quantity
	Limits      []Limit
	// Checkpoints is the folder of the trained states, one file per trial.
	Checkpoints string
	// Progress, if not nil, is told of each training step of each trial, from several goroutines.
	Progress func(trial search.Trial, p qat.Progress)
}

// Experiment trains and measures trials. It is a search.Evaluator.
type Experiment struct {
	config  Config
	network *models.Network
	sim     *sim.Simulator
	// least and widest are memory, latency and energy at the narrowest precision and at 8/8 bits.
	least, widest map[Quantity]float64

	floatOnce sync.Once
	floatErr  error
	floatNet  *qat.Model
}

var _ search.Evaluator = (*Experiment)(nil)

// New checks that the network can run on the accelerator and that the limits can be met.
func New(c Config) (*Experiment, error) {
	if err := c.Plan.Check(); err != nil {
		return nil, err
	}
	s, err := sim.New(c.Accelerator, c.Network)
	if err != nil {
		return nil, err
	}
	e := &Experiment{config: c, network: c.Network, sim: s}
	slicing := c.Network.PerTensor()
	if e.least, err = e.measure(c.Network.Narrowest(slicing)); err != nil {
		return nil, err
	}
	if e.widest, err = e.measure(c.Network.Uniform(slicing, 8, 8)); err != nil {
		return nil, err
	}
	return e, e.checkLimits()
}

// Goals returns the search's goals for the objectives.
func (e *Experiment) Goals() []search.Goal {
	var goals []search.Goal
	for _, q := range e.config.Objectives {
		goals = append(goals, search.Goal{Name: string(q)})
	}
	return goals
}

// Space returns the designs that the search may propose.
func (e *Experiment) Space() search.Space {
	total := search.EpochsOf(e.config.Plan.Epochs)
	// A tenth of the total is the least that a phase makes sense with, and learning widths needs
	// most: a quarter.
	tenth, quarter := search.Epochs(math.Ceil(float64(total)/10)), search.Epochs(math.Ceil(float64(total)/4))
	s := search.Space{
		Stages: e.network.Stages, TotalEpochs: total,
		MinEpochs:      [3]search.Epochs{tenth, quarter, tenth},
		WeightBits:     search.BitsRange{Min: search.AverageBitsOf(2), Max: search.AverageBitsOf(6)},
		ActivationBits: search.BitsRange{Min: search.AverageBitsOf(2), Max: search.AverageBitsOf(6)},
	}
	for _, q := range e.config.Objectives {
		if q.hardware() {
			s.Budgets = append(s.Budgets, string(q))
		}
	}
	return s
}

// Record is what is kept of a trial for reports, beside its objectives.
type Record struct {
	Held           qat.Accuracy      `json:"held_accuracy"`
	Precision      *models.Precision `json:"precision,omitempty"` // nil for the float network
	Footprint      models.Footprint  `json:"footprint"`
	WeightBits     float64           `json:"weight_bits"`
	ActivationBits float64           `json:"activation_bits"`
	LatencyMS      float64           `json:"latency_ms"`
	EnergyUJ       float64           `json:"energy_uj"`
	Phases         []qat.PhaseRecord `json:"phases"`
	Images         int64             `json:"images"`
}

// floatWidth is the width at which the float network is priced for comparison. The accelerator has
// no float mode, so only its memory is meaningful.
const floatWidth models.Width = 32

// Evaluate implements search.Evaluator.
func (e *Experiment) Evaluate(ctx context.Context, t search.Trial) (search.Outcome, error) {
	if t.Kind == search.DesignTrial || t.Kind == search.ProbeTrial {
		if err := e.reachable(t); err != nil {
			return failure(err)
		}
	}
	run, err := e.run(t)
	if err != nil {
		return search.Outcome{}, err
	}
	out, err := qat.Train(ctx, run)
	if err != nil {
		return failure(err)
	}
	if err := run.Model.Save(e.CheckpointPath(t.ID)); err != nil {
		return search.Outcome{}, &search.StopError{Err: fmt.Errorf("saving the trained state: %w; what was finished before is safe: make room and run again to go on", err)}
	}
	return e.outcome(t, out)
}

// failure tells a diverged training or a limit out of reach, which are results, from an error, which is
// not.
func failure(err error) (search.Outcome, error) {
	var diverged *qat.DivergedError
	var unreachable *UnreachableError
	if errors.As(err, &diverged) || errors.As(err, &unreachable) {
		return search.Outcome{Failed: true, Reason: err.Error()}, nil
	}
	return search.Outcome{}, err
}

// run describes the training of a trial.
func (e *Experiment) run(t search.Trial) (qat.Run, error) {
	c := &e.config
	r := qat.Run{Train: c.Train, Held: c.Held, Settings: c.Plan.Training, Seed: t.Seed, Threads: t.Threads}
	if c.Progress != nil {
		r.Progress = func(p qat.Progress) { c.Progress(t, p) }
	}
	r.Model = e.NewModel(t)
	r.Phases = e.Phases(t)
	if t.Kind == search.FloatTrial {
		return r, nil
	}
	if err := e.start(t, r.Model); err != nil {
		return r, err
	}
	if t.Kind != search.BaselineTrial {
		r.Penalties = e.penalties(t.Genome, r.Model.Slicing)
	}
	return r, nil
}

// group returns the output channels per slice of a granularity.
func (e *Experiment) group(g search.Granularity) int {
	switch g {
	case search.PerColumnTile:
		return e.config.Accelerator.Array.Cols
	case search.PerChannel:
		return 1
	}
	return 0
}

// CheckpointPath returns the file of a trial's trained state.
func (e *Experiment) CheckpointPath(trial int) string {
	return filepath.Join(e.config.Checkpoints, fmt.Sprintf("trial-%04d.safetensors", trial))
}

// outcome measures a trained trial.
func (e *Experiment) outcome(t search.Trial, out *qat.Outcome) (search.Outcome, error) {
	p := out.Precision
	if p == nil {
		p = e.network.Uniform(e.network.PerTensor(), floatWidth, floatWidth)
	}
	r := Record{
		Held: out.Accuracy, Precision: out.Precision, Footprint: e.network.Footprint(p), Phases: out.Phases, Images: out.Images,
		WeightBits: e.network.MeanWeightWidth(p), ActivationBits: e.network.MeanActivationWidth(p),
	}
	values := map[Quantity]float64{Memory: r.Footprint.Memory().Kilobytes()}
	if out.Precision != nil {
		v, err := e.measure(p)
		if err != nil {
			return search.Outcome{}, err
		}
		values = v
		r.LatencyMS, r.EnergyUJ = v[Latency], v[Energy]
	}
	values[Error] = 100 - out.Accuracy.Percent()
	extra, err := json.Marshal(r)
	if err != nil {
		return search.Outcome{}, err
	}
	o := search.Outcome{Extra: extra}
	for _, q := range e.config.Objectives {
		if v, ok := values[q]; ok {
			o.Objectives = append(o.Objectives, search.Objective{Name: string(q), Value: v})
		}
	}
	if out.Precision == nil {
		return o, nil // the float network is no design: limits do not apply
	}
	for _, l := range e.config.Limits {
		o.Violations = append(o.Violations, search.Violation{Limit: l.String(), Excess: max(0, values[l.Quantity]/l.Value-1)})
	}
	return o, nil
}

// Test classifies the test set with the trained state of a trial. It is meant for the final table;
// no choice may depend on it.
func (e *Experiment) Test(ctx context.Context, t search.Trial, test qat.Samples, threads int) (qat.Accuracy, error) {
	m := e.NewModel(t)
	path := e.CheckpointPath(t.ID)
	if err := m.Load(path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return qat.Accuracy{}, fmt.Errorf("the trained state %s of trial %d is gone; train again in a new --study folder", path, t.ID)
		}
		return qat.Accuracy{}, err
	}
	return qat.Evaluate(ctx, m, test, t.Kind != search.FloatTrial, threads)
}

// OnProgress sets the function that is told of each training step. It must be called before the
// first Evaluate.
func (e *Experiment) OnProgress(f func(search.Trial, qat.Progress)) { e.config.Progress = f }

// ParseRecord returns the record that an outcome carries.
func ParseRecord(o search.Outcome) (*Record, error) {
	r := &Record{}
	if err := json.Unmarshal(o.Extra, r); err != nil {
		return nil, fmt.Errorf("reading the trial's record: %w", err)
	}
	return r, nil
}

// Phases returns the phases in which a trial is trained.
func (e *Experiment) Phases(t search.Trial) []qat.Phase {
	phases := e.WholePhases(t)
	if t.Kind == search.DesignTrial || t.Kind == search.ProbeTrial {
		phases = e.config.Plan.rung(phases, t.Rung)
	}
	return phases
}

// WholePhases returns the phases of a trial without regard to rungs.
func (e *Experiment) WholePhases(t search.Trial) []qat.Phase {
	switch t.Kind {
	case search.FloatTrial:
		return e.config.Plan.float()
	case search.BaselineTrial:
		return e.config.Plan.baseline(t.BaselineBits)
	}
	return e.config.Plan.design(t.Genome, e.startBits(t.Genome.WeightBits), e.startBits(t.Genome.ActivationBits))
}

// startBits returns the homogeneous width from which a budget is approached.
func (e *Experiment) startBits(budget search.AverageBits) int {
	return min(8, int(math.Floor(budget.Float()))+e.config.Plan.HeadRoom)
}

// Granularity returns the slices of each stage in words; none for the float network.
func (e *Experiment) Granularity(t search.Trial) []string {
	var words []string
	for i := range e.network.Stages {
		switch t.Kind {
		case search.BaselineTrial:
			words = append(words, search.PerChannel.String())
		case search.DesignTrial, search.ProbeTrial:
			words = append(words, t.Genome.Granularity[i].String())
		}
	}
	return words
}
