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
	// Concat joins any number of tensors along their channels. If its output is a vector, they are
	// flattened first and may differ in shape. It is a view: producers write in place, nothing moves.
	Concat
	// Slice is a view of some of the channels of one tensor, from First on.
	Slice
	// Shuffle transposes the channels, seen as Groups rows: it moves data and computes nothing.
	Shuffle
	// Resize enlarges the map by Factor, by nearest neighbour or, with Bilinear, linearly. The last rows
	// and columns may be cut off, fewer than Factor of them.
	Resize
	// Multiply multiplies two tensors element by element. The second may be a vector of one value per
	// channel, which is broadcast over the map (the scale of squeeze-and-excitation).
	Multiply
	// Activate applies norm and activation function to a stored tensor: what cannot be done in the
	// output stage of the producer, because others read the tensor as it was.
	Activate
	// Deconv is a transposed 2-D convolution: Stride-1 zeros between neighbouring inputs, then a
	// convolution of stride 1. Pad is what is cropped from each side of the full result.
	Deconv
)

func (k Kind) String() string {
	return [...]string{
		"input", "conv", "dense", "avgpool", "maxpool", "add", "concat", "slice", "shuffle", "resize", "multiply", "activate", "deconv",
	}[k]
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
	// LeakyReLU is x for x > 0, else a small multiple of x.
	LeakyReLU
	// Swish is x times the sigmoid of x.
	Swish
	// HardSwish is x times the hard sigmoid of x.
	HardSwish
	// Sigmoid is 1 / (1 + exp(-x)).
	Sigmoid
	// HardSigmoid is min(max(x+3, 0), 6) / 6.
	HardSigmoid
	// Tanh is the hyperbolic tangent.
	Tanh
)

func (a Activation) String() string {
	return [...]string{"linear", "relu", "relu6", "leakyrelu", "swish", "hardswish", "sigmoid", "hardsigmoid", "tanh"}[a]
}

// Signed reports whether the function's range includes negative values.
func (a Activation) Signed() bool {
	switch a {
	case ReLU, ReLU6, Sigmoid, HardSigmoid:
		return false
	}
	return true
}

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
	Groups   int // Conv, Deconv, Shuffle: channels are split into this many groups
	First    int // Slice: the first channel of its input that it shows
	Factor   int // Resize: output rows per input row, and columns
	Bilinear bool
	Bias     bool
	Norm     bool // batch normalisation with scale and shift per output channel
	// Activation is applied last: after the norm, and for Add after the sum.
	Activation Activation
}

// Weighted reports whether the layer has a weight tensor.
func (l *Layer) Weighted() bool { return l.Kind == Conv || l.Kind == Dense || l.Kind == Deconv }

// View reports whether the layer only shows tensors that others have stored: it is not executed.
func (l *Layer) View() bool { return l.Kind == Concat || l.Kind == Slice }

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
	case Conv, Deconv:
		return l.In.C / l.Groups * l.Kernel.H * l.Kernel.W
	case Dense:
		return l.In.Elements()
	}
	return 0
}

// WeightElements returns the number of elements of the weight tensor, bias excluded.
func (l *Layer) WeightElements() int { return l.Fanin() * l.Out.C }

// MACs returns the multiply-accumulates for one image; padding counts like any element, but the
// zeros that a Deconv puts between its inputs do not: each input meets each weight of its channel once.
func (l *Layer) MACs() int64 {
	if l.Kind == Deconv {
		return int64(l.WeightElements()) * int64(l.In.H*l.In.W)
	}
	return int64(l.Fanin()) * int64(l.Out.Elements())
}

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

// Network is a graph in execution order. Make one with Build or Assemble; it is not changed afterwards.
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
	parts          [][]Part
	lastRead       []int // by layer: the last that reads its stored output, views looked through
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

// Stored reports whether the output of layer i is a tensor in memory of its own: it is not when it
// is fused into the Add behind it, or only a view.
func (n *Network) Stored(i int) bool { return !n.FusedIntoAdd(i) && !n.Layers[i].View() }

// Part is a stored tensor, or some of its channels, inside of what a layer gives out.
type Part struct {
	Layer    int // the producer
	Elements int // how many of its elements belong to the whole
}

// Parts returns the stored tensors that make up the output of layer i: the layer's own, or for a
// view those that it shows, in order.
func (n *Network) Parts(i int) []Part { return n.parts[i] }

// Result reports whether the output of layer i, or some of it, belongs to the network's result.
func (n *Network) Result(i int) bool {
	for _, p := range n.parts[len(n.Layers)-1] {
		if p.Layer == i {
			return true
		}
	}
	return false
}
