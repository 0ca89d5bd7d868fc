package op

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/accel/unit"
	"dse/models"
	"dse/qat/internal/golden"
	"dse/qat/optim"
	"dse/qat/quant"
)

// train3Attrs describe a reference run of three training steps.
type train3Attrs struct {
	Residual    bool      `json:"residual"`
	UpdateEvery int       `json:"update_every"`
	OffSteps    string    `json:"off_steps"`
	Rates       []float64 `json:"lr"`
	Lambda      []float64 `json:"lambda"`
	PW          float64   `json:"p_w"`
	PA          float64   `json:"p_a"`
	TargetW     float64   `json:"target_w_kB"`
	TargetA     float64   `json:"target_a_kB"`
	WeightDecay float64   `json:"weight_decay"`
	Smoothing   float32   `json:"label_smoothing"`
	Quantizers  map[string]struct {
		quantizerAttrs
		Role string `json:"role"`
		Axis *int   `json:"axis"`
	} `json:"quantizers"`
	Optimizer struct {
		Name     string  `json:"name"`
		Decay    float64 `json:"decay"`
		Momentum float64 `json:"momentum"`
		Eps      float64 `json:"eps"`
	} `json:"optimizer"`
	Norm struct {
		Eps      float32 `json:"eps"`
		Momentum float32 `json:"momentum"`
		Start    string  `json:"running_start"`
	} `json:"batchnorm"`
	Graph []string `json:"graph"`
}

// shortcut is a place of the residual connection around the pointwise layer. The references tell
// it in words only.
type shortcut struct {
	// from is the layer whose output is added, quantized as its consumer reads it or in float.
	from      string
	quantized bool
	// The sum is taken before the pointwise layer's ReLU6, behind it, or in its place.
	activation string
}

// shortcuts lists all places.
func shortcuts() []*shortcut {
	var all []*shortcut
	for _, from := range []string{"stem", "dw"} {
		for _, quantized := range []bool{false, true} {
			for _, activation := range []string{"after", "before", "none"} {
				all = append(all, &shortcut{from, quantized, activation})
			}
		}
	}
	return all
}

// train3 is the network of the references,
//
//	stem: conv 3x3, stride 2 -> norm -> ReLU6
//	dw:   depthwise conv 3x3 -> norm -> ReLU6
//	pw:   conv 1x1 -> norm -> ReLU6 (and the residual)
//	fc:   global average pool -> dense with bias
//
// with quantizers where the paper has them: on the input of dw, pw and fc, not on that of the
// pooling, on every weight and on the bias.
type train3 struct {
	*rig
	c      *golden.Case
	a      *train3Attrs
	params []*optim.Param
	nodes  map[string]*gorgonia.Node
	norms  map[string]*Norm
	layers map[string]*models.Layer

	x, labels *gorgonia.Node
	logits    *gorgonia.Node
	ce        *Loss
}

func newTrain3(c *golden.Case, a *train3Attrs, skip *shortcut) *train3 {
	c.Helper()
	batch := c.Shape("x")[1]
	n := &train3{
		rig: newRig(c, batch, 2, Mode{Training: true, Quantize: true}), c: c, a: a,
		nodes: map[string]*gorgonia.Node{}, norms: map[string]*Norm{}, layers: map[string]*models.Layer{},
	}
	for _, key := range c.Keys("parameter") {
		shape := c.Shape(key)
		data := c.Float32s(key)
		if len(shape) == 4 {
			data = channelsLast(data, shape)
			shape = []int{shape[0], len(data) / shape[0]}
		}
		node := n.input(key, data, shape...)
		p := optim.NewParam(key, node.Value().(*tensor.Dense), nil)
		p.Decay = strings.HasSuffix(key, ".w") || strings.HasSuffix(key, ".b")
		n.nodes[key] = node
		n.params = append(n.params, p)
	}
	in := mapShape(c.Shape("x")[1:])
	n.x = n.input("x", make([]float32, batch*in.Elements()), batch, in.H, in.W, in.C)
	n.labels = n.vector("labels", make([]float32, batch)...)
	n.build(in, skip)
	wrt := make([]*gorgonia.Node, len(n.params))
	for i, p := range n.params {
		wrt[i] = n.nodes[p.Name]
	}
	n.compile(n.ce.Node, nil, wrt...)
	return n
}

