package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/models"
)

// pool computes average and maximum pooling over windows. Averages divide by the whole window,
// padding included; maxima are taken over the window's part inside the image, and the first of
// equals receives the gradient. NaN is larger than any number.
type pool struct {
	g      *Graph
	l      *models.Layer
	y, dx  *tensor.Dense
	arg    []int32 // MaxPool: position in x of each output's maximum; -1 while there is none
	in     []gorgonia.Value
	fwd    func(part int)
	back   func(part int)
	weight float32
}

// Pool applies the pooling layer l to x, [N, H, W, C]. No window may lie in the padding alone.
func (g *Graph) Pool(l *models.Layer, x *gorgonia.Node) (*gorgonia.Node, error) {
	if max(l.Pad.Top, l.Pad.Bottom) >= l.Kernel.H || max(l.Pad.Left, l.Pad.Right) >= l.Kernel.W {
		return nil, fmt.Errorf("pooling window %dx%d does not reach beyond the padding %+v", l.Kernel.H, l.Kernel.W, l.Pad)
	}
	p := &pool{g: g, l: l, weight: 1 / float32(l.Kernel.H*l.Kernel.W)}
	p.y = newTensor(g.Batch, l.Out.H, l.Out.W, l.Out.C)
	if l.Kind == models.MaxPool {
		p.arg = make([]int32, g.Batch*l.Out.Elements())
	}
	p.fwd, p.back = p.forwardPart, p.backwardPart
	inputs := gorgonia.Nodes{x}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: "pool " + l.Name, in: typesOf(inputs), out: typeOf(p.y.Shape()), shape: p.y.Shape(), wrt: []bool{true},
		do: func(in []gorgonia.Value) (gorgonia.Value, error) {
			p.in = in
			g.forEachPart(p.fwd)
			return p.y, nil
		},
		diff: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			p.dx = newTensor(g.Batch, l.In.H, l.In.W, l.In.C)
			return g.backward("back pool "+l.Name, gorgonia.Nodes{in[0], grad}, []output{{"dx", p.dx}}, func(in []gorgonia.Value) error {
				p.in = in
				g.forEachPart(p.back)
				return nil
			})
		},
	}, inputs...)
}

// eachWindow calls f for each output pixel of a part and each input pixel of its window that lies
// inside the image, with the offsets of their first channels.
func (p *pool) eachWindow(part int, f func(out, in int)) {
	l := p.l
	for n := p.g.parts[part][0]; n < p.g.parts[part][1]; n++ {
		for oy := range l.Out.H {
			for ox := range l.Out.W {
				out := ((n*l.Out.H+oy)*l.Out.W + ox) * l.Out.C
				for ky := range l.Kernel.H {
					y := oy*l.Stride.H + ky - l.Pad.Top
					if y < 0 || y >= l.In.H {
						continue
					}
					for kx := range l.Kernel.W {
						x := ox*l.Stride.W + kx - l.Pad.Left
						if x < 0 || x >= l.In.W {
							continue
						}
						f(out, ((n*l.In.H+y)*l.In.W+x)*l.In.C)
					}
				}
			}
		}
	}
}

func (p *pool) forwardPart(part int) {
	x, y, c := floats(p.in[0]), p.y.Float32s(), p.l.Out.C
	span := p.l.Out.Elements()
	lo, hi := p.g.parts[part][0]*span, p.g.parts[part][1]*span
	if p.l.Kind == models.MaxPool {
		for i := lo; i < hi; i++ {
			p.arg[i] = -1
		}
		p.eachWindow(part, func(out, in int) {
			for i := range c {
				if v := x[in+i]; p.arg[out+i] < 0 || v > y[out+i] || v != v {
					y[out+i], p.arg[out+i] = v, int32(in+i)
				}
			}
		})
		return
	}
	clear(y[lo:hi])
	p.eachWindow(part, func(out, in int) {
		dst, src := y[out:out+c], x[in:in+c]
		for i, v := range src {
			dst[i] += v
		}
	})
	for i := lo; i < hi; i++ {
		y[i] *= p.weight
	}
}

func (p *pool) backwardPart(part int) {
	dy, dx, c := floats(p.in[1]), p.dx.Float32s(), p.l.Out.C
	span := p.l.In.Elements()
	clear(dx[p.g.parts[part][0]*span : p.g.parts[part][1]*span])
	if p.l.Kind == models.MaxPool {
		span = p.l.Out.Elements()
		for i := p.g.parts[part][0] * span; i < p.g.parts[part][1]*span; i++ {
			dx[p.arg[i]] += dy[i]
		}
		return
	}
	p.eachWindow(part, func(out, in int) {
		dst, src := dx[in:in+c], dy[out:out+c]
		for i, v := range src {
			dst[i] += v * p.weight
		}
	})
}
