// Package models says what a network is: a graph of typed layers with their shapes, the places
// where tensors are quantized (sites), and the size of the network at any precision.
//
// A layer is what an accelerator runs in one go: a convolution carries its batch norm and its
// activation function with it. Layers stand in the order in which they are executed.
package models

import "fmt"

// Kind is the operation of a layer.
type Kind uint8

const (
	// Input is the image; layer 0 of every network and only that.
	Input Kind = iota
	// Conv is a 2-D convolution, grouped and depthwise included.
	Conv
	// Dense is a matrix-vector product over the flattened input.
	Dense
	// AveragePool averages windows; a window of the whole map is global average pooling.
	AveragePool
	// MaxPool takes the largest value of each window.
	MaxPool
	// Add sums two tensors of one shape (residual connection).
	Add
)

func (k Kind) String() string {
	return [...]string{"input", "conv", "dense", "avgpool", "maxpool", "add"}[k]
}

// Activation is the function applied to a layer's result before it is stored.
type Activation uint8

const (
	// Linear passes values on.
	Linear Activation = iota
	// ReLU is max(x, 0).
	ReLU
	// ReLU6 is min(max(x, 0), 6).
	ReLU6
)

func (a Activation) String() string { return [...]string{"linear", "relu", "relu6"}[a] }

// Signed reports whether the function's range includes negative values.
func (a Activation) Signed() bool { return a == Linear }

// Shape of one image's tensor: channels, height, width. The batch is never part of it.
type Shape struct{ C, H, W int }

// Elements returns C*H*W.
func (s Shape) Elements() int { return s.C * s.H * s.W }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.C, s.H, s.W) }

// Window is a kernel size or a stride.
type Window struct{ H, W int }

// Pad is the zero border on each side.
type Pad struct{ Top, Left, Bottom, Right int }

// Layer is one operation. Fields that its Kind does not use are zero.
type Layer struct {
	Name   string
	Kind   Kind
	Stage  int   // index into Network.Stages
	Inputs []int // producers, indices into Network.Layers, all smaller than the layer's own
	In     Shape // of the first input
	Out    Shape
	Kernel Window
	Stride Window
	Pad    Pad
	// Dilation is the distance between neighbouring taps of a Conv; 0 counts as 1.
	Dilation Window
	Groups   int // Conv: input and output channels are split into this many groups
	Bias     bool
	Norm     bool // batch normalisation with scale and shift per output channel
	// Activation is applied last: after the norm, and for Add after the sum.
	Activation Activation
}

// Weighted reports whether the layer has a weight tensor.
func (l *Layer) Weighted() bool { return l.Kind == Conv || l.Kind == Dense }

// Depthwise reports whether each output channel sees exactly one input channel.
func (l *Layer) Depthwise() bool { return l.Kind == Conv && l.Groups > 1 && l.Groups == l.In.C }

// Span returns the rows and columns of the input from the first tap of the window to the last: the
// kernel with the gaps that dilation leaves.
func (l *Layer) Span() Window {
	return Window{(l.Kernel.H-1)*max(1, l.Dilation.H) + 1, (l.Kernel.W-1)*max(1, l.Dilation.W) + 1}
}

// Fanin returns the number of weights that make one output value: the reduction length.
func (l *Layer) Fanin() int {
	switch l.Kind {
	case Conv:
		return l.In.C / l.Groups * l.Kernel.H * l.Kernel.W
	case Dense:
		return l.In.Elements()
	}
	return 0
}

// WeightElements returns the number of elements of the weight tensor, bias excluded.
func (l *Layer) WeightElements() int { return l.Fanin() * l.Out.C }

// MACs returns the multiply-accumulates for one image; padding counts like any element.
func (l *Layer) MACs() int64 { return int64(l.Fanin()) * int64(l.Out.Elements()) }

// Parameters returns weights, bias, and the norm's scale and shift.
func (l *Layer) Parameters() int {
	p := l.WeightElements()
	if l.Bias {
		p += l.Out.C
	}
	if l.Norm {
		p += 2 * l.Out.C
	}
	return p
}

// Network is a graph in execution order. Make one with Build; it is not changed afterwards.
type Network struct {
	Name    string
	Classes int
	Stages  []string // names of the parts whose granularity a search may choose
	Layers  []Layer
	// Weights and Activations are the quantization sites, in layer order.
	Weights     []WeightSite
	Activations []ActivationSite

	weightSite     []int // by layer, -1 where there is none
	activationSite []int
	consumers      [][]int
}

// Image returns the shape of the input.
func (n *Network) Image() Shape { return n.Layers[0].Out }

// MACs returns the multiply-accumulates for one image.
func (n *Network) MACs() int64 {
	var s int64
	for i := range n.Layers {
		s += n.Layers[i].MACs()
	}
	return s
}