func (n *train3) build(in models.Shape, skip *shortcut) {
	n.Helper()
	stem := n.conv("stem", in, 3, 2, 1)
	stemOut, dwIn := n.stored(stem, n.must(n.g.Conv(stem, n.x, n.weights("stem", nil), false)), "dw.qa", skip)
	dw := n.conv("dw", stem.Out, 3, 1, stem.Out.C)
	dwOut, pwIn := n.stored(dw, n.must(n.g.Conv(dw, dwIn, n.weights("dw", nil), true)), "pw.qa", skip)
	pw := n.conv("pw", dw.Out, 1, 1, 1)
	y := n.must(n.g.Conv(pw, pwIn, n.weights("pw", nil), true))
	var other *gorgonia.Node
	if skip != nil {
		other = map[shortcut]*gorgonia.Node{
			{"stem", false, ""}: stemOut, {"stem", true, ""}: dwIn, {"dw", false, ""}: dwOut, {"dw", true, ""}: pwIn,
		}[shortcut{skip.from, skip.quantized, ""}]
		if skip.activation == "none" {
			pw.Activation = models.Linear
		}
	}
	if skip != nil && skip.activation == "before" {
		y = n.must(n.g.Epilogue(pw, y, n.norm("pw"), nil, nil))
		y = n.must(n.g.Epilogue(&models.Layer{Kind: models.Add, Out: pw.Out}, y, nil, other, nil))
	} else {
		y = n.must(n.g.Epilogue(pw, y, n.norm("pw"), other, nil))
	}
	pool := &models.Layer{
		Name: "pool", Kind: models.AveragePool, In: pw.Out, Out: models.Shape{C: pw.Out.C, H: 1, W: 1},
		Kernel: models.Window{H: pw.Out.H, W: pw.Out.W}, Stride: models.Window{H: 1, W: 1},
	}
	y = n.quantized(pool, n.must(n.g.Pool(pool, y)), "fc.qa")
	fc := &models.Layer{Name: "fc", Kind: models.Dense, In: pool.Out, Out: models.Shape{C: n.c.Shape("fc.w")[0], H: 1, W: 1}, Bias: true}
	n.layers["fc"] = fc
	w := n.weights("fc", n.nodes["fc.b"])
	w.BiasSlice = &Slice{D: n.nodes["fc.qb.d"], Xmax: n.nodes["fc.qb.xmax"], Quantizer: n.quantizer("fc.qb")}
	n.logits = n.must(n.g.Conv(fc, y, w, true))
	var err error
	if n.ce, err = n.g.SoftmaxCrossEntropy(n.logits, n.labels, n.a.Smoothing); err != nil {
		n.Fatal(err)
	}
}

// conv describes a convolution with the padding (kernel-1)/2, norm and ReLU6.
func (n *train3) conv(name string, in models.Shape, kernel, stride, groups int) *models.Layer {
	pad := (kernel - 1) / 2
	out := func(x int) int { return (x+2*pad-kernel)/stride + 1 }
	l := &models.Layer{
		Name: name, Kind: models.Conv, In: in, Out: models.Shape{C: n.c.Shape(name + ".w")[0], H: out(in.H), W: out(in.W)},
		Kernel: models.Window{H: kernel, W: kernel}, Stride: models.Window{H: stride, W: stride}, Pad: models.Pad{Top: pad, Left: pad, Bottom: pad, Right: pad},
		Groups: groups, Norm: true, Activation: models.ReLU6,
	}
	n.layers[name] = l
	return l
}

