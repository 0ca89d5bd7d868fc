package op

import (
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/quant"
)

// opCase builds one op with random inputs. The tests of differences, threads, allocations and errors
// run over all of them.
type opCase struct {
	name  string
	build func(b *opBuilder) *gorgonia.Node
	// linear says that the result is linear in each input with the others fixed.
	linear bool
	// clips says that elements of the result stop at 0 or 6.
	clips bool
	// cost says that the result is a scalar to be differentiated as it is.
	cost bool
	// inference says that the op runs with running statistics.
	inference bool
}

// opBuilder makes the inputs of an op.
type opBuilder struct {
	*rig
	src *rand.Rand
	// wrt are the inputs with a gradient, quantizers those of them that only quantization uses.
	wrt, quantizers []*gorgonia.Node
}

func (b *opBuilder) draw(name string, shape ...int) *gorgonia.Node {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return b.differentiable(b.input(name, random(b.src, n), shape...))
}

func (b *opBuilder) differentiable(n *gorgonia.Node) *gorgonia.Node {
	b.wrt = append(b.wrt, n)
	return n
}

// map4 draws an activation.
func (b *opBuilder) map4(name string, s models.Shape) *gorgonia.Node {
	return b.draw(name, b.g.Batch, s.H, s.W, s.C)
}

// quantizer draws the step and range of each slice: about 3 bits, with values on both sides of the
// range.
func (b *opBuilder) quantizer(name string, slices int) (d, xmax *gorgonia.Node) {
	steps, ranges := make([]float32, slices), make([]float32, slices)
	for i := range steps {
		ranges[i] = 0.8 + 0.4*b.src.Float32()
		steps[i] = ranges[i] * (0.2 + 0.1*b.src.Float32())
	}
	d, xmax = b.vector(name+".d", steps...), b.vector(name+".xmax", ranges...)
	b.quantizers = append(b.quantizers, b.differentiable(d), b.differentiable(xmax))
	return d, xmax
}

// conv applies a weighted layer whose Out.H and Out.W are worked out here, with per-channel slices.
func (b *opBuilder) conv(l models.Layer) *gorgonia.Node {
	l.Name = "layer"
	if l.Kind == models.Conv {
		l.Groups = max(1, l.Groups)
		span := l.Span()
		l.Out.H = (l.In.H+l.Pad.Top+l.Pad.Bottom-span.H)/l.Stride.H + 1
		l.Out.W = (l.In.W+l.Pad.Left+l.Pad.Right-span.W)/l.Stride.W + 1
	}
	w := Weights{W: b.draw("w", l.Out.C, l.Fanin()), Group: 2, Quantizer: Quantizer{Signed: true, Surrogate: kernel.EWGS, Delta: 5e-3, Limits: quant.WeightLimits}}
	w.D, w.Xmax = b.quantizer("w", (l.Out.C+1)/2)
	if l.Bias {
		w.Bias = b.draw("bias", l.Out.C)
		w.BiasSlice = &Slice{Quantizer: w.Quantizer}
		w.BiasSlice.D, w.BiasSlice.Xmax = b.quantizer("bias", 1)
	}
	return b.must(b.g.Conv(&l, b.map4("x", l.In), w, true))
}

// epilogue applies an epilogue with whatever is asked for, and a quantizer.
func (b *opBuilder) epilogue(act models.Activation, norm, residual bool) *gorgonia.Node {
	l := &models.Layer{Name: "layer", Activation: act, Out: models.Shape{C: 11, H: 3, W: 2}}
	x := b.map4("x", l.Out)
	var n *Norm
	if norm {
		n = &Norm{Gamma: b.draw("gamma", 11), Beta: b.draw("beta", 11), Mean: newTensor(11), Var: newTensor(11), Momentum: 0.1, Eps: 1e-3}
		copy(n.Mean.Float32s(), random(b.src, 11))
		copy(n.Var.Float32s(), filled(11, 1.5))
	}
	var other *gorgonia.Node
	if residual {
		other = b.map4("residual", l.Out)
	}
	var scratch []float32
	site := &Site{
		Quantizer: Quantizer{Signed: act == models.Linear, Surrogate: kernel.ATanh, Delta: 5e-3, Limits: quant.ActivationLimits},
		Init: func(y []float32) (d, xmax float32) {
			if scratch == nil {
				scratch = make([]float32, len(y))
			}
			return quant.InitPercentile(y, scratch, 99, 4, act == models.Linear)
		},
	}
	site.D, site.Xmax = b.quantizer("site", 1)
	return b.must(b.g.Epilogue(l, x, n, other, site))
}