// Parameters returns the number of trained parameters, norm scales and shifts included.
func (n *Network) Parameters() int {
	s := 0
	for i := range n.Layers {
		s += n.Layers[i].Parameters()
	}
	return s
}

// Consumers returns the layers that read the output of layer i.
func (n *Network) Consumers(i int) []int { return n.consumers[i] }

// FusedIntoAdd reports whether layer i feeds only the residual Add right behind it. Such an Add
// runs in the layer's output stage, on values that are still in the accumulators: the layer's own
// result is never stored and has no site.
func (n *Network) FusedIntoAdd(i int) bool {
	c := n.consumers[i]
	return len(c) == 1 && c[0] == i+1 && n.Layers[i].Weighted() && n.Layers[i+1].Kind == Add
}

// Stored reports whether the output of layer i is written to memory.
func (n *Network) Stored(i int) bool { return !n.FusedIntoAdd(i) }

// Check verifies the graph's invariants and returns the first breach: shapes that do not follow
// from the operation, inputs that are not earlier layers, a result that nobody reads.
func (n *Network) Check() error {
	if len(n.Layers) < 2 || n.Layers[0].Kind != Input {
		return fmt.Errorf("network %s: needs an input layer followed by at least one other", n.Name)
	}
	read := make([]bool, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		if err := n.checkLayer(i); err != nil {
			return fmt.Errorf("network %s: layer %d (%s): %w", n.Name, i, l.Name, err)
		}
		for _, j := range l.Inputs {
			read[j] = true
		}
	}
	for i := range read[:len(read)-1] {
		if !read[i] {
			return fmt.Errorf("network %s: nobody reads layer %d (%s)", n.Name, i, n.Layers[i].Name)
		}
	}
	return nil
}

func (n *Network) checkLayer(i int) error {
	l := &n.Layers[i]
	want := map[Kind]int{Input: 0, Add: 2}
	inputs, ok := want[l.Kind]
	if !ok {
		inputs = 1
	}
	if len(l.Inputs) != inputs {
		return fmt.Errorf("%v takes %d inputs, has %d", l.Kind, inputs, len(l.Inputs))
	}
	for _, j := range l.Inputs {
		if j < 0 || j >= i {
			return fmt.Errorf("input %d is not an earlier layer", j)
		}
	}
	if l.Stage < 0 || l.Stage >= len(n.Stages) {
		return fmt.Errorf("stage %d of %d", l.Stage, len(n.Stages))
	}
	if l.Out.C <= 0 || l.Out.H <= 0 || l.Out.W <= 0 {
		return fmt.Errorf("empty output %v", l.Out)
	}
	if l.Kind == Input {
		return nil
	}
	if l.In != n.Layers[l.Inputs[0]].Out {
		return fmt.Errorf("input shape %v, producer gives %v", l.In, n.Layers[l.Inputs[0]].Out)
	}
	switch l.Kind {
	case Conv, AveragePool, MaxPool:
		span := l.Span()
		h := outputSize(l.In.H, span.H, l.Stride.H, l.Pad.Top+l.Pad.Bottom)
		w := outputSize(l.In.W, span.W, l.Stride.W, l.Pad.Left+l.Pad.Right)
		if h != l.Out.H || w != l.Out.W {
			return fmt.Errorf("output map %dx%d, operation gives %dx%d", l.Out.H, l.Out.W, h, w)
		}
		if l.Dilation.H < 0 || l.Dilation.W < 0 || (l.Kind != Conv && l.Dilation != Window{}) {
			return fmt.Errorf("a %v with dilation %dx%d", l.Kind, l.Dilation.H, l.Dilation.W)
		}
		if l.Kind != Conv && l.Out.C != l.In.C {
			return fmt.Errorf("pooling changes channels from %d to %d", l.In.C, l.Out.C)
		}
		if l.Kind == Conv && (l.Groups < 1 || l.In.C%l.Groups != 0 || l.Out.C%l.Groups != 0) {
			return fmt.Errorf("%d groups do not divide %d input and %d output channels", l.Groups, l.In.C, l.Out.C)
		}
	case Dense:
		if l.Out.H != 1 || l.Out.W != 1 {
			return fmt.Errorf("dense output %v is not a vector", l.Out)
		}
	case Add:
		if a, b := l.In, n.Layers[l.Inputs[1]].Out; a != b || a != l.Out {
			return fmt.Errorf("adds %v and %v to %v", a, b, l.Out)
		}
	}
	return nil
}

// outputSize returns the extent of the result of a sliding window that covers span inputs, 0 if the
// window does not fit.
func outputSize(in, span, stride, pad int) int {
	if stride < 1 || in+pad < span {
		return 0
	}
	return (in+pad-span)/stride + 1
}
