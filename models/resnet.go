package models

import "fmt"

// resNet describes a residual network (He et al., CVPR 2016, table 1).
type resNet struct {
	depth      [4]int // blocks per stage
	bottleneck bool
	// strideFirst puts a bottleneck's stride into its first 1x1 convolution, as the paper does, and not
	// into the 3x3.
	strideFirst bool
}

// expansion is the ratio of a bottleneck's output to its inner channels.
const expansion = 4

func resNet18(o Options) (*Network, error) { return resNet{depth: [4]int{2, 2, 2, 2}}.build(o) }
func resNet34(o Options) (*Network, error) { return resNet{depth: [4]int{3, 4, 6, 3}}.build(o) }
func resNet50(o Options) (*Network, error) {
	return resNet{[4]int{3, 4, 6, 3}, true, true}.build(o)
}
func resNet50v15(o Options) (*Network, error) {
	return resNet{[4]int{3, 4, 6, 3}, true, false}.build(o)
}
func resNet101(o Options) (*Network, error) {
	return resNet{[4]int{3, 4, 23, 3}, true, true}.build(o)
}
func resNet152(o Options) (*Network, error) {
	return resNet{[4]int{3, 8, 36, 3}, true, true}.build(o)
}

// resNetStem adds the 7x7 convolution and the pooling before the first block.
func (b *builder) resNetStem(o Options, channels int) int {
	b.stage("stem")
	x := b.conv("stem", 0, channels, 7, o.StemStride, 1, ReLU)
	return b.pool("stem.pool", MaxPool, x, 3, 2, centred)
}

func (r resNet) build(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	x := b.resNetStem(o, o.scale(64))
	for i, n := range r.depth {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range n {
			stride := 1
			if k == 0 && i > 0 {
				stride = 2
			}
			name := fmt.Sprintf("block%d.%d", i+1, k+1)
			if inner := o.scale(64 << i); r.bottleneck {
				x = b.bottleneck(name, x, inner, stride, r.strideFirst)
			} else {
				x = b.basicBlock(name, x, inner, inner, stride)
			}
		}
	}
	return b.classify(x, o.Classes)
}

// basicBlock adds two 3x3 convolutions and a shortcut, projected where shapes differ.
func (b *builder) basicBlock(name string, in, inner, out, stride int) int {
	skip := in
	if stride > 1 || b.out(in).C != out {
		skip = b.conv(name+".shortcut", in, out, 1, stride, 1, Linear)
	}
	x := b.conv(name+".conv1", in, inner, 3, stride, 1, ReLU)
	x = b.conv(name+".conv2", x, out, 3, 1, 1, Linear)
	return b.residualReLU(name+".add", x, skip)
}

// bottleneck adds 1x1, 3x3 and 1x1 convolutions and a shortcut.
func (b *builder) bottleneck(name string, in, inner, stride int, strideFirst bool) int {
	first, second := 1, stride
	if strideFirst {
		first, second = stride, 1
	}
	skip := in
	if stride > 1 || b.out(in).C != expansion*inner {
		skip = b.conv(name+".shortcut", in, expansion*inner, 1, stride, 1, Linear)
	}
	x := b.conv(name+".conv1", in, inner, 1, first, 1, ReLU)
	x = b.conv(name+".conv2", x, inner, 3, second, 1, ReLU)
	x = b.conv(name+".conv3", x, expansion*inner, 1, 1, 1, Linear)
	return b.residualReLU(name+".add", x, skip)
}

// resNet18wd4 has a quarter of the channels everywhere but in the last block, which keeps its 512.
// Source: pytorchcv, resnet18_wd4, whose file size is that of the STM32 model zoo's resnet18wd4_pt.
func resNet18wd4(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	x := b.resNetStem(o, 16)
	for i, channels := range []int{16, 32, 64, 128} {
		b.stage(fmt.Sprintf("block%d", i+1))
		stride := min(2, i+1)
		x = b.basicBlock(fmt.Sprintf("block%d.1", i+1), x, channels, channels, stride)
		if i == 3 {
			channels = 512
		}
		x = b.basicBlock(fmt.Sprintf("block%d.2", i+1), x, channels, channels, 1)
	}
	return b.classify(x, o.Classes)
}

func resNet50v2(o Options) (*Network, error)  { return preActivated(o, [4]int{3, 4, 6, 3}) }
func resNet152v2(o Options) (*Network, error) { return preActivated(o, [4]int{3, 8, 36, 3}) }

// preActivated builds version 2: norm and ReLU stand before each block, on a tensor that the shortcut
// needs as it was. Blocks with a projection branch off behind them. As in Keras, a stage's stride
// stands in its last block, and the shortcut of that block is a pooling with a window of one.
// Convolutions followed by no norm have a bias. Source: He et al., ECCV 2016 (arXiv 1603.05027), figure
// 4e, and Keras applications, resnet_v2.
func preActivated(o Options, depth [4]int) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, 64, 7, o.StemStride, 1, Linear)
	b.n.Layers[x].Norm, b.n.Layers[x].Bias = false, true
	x = b.pool("stem.pool", MaxPool, x, 3, 2, centred)
	for i, n := range depth {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range n {
			stride := 1
			if k == n-1 && i < len(depth)-1 {
				stride = 2
			}
			x = b.preActivatedBlock(fmt.Sprintf("block%d.%d", i+1, k+1), x, 64<<i, stride, k == 0)
		}
	}
	x = b.normalise("head", x, ReLU)
	return b.classify(x, o.Classes)
}

func (b *builder) preActivatedBlock(name string, in, inner, stride int, project bool) int {
	before := b.normalise(name+".preact", in, ReLU)
	skip := in
	switch {
	case project:
		skip = b.affine(name+".shortcut", before, expansion*inner, Linear)
	case stride > 1:
		skip = b.pool(name+".shortcut", MaxPool, in, 1, stride, valid)
	}
	x := b.pointwise(name+".conv1", before, inner, ReLU)
	x = b.conv(name+".conv2", x, inner, 3, stride, 1, ReLU)
	x = b.affine(name+".conv3", x, expansion*inner, Linear)
	return b.residual(name+".add", x, skip)
}
