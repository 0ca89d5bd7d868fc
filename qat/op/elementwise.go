package op

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Function is an activation that is not piecewise linear and therefore has no place in the
// epilogue, which works by clipping. It is an operation of its own; quantize its result with an
// Epilogue behind it.
type Function uint8

const (
	// Sigmoid is 1/(1+exp(-x)).
	Sigmoid Function = iota
	// HardSwish is x*clip(x+3, 0, 6)/6 (Howard et al., "Searching for MobileNetV3", ICCV 2019). Its
	// derivative counts as 0 at -3 and as 1 at 3.
	HardSwish
	// HardSigmoid is clip(x+3, 0, 6)/6, with a derivative of 0 at the corners.
	HardSigmoid
	// Swish is x/(1+exp(-x)).
	Swish
	// Tanh is the hyperbolic tangent.
	Tanh
)

func (f Function) String() string {
	return [...]string{"sigmoid", "hardswish", "hardsigmoid", "swish", "tanh"}[f]
}

// sigmoid is 1/(1+exp(-x)).
func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// value returns f(x).
func (f Function) value(x float32) float32 {
	switch f {
	case Sigmoid:
		return sigmoid(x)
	case HardSigmoid:
		return min(max(x+3, 0), 6) / 6
	case Swish:
		return x * sigmoid(x)
	case Tanh:
		return float32(math.Tanh(float64(x)))
	}
	return x * min(max(x+3, 0), 6) / 6
}

// slope returns f'(x), y being f(x).
func (f Function) slope(x, y float32) float32 {
	switch f {
	case Sigmoid:
		return y * (1 - y)
	case Swish:
		s := sigmoid(x)
		return s + y*(1-s)
	case Tanh:
		return 1 - y*y
	case HardSigmoid:
		if x <= -3 || x >= 3 {
			return 0
		}
		return 1.0 / 6
	}
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return 1
	}
	return (2*x + 3) / 6
}

// elementwise applies a Function to every element.
type elementwise struct {
	g           *Graph
	f           Function
	y, dx       *tensor.Dense
	in          []gorgonia.Value // of the running pass
	fwdF, backF func(part int)
}

// Elementwise applies f to every element of x, whose first dimension is the batch.
func (g *Graph) Elementwise(f Function, x *gorgonia.Node) (*gorgonia.Node, error) {
	e := &elementwise{g: g, f: f, y: newTensor(x.Shape()...)}
	e.fwdF, e.backF = e.forwardPart, e.backwardPart
	inputs := gorgonia.Nodes{x}
	return gorgonia.ApplyOp(&call{
		id: g.nextID(), name: f.String(), in: typesOf(inputs), out: typeOf(e.y.Shape()), shape: e.y.Shape(), wrt: []bool{true},
		do: func(in []gorgonia.Value) (gorgonia.Value, error) {
			e.in = in
			g.forEachPart(e.fwdF)
			return e.y, nil
		},
		diff: func(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
			e.dx = newTensor(in[0].Shape()...)
			return g.backward("back "+f.String(), gorgonia.Nodes{in[0], out, grad}, []output{{"dx", e.dx}}, func(in []gorgonia.Value) error {
				e.in = in
				g.forEachPart(e.backF)
				return nil
			})
		},
	}, inputs...)
}

func (e *elementwise) forwardPart(part int) {
	x, y := floats(e.in[0]), e.y.Float32s()
	lo, hi := e.g.elements(part, len(y))
	for i, v := range x[lo:hi] {
		y[lo+i] = e.f.value(v)
	}
}

func (e *elementwise) backwardPart(part int) {
	x, y, dy, dx := floats(e.in[0]), floats(e.in[1]), floats(e.in[2]), e.dx.Float32s()
	lo, hi := e.g.elements(part, len(dx))
	for i := lo; i < hi; i++ {
		dx[i] = dy[i] * e.f.slope(x[i], y[i])
	}
}