func (n *train3) quantizer(name string) Quantizer {
	n.Helper()
	a, ok := n.a.Quantizers[name]
	if !ok {
		n.Fatalf("no quantizer %s", name)
	}
	return a.quantizer(n.c)
}

func (n *train3) weights(layer string, bias *gorgonia.Node) Weights {
	n.Helper()
	name := layer + ".qw"
	w := Weights{W: n.nodes[layer+".w"], D: n.nodes[name+".d"], Xmax: n.nodes[name+".xmax"], Bias: bias, Quantizer: n.quantizer(name)}
	if axis := n.a.Quantizers[name].Axis; axis != nil {
		if *axis != 0 {
			n.Fatalf("%s is sliced along axis %d", name, *axis)
		}
		w.Group = 1
	}
	return w
}

func (n *train3) norm(layer string) *Norm {
	c := n.nodes[layer+".gamma"].Shape()[0]
	norm := &Norm{
		Gamma: n.nodes[layer+".gamma"], Beta: n.nodes[layer+".beta"], Mean: newTensor(c), Var: newTensor(c),
		Momentum: n.a.Norm.Momentum, Eps: n.a.Norm.Eps,
	}
	copy(norm.Var.Float32s(), filled(c, 1))
	n.norms[layer] = norm
	return norm
}

func (n *train3) site(name string) *Site {
	n.Helper()
	return &Site{D: n.nodes[name+".d"], Xmax: n.nodes[name+".xmax"], Quantizer: n.quantizer(name)}
}

// stored adds l's epilogue, and the quantizer called site of the layer that reads the result. They
// are one op as in the trainer, unless the residual needs the float value as well.
func (n *train3) stored(l *models.Layer, y *gorgonia.Node, site string, skip *shortcut) (float, quantized *gorgonia.Node) {
	n.Helper()
	if skip == nil || skip.from != l.Name || skip.quantized {
		return nil, n.must(n.g.Epilogue(l, y, n.norm(l.Name), nil, n.site(site)))
	}
	float = n.must(n.g.Epilogue(l, y, n.norm(l.Name), nil, nil))
	return float, n.quantized(&models.Layer{Name: l.Name, Out: l.Out}, float, site)
}

// quantized adds a quantizer alone.
func (n *train3) quantized(l *models.Layer, x *gorgonia.Node, site string) *gorgonia.Node {
	n.Helper()
	return n.must(n.g.Epilogue(l, x, nil, nil, n.site(site)))
}

// feed puts a step's batch into the inputs.
func (n *train3) feed(step int) {
	shape := n.c.Shape("x")[1:]
	x, labels := n.c.Float32s("x"), n.c.Int64s("labels")
	size := len(x) / n.c.Shape("x")[0]
	copy(value(n.x), channelsLast(x[step*size:(step+1)*size], shape))
	for i := range shape[0] {
		value(n.labels)[i] = float32(labels[step*shape[0]+i])
	}
}

// tally is what a step's sizes come to.
type tally struct {
	weights, activations float64 // kB
	penalty              float64
}

