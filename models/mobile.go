package models

import "fmt"

// mnasBlocks is MnasNet-B1. Source: Tan et al., CVPR 2019, figure 7 without squeeze-and-excitation, as
// torchvision builds it.
var mnasBlocks = []mbStage{
	{n: 3, k: 3, s: 2, e: 3, c: 24}, {n: 3, k: 5, s: 2, e: 3, c: 40}, {n: 3, k: 5, s: 2, e: 6, c: 80},
	{n: 2, k: 3, s: 1, e: 6, c: 96}, {n: 4, k: 5, s: 2, e: 6, c: 192}, {n: 1, k: 3, s: 1, e: 6, c: 320},
}

// mnasNet scales all channels but those of the head.
func mnasNet(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, divisible(32*o.Width), 3, o.StemStride, 1, ReLU)
	x = b.depthwise("stem.depthwise", x, 3, 1, ReLU)
	x = b.pointwise("stem.project", x, divisible(16*o.Width), Linear)
	for i, s := range mnasBlocks {
		b.stage(fmt.Sprintf("block%d", i+1))
		s.c = divisible(float64(s.c) * o.Width)
		for k := range s.n {
			if k > 0 {
				s.s = 1
			}
			x = b.mbBlock(fmt.Sprintf("block%d.%d", i+1, k+1), x, b.out(x).C*s.e, s, ReLU)
		}
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, 1280, ReLU), o.Classes)
}

// shuffleNetV2 at width 1. Each unit works on half of the channels and shuffles both halves. Source: Ma et
// al., ECCV 2018, table 5 and figure 3.
func shuffleNetV2(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, 24, 3, o.StemStride, 1, ReLU)
	x = b.pool("stem.pool", MaxPool, x, 3, 2, centred)
	for i, s := range []struct{ n, c int }{{4, 116}, {8, 232}, {4, 464}} {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range s.n {
			x = b.shuffleUnit(fmt.Sprintf("block%d.%d", i+1, k+1), x, s.c/2, k == 0)
		}
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, 1024, ReLU), o.Classes)
}

// shuffleUnit adds one unit with branches of half channels. One that halves the map has a convolution in
// both branches, and both see all channels.
func (b *builder) shuffleUnit(name string, in, half int, halve bool) int {
	left, right, stride := in, in, 1
	if halve {
		stride = 2
		left = b.depthwise(name+".left.depthwise", in, 3, stride, Linear)
		left = b.pointwise(name+".left.pointwise", left, half, ReLU)
	} else {
		left = b.slice(name+".left", in, 0, half)
		right = b.slice(name+".right", in, half, half)
	}
	x := b.pointwise(name+".conv1", right, half, ReLU)
	x = b.depthwise(name+".depthwise", x, 3, stride, Linear)
	x = b.pointwise(name+".conv2", x, half, ReLU)
	return b.shuffle(name+".shuffle", b.concat(name+".concat", left, x), 2)
}

// squeezeNext is SqueezeNext-23 (Gholami et al. 2018, arXiv 1803.10615, figures 2 and 3) with biases in
// every convolution and a stem with a border of 1, as pytorchcv builds it.
func squeezeNext(o Options) (*Network, error) {
	return squeezeNext23(o, Pad{Left: 1, Right: 1}, Pad{Top: 1, Bottom: 1})
}

// squeezeNext2x is the network of the paper on differentiable quantization (Schaefer et al. 2024). It is
// SqueezeNext-23 at width 2 but for the borders of the row and the column convolution, which are skewed:
// between the two the map has a row more and a column less.
func squeezeNext2x(o Options) (*Network, error) {
	o.Width = 2
	return squeezeNext23(o, Pad{Bottom: 1, Left: 1}, Pad{Top: 1, Right: 1})
}

// squeezeNext23 takes the borders of the 1x3 and of the 3x1 convolutions.
func squeezeNext23(o Options, row, column Pad) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.biased = true
	b.stage("stem")
	x := b.filter("stem", 0, filter{out: o.scale(64), kernel: square(7), stride: square(o.StemStride), act: ReLU, border: around(1)})
	x = b.pool("stem.pool", MaxPool, x, 3, 2, ceiling)
	for i, s := range []struct{ n, c int }{{6, 32}, {6, 64}, {8, 128}, {1, 256}} {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range s.n {
			stride := 1
			if k == 0 && i > 0 {
				stride = 2
			}
			x = b.squeezeNextUnit(fmt.Sprintf("block%d.%d", i+1, k+1), x, o.scale(s.c), stride, row, column)
		}
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, o.scale(128), ReLU), o.Classes)
}

// squeezeNextUnit squeezes twice, filters rows and columns apart, and expands. The first squeeze is to
// all, half or a quarter of the channels, as they grow, stay or shrink.
func (b *builder) squeezeNextUnit(name string, in, out, stride int, row, column Pad) int {
	c, ratio, skip := b.out(in).C, 2, in
	switch {
	case stride == 2:
		ratio = 1
	case c > out:
		ratio = 4
	}
	if stride == 2 || c > out {
		skip = b.conv(name+".shortcut", in, out, 1, stride, 1, ReLU)
	}
	x := b.conv(name+".squeeze1", in, c/ratio, 1, stride, 1, ReLU)
	x = b.pointwise(name+".squeeze2", x, c/ratio/2, ReLU)
	x = b.filter(name+".row", x, filter{out: c / ratio, kernel: Window{1, 3}, act: ReLU, border: &row})
	x = b.filter(name+".column", x, filter{out: c / ratio, kernel: Window{3, 1}, act: ReLU, border: &column})
	x = b.pointwise(name+".expand", x, out, ReLU)
	return b.residualReLU(name+".add", x, skip)
}
