package op

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"

	"dse/models"
	"dse/qat/internal/golden"
)

// The tests of this file run the reference cases through the ops on the TapeMachine, gradients
// included. Arrays are reordered on the way: the references have channels first.

// image adds the array called key as an input [N, H, W, C].
func image(r *rig, c *golden.Case, key string) *gorgonia.Node {
	shape := c.Shape(key)
	s := mapShape(shape)
	return r.input(key, channelsLast(c.Float32s(key), shape), shape[0], s.H, s.W, s.C)
}

// upstream returns dy with channels last.
func upstream(c *golden.Case) []float32 { return channelsLast(c.Float32s("dy"), c.Shape("dy")) }

// near compares a map with channels last with the array called key.
func near(c *golden.Case, key string, got []float32, tol float64) {
	c.Helper()
	golden.Near(c, key, channelsFirst(got, c.Shape(key)), tol)
}

// unquantized returns weights that are never quantized, with parameters that the op still asks for.
func unquantized(r *rig, w *gorgonia.Node, bias *gorgonia.Node) Weights {
	return Weights{W: w, D: r.vector("d", 1), Xmax: r.vector("xmax", 1), Bias: bias, Quantizer: Quantizer{Signed: true}}
}

// weighted runs a convolution or dense case.
func weighted(c *golden.Case, l *models.Layer) {
	c.Helper()
	l.In, l.Out = mapShape(c.Shape("x")), mapShape(c.Shape("y"))
	r := newRig(c, c.Shape("x")[0], 1, Mode{Training: true})
	x := image(r, c, "x")
	w := r.input("w", channelsLast(c.Float32s("w"), c.Shape("w")), l.Out.C, l.Fanin())
	wrt := []*gorgonia.Node{x, w}
	var bias *gorgonia.Node
	if c.Has("b") {
		bias = r.vector("b", c.Float32s("b")...)
		wrt = append(wrt, bias)
	}
	y := r.must(r.g.Conv(l, x, unquantized(r, w, bias), true))
	r.compile(y, upstream(c), wrt...)
	r.run()
	near(c, "y", value(y), golden.Conv)
	near(c, "dx", r.grad(x), golden.Conv)
	near(c, "dw", r.grad(w), golden.Conv)
	if bias != nil {
		golden.Near(c, "db", r.grad(bias), golden.Conv)
	}
}

func TestConvGolden(t *testing.T) {
	golden.Each(t, "conv2d", func(c *golden.Case) {
		var a struct {
			Kernel   [2]int `json:"kernel"`
			Stride   [2]int `json:"stride"`
			Padding  string `json:"padding"`
			Pads     [4]int `json:"pads"`
			Order    string `json:"pads_order"`
			Dilation [2]int `json:"dilation"`
			Groups   int    `json:"groups"`
			Layout   string `json:"layout"`
		}
		c.Attrs(&a)
		c.OneOf("padding", a.Padding, "SYM", "SAME", "VALID", "EXPLICIT")
		c.OneOf("pads_order", a.Order, "top,left,bottom,right")
		c.OneOf("layout", a.Layout, "x NCHW, w O(I/g)HW")
		l := &models.Layer{
			Name: c.ID(), Kind: models.Conv, Groups: a.Groups, Bias: c.Has("b"),
			Kernel: models.Window{H: a.Kernel[0], W: a.Kernel[1]}, Stride: models.Window{H: a.Stride[0], W: a.Stride[1]},
			Dilation: models.Window{H: a.Dilation[0], W: a.Dilation[1]},
			Pad:      models.Pad{Top: a.Pads[0], Left: a.Pads[1], Bottom: a.Pads[2], Right: a.Pads[3]},
		}
		weighted(c, l)
	})
}

func TestDenseGolden(t *testing.T) {
	golden.Each(t, "dense", func(c *golden.Case) {
		var a struct {
			Layout string `json:"layout"`
		}
		c.Attrs(&a)
		c.OneOf("layout", a.Layout, "w [out,in]; y = x w^T + b")
		weighted(c, &models.Layer{Name: c.ID(), Kind: models.Dense, Bias: c.Has("b")})
	})
}

