package optim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"dse/qat/optim"
)

// solvers makes one of each optimiser, all with momentum and decay so that nothing stays idle.
var solvers = []struct {
	name string
	make func() optim.Solver
}{
	{"rmsprop", func() optim.Solver { o := optim.PaperRMSprop(); o.WeightDecay = 0.5; return o }},
	{"rmsprop torch", func() optim.Solver {
		return &optim.TorchRMSprop{Decay: 0.9, Momentum: 0.9, Eps: 1e-3, WeightDecay: 0.5}
	}},
	{"sgd", func() optim.Solver { return &optim.SGD{Momentum: 0.9, WeightDecay: 0.5} }},
	{"nesterov", func() optim.Solver { return &optim.SGD{Momentum: 0.9, WeightDecay: 0.5, Nesterov: true} }},
	{"adam", func() optim.Solver { o := optim.NewAdam(); o.WeightDecay = 0.5; return o }},
	{"adamw", func() optim.Solver { return optim.NewAdamW(0.5) }},
}

// each runs f as a subtest for every optimiser, at a rate of 0.1.
func each(t *testing.T, f func(t *testing.T, create func() optim.Solver)) {
	for _, s := range solvers {
		t.Run(s.name, func(t *testing.T) {
			f(t, func() optim.Solver {
				o := s.make()
				o.SetRate(0.1)
				return o
			})
		})
	}
}

func vector(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))
}

func values(p *optim.Param) []float32 { return p.Data.Float32s() }

func step(t testing.TB, o optim.Solver, params ...*optim.Param) {
	t.Helper()
	if err := o.Step(optim.Model(params)); err != nil {
		t.Fatal(err)
	}
}

// One step from p = 2, g = 3 with decay, by hand: g' = 3 + 0.5*2 = 4.
func TestFirstStep(t *testing.T) {
	want := map[string]float64{
		"rmsprop":       2 - 0.1*4/math.Sqrt(0.1*16+1e-3),
		"rmsprop torch": 2 - 0.1*4/(math.Sqrt(0.1*16)+1e-3),
		"sgd":           2 - 0.1*4,
		"nesterov":      2 - 0.1*(4+0.9*4),
		"adam":          2 - 0.1,               // m/sqrt(v) is the sign of g'
		"adamw":         2*(1-0.1*0.5) - 0.1*1, // of g = 3
	}
	for _, s := range solvers {
		t.Run(s.name, func(t *testing.T) {
			o := s.make()
			o.SetRate(0.1)
			p := optim.NewParam("p", vector(2), vector(3))
			p.Decay = true
			step(t, o, p)
			if got := float64(values(p)[0]); math.Abs(got-want[s.name]) > 1e-6 {
				t.Errorf("p = %v, want %v", got, want[s.name])
			}
			if g := p.Gradient.Float32s()[0]; g != 3 {
				t.Errorf("the gradient became %v", g)
			}
		})
	}
}

// The bias corrections of Adam: under a constant gradient both unbiased averages are constant, and
// every step is rate*g/(|g|+eps). After gradients 1 and -1 they are -(1-b1)/(1+b1) and 1.
func TestAdamBiasCorrection(t *testing.T) {
	o := optim.NewAdam()
	o.SetRate(0.125)
	p := optim.NewParam("p", vector(1, 1), vector(0.01, -3))
	for i := 1; i <= 20; i++ {
		step(t, o, p)
		for j, sign := range []float64{1, -1} {
			if got, want := float64(values(p)[j]), 1-sign*0.125*float64(i); math.Abs(got-want) > 1e-5 {
				t.Fatalf("step %d: p[%d] = %v, want %v", i, j, got, want)
			}
		}
	}
	o.Reset()
	p = optim.NewParam("p", vector(0), vector(1))
	step(t, o, p)
	p.Gradient = vector(-1)
	step(t, o, p)
	if got, want := float64(values(p)[0]), -0.125+0.125*(1-0.9)/(1+0.9); math.Abs(got-want) > 1e-6 {
		t.Errorf("after gradients 1, -1: p = %v, want %v", got, want)
	}
}

