package op

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
	"dse/qat/kernel"
)

// Weights are the nodes of a weighted layer's parameters.
type Weights struct {
	W       *gorgonia.Node // [O, fan-in]: fan-in is (kh, kw, c) of the group for Conv, (h, w, c) for Dense
	D, Xmax *gorgonia.Node // [slices]
	Bias    *gorgonia.Node // [O], nil without bias
	// BiasSlice quantizes the bias as one slice; nil leaves it in float.
	BiasSlice *Slice
	// Group is the number of output channels per slice, 0 for all.
	Group int
	Quantizer
}

// conv computes y = x * Q(w) (+ bias) for convolutions of any kind and dense layers.
//
// A dense layer is a 1x1 convolution of a 1x1 map. 1x1 convolutions of stride 1 are one matrix
// product over all pixels of a part; depthwise ones have kernels of their own; all others gather
// patches of a block of output pixels that stays in cache and multiply those.
type conv struct {
	g     *Graph
	kind  convKind
	shape kernel.ConvShape
	out   int // output channels
	fanin int
	group struct{ n, in, out int } // groups, channels per group
	site  models.WeightSite
	w     Weights
	bias  *bias // nil without bias

	wq, wt []float32 // quantized weights [O, fanin]; the same with fan-in first, per group
	y      *tensor.Dense

	dx, dw, dd, dxmax *tensor.Dense
	dwParts           [][]float32
	patch             [][]float32 // per part: patchRows x fanin
	scratch           []kernel.Scratch

	in       []gorgonia.Value // arguments of the running pass, for the part functions
	forwardF func(part int)
	backF    func(part int)
}

type convKind uint8

const (
	pointwise convKind = iota
	depthwise
	general
)

// patchElements bounds the patches gathered at a time, so that they stay in a second-level cache.
const patchElements = 32 << 10

// Conv applies a weighted layer to x, [N, H, W, C]. Gradients go to the weights and the bias with
// their steps and ranges, and to x if gradX is set: the network's image needs none.
func (g *Graph) Conv(l *models.Layer, x *gorgonia.Node, w Weights, gradX bool) (*gorgonia.Node, error) {
	c := g.newConv(l, w, gradX)
	inputs := gorgonia.Nodes{x, w.W, w.D, w.Xmax}
	wrt := []bool{gradX, true, true, true}
	if w.Bias != nil {
		inputs, wrt = append(inputs, w.Bias), append(wrt, true)
		if w.BiasSlice != nil {
			inputs, wrt = append(inputs, w.BiasSlice.D, w.BiasSlice.Xmax), append(wrt, true, true)
		}
	}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: "conv " + l.Name, in: typesOf(inputs), out: typeOf(c.y.Shape()), shape: c.y.Shape(), wrt: wrt,
		do: c.forward,
		diff: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			return c.differentiate(l.Name, in, grad)
		},
	}, inputs...)
}

func (g *Graph) newConv(l *models.Layer, w Weights, gradX bool) *conv {
	c := &conv{g: g, w: w, out: l.Out.C, fanin: l.Fanin(), site: models.WeightSite{Channels: l.Out.C, PerChannel: l.Fanin()}}
	c.shape = kernel.ConvShape{
		N: g.Batch, H: l.In.H, W: l.In.W, C: l.In.C, OH: l.Out.H, OW: l.Out.W,
		KH: l.Kernel.H, KW: l.Kernel.W, StrideH: l.Stride.H, StrideW: l.Stride.W, PadTop: l.Pad.Top, PadLeft: l.Pad.Left,
		DilationH: l.Dilation.H, DilationW: l.Dilation.W,
	}
	groups := max(1, l.Groups)
	if l.Kind == models.Dense {
		c.shape = kernel.ConvShape{N: g.Batch, H: 1, W: 1, C: l.In.Elements(), OH: 1, OW: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1}
	}
	c.group.n, c.group.in, c.group.out = groups, c.shape.C/groups, c.out/groups
	s := &c.shape
	switch {
	case groups == 1 && s.KH == 1 && s.KW == 1 && s.StrideH == 1 && s.StrideW == 1 && l.Pad == models.Pad{}:
		c.kind = pointwise
	case l.Depthwise() && l.Out.C == l.In.C:
		c.kind = depthwise
	default:
		c.kind = general
	}

	c.wq = make([]float32, c.out*c.fanin)
	c.wt = make([]float32, c.out*c.fanin)
	c.y = newTensor(g.Batch, s.OH, s.OW, c.out)
	if w.Bias != nil {
		c.bias = &bias{g: g, n: c.out, slice: w.BiasSlice, at: 4, value: make([]float32, c.out)}
	}
	c.scratch = make([]kernel.Scratch, len(g.parts))
	if c.kind == general {
		rows := c.patchRows()
		c.patch = make([][]float32, len(g.parts))
		for i := range c.patch {
			c.patch[i] = make([]float32, rows*c.fanin)
		}
	}
	if gradX {
		c.dx = newTensor(g.Batch, l.In.H, l.In.W, l.In.C)
	}
	c.forwardF, c.backF = c.forwardPart, c.backwardPart
	return c
}

