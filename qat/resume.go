package qat

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"dse/models"
	"dse/qat/checkpoint"
	"dse/qat/optim"
)

// Checkpoints says where a run keeps its state and how often. A run that is stopped at any point and goes
// on from its file ends with the same bits as one that was never stopped.
type Checkpoints struct {
	// Path is the file; it is replaced as a whole. It is written at the end of each phase and when the
	// run is cancelled, and read as a model's state by Model.Load.
	Path string
	// Every is the number of steps between two writes within a phase. If 0, there are none.
	Every int
	// Resume goes on from the file if there is one. Without it an existing file is replaced.
	Resume bool
	// Note is anything else that the result depends on, such as a digest of the images; a file with
	// another note is not resumed.
	Note string
}

// Metadata of a run's checkpoint.
const (
	metaRun      = "run"          // how far it has come: a position
	metaSettings = "run.settings" // what its result depends on
)

// MismatchError says that a checkpoint belongs to another run.
type MismatchError struct {
	Path string
	Keys []string // settings that differ
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("checkpoint %s belongs to another run: %s differ; ask for the same run, or start anew with another file",
		e.Path, strings.Join(e.Keys, ", "))
}

// runSettings are what the result of a run depends on. The number of threads is not among it.
type runSettings struct {
	Network   string         `json:"network"`
	Slicing   models.Slicing `json:"slicing"`
	Quantizer Quantization   `json:"quantization"`
	Phases    []Phase        `json:"phases"`
	Penalties []penaltyText  `json:"penalties"`
	Settings  Settings       `json:"settings"`
	Seed      uint64         `json:"seed"`
	Images    int            `json:"images"`
	Held      int            `json:"held_images"`
	Note      string         `json:"data"`
}

type penaltyText struct {
	Name   string  `json:"name"`
	Target float64 `json:"target"`
	Weight float64 `json:"weight"`
}

func (t *trainer) settings() (string, error) {
	s := runSettings{
		Network: t.Model.Network.Name, Slicing: t.Model.Slicing, Quantizer: t.Model.Quant, Phases: t.Phases, Settings: t.Settings,
		Seed: t.Seed, Images: t.Train.Len(), Held: t.Held.Len(), Note: t.Checkpoints.Note,
	}
	for _, p := range t.Penalties {
		s.Penalties = append(s.Penalties, penaltyText{p.Name, p.Target, p.Weight})
	}
	text, err := json.Marshal(s)
	return string(text), err
}

// begin returns the start of the run, or the position at which its checkpoint was written, with the
// model's state from there.
func (t *trainer) begin() (*position, error) {
	at := &position{}
	t.enter(at, 0)
	c := t.Checkpoints
	if c == nil || !c.Resume {
		return at, nil
	}
	f, err := checkpoint.Load(c.Path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return at, nil
	case err != nil:
		return nil, err
	}
	if err := t.load(f, at); err != nil {
		var mismatch *MismatchError
		if errors.As(err, &mismatch) {
			return nil, err
		}
		return nil, fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	for _, p := range t.Phases[:at.Phase] {
		t.stepsDone += t.steps(p)
	}
	t.stepsDone += at.Step
	return at, nil
}

// load takes over a checkpoint.
func (t *trainer) load(f *checkpoint.File, at *position) error {
	want, err := t.settings()
	if err != nil {
		return err
	}
	got, ok := f.Meta[metaSettings]
	if !ok {
		return errors.New("it holds a model, not the state of a run: start anew with another file")
	}
	if got != want {
		return &MismatchError{t.Checkpoints.Path, differences(got, want)}
	}
	var saved position
	if err := json.Unmarshal([]byte(f.Meta[metaRun]), &saved); err != nil {
		return fmt.Errorf("its position is unreadable: %w", err)
	}
	if saved.Phase < 0 || saved.Phase > len(t.Phases) || len(saved.Records) != saved.Phase || saved.Step < 0 ||
		(saved.Phase < len(t.Phases) && saved.Step > t.steps(t.Phases[saved.Phase])) {
		return fmt.Errorf("phase %d, step %d with %d records is no position of this run", saved.Phase, saved.Step, len(saved.Records))
	}
	t.enter(at, saved.Phase)
	saved.weights, saved.quantizers, saved.best = at.weights, at.quantizers, at.best
	*at = saved
	if err := t.Model.take(f); err != nil {
		return err
	}
	if at.BestCorrect >= 0 {
		at.best.state = t.Model.snapshot(nil)
		for i, e := range t.Model.tensors() {
			tensor := f.Tensor(bestPrefix + e.name)
			if tensor == nil {
				return fmt.Errorf("no tensor %s%s", bestPrefix, e.name)
			}
			if err := tensor.CopyFloat32s(at.best.state[i]); err != nil {
				return err
			}
		}
	}
	for _, o := range at.optimisers() {
		slots, err := o.read(f)
		if err != nil {
			return err
		}
		if len(slots) > 0 {
			o.solver.Restore(slots)
		}
	}
	return nil
}

// differences names the settings that differ.
func differences(a, b string) []string {
	var x, y map[string]json.RawMessage
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return []string{"the settings"}
	}
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(y)) {
		if string(x[k]) != string(y[k]) {
			keys = append(keys, k)
		}
	}
	return keys
}