// spread puts the values of a node at distinct multiples of 0.1, in random order.
func (b *opBuilder) spread(n *gorgonia.Node) *gorgonia.Node {
	x := value(n)
	for i, j := range b.src.Perm(len(x)) {
		x[i] = 0.1 * float32(j-len(x)/2)
	}
	return n
}

func same(k, pad int) (models.Window, models.Pad) {
	return models.Window{H: k, W: k}, models.Pad{Top: pad, Left: pad, Bottom: pad, Right: pad}
}

// convCase describes a convolution case.
func convCase(name string, in models.Shape, out, k, stride, pad, groups int, edit func(*models.Layer)) opCase {
	return opCase{name: name, linear: true, build: func(b *opBuilder) *gorgonia.Node {
		l := models.Layer{Kind: models.Conv, In: in, Out: models.Shape{C: out}, Groups: groups, Stride: models.Window{H: stride, W: stride}}
		l.Kernel, l.Pad = same(k, pad)
		if edit != nil {
			edit(&l)
		}
		return b.conv(l)
	}}
}

// functionCase applies a function to values off the corners at -3 and 3.
func functionCase(f Function) opCase {
	return opCase{name: f.String(), build: func(b *opBuilder) *gorgonia.Node {
		x := b.map4("x", models.Shape{C: 5, H: 2, W: 3})
		if f == HardSwish || f == HardSigmoid {
			x = b.spread(x)
			for i := range value(x) {
				value(x)[i] += 0.05
			}
		}
		return b.must(b.g.Elementwise(f, x))
	}}
}

func poolCase(name string, kind models.Kind) opCase {
	return opCase{name: name, linear: kind == models.AveragePool, build: func(b *opBuilder) *gorgonia.Node {
		l := &models.Layer{Kind: kind, In: models.Shape{C: 5, H: 5, W: 6}, Out: models.Shape{C: 5, H: 3, W: 3}, Stride: models.Window{H: 2, W: 2}}
		l.Kernel, l.Pad = same(3, 1)
		x := b.map4("x", l.In)
		if kind == models.MaxPool {
			b.spread(x) // so that no two change places
		}
		return b.must(b.g.Pool(l, x))
	}}
}