func (c *conv) patchRows() int {
	return max(6, min(patchElements/c.fanin, c.shape.OH*c.shape.OW))
}

func (c *conv) forward(in []gorgonia.Value) (gorgonia.Value, error) {
	c.prepareWeights(floats(in[1]), floats(in[2]), floats(in[3]))
	if c.bias != nil {
		c.bias.prepare(in)
	}
	c.in = in
	c.g.forEachPart(c.forwardF)
	return c.y, nil
}

// prepareWeights fills wq with the quantized weights and wt with the same, fan-in first.
func (c *conv) prepareWeights(w, d, xmax []float32) {
	if c.g.Mode.Quantize {
		for i := range d {
			lo, hi := c.site.SliceChannels(c.w.Group, i)
			lo, hi = lo*c.fanin, hi*c.fanin
			q, _ := c.w.slice(d[i], xmax[i])
			q.Forward(c.wq[lo:hi], w[lo:hi], hi-lo, 1)
		}
	} else {
		copy(c.wq, w)
	}
	per := c.group.out * c.fanin
	if c.kind == depthwise {
		per = c.out * c.fanin // one "group" of all channels: [taps, channels]
	}
	outs := per / c.fanin
	for lo := 0; lo < len(c.wq); lo += per {
		src, dst := c.wq[lo:lo+per], c.wt[lo:lo+per]
		for o := range outs {
			for k, v := range src[o*c.fanin : (o+1)*c.fanin] {
				dst[k*outs+o] = v
			}
		}
	}
}

func (c *conv) forwardPart(part int) {
	s := &c.shape
	n0, n1 := c.g.parts[part][0], c.g.parts[part][1]
	x, y := floats(c.in[0]), c.y.Float32s()
	pixels := s.OH * s.OW
	switch c.kind {
	case pointwise:
		lo, hi := n0*pixels, n1*pixels
		kernel.Gemm(&c.scratch[part], hi-lo, c.out, s.C, x[lo*s.C:], s.C, 1, c.wt, c.out, y[lo*c.out:], c.out, false)
	case depthwise:
		kernel.DepthwiseForward(s, x, c.wt, y, n0, n1)
	case general:
		c.eachPatchBlock(part, x, func(r0, r1, group int, _ kernel.Channels, patch []float32) {
			at := r0*c.out + group*c.group.out
			wt := c.wt[group*c.group.out*c.fanin:]
			kernel.Gemm(&c.scratch[part], r1-r0, c.group.out, c.fanin, patch, c.fanin, 1, wt, c.group.out, y[at:], c.out, false)
		})
	}
	if c.bias != nil {
		c.bias.add(y[n0*pixels*c.out : n1*pixels*c.out])
	}
}

// eachPatchBlock gathers the patches of a part, a block of output pixels and a group at a time, and
// calls f with the pixel range, counted over the batch, and the group.
func (c *conv) eachPatchBlock(part int, x []float32, f func(r0, r1, group int, channels kernel.Channels, patch []float32)) {
	rows, pixels := c.patchRows(), c.shape.OH*c.shape.OW
	end := c.g.parts[part][1] * pixels
	for r0 := c.g.parts[part][0] * pixels; r0 < end; r0 += rows {
		r1 := min(r0+rows, end)
		for group := range c.group.n {
			channels := kernel.Channels{Lo: group * c.group.in, Hi: (group + 1) * c.group.in}
			patch := c.patch[part][:(r1-r0)*c.fanin]
			kernel.Im2colRows(&c.shape, channels, x, r0, r1, patch)
			f(r0, r1, group, channels, patch)
		}
	}
}

