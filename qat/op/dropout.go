package op

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// dropout scales x by mask/(1-rate) in training and passes it on otherwise.
type dropout struct {
	g      *Graph
	keep   float32 // 1/(1-rate)
	y, dx  *tensor.Dense
	dst, x []float32 // of the running pass
	mask   []float32
	partF  func(part int)
}

// Dropout leaves elements of x out: y = x*mask/(1-rate) in training, y = x otherwise. mask is shaped
// like x and holds 1 for what stays and 0 for the rest; the graph's owner draws it before each
// training run (DropoutMask). rate is in [0, 1).
func (g *Graph) Dropout(x, mask *gorgonia.Node, rate float64) (*gorgonia.Node, error) {
	if !(rate >= 0 && rate < 1) {
		panic("op: dropout rate out of range")
	}
	d := &dropout{g: g, keep: float32(1 / (1 - rate)), y: newTensor(x.Shape()...)}
	d.partF = d.part
	inputs := gorgonia.Nodes{x, mask}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: "dropout", in: typesOf(inputs), out: typeOf(d.y.Shape()), shape: d.y.Shape(), wrt: []bool{true, false},
		do: func(in []gorgonia.Value) (gorgonia.Value, error) {
			d.run(d.y, in[0], in[1])
			return d.y, nil
		},
		diff: func(in gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			d.dx = newTensor(in[0].Shape()...)
			nodes, err := g.backward("back dropout", gorgonia.Nodes{in[1], grad}, []output{{"dx", d.dx}}, func(in []gorgonia.Value) error {
				d.run(d.dx, in[1], in[0]) // the operation is linear and its own transpose
				return nil
			})
			return append(nodes, nil), err
		},
	}, inputs...)
}

func (d *dropout) run(dst *tensor.Dense, x, mask gorgonia.Value) {
	d.dst, d.x, d.mask = dst.Float32s(), floats(x), floats(mask)
	d.g.forEachPart(d.partF)
}

func (d *dropout) part(part int) {
	lo, hi := d.g.elements(part, len(d.dst))
	dst, x, mask := d.dst[lo:hi], d.x[lo:hi], d.mask[lo:hi]
	if !d.g.Mode.Training {
		copy(dst, x)
		return
	}
	for i, v := range x {
		dst[i] = v * (mask[i] * d.keep)
	}
}

// DropoutMask draws a mask for Dropout: each element is 0 with probability rate, else 1.
func DropoutMask(mask []float32, rate float64, src *rand.Rand) {
	for i := range mask {
		mask[i] = 1
		if src.Float64() < rate {
			mask[i] = 0
		}
	}
}
