package qat

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/quant"
)

// Quantization says how tensors are fake-quantized: everything about a quantizer that is not
// learned. Source of the defaults: paper, "gran_sur" configuration (EWGS for weights, ATanh for
// activations, delta 5e-3).
type Quantization struct {
	WeightSurrogate, ActivationSurrogate kernel.Surrogate
	WeightDelta, ActivationDelta         float32
	PowerOfTwo                           bool
	WeightLimits                         quant.Limits
	ActivationLimits                     quant.Limits
	Init                                 InitRule
	// MinBits is the width at and below which the size's gradient vanishes.
	MinBits int
}

// InitRule says how step and range of a slice are first set.
type InitRule uint8

const (
	// InitMSE takes the range with the least squared error, see quant.InitMSE.
	InitMSE InitRule = iota
	// InitPaper takes three standard deviations for weights and the 99.9th percentile of |x| for
	// activations (paper-method section 2).
	InitPaper
)

const paperPercentile = 99.9

// initWeights returns step and range for a slice of weights.
func (q *Quantization) initWeights(w []float32, bits int) (d, xmax float32) {
	if q.Init == InitPaper {
		return quant.InitGaussian(w, bits, true)
	}
	return quant.InitMSE(w, bits, true)
}

// initActivations returns step and range for a tensor of activations.
func (q *Quantization) initActivations(y []float32, bits int, signed bool) (d, xmax float32) {
	if q.Init == InitPaper {
		return quant.InitPercentile(y, make([]float32, len(y)), paperPercentile, bits, signed)
	}
	return quant.InitMSE(y, bits, signed)
}

// DefaultQuantization returns the paper's settings, but for the initial ranges.
func DefaultQuantization() Quantization {
	return Quantization{
		WeightSurrogate: kernel.EWGS, ActivationSurrogate: kernel.ATanh, WeightDelta: 5e-3, ActivationDelta: 5e-3,
		WeightLimits: quant.WeightLimits, ActivationLimits: quant.ActivationLimits, MinBits: 1,
	}
}

// Model is a network's trained state: weights, norm statistics and quantizers. Several compiled
// programs (training, evaluation) may share one; it must not be trained by two at a time.
type Model struct {
	Network *models.Network
	Slicing models.Slicing
	Quant   Quantization
	layers  []layerState
}

// layerState holds the tensors of one layer; those that the layer does not have are nil.
type layerState struct {
	weight      *tensor.Dense // [O, fan-in], see op.Weights
	bias        *tensor.Dense // [O]
	gamma, beta *tensor.Dense // [O]
	mean, vari  *tensor.Dense // [O], running statistics
	weightQ     quantizer     // one entry per slice
	activationQ quantizer     // of the stored output, one entry
}

// quantizer holds the learned parameters of the slices of one tensor.
type quantizer struct{ d, xmax *tensor.Dense }

func (q quantizer) exists() bool { return q.d != nil }

func vector(n int, value float32) *tensor.Dense {
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(n))
	for i := range t.Float32s() {
		t.Float32s()[i] = value
	}
	return t
}

// NewModel returns a model with initial weights drawn from seed: uniform in +-1/sqrt(fan-in), norm
// scale 1 and shift 0, biases 0. Quantizers have a step of 2^-8 until they are initialised.
func NewModel(n *models.Network, slicing models.Slicing, q Quantization, seed uint64) *Model {
	if len(slicing) != len(n.Weights) {
		panic("qat: one group per weight site is needed")
	}
	m := &Model{Network: n, Slicing: slicing, Quant: q, layers: make([]layerState, len(n.Layers))}
	for i := range n.Layers {
		l, s := &n.Layers[i], &m.layers[i]
		c := l.Out.C
		if site := n.WeightSiteOf(i); site >= 0 {
			s.weight = tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(c, l.Fanin()))
			src := rand.New(rand.NewPCG(seed, nameSeed(l.Name)))
			bound := 1 / math.Sqrt(float64(l.Fanin()))
			w := s.weight.Float32s()
			for j := range w {
				w[j] = float32((2*src.Float64() - 1) * bound)
			}
			slices := n.Weights[site].Slices(slicing[site])
			s.weightQ = quantizer{vector(slices, 1.0/256), vector(slices, 1)}
		}
		if l.Bias {
			s.bias = vector(c, 0)
		}
		if l.Norm {
			s.gamma, s.beta, s.mean, s.vari = vector(c, 1), vector(c, 0), vector(c, 0), vector(c, 1)
		}
		if n.ActivationSiteOf(i) >= 0 {
			s.activationQ = quantizer{vector(1, 1.0/256), vector(1, 1)}
		}
	}
	return m
}

