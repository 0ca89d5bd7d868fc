package models

// padding says where a window's zero border comes from.
type padding uint8

const (
	// centred puts half the span, rounded down, on each side (the habit of PyTorch).
	centred padding = iota
	// same makes the output ceil(in/stride), with the odd row at the bottom (TensorFlow's SAME).
	same
	// valid has no border.
	valid
	// ceiling adds rows at the bottom until the last input is covered (Caffe's pooling).
	ceiling
)

// of returns the border for a window over an input.
func (p padding) of(in Shape, span, stride Window) Pad {
	h, w := p.along(in.H, span.H, stride.H), p.along(in.W, span.W, stride.W)
	return Pad{Top: h[0], Bottom: h[1], Left: w[0], Right: w[1]}
}

// along returns the border before and behind along one axis.
func (p padding) along(in, span, stride int) [2]int {
	switch p {
	case centred:
		return [2]int{span / 2, span / 2}
	case same:
		total := max(0, ((in+stride-1)/stride-1)*stride+span-in)
		return [2]int{total / 2, total - total/2}
	case ceiling:
		return [2]int{0, (stride - (in-span)%stride) % stride}
	}
	return [2]int{}
}

// builder appends layers and works out their shapes.
type builder struct {
	n *Network
	// padding of convolutions and pools that do not choose their own.
	padding padding
	// plain convolutions have a bias, biased ones a bias and a norm; without either just a norm.
	plain, biased bool
}

func newBuilder(name string, image Shape) *builder {
	return &builder{n: &Network{Name: name, Layers: []Layer{{Name: "image", Kind: Input, Out: image}}}}
}

// stage starts a new stage; layers added from here on belong to it.
func (b *builder) stage(name string) { b.n.Stages = append(b.n.Stages, name) }

// out returns the shape of what a layer gives out.
func (b *builder) out(layer int) Shape { return b.n.Layers[layer].Out }

func (b *builder) add(l Layer) int {
	l.Stage = len(b.n.Stages) - 1
	l.In = b.out(l.Inputs[0])
	b.n.Layers = append(b.n.Layers, l)
	return len(b.n.Layers) - 1
}

// filter is a convolution's shape. Zero values: a 1x1 kernel, stride 1, no dilation, one group, the
// builder's padding.
type filter struct {
	out            int
	kernel, stride Window
	dilation       int
	groups         int
	act            Activation
	border         *Pad // in place of the builder's
}

// square returns the window of side n.
func square(n int) Window { return Window{n, n} }

// around returns a border of n on all sides.
func around(n int) *Pad { return &Pad{n, n, n, n} }

// filter adds a convolution.
func (b *builder) filter(name string, from int, f filter) int {
	if f.kernel == (Window{}) {
		f.kernel = square(1)
	}
	if f.stride == (Window{}) {
		f.stride = square(1)
	}
	l := Layer{
		Name: name, Kind: Conv, Inputs: []int{from}, Kernel: f.kernel, Stride: f.stride, Groups: max(1, f.groups),
		Norm: !b.plain, Bias: b.plain || b.biased, Activation: f.act,
	}
	if f.dilation > 1 {
		l.Dilation = square(f.dilation)
	}
	in, span := b.out(from), l.Span()
	l.Pad = b.padding.of(in, span, l.Stride)
	if f.border != nil {
		l.Pad = *f.border
	}
	l.Out = Shape{
		f.out, outputSize(in.H, span.H, l.Stride.H, l.Pad.Top+l.Pad.Bottom), outputSize(in.W, span.W, l.Stride.W, l.Pad.Left+l.Pad.Right),
	}
	return b.add(l)
}

// conv adds a square convolution.
func (b *builder) conv(name string, from, out, kernel, stride, groups int, act Activation) int {
	return b.filter(name, from, filter{out: out, kernel: square(kernel), stride: square(stride), groups: groups, act: act})
}

// depthwise adds a square convolution that sees each channel by itself.
func (b *builder) depthwise(name string, from, kernel, stride int, act Activation) int {
	c := b.out(from).C
	return b.conv(name, from, c, kernel, stride, c, act)
}

// pointwise adds a 1x1 convolution.
func (b *builder) pointwise(name string, from, out int, act Activation) int {
	return b.conv(name, from, out, 1, 1, 1, act)
}

// affine adds a 1x1 convolution with a bias and no norm: a classifier over a map, the squeeze and the
// excitation of a gate.
func (b *builder) affine(name string, from, out int, act Activation) int {
	at := b.pointwise(name, from, out, act)
	b.n.Layers[at].Norm, b.n.Layers[at].Bias = false, true
	return at
}

// deconv adds a square transposed convolution that multiplies the map's sides by its stride.
func (b *builder) deconv(name string, from, out, kernel, stride int, act Activation) int {
	in := b.out(from)
	crop := kernel - stride
	return b.add(Layer{
		Name: name, Kind: Deconv, Inputs: []int{from}, Out: Shape{out, in.H * stride, in.W * stride},
		Kernel: square(kernel), Stride: square(stride), Pad: Pad{crop / 2, crop / 2, crop - crop/2, crop - crop/2},
		Groups: 1, Norm: !b.plain, Bias: b.plain || b.biased, Activation: act,
	})
}