func TestBatchNormGolden(t *testing.T) {
	golden.Each(t, "batchnorm", func(c *golden.Case) {
		var a struct {
			Mode     string  `json:"mode"`
			Momentum float32 `json:"momentum"`
			Eps      float32 `json:"eps"`
			Meaning  string  `json:"momentum_meaning"`
		}
		c.Attrs(&a)
		c.OneOf("mode", a.Mode, "train", "eval")
		c.OneOf("momentum_meaning", a.Meaning, "new = (1-momentum)*old + momentum*batch")
		tol, flat := normTolerances(c)
		l := &models.Layer{Name: c.ID(), Kind: models.Conv, Norm: true, Out: mapShape(c.Shape("x"))}
		r := newRig(c, c.Shape("x")[0], 1, Mode{Training: a.Mode == "train"})
		x, norm := image(r, c, "x"), &Norm{
			Gamma: r.vector("gamma", c.Float32s("gamma")...), Beta: r.vector("beta", c.Float32s("beta")...),
			Mean: newTensor(l.Out.C), Var: newTensor(l.Out.C), Momentum: a.Momentum, Eps: a.Eps,
		}
		mean, variance := norm.Mean.Float32s(), norm.Var.Float32s()
		copy(mean, c.Float32s("running_mean"))
		copy(variance, c.Float32s("running_var"))
		y := r.must(r.g.Epilogue(l, x, norm, nil, nil))
		r.compile(y, upstream(c), x, norm.Gamma, norm.Beta)
		r.run()
		near(c, "y", value(y), tol)
		near(c, "dx", r.grad(x), max(tol, flat))
		golden.Near(c, "dgamma", r.grad(norm.Gamma), tol)
		golden.Near(c, "dbeta", r.grad(norm.Beta), tol)
		if a.Mode == "eval" {
			golden.Near(c, "running_mean", mean, 0)
			golden.Near(c, "running_var", variance, 0)
			return
		}
		golden.Near(c, "running_mean_new", mean, tol)
		golden.Near(c, "running_var_new_unbiased", variance, tol)
		c.Elsewhere("running_var_new_biased") // the other convention

		// With momentum 1 the running statistics become those of the batch.
		norm.Momentum = 1
		r.run()
		golden.Near(c, "batch_mean", mean, tol)
		m := float32(c.Shape("x")[0] * l.Out.H * l.Out.W)
		for i := range variance {
			variance[i] *= (m - 1) / m
		}
		golden.Near(c, "batch_var", variance, tol)
	})
}

// normTolerances returns the tolerance that a case's numbers call for: one for everything, and a wider
// one for dx. A mean far beyond the spread of a channel costs the variance its digits; where the
// variance vanishes beside eps, or two values of a channel are its whole batch, dx is a difference
// of equals.
func normTolerances(c *golden.Case) (all, dx float64) {
	x, shape := c.Float32s("x"), c.Shape("x")
	a, b, hw := split(shape)
	all = golden.BatchNorm
	for j := range b {
		var sum, square float64
		for i := range a {
			for _, v := range x[(i*b+j)*hw : (i*b+j+1)*hw] {
				sum += float64(v)
				square += float64(v) * float64(v)
			}
		}
		m := float64(a * hw)
		mean := sum / m
		variance := square/m - mean*mean
		switch {
		case a*hw == 2, variance <= 1e-9*max(mean*mean, 1e-9):
			dx = golden.BatchNormFlat
		case mean*mean > 100*variance:
			all = golden.BatchNormMean
		}
	}
	return all, dx
}

func TestActivationGolden(t *testing.T) {
	for name, activation := range map[string]models.Activation{"relu": models.ReLU, "relu6": models.ReLU6} {
		golden.Each(t, name, func(c *golden.Case) {
			unary(c, func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error) {
				return r.g.Epilogue(&models.Layer{Out: mapShape(c.Shape("x")), Activation: activation}, x, nil, nil, nil)
			})
		})
	}
	for name, f := range map[string]Function{"hardswish": HardSwish, "sigmoid": Sigmoid} {
		golden.Each(t, name, func(c *golden.Case) {
			unary(c, func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error) { return r.g.Elementwise(f, x) })
		})
	}
}

// unary runs a case of an operation with one input and no parameters.
func unary(c *golden.Case, apply func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error)) {
	c.Helper()
	r := newRig(c, c.Shape("x")[0], 1, Mode{Training: true})
	x := image(r, c, "x")
	y := r.must(apply(r, x))
	r.compile(y, upstream(c), x)
	r.run()
	near(c, "y", value(y), golden.Elementwise)
	near(c, "dx", r.grad(x), golden.Elementwise)
}

func TestPoolGolden(t *testing.T) {
	golden.Each(t, "global_avg_pool", func(c *golden.Case) {
		in := mapShape(c.Shape("x"))
		l := &models.Layer{Kind: models.AveragePool, In: in, Out: models.Shape{C: in.C, H: 1, W: 1}, Kernel: models.Window{H: in.H, W: in.W}, Stride: models.Window{H: 1, W: 1}}
		unary(c, func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error) { return r.g.Pool(l, x) })
	})
	golden.Each(t, "max_pool", func(c *golden.Case) {
		var a struct {
			Kernel [2]int `json:"kernel"`
			Stride [2]int `json:"stride"`
			Pads   [4]int `json:"pads"` // top, left, bottom, right
		}
		c.Attrs(&a)
		l := &models.Layer{
			Kind: models.MaxPool, In: mapShape(c.Shape("x")), Out: mapShape(c.Shape("y")),
			Kernel: models.Window{H: a.Kernel[0], W: a.Kernel[1]}, Stride: models.Window{H: a.Stride[0], W: a.Stride[1]},
			Pad: models.Pad{Top: a.Pads[0], Left: a.Pads[1], Bottom: a.Pads[2], Right: a.Pads[3]},
		}
		unary(c, func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error) { return r.g.Pool(l, x) })
	})
}

