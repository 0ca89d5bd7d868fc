package qat

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dse/models"
	"dse/qat/checkpoint"
)

// fourPhases is a run through everything that has state: two optimisers, the alternation, learned
// widths under a penalty with a best state, and ranges that go on learning.
func fourPhases(t *testing.T, note string) Run {
	n := tiny(t)
	s := n.PerTensor()
	for i := range s {
		s[i] = 1
	}
	run := tinyRun(NewModel(n, s, DefaultQuantization(), 3),
		Phase{Name: "float", Epochs: 0.5, Rate: 2e-3, WarmUp: 0.1},
		Phase{Name: "homogeneous", Epochs: 0.5, Rate: 1e-3, Quantize: true, WeightBits: 5, ActivationBits: 5},
		Phase{Name: "mixed", Epochs: 1, Rate: 5e-4, Quantize: true, Learn: true, QuantizerRate: 1e-2, Relative: true, UpdateEvery: 3, Checks: 3},
		Phase{Name: "fine-tune", Epochs: 0.5, Rate: 5e-4, Quantize: true, LearnRange: true, QuantizerRate: 1e-3},
	)
	unit := n.Uniform(s, 5, 5)
	run.Penalties = []Penalty{{Name: "weights", Cost: SizeCost{n, models.WeightSize}, Target: float64(n.Size(models.WeightSize, unit, nil)), Weight: 100}}
	run.Checkpoints = &Checkpoints{Path: filepath.Join(t.TempDir(), "run.safetensors"), Every: 7, Note: note}
	return run
}