func (c *conv) differentiate(name string, in gorgonia.Nodes, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	parts := len(c.g.parts)
	c.dw = newTensor(c.out, c.fanin)
	c.dd, c.dxmax = newTensor(in[2].Shape()[0]), newTensor(in[2].Shape()[0])
	c.dwParts = make([][]float32, parts)
	for i := range c.dwParts {
		c.dwParts[i] = make([]float32, c.out*c.fanin)
	}
	outs := []output{{"dx", c.dx}, {"dw", c.dw}, {"dd", c.dd}, {"dxmax", c.dxmax}}
	if c.bias != nil {
		outs = append(outs, c.bias.differentiate()...)
	}
	return c.g.backward("back conv "+name, append(append(gorgonia.Nodes{}, in...), grad), outs, c.backwardAll)
}

func (c *conv) backwardAll(in []gorgonia.Value) error {
	c.in = in // the layer's inputs and dy
	c.g.forEachPart(c.backF)
	dwq := c.dw.Float32s()
	if c.kind == depthwise { // partial sums are [taps, channels]: put channels first
		sum := c.dwParts[0]
		kernel.ReduceParts(sum, c.dwParts[1:])
		for k := range c.fanin {
			for o := range c.out {
				dwq[o*c.fanin+k] = sum[k*c.out+o]
			}
		}
	} else {
		clear(dwq)
		kernel.ReduceParts(dwq, c.dwParts)
	}
	if c.bias != nil {
		c.bias.backward(in)
	}
	c.throughQuantizer(dwq, floats(in[1]), floats(in[2]), floats(in[3]))
	return nil
}

// throughQuantizer turns the gradient of the quantized weights into those of the float weights,
// steps and ranges.
func (c *conv) throughQuantizer(dw, w, d, xmax []float32) {
	dd, dxmax := c.dd.Float32s(), c.dxmax.Float32s()
	if !c.g.Mode.Quantize {
		clear(dd)
		clear(dxmax)
		return
	}
	for i := range d {
		lo, hi := c.site.SliceChannels(c.w.Group, i)
		lo, hi = lo*c.fanin, hi*c.fanin
		q, chain := c.w.slice(d[i], xmax[i])
		gd, gx := q.Backward(dw[lo:hi], dw[lo:hi], w[lo:hi], hi-lo, 1)
		dd[i], dxmax[i] = float32(gd)*chain.d, float32(gx)*chain.xmax
	}
}

func (c *conv) backwardPart(part int) {
	s := &c.shape
	n0, n1 := c.g.parts[part][0], c.g.parts[part][1]
	x, dy := floats(c.in[0]), floats(c.in[len(c.in)-1])
	pixels := s.OH * s.OW
	lo, hi := n0*pixels, n1*pixels
	dw := c.dwParts[part]
	clear(dw)
	var dx []float32
	if c.dx != nil {
		dx = c.dx.Float32s()
	}
	switch c.kind {
	case pointwise:
		if dx != nil {
			kernel.Gemm(&c.scratch[part], hi-lo, s.C, c.out, dy[lo*c.out:], c.out, 1, c.wq, s.C, dx[lo*s.C:], s.C, false)
		}
		kernel.Gemm(&c.scratch[part], c.out, s.C, hi-lo, dy[lo*c.out:], 1, c.out, x[lo*s.C:], s.C, dw, s.C, true)
	case depthwise:
		if dx != nil {
			kernel.DepthwiseBackwardInput(s, dy, c.wt, dx, n0, n1)
		}
		kernel.DepthwiseBackwardWeight(s, x, dy, dw, n0, n1)
	case general:
		if dx != nil {
			per := s.H * s.W * s.C
			clear(dx[n0*per : n1*per])
		}
		c.eachPatchBlock(part, x, func(r0, r1, group int, channels kernel.Channels, patch []float32) {
			at := r0*c.out + group*c.group.out
			wo := group * c.group.out * c.fanin
			kernel.Gemm(&c.scratch[part], c.group.out, c.fanin, r1-r0, dy[at:], 1, c.out, patch, c.fanin, dw[wo:], c.fanin, true)
			if dx != nil { // the patches are not needed any more: their memory takes their gradients
				kernel.Gemm(&c.scratch[part], r1-r0, c.fanin, c.group.out, dy[at:], c.out, 1, c.wq[wo:], c.fanin, patch, c.fanin, false)
				kernel.Col2imRowsAdd(s, channels, patch, r0, r1, dx)
			}
		})
	}
	if c.bias != nil {
		c.bias.reduce(part, dy[lo*c.out:hi*c.out])
	}
}