// opCases lists every op in every form that takes a path of its own.
var opCases = []opCase{
	convCase("pointwise", models.Shape{C: 9, H: 3, W: 4}, 17, 1, 1, 0, 1, nil),
	convCase("pointwise, stride 2", models.Shape{C: 5, H: 5, W: 4}, 6, 1, 2, 0, 1, nil),
	convCase("3x3", models.Shape{C: 3, H: 5, W: 6}, 7, 3, 1, 1, 1, nil),
	convCase("3x3, stride 2, uneven padding", models.Shape{C: 3, H: 6, W: 5}, 5, 3, 2, 0, 1, func(l *models.Layer) { l.Pad.Bottom, l.Pad.Right = 1, 2 }),
	convCase("3x3, dilated", models.Shape{C: 2, H: 7, W: 7}, 4, 3, 1, 2, 1, func(l *models.Layer) { l.Dilation = models.Window{H: 2, W: 3} }),
	convCase("grouped, with bias", models.Shape{C: 6, H: 4, W: 4}, 9, 3, 1, 1, 3, func(l *models.Layer) { l.Bias = true }),
	convCase("depthwise", models.Shape{C: 10, H: 5, W: 4}, 10, 3, 1, 1, 10, nil),
	convCase("depthwise 5x5, stride 2, with bias", models.Shape{C: 8, H: 6, W: 7}, 8, 5, 2, 2, 8, func(l *models.Layer) { l.Bias = true }),
	convCase("depthwise, dilated", models.Shape{C: 8, H: 7, W: 7}, 8, 3, 1, 2, 8, func(l *models.Layer) { l.Dilation = models.Window{H: 2, W: 2} }),
	convCase("depthwise, multiplier 2", models.Shape{C: 4, H: 5, W: 4}, 8, 3, 1, 1, 4, nil),
	{name: "dense", linear: true, build: func(b *opBuilder) *gorgonia.Node {
		return b.conv(models.Layer{Kind: models.Dense, In: models.Shape{C: 5, H: 2, W: 2}, Out: models.Shape{C: 7, H: 1, W: 1}, Bias: true})
	}},
	{name: "norm, relu6", clips: true, build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.ReLU6, true, false) }},
	{name: "norm, relu6, inference", clips: true, inference: true, build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.ReLU6, true, false) }},
	{name: "norm", build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.Linear, true, false) }},
	{name: "norm, residual", build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.Linear, true, true) }},
	{name: "norm, residual, relu", clips: true, build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.ReLU, true, true) }},
	{name: "relu6", clips: true, build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.ReLU6, false, false) }},
	{name: "residual", linear: true, build: func(b *opBuilder) *gorgonia.Node { return b.epilogue(models.Linear, false, true) }},
	poolCase("average pool", models.AveragePool),
	poolCase("max pool", models.MaxPool),
	{name: "share", linear: true, build: func(b *opBuilder) *gorgonia.Node {
		// Two of the three consumers depend on each other, the third on nothing else.
		nodes, err := b.g.Share(b.map4("x", models.Shape{C: 5, H: 2, W: 3}), 3)
		if err != nil {
			b.Fatal(err)
		}
		l := &models.Layer{Name: "sum", Kind: models.Add, In: models.Shape{C: 5, H: 2, W: 3}, Out: models.Shape{C: 5, H: 2, W: 3}}
		y := b.must(b.g.Epilogue(l, nodes[0], nil, nodes[1], nil))
		return b.must(b.g.Epilogue(l, y, nil, nodes[2], nil))
	}},
	functionCase(Sigmoid),
	functionCase(HardSwish),
	functionCase(HardSigmoid),
	functionCase(Swish),
	functionCase(Tanh),
	{name: "dropout", linear: true, build: func(b *opBuilder) *gorgonia.Node {
		x := b.map4("x", models.Shape{C: 5, H: 2, W: 3})
		mask := make([]float32, len(value(x)))
		DropoutMask(mask, 0.4, b.src)
		return b.must(b.g.Dropout(x, b.input("mask", mask, x.Shape()...), 0.4))
	}},
	{name: "softmax cross-entropy", cost: true, build: func(b *opBuilder) *gorgonia.Node {
		labels := make([]float32, b.g.Batch)
		for i := range labels {
			labels[i] = float32(b.src.IntN(7))
		}
		labels[1] = -1 // not labelled
		l, err := b.g.SoftmaxCrossEntropy(b.map4("logits", models.Shape{C: 7, H: 1, W: 1}), b.vector("labels", labels...), 0.1)
		return b.must(l.Node, err)
	}},
	{name: "soft cross-entropy", cost: true, build: func(b *opBuilder) *gorgonia.Node {
		teacher := b.input("teacher", random(b.src, b.g.Batch*7), b.g.Batch, 1, 1, 7)
		l, err := b.g.SoftCrossEntropy(b.map4("logits", models.Shape{C: 7, H: 1, W: 1}), teacher)
		return b.must(l.Node, err)
	}},
}

// assemble builds and compiles a case. The same arguments give the same inputs, whatever the number of threads.
func (c opCase) assemble(t testing.TB, batch, threads int, quantize bool, seed uint64) *opBuilder {
	t.Helper()
	b := &opBuilder{rig: newRig(t, batch, threads, Mode{Training: !c.inference, Quantize: quantize}), src: newSource(seed)}
	y := c.build(b)
	var dy []float32
	if !c.cost {
		dy = random(b.src, y.Shape().TotalSize())
	}
	b.compile(y, dy, b.wrt...)
	return b
}

// eachOp runs f over all cases.
func eachOp(t *testing.T, f func(t *testing.T, c opCase)) {
	t.Helper()
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) { f(t, c) })
	}
}