func bits(m *Model) []byte {
	var b bytes.Buffer
	if err := checkpoint.Write(&b, m.file()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A run that is stopped at random steps, and goes on with other numbers of threads, ends with the bits
// of one that was never stopped, in its model and in its checkpoint.
func TestResumeIsExact(t *testing.T) {
	whole := fourPhases(t, "")
	wantOutcome, err := Train(context.Background(), whole)
	if err != nil {
		t.Fatal(err)
	}
	want := bits(whole.Model)
	wantFile, err := os.ReadFile(whole.Checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	src := rand.New(rand.NewPCG(11, 12))
	for range 4 {
		run := fourPhases(t, "")
		run.Checkpoints.Resume = true
		stops := 0
		for {
			run.Model = NewModel(run.Model.Network, run.Model.Slicing, run.Model.Quant, 99) // another model: all comes from the file
			if stops == 0 {
				run.Model = NewModel(run.Model.Network, run.Model.Slicing, run.Model.Quant, 3)
			}
			run.Threads = 1 + stops%3
			ctx, cancel := context.WithCancel(context.Background())
			left := 1 + src.IntN(15)
			run.Progress = func(Progress) {
				if left--; left == 0 {
					cancel()
				}
			}
			out, err := Train(ctx, run)
			cancel()
			if errors.Is(err, context.Canceled) {
				stops++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if out.Accuracy != wantOutcome.Accuracy || out.Images != wantOutcome.Images || len(out.Phases) != 4 || out.Phases[2] != wantOutcome.Phases[2] {
				t.Errorf("outcome %+v after %d stops, %+v without", out, stops, wantOutcome)
			}
			break
		}
		if stops < 3 {
			t.Fatalf("only %d stops", stops)
		}
		if !bytes.Equal(bits(run.Model), want) {
			t.Errorf("after %d stops the model differs", stops)
		}
		if got, err := os.ReadFile(run.Checkpoints.Path); err != nil || !bytes.Equal(got, wantFile) {
			t.Errorf("after %d stops the checkpoint differs (%v)", stops, err)
		}
	}
}

// A checkpoint of another run, a model's file and a damaged file are refused, each with its reason; the
// file of a run can be loaded as a model.
func TestResumeRefuses(t *testing.T) {
	run := fourPhases(t, "these images")
	run.Checkpoints.Resume = true
	if _, err := Train(context.Background(), run); err != nil {
		t.Fatal(err)
	}
	n := run.Model.Network
	if err := NewModel(n, run.Model.Slicing, DefaultQuantization(), 5).Load(run.Checkpoints.Path); err != nil {
		t.Errorf("loading the run's model: %v", err)
	}
	for _, c := range []struct {
		change func(*Run)
		want   string
	}{
		{func(r *Run) { r.Seed++ }, "seed differ"},
		{func(r *Run) { r.Phases[1].Rate *= 2; r.Settings.Batch = 16 }, "phases, settings differ"},
		{func(r *Run) { r.Checkpoints.Note = "others" }, "data differ"},
	} {
		other := run
		other.Phases = append([]Phase(nil), run.Phases...)
		k := *run.Checkpoints
		other.Checkpoints = &k
		c.change(&other)
		_, err := Train(context.Background(), other)
		var mismatch *MismatchError
		if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error = %v, want a mismatch of %q", err, c.want)
		}
	}
	if err := run.Model.Save(run.Checkpoints.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := Train(context.Background(), run); err == nil || !strings.Contains(err.Error(), "holds a model") {
		t.Errorf("a model's file: error = %v", err)
	}
	b, err := os.ReadFile(run.Checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(run.Checkpoints.Path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Train(context.Background(), run); !errors.Is(err, checkpoint.ErrDamaged) {
		t.Errorf("a damaged file: error = %v", err)
	}
}

// A run that diverges ends with a reason and leaves the last good checkpoint, from which it could go on.
func TestDivergenceKeepsCheckpoint(t *testing.T) {
	run := fourPhases(t, "")
	run.Checkpoints.Every = 1
	run.Progress = func(p Progress) {
		if p.PhaseIndex == 0 && p.Step == 4 {
			run.Model.layers[1].gamma.Float32s()[2] = float32(math.Inf(1))
		}
	}
	_, err := Train(context.Background(), run)
	var diverged *DivergedError
	if !errors.As(err, &diverged) || diverged.Step != 4 || !strings.Contains(err.Error(), "stem.norm.gamma[2]") {
		t.Fatalf("error = %v, want a divergence at step 4 that names stem.norm.gamma[2]", err)
	}
	if err := run.Model.Load(run.Checkpoints.Path); err != nil {
		t.Fatal(err)
	}
	if err := run.Model.checkFinite(); err != nil {
		t.Errorf("the checkpoint that is left: %v", err)
	}
}

// Quantizers that let one value through end a run with a reason.
func TestCollapseIsAnError(t *testing.T) {
	for name, spoil := range map[string]func(m *Model){
		"weights":     func(m *Model) { clear(m.layers[1].weight.Float32s()) },
		"activations": func(m *Model) { clear(m.layers[1].gamma.Float32s()); clear(m.layers[1].beta.Float32s()) },
	} {
		run := fourPhases(t, "")
		run.Phases = run.Phases[1:2]
		run.Phases[0].Rate = 0
		run.Progress = func(p Progress) {
			if p.Step == 2 {
				spoil(run.Model)
			}
		}
		_, err := Train(context.Background(), run)
		var diverged *DivergedError
		if !errors.As(err, &diverged) || !strings.Contains(err.Error(), "stem has collapsed") {
			t.Errorf("%s: error = %v, want a collapse of stem", name, err)
		}
	}
}

// failing is a source whose images cannot be read from some number on.
type failing struct {
	quadrants
	from int
}

var errUnreadable = errors.New("image 300 cannot be read")

func (f failing) Batch(_ uint64, index []int, x, y []float32) error {
	for _, i := range index {
		if i >= f.from {
			return errUnreadable
		}
	}
	f.Fill(index, x, y)
	return nil
}

func TestDataErrorEndsTheRun(t *testing.T) {
	run := fourPhases(t, "")
	run.Train = failing{quadrants{1, 640}, 639}
	_, err := Train(context.Background(), run)
	if !errors.Is(err, errUnreadable) || !strings.Contains(err.Error(), "phase float, step") {
		t.Errorf("error = %v, want the image's, with phase and step", err)
	}
}

// Every optimiser trains, and its state survives an interruption.
func TestOptimizersResume(t *testing.T) {
	for _, name := range Optimizers {
		run := fourPhases(t, "")
		run.Phases = []Phase{{Name: "float", Epochs: 1, Rate: 1e-2}}
		run.Settings.Optimizer = name
		if name == "sgd" || name == "nesterov" {
			run.Phases[0].Rate = 0.1 // nothing scales its steps
		}
		first := NewModel(run.Model.Network, run.Model.Slicing, run.Model.Quant, 3)
		whole := run
		whole.Model, whole.Checkpoints = first, nil
		out, err := Train(context.Background(), whole)
		if err != nil {
			t.Fatal(err)
		}
		if out.Phases[0].Loss > 1.35 { // ln 4 = 1.386 is chance
			t.Errorf("%s: the loss ends at %.3f", name, out.Phases[0].Loss)
		}
		run.Checkpoints.Resume = true
		ctx, cancel := context.WithCancel(context.Background())
		run.Progress = func(p Progress) {
			if p.Step == 9 {
				cancel()
			}
		}
		if _, err := Train(ctx, run); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		run.Model = NewModel(run.Model.Network, run.Model.Slicing, run.Model.Quant, 8)
		run.Progress = nil
		if _, err := Train(context.Background(), run); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bits(run.Model), bits(first)) {
			t.Errorf("%s: the resumed model differs", name)
		}
	}
}
