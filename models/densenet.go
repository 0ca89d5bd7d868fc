package models

import "fmt"

// denseNet121 joins all earlier results of a block before each layer. Norm and ReLU come before the
// convolutions: the first pair works on the joined tensor, which stays as it was for the next layer, and
// is a layer of its own; the second is done in the output stage of the 1x1 convolution. Source:
// Huang et al., CVPR 2017, table 1 (growth 32, bottlenecks of 4 times that, compression by half).
func denseNet121(o Options) (*Network, error) {
	const growth = 32
	b := newBuilder(o.Name, o.Image)
	x := b.resNetStem(o, 2*growth)
	depths := []int{6, 12, 24, 16}
	for i, n := range depths {
		b.stage(fmt.Sprintf("block%d", i+1))
		joined := []int{x}
		for k := range n {
			name := fmt.Sprintf("block%d.%d", i+1, k+1)
			y := b.normalise(name+".preact", x, ReLU)
			y = b.pointwise(name+".conv1", y, 4*growth, ReLU)
			y = b.conv(name+".conv2", y, growth, 3, 1, 1, Linear)
			b.n.Layers[y].Norm = false
			joined = append(joined[:len(joined):len(joined)], y)
			x = b.concat(name+".concat", joined...)
		}
		name := fmt.Sprintf("transition%d", i+1)
		x = b.normalise(name+".preact", x, ReLU)
		if i == len(depths)-1 {
			break
		}
		x = b.pointwise(name+".conv", x, b.out(x).C/2, Linear)
		b.n.Layers[x].Norm = false
		x = b.pool(name+".pool", AveragePool, x, 2, 2, valid)
	}
	return b.classify(x, o.Classes)
}

// hardBlock joins to each layer those that lie a power of two before it, where that divides the layer's
// number. Channels grow by the factor m for each further link. Source: Chao et al., ICCV 2019
// (arXiv 1909.00948), section 3, and its code for which layers leave the block: the odd ones and the last.
type hardBlock struct {
	layers, growth, out int
	downsample          bool
}

// hardNet39ds has depthwise separable layers. Source: PingoLH/Pytorch-HarDNet, arch 39 with depth_wise.
func hardNet39ds(o Options) (*Network, error) {
	const m = 1.6
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem.conv1", 0, 24, 3, o.StemStride, 1, ReLU6)
	x = b.pointwise("stem.conv2", x, 48, ReLU6)
	x = b.depthwise("stem.depthwise", x, 3, 2, Linear)
	for i, h := range []hardBlock{{4, 16, 96, true}, {16, 20, 320, true}, {8, 64, 640, true}, {4, 160, 1024, false}} {
		b.stage(fmt.Sprintf("block%d", i+1))
		name := fmt.Sprintf("block%d", i+1)
		x = b.hardBlock(name, x, h, m)
		x = b.pointwise(name+".conv", x, h.out, ReLU6)
		if h.downsample {
			x = b.depthwise(name+".downsample", x, 3, 2, Linear)
		}
	}
	return b.classify(x, o.Classes)
}

func (b *builder) hardBlock(name string, in int, h hardBlock, m float64) int {
	made := []int{in} // by number of the layer
	var leaving []int
	for k := 1; k <= h.layers; k++ {
		channels := float64(h.growth)
		var from []int
		for step := 1; k%step == 0; step *= 2 {
			from = append(from, made[k-step])
			if step > 1 {
				channels *= m
			}
		}
		layer := fmt.Sprintf("%s.%d", name, k)
		x := from[0]
		if len(from) > 1 {
			x = b.concat(layer+".concat", from...)
		}
		x = b.pointwise(layer+".pointwise", x, int(channels+1)/2*2, ReLU6)
		x = b.depthwise(layer+".depthwise", x, 3, 1, Linear)
		made = append(made, x)
		if k%2 == 1 || k == h.layers {
			leaving = append(leaving, x)
		}
	}
	return b.concat(name+".concat", leaving...)
}
