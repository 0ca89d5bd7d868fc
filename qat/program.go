package qat

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/op"
	"dse/qat/optim"
)

const (
	normMomentum = 0.1  // weight of the new batch in the running statistics (paper-method section 5: 0.9 kept)
	normEps      = 1e-5 // (paper-method section 5)
)

// program is a model compiled for one batch size: a gorgonia graph and the machine that runs it.
type program struct {
	model  *Model
	mode   *op.Mode
	x      *tensor.Dense // [N, H, W, C]
	labels *tensor.Dense // [N]
	loss   *op.Loss
	vm     gorgonia.VM

	// Trained parameters with their gradients: weights (with norms and biases) and quantizers.
	weights, quantizers           []*optim.Param
	weightsModel, quantizersModel []gorgonia.ValueGrad // the same for a solver
	gradients                     []gradient
	// slices says, for each pair (d, xmax) of quantizers, which widths it decides.
	slices      []sliceRef
	stored      []storedTensor // behind a quantizer, in network order
	initialBits int
}

// storedTensor is the result of a layer that is quantized.
type storedTensor struct {
	name string
	node *gorgonia.Node
}

// values returns what the last run left, or nil.
func (s storedTensor) values() []float32 {
	if t, ok := s.node.Value().(*tensor.Dense); ok {
		return t.Float32s()
	}
	return nil
}

// sliceRef names the site of a pair of quantizer parameters; the one that it is not is -1.
type sliceRef struct {
	weight, activation int
	signed             bool
}

// widths returns the entries of p that the site owns.
func (r sliceRef) widths(p *models.Precision) []models.Width {
	if r.weight >= 0 {
		return p.Weights[r.weight].Widths
	}
	return p.Activations[r.activation : r.activation+1]
}

// gradient ties a parameter to the node that holds its gradient after a run.
type gradient struct {
	param *optim.Param
	node  *gorgonia.Node
}

// graphBuilder walks the network's layers.
type graphBuilder struct {
	p      *program
	g      *op.Graph
	nodes  []*gorgonia.Node // result of each layer
	shares []gorgonia.Nodes // the same for each consumer that has not read it, where there are several
	params []boundParam
}

type boundParam struct {
	node      *gorgonia.Node
	param     *optim.Param
	quantizer bool
}

// newProgram compiles the model for a batch size, with the backward pass if train is set.
func newProgram(m *Model, batch int, smoothing float32, train bool, team *kernel.Team) (*program, error) {
	if err := Trainable(m.Network); err != nil {
		return nil, err
	}
	p := &program{model: m, mode: &op.Mode{Training: train}}
	b := &graphBuilder{p: p, g: op.NewGraph(batch, p.mode, team)}
	image := m.Network.Image()
	p.x = tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(batch, image.H, image.W, image.C))
	p.labels = tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(batch))
	x := gorgonia.NewTensor(b.g.Expr, tensor.Float32, 4, gorgonia.WithName("x"), gorgonia.WithShape(p.x.Shape()...), gorgonia.WithValue(p.x))
	labels := gorgonia.NewVector(b.g.Expr, tensor.Float32, gorgonia.WithName("labels"), gorgonia.WithShape(batch), gorgonia.WithValue(p.labels))

	b.nodes = make([]*gorgonia.Node, len(m.Network.Layers))
	b.shares = make([]gorgonia.Nodes, len(b.nodes))
	b.nodes[0] = x
	for i := range m.Network.Layers {
		if b.nodes[i] != nil {
			continue
		}
		if err := b.layer(i); err != nil {
			return nil, fmt.Errorf("layer %s: %w", m.Network.Layers[i].Name, err)
		}
	}
	for i, node := range b.nodes {
		if m.Network.ActivationSiteOf(i) >= 0 {
			p.stored = append(p.stored, storedTensor{m.Network.Layers[i].Name, node})
		}
	}
	var err error
	if p.loss, err = b.g.SoftmaxCrossEntropy(b.nodes[len(b.nodes)-1], labels, smoothing); err != nil {
		return nil, err
	}
	if train {
		if err := b.differentiate(); err != nil {
			return nil, err
		}
	}
	p.vm = gorgonia.NewTapeMachine(b.g.Expr)
	return p, nil
}