// Decay reaches only the parameters that ask for it, RateScale 0 holds the value while the state
// moves, and Skip holds both.
func TestParamSettings(t *testing.T) {
	each(t, func(t *testing.T, create func() optim.Solver) {
		plain := optim.NewParam("plain", vector(2), vector(0))
		decayed := optim.NewParam("decayed", vector(2), vector(0))
		decayed.Decay = true
		held := optim.NewParam("held", vector(2), vector(1))
		held.RateScale = 0
		skipped := optim.NewParam("skipped", vector(2), vector(1))
		skipped.Skip = true
		half := optim.NewParam("half", vector(2), vector(1))
		half.RateScale = 0.5
		full := optim.NewParam("full", vector(2), vector(1))
		o := create()
		step(t, o, plain, decayed, held, skipped, half, full)
		for _, c := range []struct {
			p    *optim.Param
			same bool
		}{{plain, true}, {decayed, false}, {held, true}, {skipped, true}, {half, false}, {full, false}} {
			if got := values(c.p)[0]; (got == 2) != c.same {
				t.Errorf("%s = %v", c.p.Name, got)
			}
		}
		if h, f := 2-values(half)[0], 2-values(full)[0]; math.Abs(float64(2*h-f)) > 1e-6 {
			t.Errorf("half the rate moves by %v, all of it by %v", h, f)
		}
		for _, s := range o.State() {
			moved := slices.ContainsFunc(s.Values, func(v float32) bool { return v != 0 })
			_, name, _ := strings.Cut(s.Name, "/")
			// With a rate of 0, a buffer of steps that the rate has scaled stays 0.
			if name == "held" && strings.HasPrefix(s.Name, "buf") {
				continue
			}
			if want := name == "held" || name == "half" || name == "full"; name != "plain" && name != "decayed" && moved != want {
				t.Errorf("state %s moved: %v, want %v", s.Name, moved, want)
			}
		}
	})
}

// trajectory makes the steps from..to-1 on gradients drawn from the seed and the step's number, so
// that a resumed run sees the same ones.
func trajectory(t testing.TB, o optim.Solver, params []*optim.Param, seed uint64, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		for _, p := range params {
			g := p.Gradient.Float32s()
			for j := range g {
				g[j] = float32(r.NormFloat64())
			}
		}
		step(t, o, params...)
	}
}

func network(sizes []int) []*optim.Param {
	r := rand.New(rand.NewPCG(3, 5))
	var params []*optim.Param
	for i, n := range sizes {
		v := make([]float32, n)
		for j := range v {
			v[j] = float32(r.NormFloat64())
		}
		p := optim.NewParam(string(rune('a'+i)), vector(v...), vector(make([]float32, n)...))
		p.Decay = i%2 == 0
		params = append(params, p)
	}
	return params
}

// A run that is stopped, saved and restored into a new optimiser ends at the same bits as one that
// was not, at whatever step it is stopped.
func TestRestoreResumesExactly(t *testing.T) {
	each(t, func(t *testing.T, create func() optim.Solver) {
		rapid.Check(t, func(rt *rapid.T) {
			sizes := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 4).Draw(rt, "sizes")
			total := rapid.IntRange(1, 6).Draw(rt, "steps")
			stop := rapid.IntRange(0, total).Draw(rt, "stop")
			seed := rapid.Uint64().Draw(rt, "seed")
			straight, broken := network(sizes), network(sizes)
			trajectory(t, create(), straight, seed, 0, total)

			first, second := create(), create()
			trajectory(t, first, broken, seed, 0, stop)
			second.Restore(first.State())
			trajectory(t, first, network(sizes), seed, stop, total) // must not reach the copy
			trajectory(t, second, broken, seed, stop, total)
			for i := range straight {
				if !slices.Equal(values(straight[i]), values(broken[i])) {
					rt.Fatalf("parameter %d: %v, uninterrupted %v", i, values(broken[i]), values(straight[i]))
				}
			}
		})
	})
}

// After Reset an optimiser behaves as a new one.
func TestReset(t *testing.T) {
	each(t, func(t *testing.T, create func() optim.Solver) {
		used, fresh := create(), create()
		trajectory(t, used, network([]int{4, 3}), 1, 0, 5)
		used.Reset()
		if s := used.State(); len(s) != 0 {
			t.Errorf("state after Reset: %v", s)
		}
		a, b := network([]int{4, 2}), network([]int{4, 2}) // of another size, too
		trajectory(t, used, a, 2, 0, 3)
		trajectory(t, fresh, b, 2, 0, 3)
		for i := range a {
			if !slices.Equal(values(a[i]), values(b[i])) {
				t.Errorf("parameter %d: %v, fresh %v", i, values(a[i]), values(b[i]))
			}
		}
	})
}

// All optimisers find the minimum of a quadratic with a condition number of 100.
func TestConvergence(t *testing.T) {
	each(t, func(t *testing.T, create func() optim.Solver) {
		o := create()
		p := optim.NewParam("p", vector(5, -3), vector(0, 0)) // without decay
		curvature, centre := []float32{1, 0.01}, []float32{1, 2}
		s := optim.Schedule{Total: 3000, Peak: 0.5}
		for i := range s.Total {
			for j, v := range values(p) {
				p.Gradient.Float32s()[j] = curvature[j] * (v - centre[j])
			}
			o.SetRate(s.Rate(i))
			step(t, o, p)
		}
		for j, v := range values(p) {
			if math.Abs(float64(v-centre[j])) > 1e-2 {
				t.Errorf("p[%d] = %v, want %v", j, v, centre[j])
			}
		}
	})
}