// pool adds pooling with a square window.
func (b *builder) pool(name string, kind Kind, from, kernel, stride int, p padding) int {
	in, k, s := b.out(from), square(kernel), square(stride)
	pad := p.of(in, k, s)
	return b.add(Layer{
		Name: name, Kind: kind, Inputs: []int{from}, Kernel: k, Stride: s, Pad: pad,
		Out: Shape{in.C, outputSize(in.H, kernel, stride, pad.Top+pad.Bottom), outputSize(in.W, kernel, stride, pad.Left+pad.Right)},
	})
}

func (b *builder) globalAveragePool(name string, from int) int {
	in := b.out(from)
	return b.add(Layer{
		Name: name, Kind: AveragePool, Inputs: []int{from}, Out: Shape{in.C, 1, 1},
		Kernel: Window{in.H, in.W}, Stride: Window{1, 1},
	})
}

func (b *builder) residual(name string, main, skip int) int {
	return b.add(Layer{Name: name, Kind: Add, Inputs: []int{main, skip}, Out: b.out(main)})
}

// residualReLU adds a residual connection with a ReLU behind the sum.
func (b *builder) residualReLU(name string, main, skip int) int {
	at := b.residual(name, main, skip)
	b.n.Layers[at].Activation = ReLU
	return at
}

// concat joins tensors along their channels.
func (b *builder) concat(name string, from ...int) int {
	out := b.out(from[0])
	out.C = 0
	for _, i := range from {
		out.C += b.out(i).C
	}
	return b.add(Layer{Name: name, Kind: Concat, Inputs: from, Out: out})
}

// gather joins flattened tensors of any shape into one vector: the several results of a detector.
func (b *builder) gather(name string, from ...int) int {
	elements := 0
	for _, i := range from {
		elements += b.out(i).Elements()
	}
	return b.add(Layer{Name: name, Kind: Concat, Inputs: from, Out: Shape{elements, 1, 1}})
}

// slice shows the channels [first, first+channels) of a tensor.
func (b *builder) slice(name string, from, first, channels int) int {
	out := b.out(from)
	out.C = channels
	return b.add(Layer{Name: name, Kind: Slice, Inputs: []int{from}, First: first, Out: out})
}

func (b *builder) shuffle(name string, from, groups int) int {
	return b.add(Layer{Name: name, Kind: Shuffle, Inputs: []int{from}, Groups: groups, Out: b.out(from)})
}

func (b *builder) resize(name string, from, factor int, bilinear bool) int {
	in := b.out(from)
	return b.add(Layer{
		Name: name, Kind: Resize, Inputs: []int{from}, Factor: factor, Bilinear: bilinear, Out: Shape{in.C, in.H * factor, in.W * factor},
	})
}

func (b *builder) multiply(name string, from, scale int) int {
	return b.add(Layer{Name: name, Kind: Multiply, Inputs: []int{from, scale}, Out: b.out(from)})
}

// normalise applies norm and activation function to a stored tensor.
func (b *builder) normalise(name string, from int, act Activation) int {
	return b.add(Layer{Name: name, Kind: Activate, Inputs: []int{from}, Out: b.out(from), Norm: true, Activation: act})
}

// squeezeExcite scales each channel by a gate that two layers compute from the channels' means
// (Hu et al., CVPR 2018, section 3).
func (b *builder) squeezeExcite(name string, from, hidden int, act, gate Activation) int {
	x := b.globalAveragePool(name+".squeeze", from)
	x = b.affine(name+".reduce", x, hidden, act)
	x = b.affine(name+".expand", x, b.out(from).C, gate)
	return b.multiply(name+".scale", from, x)
}

func (b *builder) dense(name string, from, out int) int { return b.denseAct(name, from, out, Linear) }

func (b *builder) denseAct(name string, from, out int, act Activation) int {
	return b.add(Layer{Name: name, Kind: Dense, Inputs: []int{from}, Out: Shape{out, 1, 1}, Bias: true, Activation: act})
}

// classify ends an image classifier: the mean of each channel, then a dense layer.
func (b *builder) classify(from, classes int) (*Network, error) {
	x := b.globalAveragePool("pool", from)
	b.stage("classifier")
	b.dense("classifier", x, classes)
	return b.finish(classes)
}

func (b *builder) finish(classes int) (*Network, error) {
	return Assemble(b.n.Name, classes, b.n.Stages, b.n.Layers)
}

// divisible rounds a number of channels to a multiple of 8, never down by more than a tenth. Source:
// Sandler et al., CVPR 2018, and the code of EfficientNet (Tan and Le, ICML 2019).
func divisible(channels float64) int {
	n := max(8, int(channels+4)/8*8)
	if float64(n) < 0.9*channels {
		n += 8
	}
	return n
}
