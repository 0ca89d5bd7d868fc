package models

import "fmt"

// googLeNet is Inception version 1: convolutions with biases, Caffe's pooling, no auxiliary classifiers.
// Local response normalisation is left out. Source: Szegedy et al., CVPR 2015, table 1.
func googLeNet(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.plain = true
	b.stage("stem")
	x := b.conv("stem.conv1", 0, 64, 7, o.StemStride, 1, ReLU)
	x = b.pool("stem.pool1", MaxPool, x, 3, 2, ceiling)
	x = b.pointwise("stem.conv2", x, 64, ReLU)
	x = b.conv("stem.conv3", x, 192, 3, 1, 1, ReLU)
	x = b.pool("stem.pool2", MaxPool, x, 3, 2, ceiling)
	// 1x1; 3x3 after a reduction; 5x5 after a reduction; 1x1 after pooling.
	type module struct{ one, reduce3, three, reduce5, five, pooled int }
	for i, stage := range [][]module{
		{{64, 96, 128, 16, 32, 32}, {128, 128, 192, 32, 96, 64}},
		{{192, 96, 208, 16, 48, 64}, {160, 112, 224, 24, 64, 64}, {128, 128, 256, 24, 64, 64}, {112, 144, 288, 32, 64, 64}, {256, 160, 320, 32, 128, 128}},
		{{256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128}},
	} {
		b.stage(fmt.Sprintf("inception%d", i+3))
		for k, m := range stage {
			name := fmt.Sprintf("inception%d%c", i+3, 'a'+k)
			one := b.pointwise(name+".1x1", x, m.one, ReLU)
			three := b.conv(name+".3x3", b.pointwise(name+".3x3.reduce", x, m.reduce3, ReLU), m.three, 3, 1, 1, ReLU)
			five := b.conv(name+".5x5", b.pointwise(name+".5x5.reduce", x, m.reduce5, ReLU), m.five, 5, 1, 1, ReLU)
			pooled := b.pointwise(name+".pool.conv", b.pool(name+".pool", MaxPool, x, 3, 1, centred), m.pooled, ReLU)
			x = b.concat(name+".concat", one, three, five, pooled)
		}
		if i < 2 {
			x = b.pool(fmt.Sprintf("inception%d.pool", i+3), MaxPool, x, 3, 2, ceiling)
		}
	}
	return b.classify(x, o.Classes)
}

// inceptionV2 is the network that introduced batch norm: two 3x3 convolutions stand for a 5x5. Its
// convolutions have biases beside the norm, as in the Caffe model that is in use. Source: Ioffe and
// Szegedy, ICML 2015 (arXiv 1502.03167), figure 5; parameters of pretrainedmodels, bninception.
func inceptionV2(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.biased = true
	b.stage("stem")
	x := b.conv("stem.conv1", 0, 64, 7, o.StemStride, 1, ReLU)
	x = b.pool("stem.pool1", MaxPool, x, 3, 2, ceiling)
	x = b.pointwise("stem.conv2", x, 64, ReLU)
	x = b.conv("stem.conv3", x, 192, 3, 1, 1, ReLU)
	x = b.pool("stem.pool2", MaxPool, x, 3, 2, ceiling)
	// 1x1; 3x3 and double 3x3, each after a reduction; 1x1 after pooling. A module without the first
	// and the last halves the map.
	type module struct {
		one, reduce3, three, reduceDouble, double, pooled int
		pool                                              Kind
	}
	for i, stage := range [][]module{
		{{64, 64, 64, 64, 96, 32, AveragePool}, {64, 64, 96, 64, 96, 64, AveragePool}, {0, 128, 160, 64, 96, 0, MaxPool}},
		{
			{224, 64, 96, 96, 128, 128, AveragePool}, {192, 96, 128, 96, 128, 128, AveragePool}, {160, 128, 160, 128, 160, 128, AveragePool},
			{96, 128, 192, 160, 192, 128, AveragePool}, {0, 128, 192, 192, 256, 0, MaxPool},
		},
		{{352, 192, 320, 160, 224, 128, AveragePool}, {352, 192, 320, 192, 224, 128, MaxPool}},
	} {
		b.stage(fmt.Sprintf("inception%d", i+3))
		for k, m := range stage {
			name, stride := fmt.Sprintf("inception%d%c", i+3, 'a'+k), 1
			if m.one == 0 {
				stride = 2
			}
			three := b.conv(name+".3x3", b.pointwise(name+".3x3.reduce", x, m.reduce3, ReLU), m.three, 3, stride, 1, ReLU)
			double := b.conv(name+".double.conv1", b.pointwise(name+".double.reduce", x, m.reduceDouble, ReLU), m.double, 3, 1, 1, ReLU)
			double = b.conv(name+".double.conv2", double, m.double, 3, stride, 1, ReLU)
			if stride == 2 {
				x = b.concat(name+".concat", three, double, b.pool(name+".pool", m.pool, x, 3, 2, ceiling))
				continue
			}
			one := b.pointwise(name+".1x1", x, m.one, ReLU)
			pooled := b.pointwise(name+".pool.conv", b.pool(name+".pool", m.pool, x, 3, 1, centred), m.pooled, ReLU)
			x = b.concat(name+".concat", one, three, double, pooled)
		}
	}
	return b.classify(x, o.Classes)
}

