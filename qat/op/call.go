// Package op holds the few large fused operations that a quantized network is made of, as
// gorgonia ops: convolution with its weight fake-quantized, batch norm with activation, residual
// and fake-quantization, pooling, dropout, and the losses. gorgonia keeps the graph, its order and the chain
// rule; the arithmetic is in qat/kernel.
//
// Conventions that the whole package keeps:
//
//   - Activations are [N, H, W, C] (channels contiguous), weights are output-channel first, float32.
//   - An op owns its result and its scratch memory; after the first run nothing is allocated.
//     A value read from a node is valid until the next run.
//   - Work inside an op is cut into a number of parts that depends on the batch alone, and partial
//     sums are added in part order, so results do not depend on the number of threads.
//   - A backward op computes all gradients of its layer at once and returns one; the others are
//     handed out by "pick" ops that depend on it. Everything that a backward op reads from the
//     graph is among its declared inputs, so gorgonia's register reuse cannot overwrite it.
//   - Do never panics: gorgonia runs ops in a goroutine of its own, where a panic would end the
//     process.
package op

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// call is one application of an operation in one graph. gorgonia merges nodes whose ops hash
// alike, so each call carries an id that is unique in its graph.
type call struct {
	id    uint64
	name  string
	in    []hm.Type
	out   hm.Type
	shape tensor.Shape
	wrt   []bool // which inputs have gradients
	do    func(in []gorgonia.Value) (gorgonia.Value, error)
	// diff returns one node per input, nil where wrt is false.
	diff func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error)
	// shared, if not nil, takes the gradient of this call's result instead of gorgonia.
	shared *share
}

var (
	_ gorgonia.Op   = (*call)(nil)
	_ gorgonia.SDOp = (*call)(nil)
)

// Arity implements gorgonia.Op.
func (c *call) Arity() int { return len(c.in) }

// Type implements gorgonia.Op.
func (c *call) Type() hm.Type {
	t := make([]hm.Type, 0, len(c.in)+1)
	return hm.NewFnType(append(append(t, c.in...), c.out)...)
}

// InferShape implements gorgonia.Op; shapes are fixed when the call is made.
func (c *call) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return c.shape, nil }

// Do implements gorgonia.Op. A panic inside the operation comes back as an error.
func (c *call) Do(in ...gorgonia.Value) (v gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("op %s: %v", c.name, r)
		}
	}()
	if v, err = c.do(in); err != nil {
		return nil, fmt.Errorf("op %s: %w", c.name, err)
	}
	return v, nil
}

// ReturnsPtr implements gorgonia.Op.
func (c *call) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op.
func (c *call) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op: no input is ever overwritten.
func (c *call) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (c *call) WriteHash(h hash.Hash) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], c.id)
	h.Write([]byte(c.name))
	h.Write(b[:])
}

// Hashcode implements gorgonia.Op.
func (c *call) Hashcode() uint32 {
	h := fnv.New32a()
	c.WriteHash(h)
	return h.Sum32()
}

// String implements fmt.Stringer.
func (c *call) String() string { return fmt.Sprintf("%s#%d", c.name, c.id) }

// DiffWRT implements gorgonia.SDOp.
func (c *call) DiffWRT(int) []bool { return c.wrt }

// SymDiff implements gorgonia.SDOp.
func (c *call) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if c.diff == nil {
		return nil, fmt.Errorf("op %s has no gradient", c.name)
	}
	grads, err := c.diff(in, out, grad)
	if err != nil {
		return nil, err
	}
	for i, n := range in {
		if from, ok := n.Op().(*call); ok && from.shared != nil && c.wrt[i] {
			from.shared.take(grads[i])
		}
	}
	return grads, nil
}

// typeOf returns gorgonia's type of a float32 tensor of the given shape.
func typeOf(shape tensor.Shape) hm.Type {
	if len(shape) == 0 {
		return tensor.Float32
	}
	return gorgonia.TensorType{Dims: len(shape), Of: tensor.Float32}
}

func typesOf(nodes gorgonia.Nodes) []hm.Type {
	t := make([]hm.Type, len(nodes))
	for i, n := range nodes {
		t[i] = n.Type()
	}
	return t
}

// floats returns the storage of a float32 tensor.
func floats(v gorgonia.Value) []float32 { return v.(*tensor.Dense).Float32s() }

// newTensor returns a zeroed float32 tensor.
func newTensor(shape ...int) *tensor.Dense {
	return tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
}

// pick returns a node whose value is v, which the op behind main has filled when it ran.
func (g *Graph) pick(main *gorgonia.Node, name string, v *tensor.Dense) (*gorgonia.Node, error) {
	c := &call{
		id: g.nextID(), name: "pick " + name, in: typesOf(gorgonia.Nodes{main}), out: typeOf(v.Shape()), shape: v.Shape(), wrt: []bool{false},
		do: func([]gorgonia.Value) (gorgonia.Value, error) { return v, nil },
	}
	return gorgonia.ApplyOp(c, main)
}

// output pairs a gradient tensor with its name; a nil tensor means that the input has none.
type output struct {
	name string
	t    *tensor.Dense
}

// backward applies a backward call over inputs and returns a node per entry of outs. do must fill
// every tensor of outs.
func (g *Graph) backward(name string, inputs gorgonia.Nodes, outs []output, do func(in []gorgonia.Value) error) (gorgonia.Nodes, error) {
	first := -1
	for i, o := range outs {
		if o.t != nil {
			first = i
			break
		}
	}
	if first < 0 {
		return nil, fmt.Errorf("op %s: no input has a gradient", name)
	}
	main := outs[first].t
	c := &call{
		id: g.nextID(), name: name, in: typesOf(inputs), out: typeOf(main.Shape()), shape: main.Shape(), wrt: make([]bool, len(inputs)),
		do: func(in []gorgonia.Value) (gorgonia.Value, error) { return main, do(in) },
	}
	m, err := gorgonia.ApplyOp(c, inputs...)
	if err != nil {
		return nil, err
	}
	nodes := make(gorgonia.Nodes, len(outs))
	for i, o := range outs {
		switch {
		case o.t == nil:
		case i == first:
			nodes[i] = m
		default:
			if nodes[i], err = g.pick(m, o.name, o.t); err != nil {
				return nil, err
			}
		}
	}
	return nodes, nil
}