// close ends the machine's use and lets go of it. The machine has a finalizer and the graph's ops
// refer to the program; while the program referred back, the garbage collector could free none of
// them.
func (p *program) close() error {
	err := p.vm.Close()
	p.vm = nil
	return err
}

// run executes the graph on what x and labels hold.
func (p *program) run() error {
	p.vm.Reset()
	if err := p.vm.RunAll(); err != nil {
		return err
	}
	for _, g := range p.gradients {
		v, ok := g.node.Value().(*tensor.Dense)
		if !ok {
			return fmt.Errorf("gradient of %s is a %T", g.param.Name, g.node.Value())
		}
		g.param.Gradient = v
	}
	return nil
}

func (b *graphBuilder) input(name string, t *tensor.Dense, decay, quantizer bool) *gorgonia.Node {
	node := gorgonia.NewTensor(b.g.Expr, tensor.Float32, t.Dims(), gorgonia.WithName(name), gorgonia.WithShape(t.Shape()...), gorgonia.WithValue(t))
	p := optim.NewParam(name, t, nil)
	p.Decay = decay
	b.params = append(b.params, boundParam{node, p, quantizer})
	return node
}

// read returns the result of layer j for one of its consumers.
func (b *graphBuilder) read(j int) (*gorgonia.Node, error) {
	consumers := len(b.p.model.Network.Consumers(j))
	if j == 0 || consumers < 2 { // nobody asks for the image's gradient
		return b.nodes[j], nil
	}
	if b.shares[j] == nil {
		var err error
		if b.shares[j], err = b.g.Share(b.nodes[j], consumers); err != nil {
			return nil, err
		}
	}
	node := b.shares[j][0]
	b.shares[j] = b.shares[j][1:]
	return node, nil
}

// layer adds layer i, and with it the Add behind it if that is fused.
func (b *graphBuilder) layer(i int) error {
	n := b.p.model.Network
	l := &n.Layers[i]
	x, err := b.read(l.Inputs[0])
	if err != nil {
		return err
	}
	switch l.Kind {
	case models.Conv, models.Dense:
		y, err := b.weighted(i, x)
		if err != nil {
			return err
		}
		if n.FusedIntoAdd(i) && l.Activation == models.Linear {
			add := &n.Layers[i+1]
			other, err := b.read(add.Inputs[0] + add.Inputs[1] - i)
			if err != nil {
				return err
			}
			b.nodes[i] = y
			b.nodes[i+1], err = b.epilogue(i+1, add, y, b.norm(i), other)
			return err
		}
		if !l.Norm && l.Activation == models.Linear && n.ActivationSiteOf(i) < 0 {
			b.nodes[i] = y
			return nil
		}
		b.nodes[i], err = b.epilogue(i, l, y, b.norm(i), nil)
		return err
	case models.Add:
		other, err := b.read(l.Inputs[1])
		if err != nil {
			return err
		}
		b.nodes[i], err = b.epilogue(i, l, x, nil, other)
		return err
	case models.AveragePool, models.MaxPool:
		y, err := b.g.Pool(l, x)
		if err != nil {
			return err
		}
		b.nodes[i], err = b.epilogue(i, l, y, nil, nil)
		return err
	}
	return fmt.Errorf("the trainer has no operation for a %v layer", l.Kind)
}

// functions are the activations that are operations of their own; trainedActivations has all of them.
var functions = map[models.Activation]op.Function{
	models.Sigmoid: op.Sigmoid, models.HardSigmoid: op.HardSigmoid, models.Swish: op.Swish, models.HardSwish: op.HardSwish, models.Tanh: op.Tanh,
}

