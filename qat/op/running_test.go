package op

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
)

// calls returns the calls of a graph in the order of their making.
func (r *rig) calls() []*call {
	var all []*call
	for _, n := range r.g.Expr.AllNodes() {
		if c, ok := n.Op().(*call); ok {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *call) int { return int(a.id) - int(b.id) })
	return all
}

// recorded is a call with the arguments that it had in a run.
type recorded struct {
	*call
	in []gorgonia.Value
}

// record runs the graph and returns its calls with their arguments.
func (r *rig) record() []recorded {
	r.Helper()
	var all []recorded
	for _, c := range r.calls() {
		do := c.do
		c.do = func(in []gorgonia.Value) (gorgonia.Value, error) {
			all = append(all, recorded{c, slices.Clone(in)})
			return do(in)
		}
		defer func() { c.do = do }()
	}
	r.run()
	return all
}

// modes runs f in float and quantized.
func modes(t *testing.T, f func(t *testing.T, quantize bool)) {
	t.Helper()
	t.Run("float", func(t *testing.T) { f(t, false) })
	t.Run("quantized", func(t *testing.T) { f(t, true) })
}

// Every op gives the same bits with any number of threads, forward and backward.
func TestThreadsDoNotMatter(t *testing.T) {
	eachOp(t, func(t *testing.T, c opCase) {
		modes(t, func(t *testing.T, quantize bool) {
			const batch = 18 // five parts, the last one short
			bits := func(threads int) (all [][]uint32) {
				b := c.assemble(t, batch, threads, quantize, 3)
				for _, call := range b.record() {
					v, err := call.do(call.in)
					if err != nil {
						t.Fatal(err)
					}
					var x []uint32
					if s, ok := v.(*gorgonia.F32); ok {
						x = append(x, math.Float32bits(float32(*s)))
					} else {
						for _, f := range floats(v) {
							x = append(x, math.Float32bits(f))
						}
					}
					all = append(all, x)
				}
				return all
			}
			want := bits(1)
			if len(want) < 2 { // forward and backward at least
				t.Fatalf("%d calls recorded", len(want))
			}
			for _, threads := range []int{2, 3, 7} {
				for i, x := range bits(threads) {
					if !slices.Equal(x, want[i]) {
						t.Errorf("%d threads: result %d differs", threads, i)
					}
				}
			}
		})
	})
}

// No op allocates once it has run, with one thread or several.
func TestOpsDoNotAllocate(t *testing.T) {
	eachOp(t, func(t *testing.T, c opCase) {
		modes(t, func(t *testing.T, quantize bool) {
			for _, threads := range []int{1, 3} {
				b := c.assemble(t, 8, threads, quantize, 3)
				for _, call := range b.record() {
					if n := testing.AllocsPerRun(20, func() {
						if _, err := call.do(call.in); err != nil {
							t.Fatal(err)
						}
					}); n != 0 {
						t.Errorf("%d threads: %s allocates %v times a run", threads, call.name, n)
					}
				}
			}
		})
	})
}

// Calibration allocates its scratch memory once.
func TestCalibrationDoesNotAllocate(t *testing.T) {
	c := opCases[slices.IndexFunc(opCases, func(c opCase) bool { return c.name == "norm, relu6" })]
	b := c.assemble(t, 8, 1, true, 3)
	b.mode.Calibrate = true
	for _, call := range b.record() {
		if n := testing.AllocsPerRun(20, func() { call.do(call.in) }); n != 0 {
			t.Errorf("%s allocates %v times a run", call.name, n)
		}
	}
}

// Whatever an op is handed, Do returns an error instead of panicking, and the op and its team work on
// afterwards.
func TestErrorsInsteadOfPanics(t *testing.T) {
	wrong := map[string]func(gorgonia.Value) gorgonia.Value{
		"a short tensor":   func(gorgonia.Value) gorgonia.Value { return newTensor(1) },
		"float64":          func(gorgonia.Value) gorgonia.Value { return tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(2)) },
		"nothing":          func(gorgonia.Value) gorgonia.Value { return nil },
		"a scalar of ints": func(gorgonia.Value) gorgonia.Value { return gorgonia.NewI(1) },
	}
	eachOp(t, func(t *testing.T, c opCase) {
		b := c.assemble(t, 8, 3, true, 3)
		for _, call := range b.record() {
			if strings.HasPrefix(call.name, "pick") || strings.Contains(call.name, "weighted sum") {
				continue // hand out what others have computed
			}
			if v, err := call.Do(); err == nil {
				t.Errorf("%s without inputs returns %v", call.name, v)
			}
			for name, replace := range wrong {
				in := make([]gorgonia.Value, len(call.in))
				for i, v := range call.in {
					in[i] = replace(v)
				}
				_, err := call.Do(in...)
				if err == nil {
					t.Errorf("%s of %s returns no error", call.name, name)
				} else if !strings.Contains(err.Error(), call.name) {
					t.Errorf("%s: error %q does not name the op", call.name, err)
				}
			}
			if _, err := call.Do(call.in...); err != nil {
				t.Errorf("%s does not recover: %v", call.name, err)
			}
		}
	})
}