func TestResidualGolden(t *testing.T) {
	golden.Each(t, "residual_add", func(c *golden.Case) {
		r := newRig(c, c.Shape("a")[0], 1, Mode{Training: true})
		a, b := image(r, c, "a"), image(r, c, "b")
		y := r.must(r.g.Epilogue(&models.Layer{Kind: models.Add, Out: mapShape(c.Shape("a"))}, a, nil, b, nil))
		r.compile(y, upstream(c), a, b)
		r.run()
		near(c, "y", value(y), golden.Elementwise)
		near(c, "da", r.grad(a), golden.Elementwise)
		near(c, "db", r.grad(b), golden.Elementwise)
	})
}

func TestDropoutGolden(t *testing.T) {
	golden.Each(t, "dropout", func(c *golden.Case) {
		var a struct {
			Rate    float64 `json:"rate"`
			Meaning string  `json:"meaning"`
		}
		c.Attrs(&a)
		c.OneOf("meaning", a.Meaning, "y = x*mask/(1-rate); mask 1 = keep")
		unary(c, func(r *rig, x *gorgonia.Node) (*gorgonia.Node, error) {
			mask := make([]float32, len(value(x)))
			for i, m := range c.Float64s("mask") {
				mask[i] = float32(m)
			}
			shape := c.Shape("mask")
			return r.g.Dropout(x, r.input("mask", channelsLast(mask, shape), x.Shape()...), a.Rate)
		})
	})
}

func TestSoftmaxCrossEntropyGolden(t *testing.T) {
	golden.Each(t, "softmax_ce", func(c *golden.Case) {
		var a struct {
			Smoothing float32 `json:"label_smoothing"`
			Reduction string  `json:"reduction"`
			Target    string  `json:"target"`
		}
		c.Attrs(&a)
		c.OneOf("reduction", a.Reduction, "mean over the batch")
		c.OneOf("target", a.Target, "onehot*(1-ls) + ls/classes")
		r := newRig(c, c.Shape("logits")[0], 1, Mode{})
		logits := image(r, c, "logits")
		labels := make([]float32, c.Shape("labels")[0])
		for i, y := range c.Int64s("labels") {
			labels[i] = float32(y)
		}
		l, err := r.g.SoftmaxCrossEntropy(logits, r.vector("labels", labels...), a.Smoothing)
		r.compile(r.must(l.Node, err), nil, logits)
		r.run()
		golden.Near(c, "loss", []float64{l.Value()}, golden.Conv)
		golden.Near(c, "probabilities", l.prob, golden.Conv)
		near(c, "dlogits", r.grad(logits), golden.Conv)
	})
}

func TestSoftCrossEntropyGolden(t *testing.T) {
	golden.Each(t, "soft_ce", func(c *golden.Case) {
		var a struct {
			Reduction string `json:"reduction"`
			Target    string `json:"target"`
		}
		c.Attrs(&a)
		c.OneOf("reduction", a.Reduction, "mean over the batch")
		c.OneOf("target", a.Target, "softmax(teacher_logits), temperature 1")
		r := newRig(c, c.Shape("logits")[0], 1, Mode{})
		logits, teacher := image(r, c, "logits"), image(r, c, "teacher_logits")
		l, err := r.g.SoftCrossEntropy(logits, teacher)
		r.compile(r.must(l.Node, err), nil, logits)
		r.run()
		golden.Near(c, "loss", []float64{l.Value()}, golden.Conv)
		near(c, "dlogits", r.grad(logits), golden.Conv)
	})
}

// The sum of both losses, as distillation uses it, has the sum of both gradients.
func TestLossesAdd(t *testing.T) {
	logits := []float32{2, -1, 0.5, 0, 3, -2}
	gradient := func(hard, soft bool) ([]float32, float64) {
		r := newRig(t, 2, 1, Mode{})
		x := r.input("logits", logits, 2, 1, 1, 3)
		h, err := r.g.SoftmaxCrossEntropy(x, r.vector("labels", 1, 0), 0.1)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.g.SoftCrossEntropy(x, r.input("teacher", []float32{0, 1, 2, -3, 1, 0.5}, 2, 1, 1, 3))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case hard && soft:
			r.compile(r.must(gorgonia.Add(h.Node, s.Node)), nil, x)
		case hard:
			r.compile(h.Node, nil, x)
		default:
			r.compile(s.Node, nil, x)
		}
		return r.gradAfterRuns(x), h.Value() + s.Value()
	}
	a, _ := gradient(true, false)
	b, _ := gradient(false, true)
	both, total := gradient(true, true)
	for i, v := range both {
		if want := a[i] + b[i]; math.Abs(float64(v-want)) > 1e-6 {
			t.Errorf("gradient %d is %v, want %v", i, v, want)
		}
	}
	if math.IsNaN(total) || total <= 0 {
		t.Errorf("losses sum to %v", total)
	}
}
