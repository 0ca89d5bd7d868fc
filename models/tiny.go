package models

import "fmt"

// mlperfVWW is the network for visual wake words of MLPerf Tiny: MobileNet at a quarter of the width, with
// a bias and a norm in every convolution. Source: mlcommons/tiny, visual_wake_words, vww_model.
func mlperfVWW(o Options) (*Network, error) {
	o.Width = 0.25
	b := newBuilder(o.Name, o.Image)
	b.padding, b.biased = same, true
	b.stage("stem")
	x := b.conv("stem", 0, o.scale(32), 3, o.StemStride, 1, ReLU)
	return b.classify(b.separables(x, o.scaled(mobileNetV1Blocks), ReLU), o.Classes)
}

// mlperfIC is the network for image classification of MLPerf Tiny: a ResNet of eight layers. Its
// convolutions have biases, its projections no norm. Source: mlcommons/tiny, image_classification,
// keras_model (resnet_v1_eembc).
func mlperfIC(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding, b.biased = same, true
	b.stage("stem")
	x := b.conv("stem", 0, 16, 3, o.StemStride, 1, ReLU)
	for i := range 3 {
		b.stage(fmt.Sprintf("block%d", i+1))
		name, stride, skip := fmt.Sprintf("block%d", i+1), min(2, i+1), x
		if stride > 1 {
			skip = b.conv(name+".shortcut", x, 16<<i, 1, stride, 1, Linear)
			b.n.Layers[skip].Norm = false
		}
		y := b.conv(name+".conv1", x, 16<<i, 3, stride, 1, ReLU)
		y = b.conv(name+".conv2", y, 16<<i, 3, 1, 1, Linear)
		x = b.residualReLU(name+".add", y, skip)
	}
	return b.classify(x, o.Classes)
}

// resNet8 is the least network of He et al., CVPR 2016, section 4.2 (6n+2 layers, n = 1), for small images,
// with projections where shapes differ.
func resNet8(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, o.scale(16), 3, o.StemStride, 1, ReLU)
	for i := range 3 {
		b.stage(fmt.Sprintf("block%d", i+1))
		c := o.scale(16 << i)
		x = b.basicBlock(fmt.Sprintf("block%d", i+1), x, c, c, min(2, i+1))
	}
	return b.classify(x, o.Classes)
}

// mlperfAD is the autoencoder for anomaly detection of MLPerf Tiny: dense layers with norm and ReLU.
// Source: mlcommons/tiny, anomaly_detection, keras_model.
func mlperfAD(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.stage("encoder")
	x := 0
	for i, out := range []int{128, 128, 128, 128, 8, 128, 128, 128, 128} {
		if i == 5 {
			b.stage("decoder")
		}
		x = b.denseAct(fmt.Sprintf("dense%d", i+1), x, out, ReLU)
		b.n.Layers[x].Norm = true
	}
	b.dense("result", x, o.Image.C)
	return b.finish(0)
}

// keywordSpotter is a convolution over a spectrum of 49 time steps and 10 coefficients, and separable
// convolutions behind it.
type keywordSpotter struct {
	stem   int
	stride Window // of the stem, whose kernel is 10x4
	blocks []separable
	// biased convolutions have a bias beside the norm.
	biased bool
}

// repeat returns n separable convolutions to the same channels, the first of a stride.
func repeat(n, out, stride int) []separable {
	blocks := make([]separable, n)
	for i := range blocks {
		blocks[i] = separable{out, 1}
	}
	blocks[0].stride = stride
	return blocks
}

var (
	// Source: Zhang et al. 2017 (arXiv 1711.07128), table 9, DS-CNN.
	dsCNNSmall  = keywordSpotter{64, Window{2, 2}, repeat(4, 64, 1), false}
	dsCNNMedium = keywordSpotter{172, Window{2, 1}, repeat(4, 172, 2), false}
	dsCNNLarge  = keywordSpotter{276, Window{2, 1}, repeat(5, 276, 2), false}
	// Source: mlcommons/tiny, keyword_spotting, keras_model.
	mlperfKWS = keywordSpotter{64, Window{2, 2}, repeat(4, 64, 1), true}
	// Source: Banbury et al., MLSys 2021 (arXiv 2010.11267), figure of the KWS architectures.
	microNetKWSSmall  = keywordSpotter{84, Window{1, 1}, []separable{{112, 2}, {84, 1}, {84, 1}, {84, 1}, {196, 1}}, false}
	microNetKWSMedium = keywordSpotter{140, Window{1, 1}, []separable{{140, 2}, {140, 1}, {140, 1}, {112, 1}, {196, 1}}, false}
	microNetKWSLarge  = keywordSpotter{276, Window{1, 1}, []separable{{248, 2}, {276, 1}, {276, 1}, {248, 1}, {248, 1}, {248, 1}, {248, 1}}, false}
)

func (k keywordSpotter) build(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding, b.biased = same, k.biased
	b.stage("stem")
	x := b.filter("stem", 0, filter{out: k.stem, kernel: Window{10, 4}, stride: k.stride, act: ReLU})
	return b.classify(b.separables(x, k.blocks, ReLU), o.Classes)
}

// microNetVWW4 is an inverted residual network found by search. Where a block's input and result differ in
// channels, the sum covers those that both have and the others pass. Source: Banbury et al., MLSys 2021,
// figure of the VWW architectures.
func microNetVWW4(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, 8, 3, o.StemStride, 1, ReLU6)
	for i, r := range []struct {
		hidden, out, stride int
		skip                bool
	}{
		{4, 4, 1, false},
		{8, 12, 2, false}, {14, 16, 1, true},
		{28, 32, 2, false}, {96, 28, 1, true}, {96, 28, 1, true},
		{152, 44, 2, false}, {268, 40, 1, true}, {268, 52, 1, true}, {268, 44, 1, true}, {192, 68, 1, false}, {172, 68, 1, true}, {172, 48, 1, true},
		{288, 16, 2, false}, {96, 16, 1, true}, {96, 32, 1, true}, {96, 32, 1, false},
	} {
		if r.stride > 1 || i == 0 {
			b.stage(fmt.Sprintf("block%d", i+1))
		}
		name := fmt.Sprintf("block%d", i+1)
		y := b.pointwise(name+".expand", x, r.hidden, ReLU6)
		y = b.depthwise(name+".depthwise", y, 3, r.stride, ReLU6)
		y = b.pointwise(name+".project", y, r.out, Linear)
		if r.skip {
			y = b.partialSum(name, y, x)
		}
		x = y
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, 128, ReLU6), o.Classes)
}

// partialSum adds the channels that two maps have in common and keeps the others of the larger.
func (b *builder) partialSum(name string, x, y int) int {
	if b.out(x).C < b.out(y).C {
		x, y = y, x
	}
	common, all := b.out(y).C, b.out(x).C
	if common == all {
		return b.residual(name+".add", x, y)
	}
	sum := b.residual(name+".add", b.slice(name+".common", x, 0, common), y)
	return b.concat(name+".concat", sum, b.slice(name+".rest", x, common, all-common))
}
