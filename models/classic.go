package models

import "fmt"

// leNet5 is the network of LeCun et al., Proc. IEEE 1998, figure 2, on 32x32 images, with every map of
// C3 connected to all of S2 and plain pooling, as it is built today.
func leNet5(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.plain, b.padding = true, valid
	b.stage("features")
	x := b.conv("conv1", 0, 6, 5, 1, 1, Tanh)
	x = b.pool("pool1", AveragePool, x, 2, 2, valid)
	x = b.conv("conv2", x, 16, 5, 1, 1, Tanh)
	x = b.pool("pool2", AveragePool, x, 2, 2, valid)
	b.stage("classifier")
	x = b.denseAct("dense1", x, 120, Tanh)
	x = b.denseAct("dense2", x, 84, Tanh)
	b.dense("classifier", x, o.Classes)
	return b.finish(o.Classes)
}

// leNet5Caffe is Caffe's LeNet (examples/mnist/lenet), which NVIDIA uses with NVDLA.
func leNet5Caffe(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.plain, b.padding = true, valid
	b.stage("features")
	x := b.conv("conv1", 0, 20, 5, 1, 1, Linear)
	x = b.pool("pool1", MaxPool, x, 2, 2, ceiling)
	x = b.conv("conv2", x, 50, 5, 1, 1, Linear)
	x = b.pool("pool2", MaxPool, x, 2, 2, ceiling)
	b.stage("classifier")
	x = b.denseAct("dense1", x, 500, ReLU)
	b.dense("classifier", x, o.Classes)
	return b.finish(o.Classes)
}

// alexNet is the network of Krizhevsky et al., NIPS 2012, section 3.5, with its layers split between two
// processors as groups. Local response normalisation is left out.
func alexNet(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.plain = true
	b.stage("conv1")
	x := b.filter("conv1", 0, filter{out: 96, kernel: square(11), stride: square(4), act: ReLU, border: around(0)})
	x = b.pool("pool1", MaxPool, x, 3, 2, ceiling)
	b.stage("conv2")
	x = b.conv("conv2", x, 256, 5, 1, 2, ReLU)
	x = b.pool("pool2", MaxPool, x, 3, 2, ceiling)
	b.stage("conv3")
	x = b.conv("conv3", x, 384, 3, 1, 1, ReLU)
	x = b.conv("conv4", x, 384, 3, 1, 2, ReLU)
	x = b.conv("conv5", x, 256, 3, 1, 2, ReLU)
	x = b.pool("pool5", MaxPool, x, 3, 2, ceiling)
	return b.threeDense(x, o.Classes)
}

// threeDense ends AlexNet and VGG.
func (b *builder) threeDense(x, classes int) (*Network, error) {
	b.stage("classifier")
	x = b.denseAct("dense1", x, 4096, ReLU)
	x = b.denseAct("dense2", x, 4096, ReLU)
	b.dense("classifier", x, classes)
	return b.finish(classes)
}

// vgg returns the builder of a VGG with the given number of convolutions in each of five groups.
// Source: Simonyan and Zisserman, ICLR 2015, table 1, columns D and E.
func vgg(depth ...int) func(Options) (*Network, error) {
	return func(o Options) (*Network, error) {
		b := newBuilder(o.Name, o.Image)
		b.plain = true
		x := 0
		for i, n := range depth {
			b.stage(fmt.Sprintf("block%d", i+1))
			for k := range n {
				x = b.conv(fmt.Sprintf("block%d.conv%d", i+1, k+1), x, o.scale(min(512, 64<<i)), 3, 1, 1, ReLU)
			}
			x = b.pool(fmt.Sprintf("block%d.pool", i+1), MaxPool, x, 2, 2, valid)
		}
		return b.threeDense(x, o.Classes)
	}
}

// fire is a squeezing 1x1 convolution, then 1x1 and 3x3 convolutions side by side.
type fire struct{ squeeze, expand int }

// squeezeNet10 is version 1.0 (Iandola et al. 2016, arXiv 1602.07360, table 1), squeezeNet11 the cheaper
// 1.1 of the authors' repository, which pools earlier.
func squeezeNet10(o Options) (*Network, error) {
	return squeezeNet(o, 96, 7, [][]fire{{{16, 64}, {16, 64}, {32, 128}}, {{32, 128}, {48, 192}, {48, 192}, {64, 256}}, {{64, 256}}})
}

func squeezeNet11(o Options) (*Network, error) {
	return squeezeNet(o, 64, 3, [][]fire{{{16, 64}, {16, 64}}, {{32, 128}, {32, 128}}, {{48, 192}, {48, 192}, {64, 256}, {64, 256}}})
}

func squeezeNet(o Options, stem, kernel int, groups [][]fire) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.plain = true
	b.stage("stem")
	x := b.filter("stem", 0, filter{out: stem, kernel: square(kernel), stride: square(o.StemStride), act: ReLU, border: around(0)})
	k := 1
	for i, group := range groups {
		b.stage(fmt.Sprintf("block%d", i+1))
		x = b.pool(fmt.Sprintf("pool%d", i+1), MaxPool, x, 3, 2, ceiling)
		for _, f := range group {
			k++
			name := fmt.Sprintf("fire%d", k)
			s := b.pointwise(name+".squeeze", x, f.squeeze, ReLU)
			narrow := b.pointwise(name+".expand1x1", s, f.expand, ReLU)
			wide := b.conv(name+".expand3x3", s, f.expand, 3, 1, 1, ReLU)
			x = b.concat(name+".concat", narrow, wide)
		}
	}
	b.stage("classifier")
	b.globalAveragePool("pool", b.pointwise("classifier", x, o.Classes, ReLU))
	return b.finish(o.Classes)
}
