package op

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/kernel"
)

// Norm is the batch normalisation of one layer.
type Norm struct {
	Gamma, Beta *gorgonia.Node // [C]
	// Mean and Var are the running statistics, [C], updated by each training run:
	// running = (1-Momentum)*running + Momentum*batch, with the unbiased batch variance.
	Mean, Var *tensor.Dense
	Momentum  float32
	Eps       float32
}

// Site is the learned quantizer of a stored activation tensor.
type Site struct {
	D, Xmax *gorgonia.Node // [1]
	Quantizer
	// Init returns step and range for the unquantized values y that the site sees while calibrating.
	Init func(y []float32) (d, xmax float32)
}

// epilogue computes y = Q(act(norm(x) + residual)) in one pass over memory after the pass that
// takes the batch's moments. Backward takes two passes: the first recomputes what forward did and
// reduces the sums that batch norm needs, the second applies them.
type epilogue struct {
	g        *Graph
	rows     int // per image
	channels int
	norm     *Norm
	site     *Site
	p        kernel.Epilogue
	// Positions of the optional inputs, -1 where absent.
	gamma, d, residual int

	y, dx, g1               *tensor.Dense
	dgamma, dbeta           *tensor.Dense
	dd, dxmax               *tensor.Dense
	pivot                   []float32 // subtracted before squares are summed
	mean, invStd            []float32
	scale, shift            []float32
	k1, k2, k3              []float32
	sums                    []epilogueSums // per part
	in                      []gorgonia.Value
	momentsF, forwardF      func(part int)
	backReduceF, backApplyF func(part int)
}

type epilogueSums struct {
	a, b     []float64 // first and second sum per channel
	dd, dmax float64
}

// Epilogue applies norm (nil: none), adds residual (nil: none), applies l's activation and
// quantizes at site (nil: not quantized).
func (g *Graph) Epilogue(l *models.Layer, x *gorgonia.Node, norm *Norm, residual *gorgonia.Node, site *Site) (*gorgonia.Node, error) {
	e := g.newEpilogue(l, norm, site)
	inputs := gorgonia.Nodes{x}
	e.gamma, e.d, e.residual = -1, -1, -1
	if norm != nil {
		e.gamma = len(inputs)
		inputs = append(inputs, norm.Gamma, norm.Beta)
	}
	if site != nil {
		e.d = len(inputs)
		inputs = append(inputs, site.D, site.Xmax)
	}
	if residual != nil {
		e.residual = len(inputs)
		inputs = append(inputs, residual)
	}
	wrt := make([]bool, len(inputs))
	for i := range wrt {
		wrt[i] = true
	}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: "epilogue " + l.Name, in: typesOf(inputs), out: typeOf(e.y.Shape()), shape: e.y.Shape(), wrt: wrt,
		do: e.forward,
		diff: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			return e.differentiate(l.Name, in, grad)
		},
	}, inputs...)
}

func (g *Graph) newEpilogue(l *models.Layer, norm *Norm, site *Site) *epilogue {
	c := l.Out.C
	e := &epilogue{g: g, rows: l.Out.H * l.Out.W, channels: c, norm: norm, site: site}
	inf := float32(math.Inf(1))
	switch l.Activation {
	case models.ReLU6:
		e.p.ActLo, e.p.ActHi = 0, 6
	case models.ReLU:
		e.p.ActLo, e.p.ActHi = 0, inf
	default:
		e.p.ActLo, e.p.ActHi = -inf, inf
	}
	e.y = newTensor(g.Batch, l.Out.H, l.Out.W, c)
	for _, v := range []*[]float32{&e.pivot, &e.mean, &e.invStd, &e.scale, &e.shift, &e.k1, &e.k2, &e.k3} {
		*v = make([]float32, c)
	}
	for i := range e.scale { // without a norm these stay as they are
		e.scale[i], e.invStd[i] = 1, 1
	}
	e.sums = make([]epilogueSums, len(g.parts))
	for i := range e.sums {
		e.sums[i].a, e.sums[i].b = make([]float64, c), make([]float64, c)
	}
	e.momentsF, e.forwardF = e.momentsPart, e.forwardPart
	e.backReduceF, e.backApplyF = e.backReducePart, e.backApplyPart
	return e
}