// step is a convolution of a branch: filters, kernel, stride. A stride of 2 goes without padding.
type step struct{ out, h, w, stride int }

// branch adds convolutions with ReLU one after another.
func (b *builder) branch(name string, from int, steps ...step) int {
	for i, s := range steps {
		f := filter{out: s.out, kernel: Window{s.h, s.w}, stride: square(s.stride), act: ReLU}
		if s.stride > 1 {
			f.border = around(0)
		}
		from = b.filter(fmt.Sprintf("%s.conv%d", name, i+1), from, f)
	}
	return from
}

// pooledBranch averages 3x3 windows before a 1x1 convolution.
func (b *builder) pooledBranch(name string, from, out int) int {
	return b.pointwise(name+".conv", b.pool(name, AveragePool, from, 3, 1, centred), out, ReLU)
}

// inceptionStem is the start of version 3 and of Inception-ResNet v2: 35x35x192 from 299x299.
func (b *builder) inceptionStem(o Options) int {
	b.padding = valid
	b.stage("stem")
	x := b.conv("stem.conv1", 0, 32, 3, o.StemStride, 1, ReLU)
	x = b.conv("stem.conv2", x, 32, 3, 1, 1, ReLU)
	b.padding = centred
	x = b.conv("stem.conv3", x, 64, 3, 1, 1, ReLU)
	x = b.pool("stem.pool1", MaxPool, x, 3, 2, valid)
	x = b.pointwise("stem.conv4", x, 80, ReLU)
	x = b.filter("stem.conv5", x, filter{out: 192, kernel: square(3), act: ReLU, border: around(0)})
	return b.pool("stem.pool2", MaxPool, x, 3, 2, valid)
}

// inceptionV3 without its auxiliary classifier. Source: Szegedy et al., CVPR 2016, table 1 and figures 5
// to 7, with the channels of its published code (tensorflow/models, slim; torchvision).
func inceptionV3(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	x := b.inceptionStem(o)
	b.stage("inception5")
	for i, pooled := range []int{32, 64, 64} {
		name := fmt.Sprintf("inception5%c", 'b'+i)
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{64, 1, 1, 1}),
			b.branch(name+".5x5", x, step{48, 1, 1, 1}, step{64, 5, 5, 1}),
			b.branch(name+".3x3", x, step{64, 1, 1, 1}, step{96, 3, 3, 1}, step{96, 3, 3, 1}),
			b.pooledBranch(name+".pool", x, pooled))
	}
	b.stage("inception6")
	x = b.concat("inception6a.concat",
		b.branch("inception6a.3x3", x, step{384, 3, 3, 2}),
		b.branch("inception6a.double", x, step{64, 1, 1, 1}, step{96, 3, 3, 1}, step{96, 3, 3, 2}),
		b.pool("inception6a.pool", MaxPool, x, 3, 2, valid))
	for i, c := range []int{128, 160, 160, 192} {
		name := fmt.Sprintf("inception6%c", 'b'+i)
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{192, 1, 1, 1}),
			b.branch(name+".7x7", x, step{c, 1, 1, 1}, step{c, 1, 7, 1}, step{192, 7, 1, 1}),
			b.branch(name+".double", x, step{c, 1, 1, 1}, step{c, 7, 1, 1}, step{c, 1, 7, 1}, step{c, 7, 1, 1}, step{192, 1, 7, 1}),
			b.pooledBranch(name+".pool", x, 192))
	}
	b.stage("inception7")
	x = b.concat("inception7a.concat",
		b.branch("inception7a.3x3", x, step{192, 1, 1, 1}, step{320, 3, 3, 2}),
		b.branch("inception7a.7x7", x, step{192, 1, 1, 1}, step{192, 1, 7, 1}, step{192, 7, 1, 1}, step{192, 3, 3, 2}),
		b.pool("inception7a.pool", MaxPool, x, 3, 2, valid))
	for i := range 2 {
		name := fmt.Sprintf("inception7%c", 'b'+i)
		three := b.branch(name+".3x3", x, step{384, 1, 1, 1})
		double := b.branch(name+".double", x, step{448, 1, 1, 1}, step{384, 3, 3, 1})
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{320, 1, 1, 1}),
			b.branch(name+".3x3.row", three, step{384, 1, 3, 1}), b.branch(name+".3x3.column", three, step{384, 3, 1, 1}),
			b.branch(name+".double.row", double, step{384, 1, 3, 1}), b.branch(name+".double.column", double, step{384, 3, 1, 1}),
			b.pooledBranch(name+".pool", x, 192))
	}
	return b.classify(x, o.Classes)
}