// price compares the bits of every quantizer, and adds the penalty's gradients to those that the
// last run left in the parameters.
func (n *train3) price(step int, prefix string) tally {
	n.Helper()
	type slice struct {
		role      string
		d, xmax   *optim.Param
		dd, dxmax []float64 // of the size in kB
	}
	var t tally
	var list []slice
	for _, p := range n.params {
		name, isStep := strings.CutSuffix(p.Name, ".d")
		if !isStep {
			continue
		}
		a, q := n.a.Quantizers[name], n.quantizer(name)
		n.c.OneOf("role", a.Role, "weight", "activation")
		s := slice{role: a.Role, d: p, xmax: n.param(name + ".xmax")}
		d, xmax := p.Data.Float32s(), s.xmax.Data.Float32s()
		elements := float64(n.elements(name)) / float64(len(d))
		bits := make([]int, len(d))
		total := 0.0
		for i := range d {
			dc, xc, dFree, xFree := q.Limits.Clip(d[i], xmax[i])
			step, scale := quant.EffectiveStep(dc, q.PowerOfTwo)
			bits[i] = max(quant.Bits(step, xc, q.Signed), a.MinBits)
			total += elements * float64(bits[i])
			dd, dx := quant.BitsGradient(step, xc, q.Signed, a.MinBits)
			if !dFree {
				dd = 0
			}
			if !xFree {
				dx = 0
			}
			s.dd = append(s.dd, dd*float64(scale)*elements/unit.BitsPerKilobyte)
			s.dxmax = append(s.dxmax, dx*elements/unit.BitsPerKilobyte)
		}
		golden.Exact(n.c, prefix+"bits/"+name, bits)
		if a.Role == "weight" {
			t.weights += total / unit.BitsPerKilobyte
		} else {
			t.activations += total / unit.BitsPerKilobyte
		}
		list = append(list, s)
	}
	overW, overA := max(t.weights-n.a.TargetW, 0), max(t.activations-n.a.TargetA, 0)
	lambda := n.a.Lambda[step]
	t.penalty = lambda * (n.a.PW*overW*overW + n.a.PA*overA*overA)
	for _, s := range list {
		factor := 2 * lambda * n.a.PA * overA
		if s.role == "weight" {
			factor = 2 * lambda * n.a.PW * overW
		}
		gd, gx := s.d.Gradient.Float32s(), s.xmax.Gradient.Float32s()
		for i := range gd {
			gd[i] += float32(factor * s.dd[i])
			gx[i] += float32(factor * s.dxmax[i])
		}
	}
	return t
}

func (n *train3) param(name string) *optim.Param {
	n.Helper()
	i := slices.IndexFunc(n.params, func(p *optim.Param) bool { return p.Name == name })
	if i < 0 {
		n.Fatalf("no parameter %s", name)
	}
	return n.params[i]
}

// elements returns the size of the tensor that a quantizer works on: weights, bias, or the input of
// a layer for one image.
func (n *train3) elements(quantizer string) int {
	n.Helper()
	layer, kind, _ := strings.Cut(quantizer, ".")
	switch kind {
	case "qw":
		return len(value(n.nodes[layer+".w"]))
	case "qb":
		return len(value(n.nodes[layer+".b"]))
	case "qa":
		return n.layers[layer].In.Elements()
	}
	n.Fatalf("quantizer %s is on nothing known", quantizer)
	return 0
}

// reordered returns a parameter, or its gradient, in the order of the reference.
func (n *train3) reordered(name string, x []float32) []float32 {
	if shape := n.c.Shape(name); len(shape) == 4 {
		return channelsFirst(x, shape)
	}
	return x
}

// step makes one training step and compares everything that the reference has of it.
func (n *train3) step(step int, solver *optim.RMSprop) {
	n.Helper()
	prefix := "s" + strconv.Itoa(step) + "/"
	n.feed(step)
	n.run()
	near(n.c, prefix+"logits", value(n.logits), golden.Train)
	decay := 0.0
	for _, p := range n.params {
		p.Gradient = n.grads[n.nodes[p.Name]].Value().(*tensor.Dense)
		if p.Decay {
			for _, v := range p.Data.Float32s() {
				decay += n.a.WeightDecay / 2 * float64(v) * float64(v)
			}
		}
	}
	t := n.price(step, prefix)
	for key, v := range map[string]float64{
		"cross_entropy": n.ce.Value(), "weight_decay": decay, "penalty": t.penalty, "loss": n.ce.Value() + decay + t.penalty,
		"S_w": t.weights, "S_a": t.activations,
	} {
		golden.Near(n.c, prefix+key, []float64{v}, golden.Train)
	}
	for _, p := range n.params {
		g := slices.Clone(p.Gradient.Float32s())
		if p.Decay { // the solver adds it to what it works on
			for i, v := range p.Data.Float32s() {
				g[i] += float32(n.a.WeightDecay) * v
			}
		}
		golden.NearFloor(n.c, prefix+"grad/"+p.Name, n.reordered(p.Name, g), golden.TrainGrad, golden.TrainFloor)
	}
	for layer, norm := range n.norms {
		key := prefix + "running/" + layer
		golden.Near(n.c, key+".mean", norm.Mean.Float32s(), golden.Train)
		golden.Near(n.c, key+".var_unbiased", norm.Var.Float32s(), golden.Train)
		n.c.Elsewhere(key + ".var_biased") // the other convention
	}
	n.update(step, solver)
	for _, p := range n.params {
		golden.Near(n.c, prefix+"param/"+p.Name, n.reordered(p.Name, p.Data.Float32s()), golden.Train)
	}
}