// epilogue adds what follows the sums of layer i: norm, residual, activation, quantizer. An activation
// that is not a clipping stands between an epilogue before it and one with the quantizer behind it.
func (b *graphBuilder) epilogue(i int, l *models.Layer, x *gorgonia.Node, norm *op.Norm, residual *gorgonia.Node) (*gorgonia.Node, error) {
	site := b.site(i)
	switch l.Activation {
	case models.Linear, models.ReLU, models.ReLU6:
		return b.g.Epilogue(l, x, norm, residual, site)
	}
	linear := *l
	linear.Activation = models.Linear
	var err error
	if norm != nil || residual != nil {
		if x, err = b.g.Epilogue(&linear, x, norm, residual, nil); err != nil {
			return nil, err
		}
	}
	if x, err = b.g.Elementwise(functions[l.Activation], x); err != nil || site == nil {
		return x, err
	}
	return b.g.Epilogue(&linear, x, nil, nil, site)
}

func (b *graphBuilder) weighted(i int, x *gorgonia.Node) (*gorgonia.Node, error) {
	m := b.p.model
	l, s := &m.Network.Layers[i], &m.layers[i]
	site := m.Network.WeightSiteOf(i)
	b.p.slices = append(b.p.slices, sliceRef{weight: site, activation: -1, signed: true})
	w := op.Weights{
		W:     b.input(l.Name+".weight", s.weight, true, false),
		D:     b.input(l.Name+".weight.d", s.weightQ.d, false, true),
		Xmax:  b.input(l.Name+".weight.xmax", s.weightQ.xmax, false, true),
		Group: m.Slicing[site],
		Quantizer: op.Quantizer{
			Signed: true, PowerOfTwo: m.Quant.PowerOfTwo, Delta: m.Quant.WeightDelta, Surrogate: m.Quant.WeightSurrogate, Limits: m.Quant.WeightLimits,
		},
	}
	if l.Bias {
		w.Bias = b.input(l.Name+".bias", s.bias, true, false)
	}
	return b.g.Conv(l, x, w, l.Inputs[0] != 0)
}

// norm returns the norm of layer i, or nil.
func (b *graphBuilder) norm(i int) *op.Norm {
	s, name := &b.p.model.layers[i], b.p.model.Network.Layers[i].Name
	if s.gamma == nil {
		return nil
	}
	return &op.Norm{
		Gamma: b.input(name+".norm.gamma", s.gamma, false, false), Beta: b.input(name+".norm.beta", s.beta, false, false),
		Mean: s.mean, Var: s.vari, Momentum: normMomentum, Eps: normEps,
	}
}

// site returns the quantizer of layer i's stored output, or nil.
func (b *graphBuilder) site(i int) *op.Site {
	m := b.p.model
	at := m.Network.ActivationSiteOf(i)
	if at < 0 {
		return nil
	}
	q, name := m.layers[i].activationQ, m.Network.Layers[i].Name
	b.p.slices = append(b.p.slices, sliceRef{weight: -1, activation: at, signed: m.Network.Activations[at].Signed})
	return &op.Site{
		D: b.input(name+".activation.d", q.d, false, true), Xmax: b.input(name+".activation.xmax", q.xmax, false, true),
		Quantizer: op.Quantizer{
			Signed: m.Network.Activations[at].Signed, PowerOfTwo: m.Quant.PowerOfTwo,
			Delta: m.Quant.ActivationDelta, Surrogate: m.Quant.ActivationSurrogate, Limits: m.Quant.ActivationLimits,
		},
		Init: func(y []float32) (d, xmax float32) {
			return m.Quant.initActivations(y, b.p.initialBits, m.Network.Activations[at].Signed)
		},
	}
}

// differentiate adds the backward pass and collects the parameters with their gradients.
func (b *graphBuilder) differentiate() error {
	nodes := make(gorgonia.Nodes, len(b.params))
	for i, p := range b.params {
		nodes[i] = p.node
	}
	grads, err := gorgonia.Grad(b.p.loss.Node, nodes...)
	if err != nil {
		return fmt.Errorf("differentiating the loss: %w", err)
	}
	for i, p := range b.params {
		b.p.gradients = append(b.p.gradients, gradient{p.param, grads[i]})
		if p.quantizer {
			b.p.quantizers = append(b.p.quantizers, p.param)
		} else {
			b.p.weights = append(b.p.weights, p.param)
		}
	}
	b.p.weightsModel, b.p.quantizersModel = optim.Model(b.p.weights), optim.Model(b.p.quantizers)
	return nil
}