// A gorgonia node is a member of a model like any other, decayed as by gorgonia's own solvers.
func TestStepOnGorgoniaNodes(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithValue(vector(2, -1)))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(x))))
	if _, err := gorgonia.Grad(loss, x); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	o := &optim.SGD{Rate: 0.25, WeightDecay: 1}
	if err := o.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{x})); err != nil {
		t.Fatal(err)
	}
	// gradient 2x, decay x: p -= 0.25*3x.
	if got, want := x.Value().Data().([]float32), []float32{0.5, -0.25}; !slices.Equal(got, want) {
		t.Errorf("x = %v, want %v", got, want)
	}
	if got := o.State()[0].Name; got != "buf/x" {
		t.Errorf("state is named %q", got)
	}
}

func TestStepErrors(t *testing.T) {
	good := func() *optim.Param { return optim.NewParam("w", vector(1, 2), vector(3, 4)) }
	matrix := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking(make([]float32, 6)))
	if err := matrix.T(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		model []*optim.Param
		saved []optim.Slot
		text  string
	}{
		{"no gradient", []*optim.Param{optim.NewParam("w", vector(1), nil)}, nil, "parameter w has no gradient"},
		{"float64", []*optim.Param{optim.NewParam("w", tensor.New(tensor.WithBacking([]float64{1})), vector(1))}, nil,
			"parameter w: value holds float64, not float32"},
		{"gradient of another size", []*optim.Param{optim.NewParam("w", vector(1, 2), vector(1))}, nil,
			"parameter w has 2 elements and a gradient of 1"},
		{"transposed view", []*optim.Param{optim.NewParam("w", matrix, matrix)}, nil, "parameter w: value is not contiguous"},
		{"one name twice", []*optim.Param{good(), good()}, nil, "two parameters are named w"},
		{"empty state", []*optim.Param{good()}, []optim.Slot{}, ""},
		{"state of another parameter", []*optim.Param{good()}, []optim.Slot{{Name: "buf/v", Values: make([]float32, 2)}},
			"restored optimiser state has buf/v of 2 values where the model needs buf/w of 2"},
		{"state of another size", []*optim.Param{good()}, []optim.Slot{{Name: "buf/w", Values: make([]float32, 3)}},
			"restored optimiser state has buf/w of 3 values where the model needs buf/w of 2"},
		{"state too long", []*optim.Param{good()}, []optim.Slot{{Name: "buf/w", Values: make([]float32, 2)}, {Name: "buf/z"}},
			"restored optimiser state has 1 arrays more than the model needs, the first is buf/z"},
		{"state too short", []*optim.Param{good(), optim.NewParam("z", vector(1), vector(1))},
			[]optim.Slot{{Name: "buf/w", Values: make([]float32, 2)}}, "restored optimiser state lacks buf/z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &optim.SGD{Rate: 1}
			if c.saved != nil {
				o.Restore(c.saved)
			}
			err := o.Step(optim.Model(c.model))
			if c.text == "" {
				if err != nil {
					t.Errorf("an empty state is that of a run not begun, got %v", err)
				}
				return
			}
			if err == nil || err.Error() != c.text {
				t.Errorf("error %v, want %q", err, c.text)
			}
		})
	}
	t.Run("model changes", func(t *testing.T) {
		o := &optim.SGD{Rate: 1}
		step(t, o, good())
		if err := o.Step(optim.Model([]*optim.Param{good(), good()})); err == nil ||
			err.Error() != "model has 2 parameters, the optimiser's state belongs to 1" {
			t.Errorf("error %v", err)
		}
		if err := o.Step(optim.Model([]*optim.Param{optim.NewParam("w", vector(1), vector(1))})); err == nil ||
			err.Error() != "parameter w has 1 elements, the optimiser's state belongs to 2" {
			t.Errorf("error %v", err)
		}
		if err := o.Step(optim.Model([]*optim.Param{good()})); err != nil {
			t.Errorf("the optimiser is of no use after an error: %v", err)
		}
	})
}

func TestStepDoesNotAllocate(t *testing.T) {
	each(t, func(t *testing.T, create func() optim.Solver) {
		o, model := create(), optim.Model(network([]int{100, 1, 30}))
		if n := testing.AllocsPerRun(10, func() {
			if err := o.Step(model); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations per step", n)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	for _, s := range solvers {
		b.Run(s.name, func(b *testing.B) {
			const n = 1 << 18
			params := network([]int{n})
			for j := range n {
				params[0].Gradient.Float32s()[j] = float32(j%7) - 3
			}
			o, model := s.make(), optim.Model(params)
			o.SetRate(1e-6)
			step(b, o, params...) // allocates the state
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Step(model); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mparam/s")
		})
	}
}