// A label that is no class is an error that says which.
func TestBadLabels(t *testing.T) {
	for _, c := range []struct {
		name  string
		label float32
		text  string
	}{
		{"too large", 3, "label 3 of sample 1 is not one of 3 classes"},
		{"a fraction", 1.5, "label 1.5 of sample 1 is not one of 3 classes"},
		{"not a number", float32(math.NaN()), "label NaN of sample 1 is not one of 3 classes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 2, 1, Mode{})
			logits := r.input("logits", make([]float32, 6), 2, 1, 1, 3)
			l, err := r.g.SoftmaxCrossEntropy(logits, r.vector("labels", 0, c.label), 0.1)
			r.compile(r.must(l.Node, err), nil, logits)
			r.vm.Reset()
			if err := r.vm.RunAll(); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error = %v, want one with %q", err, c.text)
			}
		})
	}
}

// Samples without a label count for nothing; a batch of them has loss 0 and no gradient.
func TestUnlabelledSamples(t *testing.T) {
	run := func(x []float32, labels ...float32) (*Loss, []float32) {
		r := newRig(t, len(labels), 1, Mode{})
		logits := r.input("logits", x, len(labels), 1, 1, 3)
		l, err := r.g.SoftmaxCrossEntropy(logits, r.vector("labels", labels...), 0.1)
		r.compile(r.must(l.Node, err), nil, logits)
		r.run()
		return l, r.grad(logits)
	}
	one, g1 := run([]float32{1, 2, -1}, 1)
	two, g2 := run([]float32{1, 2, -1, 5, 5, 5}, 1, -1)
	if one.Value() != two.Value() || !slices.Equal(g2, append(slices.Clone(g1), 0, 0, 0)) {
		t.Errorf("with an unlabelled sample: loss %v, gradient %v; without: %v, %v", two.Value(), g2, one.Value(), g1)
	}
	if correct, of := two.Correct(); correct != 1 || of != 1 {
		t.Errorf("%d of %d correct, want 1 of 1", correct, of)
	}
	none, g := run([]float32{1, 2, -1}, -1)
	if none.Value() != 0 || !slices.Equal(g, []float32{0, 0, 0}) {
		t.Errorf("nothing labelled: loss %v, gradient %v", none.Value(), g)
	}
}

// NaN is not lost on its way: a diverging training must be noticed.
func TestNaNPassesThrough(t *testing.T) {
	eachOp(t, func(t *testing.T, c opCase) {
		modes(t, func(t *testing.T, quantize bool) {
			b := c.assemble(t, 4, 1, quantize, 3)
			x := slices.IndexFunc(b.wrt, func(n *gorgonia.Node) bool { return n.Name() == "x" || n.Name() == "logits" })
			v := value(b.wrt[x])
			if strings.HasPrefix(c.name, "softmax") {
				v = v[:7] // of a labelled sample
			}
			for i := range v {
				v[i] = float32(math.NaN())
			}
			if l := b.loss(); !math.IsNaN(l) {
				t.Errorf("the cost is %v", l)
			}
		})
	})
}

// A window that lies in the padding alone has no maximum.
func TestPoolRefusesWindowsOfPadding(t *testing.T) {
	r := newRig(t, 1, 1, Mode{})
	l := &models.Layer{
		Kind: models.MaxPool, In: models.Shape{C: 1, H: 2, W: 2}, Out: models.Shape{C: 1, H: 4, W: 2},
		Kernel: models.Window{H: 1, W: 1}, Stride: models.Window{H: 1, W: 1}, Pad: models.Pad{Top: 1, Bottom: 1},
	}
	if _, err := r.g.Pool(l, r.input("x", make([]float32, 4), 1, 2, 2, 1)); err == nil {
		t.Error("a 1x1 window with a padding of 1 is accepted")
	}
}

// A mask keeps its share of elements, the same for the same source, and inference ignores it.
func TestDropout(t *testing.T) {
	const n = 20000
	r := newRig(t, 1, 1, Mode{Training: true})
	b := opBuilder{rig: r}
	x := b.input("x", filled(n, 3), 1, 1, 1, n)
	mask := b.input("mask", make([]float32, n), 1, 1, 1, n)
	r.compile(r.must(r.g.Dropout(x, mask, 0.2)), filled(n, 1), x)
	DropoutMask(value(mask), 0.2, newSource(1))
	first := slices.Clone(value(mask))
	r.run()
	kept := 0
	for i, y := range value(r.result) {
		if want := 3.75 * first[i]; y != want {
			t.Fatalf("y = %v with mask %v, want %v", y, first[i], want)
		}
		if first[i] == 1 {
			kept++
		}
	}
	// Five standard deviations of the binomial: 5*sqrt(20000*0.16) = 283.
	if kept < 0.8*n-283 || kept > 0.8*n+283 {
		t.Errorf("%d of %d kept at rate 0.2", kept, n)
	}
	if DropoutMask(value(mask), 0.2, newSource(1)); !slices.Equal(first, value(mask)) {
		t.Error("the same source draws another mask")
	}
	if DropoutMask(value(mask), 0.2, newSource(2)); slices.Equal(first, value(mask)) {
		t.Error("another source draws the same mask")
	}
	r.mode.Training = false
	r.run()
	if !slices.Equal(value(r.result), filled(n, 3)) || !slices.Equal(r.grad(x), filled(n, 1)) {
		t.Error("inference drops elements")
	}
}
