package models

import "fmt"

// inceptionV4. Source: Szegedy et al., AAAI 2017 (arXiv 1602.07261), figures 3 to 9.
func inceptionV4(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	x := b.inceptionV4Stem(o)
	b.stage("inceptionA")
	for i := range 4 {
		name := fmt.Sprintf("inceptionA.%d", i+1)
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{96, 1, 1, 1}),
			b.branch(name+".3x3", x, step{64, 1, 1, 1}, step{96, 3, 3, 1}),
			b.branch(name+".double", x, step{64, 1, 1, 1}, step{96, 3, 3, 1}, step{96, 3, 3, 1}),
			b.pooledBranch(name+".pool", x, 96))
	}
	b.stage("inceptionB")
	x = b.concat("reductionA.concat",
		b.branch("reductionA.3x3", x, step{384, 3, 3, 2}),
		b.branch("reductionA.double", x, step{192, 1, 1, 1}, step{224, 3, 3, 1}, step{256, 3, 3, 2}),
		b.pool("reductionA.pool", MaxPool, x, 3, 2, valid))
	for i := range 7 {
		name := fmt.Sprintf("inceptionB.%d", i+1)
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{384, 1, 1, 1}),
			b.branch(name+".7x7", x, step{192, 1, 1, 1}, step{224, 1, 7, 1}, step{256, 7, 1, 1}),
			b.branch(name+".double", x, step{192, 1, 1, 1}, step{192, 7, 1, 1}, step{224, 1, 7, 1}, step{224, 7, 1, 1}, step{256, 1, 7, 1}),
			b.pooledBranch(name+".pool", x, 128))
	}
	b.stage("inceptionC")
	x = b.concat("reductionB.concat",
		b.branch("reductionB.3x3", x, step{192, 1, 1, 1}, step{192, 3, 3, 2}),
		b.branch("reductionB.7x7", x, step{256, 1, 1, 1}, step{256, 1, 7, 1}, step{320, 7, 1, 1}, step{320, 3, 3, 2}),
		b.pool("reductionB.pool", MaxPool, x, 3, 2, valid))
	for i := range 3 {
		name := fmt.Sprintf("inceptionC.%d", i+1)
		three := b.branch(name+".3x3", x, step{384, 1, 1, 1})
		double := b.branch(name+".double", x, step{384, 1, 1, 1}, step{448, 3, 1, 1}, step{512, 1, 3, 1})
		x = b.concat(name+".concat",
			b.branch(name+".1x1", x, step{256, 1, 1, 1}),
			b.branch(name+".3x3.row", three, step{256, 1, 3, 1}), b.branch(name+".3x3.column", three, step{256, 3, 1, 1}),
			b.branch(name+".double.row", double, step{256, 1, 3, 1}), b.branch(name+".double.column", double, step{256, 3, 1, 1}),
			b.pooledBranch(name+".pool", x, 256))
	}
	return b.classify(x, o.Classes)
}

// inceptionV4Stem gives 35x35x384 from 299x299 (figure 3).
func (b *builder) inceptionV4Stem(o Options) int {
	b.stage("stem")
	b.padding = valid
	x := b.conv("stem.conv1", 0, 32, 3, o.StemStride, 1, ReLU)
	x = b.conv("stem.conv2", x, 32, 3, 1, 1, ReLU)
	b.padding = centred
	x = b.conv("stem.conv3", x, 64, 3, 1, 1, ReLU)
	x = b.concat("stem.concat1",
		b.pool("stem.pool1", MaxPool, x, 3, 2, valid),
		b.branch("stem.half1", x, step{96, 3, 3, 2}))
	unpadded := filter{out: 96, kernel: square(3), act: ReLU, border: around(0)}
	left := b.filter("stem.left", b.branch("stem.left", x, step{64, 1, 1, 1}), unpadded)
	right := b.filter("stem.right", b.branch("stem.right", x, step{64, 1, 1, 1}, step{64, 7, 1, 1}, step{64, 1, 7, 1}), unpadded)
	x = b.concat("stem.concat2", left, right)
	return b.concat("stem.concat3",
		b.branch("stem.half2", x, step{192, 3, 3, 2}),
		b.pool("stem.pool2", MaxPool, x, 3, 2, valid))
}

// inceptionResNetV2. The scaling of residuals by a constant belongs to the weights of the convolution
// before the sum. Source: Szegedy et al., AAAI 2017, figures 10 to 13 and 15, with the channels of its
// published code (tensorflow/models, slim; Keras applications).
func inceptionResNetV2(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	x := b.inceptionStem(o)
	b.stage("block35")
	x = b.concat("mixed5b.concat",
		b.branch("mixed5b.1x1", x, step{96, 1, 1, 1}),
		b.branch("mixed5b.5x5", x, step{48, 1, 1, 1}, step{64, 5, 5, 1}),
		b.branch("mixed5b.3x3", x, step{64, 1, 1, 1}, step{96, 3, 3, 1}, step{96, 3, 3, 1}),
		b.pooledBranch("mixed5b.pool", x, 64))
	for i := range 10 {
		name := fmt.Sprintf("block35.%d", i+1)
		x = b.inceptionResidual(name, x, ReLU,
			b.branch(name+".1x1", x, step{32, 1, 1, 1}),
			b.branch(name+".3x3", x, step{32, 1, 1, 1}, step{32, 3, 3, 1}),
			b.branch(name+".double", x, step{32, 1, 1, 1}, step{48, 3, 3, 1}, step{64, 3, 3, 1}))
	}
	b.stage("block17")
	x = b.concat("mixed6a.concat",
		b.branch("mixed6a.3x3", x, step{384, 3, 3, 2}),
		b.branch("mixed6a.double", x, step{256, 1, 1, 1}, step{256, 3, 3, 1}, step{384, 3, 3, 2}),
		b.pool("mixed6a.pool", MaxPool, x, 3, 2, valid))
	for i := range 20 {
		name := fmt.Sprintf("block17.%d", i+1)
		x = b.inceptionResidual(name, x, ReLU,
			b.branch(name+".1x1", x, step{192, 1, 1, 1}),
			b.branch(name+".7x7", x, step{128, 1, 1, 1}, step{160, 1, 7, 1}, step{192, 7, 1, 1}))
	}
	b.stage("block8")
	x = b.concat("mixed7a.concat",
		b.branch("mixed7a.3x3", x, step{256, 1, 1, 1}, step{384, 3, 3, 2}),
		b.branch("mixed7a.3x3b", x, step{256, 1, 1, 1}, step{288, 3, 3, 2}),
		b.branch("mixed7a.double", x, step{256, 1, 1, 1}, step{288, 3, 3, 1}, step{320, 3, 3, 2}),
		b.pool("mixed7a.pool", MaxPool, x, 3, 2, valid))
	for i := range 10 {
		act := ReLU
		if i == 9 {
			act = Linear
		}
		name := fmt.Sprintf("block8.%d", i+1)
		x = b.inceptionResidual(name, x, act,
			b.branch(name+".1x1", x, step{192, 1, 1, 1}),
			b.branch(name+".3x3", x, step{192, 1, 1, 1}, step{224, 1, 3, 1}, step{256, 3, 1, 1}))
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, 1536, ReLU), o.Classes)
}

// inceptionResidual joins branches, projects them to the shape of in, and adds that.
func (b *builder) inceptionResidual(name string, in int, act Activation, branches ...int) int {
	x := b.affine(name+".project", b.concat(name+".concat", branches...), b.out(in).C, Linear)
	x = b.residual(name+".add", x, in)
	b.n.Layers[x].Activation = act
	return x
}