// span returns the rows of a part.
func (e *epilogue) span(part int) (lo, hi int) {
	p := e.g.parts[part]
	return p[0] * e.rows, p[1] * e.rows
}

func (e *epilogue) forward(in []gorgonia.Value) (gorgonia.Value, error) {
	e.in = in
	if e.norm != nil {
		e.normalise()
	}
	quantize := e.site != nil && e.g.Mode.Quantize
	if quantize && e.g.Mode.Calibrate {
		e.p.Quantize = false
		e.g.forEachPart(e.forwardF)
		e.calibrate()
	}
	e.p.Quantize = quantize
	if quantize {
		e.p.Quantizer, _ = e.site.slice(floats(in[e.d])[0], floats(in[e.d+1])[0])
	}
	e.g.forEachPart(e.forwardF)
	return e.y, nil
}

// calibrate sets the quantizer from the unquantized result in y.
func (e *epilogue) calibrate() {
	d, xmax := e.site.Init(e.y.Float32s())
	floats(e.in[e.d])[0], floats(e.in[e.d+1])[0] = d, xmax
}

// normalise sets mean, invStd, scale and shift from the batch or from the running statistics.
func (e *epilogue) normalise() {
	gamma, beta := floats(e.in[e.gamma]), floats(e.in[e.gamma+1])
	running, variance := e.norm.Mean.Float32s(), e.norm.Var.Float32s()
	if e.g.Mode.Training {
		e.moments()
		m := float64(e.g.Batch * e.rows)
		sum := &e.sums[0]
		momentum := e.norm.Momentum
		if w := e.g.Mode.BatchWeight; w > 0 {
			momentum = w
		}
		for i := range e.mean {
			offset := sum.a[i] / m
			mean := float64(e.pivot[i]) + offset
			biased := max(0, sum.b[i]/m-offset*offset)
			e.mean[i] = float32(mean)
			e.invStd[i] = float32(1 / math.Sqrt(biased+float64(e.norm.Eps)))
			if !e.g.Mode.Calibrate {
				unbiased := biased
				if m > 1 {
					unbiased *= m / (m - 1)
				}
				running[i] += momentum * (float32(mean) - running[i])
				variance[i] += momentum * (float32(unbiased) - variance[i])
			}
		}
	} else {
		for i := range e.mean {
			e.mean[i] = running[i]
			e.invStd[i] = float32(1 / math.Sqrt(float64(variance[i])+float64(e.norm.Eps)))
		}
	}
	for i := range e.scale {
		e.scale[i] = gamma[i] * e.invStd[i]
		e.shift[i] = beta[i] - e.mean[i]*e.scale[i]
	}
}

// moments leaves the sums of (x-pivot) and (x-pivot)^2 over the batch in sums[0]. The pivot is the
// batch's first pixel: near the mean whenever the mean is far larger than the spread, which is
// when the difference of squares would lose its digits.
func (e *epilogue) moments() {
	copy(e.pivot, floats(e.in[0])[:e.channels])
	e.g.forEachPart(e.momentsF)
	e.addSums()
}

// addSums adds the channel sums of all parts into the first, in order.
func (e *epilogue) addSums() {
	first := &e.sums[0]
	for _, s := range e.sums[1:] {
		for i := range first.a {
			first.a[i] += s.a[i]
			first.b[i] += s.b[i]
		}
		first.dd += s.dd
		first.dmax += s.dmax
	}
}

func (e *epilogue) momentsPart(part int) {
	lo, hi := e.span(part)
	s := &e.sums[part]
	clear(s.a)
	clear(s.b)
	kernel.Moments(floats(e.in[0])[lo*e.channels:hi*e.channels], hi-lo, e.pivot, s.a, s.b)
}

func (e *epilogue) forwardPart(part int) {
	lo, hi := e.span(part)
	a, b := lo*e.channels, hi*e.channels
	kernel.EpilogueForward(e.y.Float32s()[a:b], floats(e.in[0])[a:b], e.residualPart(a, b), e.scale, e.shift, &e.p, hi-lo)
}