// update moves all parameters, within the paper's guards.
func (n *train3) update(step int, solver *optim.RMSprop) {
	n.Helper()
	off := n.a.UpdateEvery > 0 && step%n.a.UpdateEvery != 0
	for _, p := range n.params {
		name, isStep := strings.CutSuffix(p.Name, ".d")
		if !isStep {
			continue
		}
		xmax := n.param(name + ".xmax")
		quant.ClipGradients(p.Gradient.Float32s(), xmax.Gradient.Float32s(), p.Data.Float32s())
		for _, q := range []*optim.Param{p, xmax} {
			q.Skip = off && (strings.Contains(n.a.OffSteps, "skip") || strings.Contains(n.a.OffSteps, "not run"))
			if off {
				clear(q.Gradient.Float32s())
			}
		}
	}
	solver.SetRate(n.a.Rates[step])
	if err := solver.Step(optim.Model(n.params)); err != nil {
		n.Fatal(err)
	}
	for _, p := range n.params {
		if name, isStep := strings.CutSuffix(p.Name, ".d"); isStep {
			quant.Guard(p.Data.Float32s(), n.param(name+".xmax").Data.Float32s(), n.quantizer(name).Limits)
		}
	}
}

func TestThreeStepsGolden(t *testing.T) {
	golden.Each(t, "train3", func(c *golden.Case) {
		var a train3Attrs
		c.Attrs(&a)
		c.OneOf("optimizer.name", a.Optimizer.Name, "rmsprop_paper")
		c.OneOf("batchnorm.running_start", a.Norm.Start, "mean 0, var 1")
		var skip *shortcut
		if a.Residual {
			skip = findShortcut(c, &a)
		}
		n := newTrain3(c, &a, skip)
		o := a.Optimizer
		solver := &optim.RMSprop{Decay: o.Decay, Momentum: o.Momentum, Eps: o.Eps, WeightDecay: a.WeightDecay}
		for step := range a.Rates {
			n.step(step, solver)
		}
	})
}

// findShortcut returns the place of the residual that comes nearest to the reference in the first step's
// gradients of norm scales: logits alone may not tell, for quantized they can be equal. The test then
// compares everything for this place.
func findShortcut(c *golden.Case, a *train3Attrs) *shortcut {
	c.Helper()
	var best *shortcut
	least := math.Inf(1)
	for _, s := range shortcuts() {
		n := newTrain3(c, a, s)
		n.feed(0)
		n.run()
		worst := 0.0
		for layer, norm := range n.norms {
			e, _ := golden.MaxError(n.grad(norm.Gamma), c.Float64s("s0/grad/"+layer+".gamma"), golden.TrainFloor)
			worst = max(worst, e)
		}
		if worst < least {
			best, least = s, worst
		}
	}
	if best == nil {
		c.Fatal("no place of the residual gives finite gradients")
	}
	c.Logf("residual from %+v; the reference says %q", *best, a.Graph)
	return best
}
