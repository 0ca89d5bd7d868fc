package qat

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"dse/models"
	"dse/qat/kernel"
)

// tiny has every kind of layer that mobilenetv2-micro has, at a size that trains in milliseconds.
func tiny(t testing.TB) *models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{
		Name: "tiny", Image: models.Shape{C: 1, H: 8, W: 8}, Classes: 4, Stem: 8, StemStride: 1,
		Blocks: []models.InvertedResidual{{T: 1, C: 8, N: 1, S: 1}, {T: 2, C: 12, N: 2, S: 2}}, Head: 16,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// quadrants are images of noise in which one quadrant, the class, is brighter.
type quadrants struct {
	seed uint64
	n    int
}

func (q quadrants) Len() int { return q.n }

func (q quadrants) Fill(index []int, x, y []float32) {
	for i, k := range index {
		src := rand.New(rand.NewPCG(q.seed, uint64(k)))
		class := k % 4
		for r := range 8 {
			for c := range 8 {
				v := src.NormFloat64() * 0.5
				if r/4*2+c/4 == class {
					v++
				}
				x[i*64+r*8+c] = float32(v)
			}
		}
		y[i] = float32(class)
	}
}

func tinyRun(m *Model, phases ...Phase) Run {
	s := DefaultSettings()
	s.Batch = 32
	return Run{Model: m, Train: quadrants{1, 640}, Held: quadrants{2, 200}, Phases: phases, Settings: s, Seed: 7, Threads: 1}
}

var (
	floatPhase = Phase{Name: "float", Epochs: 3, Rate: 2e-3, WarmUp: 0.1}
	fixedPhase = Phase{Name: "homogeneous", Epochs: 1, Rate: 1e-3, WarmUp: 0.1, Quantize: true, WeightBits: 5, ActivationBits: 5}
	mixedPhase = Phase{Name: "mixed", Epochs: 3, Rate: 5e-4, WarmUp: 0.05, Quantize: true, Learn: true, QuantizerRate: 1e-2, Relative: true, Checks: 2}
	tunePhase  = Phase{Name: "fine-tune", Epochs: 1, Rate: 5e-4, Quantize: true}
)

// The gradient of every float parameter agrees with central differences of the loss along the
// gradient itself. Over the small steps that avoid the corners of ReLU6, float32 leaves errors of
// about a percent; a wrong sign or a missing factor would be an error of order 1.
func TestGradientsAgainstDifferences(t *testing.T) {
	m := NewModel(tiny(t), tiny(t).PerTensor(), DefaultQuantization(), 1)
	team := kernel.NewTeam(1)
	defer team.Close()
	p, err := newProgram(m, 16, 0.1, true, team)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	index := make([]int, 16)
	for i := range index {
		index[i] = i
	}
	quadrants{3, 16}.Fill(index, p.x.Float32s(), p.labels.Float32s())
	loss := func() float64 {
		if err := p.run(); err != nil {
			t.Fatal(err)
		}
		return p.loss.Value()
	}
	checked := 0
	for _, q := range p.weights {
		loss()
		g := append([]float32(nil), q.Gradient.Float32s()...)
		x := q.Data.Float32s()
		old := append([]float32(nil), x...)
		norm := 0.0
		for _, v := range g {
			norm += float64(v) * float64(v)
		}
		norm = math.Sqrt(norm)
		if norm < 1e-3 {
			// A norm's shift before another norm, or its scale under scale-invariance: truly 0.
			continue
		}
		at := func(s float64) float64 {
			for i := range x {
				x[i] = old[i] + float32(s*float64(g[i])/norm)
			}
			return loss()
		}
		const h = 2e-3
		numeric := (at(h) - at(-h)) / (2 * h)
		copy(x, old)
		if math.Abs(numeric-norm) > 0.05*norm+2e-4 {
			t.Errorf("%s: derivative along the gradient is %.5f, differences say %.5f", q.Name, norm, numeric)
		}
		checked++
	}
	if checked < len(p.weights)/2 {
		t.Errorf("only %d of %d parameters have a gradient to speak of", checked, len(p.weights))
	}
}

// The same run gives the same bits with any number of threads.
func TestThreadsDoNotMatter(t *testing.T) {
	n := tiny(t)
	var want [][]float32
	for _, threads := range []int{1, 2, 5} {
		s := n.PerTensor()
		for i := range s {
			s[i] = 1
		}
		m := NewModel(n, s, DefaultQuantization(), 3)
		run := tinyRun(m, Phase{Name: "float", Epochs: 0.2, Rate: 1e-3}, fixedPhase, mixedPhase)
		run.Penalties = []Penalty{{Name: "weights", Cost: SizeCost{n, models.WeightSize}, Target: 2000, Weight: 100}}
		run.Threads = threads
		if _, err := Train(context.Background(), run); err != nil {
			t.Fatal(err)
		}
		got := m.snapshot(nil)
		if want == nil {
			want = got
			continue
		}
		for i, e := range m.tensors() {
			for j, v := range got[i] {
				if math.Float32bits(v) != math.Float32bits(want[i][j]) {
					t.Fatalf("%d threads: %s[%d] = %v, one thread gives %v", threads, e.name, j, v, want[i][j])
				}
			}
		}
	}
}

// Four phases end under the targets of both memories, at an accuracy far above chance.
func TestPhasesReachTargets(t *testing.T) {
	n := tiny(t)
	for _, group := range []int{0, 1} {
		s := n.PerTensor()
		for i := range s {
			s[i] = group
		}
		m := NewModel(n, s, DefaultQuantization(), 1)
		unit := n.Uniform(s, 3, 3)
		run := tinyRun(m, floatPhase, fixedPhase, mixedPhase, tunePhase)
		for _, k := range []models.SizeKind{models.WeightSize, models.ActivationPeak} {
			run.Penalties = append(run.Penalties, Penalty{
				Name: "size", Cost: SizeCost{n, k}, Target: float64(n.Size(k, unit, nil)), Weight: 100,
			})
		}
		out, err := Train(context.Background(), run)
		if err != nil {
			t.Fatal(err)
		}
		if !out.Phases[2].TargetsMet {
			t.Errorf("group %d: targets not met: %.2f weight and %.2f activation bits", group, out.Phases[2].WeightBits, out.Phases[2].ActivationBits)
		}
		if err := n.CheckPrecision(out.Precision); err != nil {
			t.Error(err)
		}
		for i, p := range run.Penalties {
			if got, _ := p.Cost.Price(out.Precision, nil); got > p.Target {
				t.Errorf("group %d: penalty %d ends at %v over its target %v", group, i, got, p.Target)
			}
		}
		if a := out.Accuracy.Percent(); a < 70 {
			t.Errorf("group %d: accuracy %.1f %%, want at least 70", group, a)
		}
		if a, b := out.Phases[2].WeightBits, out.Phases[3].WeightBits; a != b {
			t.Errorf("fine-tuning moved the widths from %v to %v", a, b)
		}
	}
}

// Learning ranges alone leaves every width where it was, moves steps, and does not hurt.
func TestLearnRangeKeepsWidths(t *testing.T) {
	n := tiny(t)
	m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	p := fixedPhase
	p.WeightBits, p.ActivationBits, p.Epochs = 3, 3, 3
	p.LearnRange, p.QuantizerRate = true, 5e-3
	before := 0.0
	run := tinyRun(m, floatPhase, p)
	run.Progress = func(q Progress) {
		if q.PhaseIndex == 1 && q.Step == 1 {
			before = float64(m.layers[1].weightQ.d.Float32s()[0])
		}
	}
	out, err := Train(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range out.Precision.Weights {
		for _, b := range w.Widths {
			if b != 3 {
				t.Errorf("weights %d end at %v bits, want 3", i, b)
			}
		}
	}
	for i, b := range out.Precision.Activations {
		if b != 3 {
			t.Errorf("activations %d end at %v bits, want 3", i, b)
		}
	}
	if after := float64(m.layers[1].weightQ.d.Float32s()[0]); after == before {
		t.Error("the step of the first layer never moved")
	}
	if a := out.Accuracy.Percent(); a < 70 {
		t.Errorf("accuracy %.1f %%, want at least 70", a)
	}
}

func TestDivergenceIsAnError(t *testing.T) {
	n := tiny(t)
	m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	p := floatPhase
	p.Rate = 1e30
	_, err := Train(context.Background(), tinyRun(m, p))
	var diverged *DivergedError
	if !errors.As(err, &diverged) {
		t.Fatalf("error = %v, want a DivergedError", err)
	}
}

func TestCancel(t *testing.T) {
	n := tiny(t)
	m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	ctx, cancel := context.WithCancel(context.Background())
	run := tinyRun(m, floatPhase)
	steps := 0
	run.Progress = func(p Progress) {
		if steps++; steps == 3 {
			cancel()
		}
	}
	if _, err := Train(ctx, run); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	if steps != 3 {
		t.Errorf("%d steps ran, want 3", steps)
	}
}

func TestSaveLoad(t *testing.T) {
	n := tiny(t)
	a := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
	if _, err := Train(context.Background(), tinyRun(a, Phase{Name: "float", Epochs: 0.1, Rate: 1e-3}, fixedPhase)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	b := NewModel(n, n.PerTensor(), DefaultQuantization(), 2)
	if err := b.Load(path); err != nil {
		t.Fatal(err)
	}
	x, _ := Evaluate(context.Background(), a, quadrants{2, 200}, true, 1)
	y, err := Evaluate(context.Background(), b, quadrants{2, 200}, true, 2)
	if err != nil || x != y {
		t.Errorf("loaded model classifies %v (%v), saved one %v", y, err, x)
	}
	s := n.PerTensor()
	s[3] = 1
	c := NewModel(n, s, DefaultQuantization(), 2)
	if err := c.Load(path); err == nil || !strings.Contains(err.Error(), "elements") {
		t.Errorf("loading with another slicing: error = %v", err)
	}
}

func TestPhaseCheck(t *testing.T) {
	for name, p := range map[string]Phase{
		"negative epochs":    {Name: "x", Epochs: -1},
		"learn in float":     {Name: "x", Epochs: 1, Learn: true},
		"half initialised":   {Name: "x", Epochs: 1, Quantize: true, WeightBits: 4},
		"warm-up over 1":     {Name: "x", Epochs: 1, WarmUp: 2},
		"init without quant": {Name: "x", Epochs: 1, WeightBits: 4, ActivationBits: 4},
	} {
		if p.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// An epoch's order is a permutation that any step finds alone.
func TestOrder(t *testing.T) {
	seen := make([]int, 100)
	index := make([]int, 30)
	o := newOrder(100, 30, 1, 0)
	for step := range 3 {
		o.batch(step, index)
		for _, i := range index {
			seen[i]++
		}
	}
	for i, n := range seen {
		if n > 1 {
			t.Errorf("image %d was used %d times in an epoch", i, n)
		}
	}
	alone := make([]int, 30)
	newOrder(100, 30, 1, 0).batch(2, alone)
	for i := range alone {
		if alone[i] != index[i] {
			t.Fatal("step 2 depends on the steps before it")
		}
	}
}

// A network with hard swish learns; an activation without an operation is refused by name. Every
// activation that is allowed is a clipping or has an operation.
func TestActivations(t *testing.T) {
	for _, a := range trainedActivations[3:] {
		if _, ok := functions[a]; !ok {
			t.Errorf("%v is allowed and has no operation", a)
		}
	}
	n := tiny(t)
	changed := func(a models.Activation) *models.Network {
		m := *n
		m.Layers = append([]models.Layer(nil), n.Layers...)
		for i := range m.Layers {
			if m.Layers[i].Activation == models.ReLU6 {
				m.Layers[i].Activation = a
			}
		}
		return &m
	}
	swish := changed(models.HardSwish)
	for i := range swish.Activations {
		swish.Activations[i].Signed = true
	}
	out, err := Train(context.Background(), tinyRun(NewModel(swish, swish.PerTensor(), DefaultQuantization(), 1), floatPhase, fixedPhase))
	if err != nil {
		t.Fatal(err)
	}
	if a := out.Accuracy.Percent(); a < 70 {
		t.Errorf("accuracy %.1f %%, want at least 70", a)
	}
	leaky := changed(models.LeakyReLU)
	_, err = Train(context.Background(), tinyRun(NewModel(leaky, leaky.PerTensor(), DefaultQuantization(), 1), floatPhase))
	if err == nil || !strings.Contains(err.Error(), "no leakyrelu (layer stem)") {
		t.Errorf("error = %v", err)
	}
}

// Every operation of a training program is ours: gorgonia adds no gradients of its own.
func TestOperationsAreOurs(t *testing.T) {
	m := NewModel(tiny(t), tiny(t).PerTensor(), DefaultQuantization(), 1)
	team := kernel.NewTeam(1)
	defer team.Close()
	p, err := newProgram(m, 4, 0.1, true, team)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for _, g := range p.gradients {
		for _, n := range g.node.Graph().AllNodes() {
			if op := n.Op(); op != nil && fmt.Sprintf("%T", op) != "*op.call" && len(n.Shape()) > 0 {
				t.Fatalf("%v is a %T", n, op)
			}
		}
	}
}