// residualPart returns elements a to b of the residual input, nil without one. Forward and
// backward have the residual at the same position but for the gradient behind it.
func (e *epilogue) residualPart(a, b int) []float32 {
	if e.residual < 0 {
		return nil
	}
	return floats(e.in[e.residual])[a:b]
}

func (e *epilogue) differentiate(name string, in gorgonia.Nodes, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	e.dx = newTensor(e.y.Shape()...)
	e.g1 = e.dx // the second pass works in place, unless the first one's result is itself a gradient
	outs := []output{{"dx", e.dx}}
	if e.norm != nil {
		e.dgamma, e.dbeta = newTensor(e.channels), newTensor(e.channels)
		outs = append(outs, output{"dgamma", e.dgamma}, output{"dbeta", e.dbeta})
	}
	if e.site != nil {
		e.dd, e.dxmax = newTensor(1), newTensor(1)
		outs = append(outs, output{"dd", e.dd}, output{"dxmax", e.dxmax})
	}
	if e.residual >= 0 {
		e.g1 = newTensor(e.y.Shape()...)
		outs = append(outs, output{"dresidual", e.g1})
	}
	return e.g.backward("back epilogue "+name, append(append(gorgonia.Nodes{}, in...), grad), outs, e.backwardAll)
}

func (e *epilogue) backwardAll(in []gorgonia.Value) error {
	e.in = in
	e.g.forEachPart(e.backReduceF)
	e.addSums()
	s := &e.sums[0]
	if e.site != nil {
		_, chain := e.site.slice(floats(in[e.d])[0], floats(in[e.d+1])[0])
		e.dd.Float32s()[0] = float32(s.dd) * chain.d
		e.dxmax.Float32s()[0] = float32(s.dmax) * chain.xmax
	}
	if e.norm == nil {
		if e.residual >= 0 {
			copy(e.dx.Float32s(), e.g1.Float32s())
		}
		return nil
	}
	// With m values per channel, xhat = (x-mean)*invStd and g the gradient behind the norm:
	// dx = scale * (g - sum(g)/m - xhat*sum(g*xhat)/m)   (Ioffe & Szegedy 2015)
	// In inference mean and variance are constants and only the first term is left.
	m := float64(e.g.Batch * e.rows)
	dgamma, dbeta := e.dgamma.Float32s(), e.dbeta.Float32s()
	for i := range dgamma {
		inv, scale := float64(e.invStd[i]), float64(e.scale[i])
		dgamma[i], dbeta[i] = float32(s.b[i]*inv), float32(s.a[i])
		e.k1[i], e.k2[i], e.k3[i] = e.scale[i], 0, 0
		if e.g.Mode.Training {
			slope := scale * inv * inv * s.b[i] / m
			e.k2[i] = float32(-slope)
			e.k3[i] = float32(slope*float64(e.mean[i]) - scale*s.a[i]/m)
		}
	}
	e.g.forEachPart(e.backApplyF)
	return nil
}

func (e *epilogue) backReducePart(part int) {
	lo, hi := e.span(part)
	a, b := lo*e.channels, hi*e.channels
	s := &e.sums[part]
	clear(s.a)
	clear(s.b)
	s.dd, s.dmax = 0, 0
	dy := floats(e.in[len(e.in)-1])
	kernel.EpilogueBackwardReduce(e.g1.Float32s()[a:b], dy[a:b], floats(e.in[0])[a:b], e.residualPart(a, b),
		e.scale, e.shift, e.mean, &e.p, hi-lo, s.a, s.b, &s.dd, &s.dmax)
}

func (e *epilogue) backApplyPart(part int) {
	lo, hi := e.span(part)
	a, b := lo*e.channels, hi*e.channels
	kernel.NormBackwardApply(e.dx.Float32s()[a:b], e.g1.Float32s()[a:b], floats(e.in[0])[a:b], e.k1, e.k2, e.k3, hi-lo)
}