const bestPrefix = runPrefix + "best/"

// optimiser is one of the two of a phase and where its state stands in a checkpoint.
type optimiser struct {
	prefix string
	solver optim.Solver
}

func (at *position) optimisers() []optimiser {
	return []optimiser{{runPrefix + "weights/", at.weights}, {runPrefix + "quantizers/", at.quantizers}}
}

// name returns the tensor's name of an optimiser's i-th array. The number keeps their order, which is the
// parameters' and not that of their names.
func (o *optimiser) name(i int, slot string) string {
	return fmt.Sprintf("%s%05d/%s", o.prefix, i, slot)
}

// read returns the optimiser's state in its order; tensors of a file stand in order of their names.
func (o *optimiser) read(f *checkpoint.File) ([]optim.Slot, error) {
	var slots []optim.Slot
	for i := range f.Tensors {
		rest, ok := strings.CutPrefix(f.Tensors[i].Name, o.prefix)
		if !ok {
			continue
		}
		_, name, _ := strings.Cut(rest, "/")
		values, err := f.Tensors[i].Float32s()
		if err != nil {
			return nil, err
		}
		slots = append(slots, optim.Slot{Name: name, Values: values})
	}
	return slots, nil
}

// save writes the checkpoint. A state that is not healthy is not written: the file before it stays.
func (t *trainer) save(at *position) error {
	phase := "end"
	if at.Phase < len(t.Phases) {
		phase = t.Phases[at.Phase].Name
	}
	if at.Step > 0 {
		if err := t.healthy(phase, at.Step); err != nil {
			return err
		}
	}
	f := t.Model.file()
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	f.Meta[metaRun] = string(text)
	if f.Meta[metaSettings], err = t.settings(); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if at.BestCorrect >= 0 {
		for i, e := range t.Model.tensors() {
			f.Tensors = append(f.Tensors, checkpoint.FromFloat32s(bestPrefix+e.name, at.best.state[i], e.t.Shape()...))
		}
	}
	for _, o := range at.optimisers() {
		for i, slot := range o.solver.State() {
			f.Tensors = append(f.Tensors, checkpoint.FromFloat32s(o.name(i, slot.Name), slot.Values))
		}
	}
	return checkpoint.Save(t.Checkpoints.Path, f)
}

// interrupted saves where a cancelled run is and returns the cause.
func (t *trainer) interrupted(at *position, cause error) error {
	if t.Checkpoints == nil {
		return cause
	}
	return errors.Join(cause, t.save(at))
}