// nameSeed gives each layer a random stream of its own, so that a layer's initial weights do not
// depend on the layers before it.
func nameSeed(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// CopyFloat takes weights, norms and biases from src, a model of the same network with any
// slicing. Quantizers stay as they are.
func (m *Model) CopyFloat(src *Model) {
	if src.Network != m.Network {
		panic("qat: models of different networks")
	}
	for i := range m.layers {
		a, b := &m.layers[i], &src.layers[i]
		for _, p := range [][2]*tensor.Dense{{a.weight, b.weight}, {a.bias, b.bias}, {a.gamma, b.gamma}, {a.beta, b.beta}, {a.mean, b.mean}, {a.vari, b.vari}} {
			if p[0] != nil {
				copy(p[0].Float32s(), p[1].Float32s())
			}
		}
	}
}

// InitWeightQuantizers sets step and range of every weight slice for the given bits from the
// weights themselves.
func (m *Model) InitWeightQuantizers(bits int) {
	for _, site := range m.Network.Weights {
		s := &m.layers[site.Layer]
		group := m.Slicing[m.Network.WeightSiteOf(site.Layer)]
		for j := range s.weightQ.d.Float32s() {
			lo, hi := site.SliceChannels(group, j)
			w := s.weight.Float32s()[lo*site.PerChannel : hi*site.PerChannel]
			s.weightQ.d.Float32s()[j], s.weightQ.xmax.Float32s()[j] = m.Quant.initWeights(w, bits)
		}
	}
	m.guard()
}

// guard keeps every quantizer within its limits.
func (m *Model) guard() {
	for i := range m.layers {
		s := &m.layers[i]
		if s.weightQ.exists() {
			quant.Guard(s.weightQ.d.Float32s(), s.weightQ.xmax.Float32s(), m.Quant.WeightLimits)
		}
		if s.activationQ.exists() {
			quant.Guard(s.activationQ.d.Float32s(), s.activationQ.xmax.Float32s(), m.Quant.ActivationLimits)
		}
	}
}

// step returns the step that the forward pass uses for a learned d.
func (m *Model) step(d float32) float32 {
	s, _ := quant.EffectiveStep(d, m.Quant.PowerOfTwo)
	return s
}

// Precision returns the present width of every slice.
func (m *Model) Precision() *models.Precision {
	p := m.Network.Uniform(m.Slicing, 0, 0)
	m.widths(p)
	return p
}

// widths fills p with the present widths; p has the model's slicing.
func (m *Model) widths(p *models.Precision) {
	for i, site := range m.Network.Weights {
		q := m.layers[site.Layer].weightQ
		d, xmax := q.d.Float32s(), q.xmax.Float32s()
		for j := range d {
			p.Weights[i].Widths[j] = models.Width(quant.Bits(m.step(d[j]), xmax[j], true))
		}
	}
	for i, site := range m.Network.Activations {
		q := m.layers[site.Layer].activationQ
		p.Activations[i] = models.Width(quant.Bits(m.step(q.d.Float32s()[0]), q.xmax.Float32s()[0], site.Signed))
	}
}

// namedTensor is one tensor of the state, with a name that is unique in the model.
type namedTensor struct {
	name string
	t    *tensor.Dense
}

// tensors lists the state in layer order.
func (m *Model) tensors() []namedTensor {
	var all []namedTensor
	for i := range m.layers {
		s, name := &m.layers[i], m.Network.Layers[i].Name
		for _, e := range []namedTensor{
			{"weight", s.weight}, {"bias", s.bias}, {"norm.gamma", s.gamma}, {"norm.beta", s.beta},
			{"norm.mean", s.mean}, {"norm.var", s.vari}, {"weight.d", s.weightQ.d}, {"weight.xmax", s.weightQ.xmax},
			{"activation.d", s.activationQ.d}, {"activation.xmax", s.activationQ.xmax},
		} {
			if e.t != nil {
				all = append(all, namedTensor{name + "." + e.name, e.t})
			}
		}
	}
	return all
}

// snapshot copies the state into buf, which is made when nil.
func (m *Model) snapshot(buf [][]float32) [][]float32 {
	all := m.tensors()
	if buf == nil {
		buf = make([][]float32, len(all))
		for i, e := range all {
			buf[i] = make([]float32, len(e.t.Float32s()))
		}
	}
	for i, e := range all {
		copy(buf[i], e.t.Float32s())
	}
	return buf
}

// restore puts a snapshot back.
func (m *Model) restore(buf [][]float32) {
	for i, e := range m.tensors() {
		copy(e.t.Float32s(), buf[i])
	}
}

// checkFinite returns an error that names the first tensor with a value that is not finite.
func (m *Model) checkFinite() error {
	for _, e := range m.tensors() {
		for i, v := range e.t.Float32s() {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("%s[%d] is %v", e.name, i, v)
			}
		}
	}
	return nil
}
