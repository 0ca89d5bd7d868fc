package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"dse/qat/kernel"
)

// share gathers the gradients of a tensor with several consumers. gorgonia would add them itself, on one
// thread, into a register whose memory may be the result of another operation.
type share struct {
	g       *Graph
	taken   gorgonia.Nodes // gradients of all consumers but the first
	sum     *tensor.Dense
	in      []gorgonia.Value
	addPart func(part int)
}

// Share returns a node with the value of x for each of n consumers, of which each is to be used once.
//
// The first is x passed on, the others are that one passed on without a gradient. So gorgonia knows of one
// consumer of x alone, and comes to the first node when all consumers have been differentiated, for they
// depend on it. There the gradients of the others, which call.SymDiff has collected, are added.
func (g *Graph) Share(x *gorgonia.Node, n int) (gorgonia.Nodes, error) {
	if n < 2 {
		return gorgonia.Nodes{x}, nil
	}
	s := &share{g: g}
	s.addPart = s.add
	pass := func(from *gorgonia.Node, name string, c call) (*gorgonia.Node, error) {
		c.id, c.name, c.in, c.out, c.shape = g.nextID(), name, typesOf(gorgonia.Nodes{from}), from.Type(), from.Shape()
		size := from.Shape().TotalSize()
		c.do = func(in []gorgonia.Value) (gorgonia.Value, error) {
			if got := len(floats(in[0])); got != size {
				return nil, fmt.Errorf("%d elements, want %d", got, size)
			}
			return in[0], nil
		}
		return gorgonia.ApplyOp(&c, from)
	}
	first, err := pass(x, "share", call{wrt: []bool{true}, diff: s.differentiate})
	if err != nil {
		return nil, err
	}
	nodes := gorgonia.Nodes{first}
	for len(nodes) < n {
		other, err := pass(first, "share again", call{wrt: []bool{false}, shared: s})
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, other)
	}
	return nodes, nil
}

// take keeps the gradient of one of the other consumers.
func (s *share) take(gradient *gorgonia.Node) { s.taken = append(s.taken, gradient) }

func (s *share) differentiate(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if s.taken == nil {
		return gorgonia.Nodes{grad}, nil
	}
	s.sum = newTensor(grad.Shape()...)
	inputs := append(gorgonia.Nodes{grad}, s.taken...)
	return s.g.backward("back share", inputs, []output{{"sum", s.sum}}, func(in []gorgonia.Value) error {
		s.in = in
		s.g.forEachPart(s.addPart)
		return nil
	})
}

func (s *share) add(part int) {
	sum := s.sum.Float32s()
	lo, hi := s.g.elements(part, len(sum))
	copy(sum[lo:hi], floats(s.in[0])[lo:hi])
	for _, v := range s.in[1:] {
		kernel.Add(sum[lo:hi], floats(v)[lo:hi])
	}
}
