package models

import "fmt"

// deepLabV3 on MobileNetV2 at an output stride of 16: the last two stages keep their resolution and see
// the stride that they lack as dilation. Behind them a 1x1 convolution and the mean of the whole map, no
// other dilated branches; the predictions are enlarged linearly to the image. Source: Sandler et al., CVPR
// 2018, section 6.3 and table 7; tensorflow/models, deeplab, mobilenetv2_coco_voc_trainaug.
func deepLabV3(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, divisible(32*o.Width), 3, o.StemStride, 1, ReLU6)
	rows := mobileNetV2Rows(o.Width)
	const dilated = 5 // index of the first row without its stride
	x = b.invertedResiduals(x, rows[:dilated])
	for i, r := range rows[dilated:] {
		b.stage(fmt.Sprintf("block%d", dilated+i+1))
		for k := range r.N {
			name, dilation := fmt.Sprintf("block%d.%d", dilated+i+1, k+1), 2
			if i == 0 && k == 0 {
				dilation = 1 // the lost stride shows from the next block on
			}
			x = b.dilatedResidual(name, x, b.out(x).C*r.T, r.C, dilation)
		}
	}
	b.stage("pyramid")
	local := b.pointwise("pyramid.conv", x, 256, ReLU)
	whole := b.pointwise("pyramid.mean.conv", b.globalAveragePool("pyramid.mean", x), 256, ReLU)
	whole = b.resizeTo("pyramid.mean.resize", whole, max(b.out(x).H, b.out(x).W), b.out(x))
	x = b.pointwise("project", b.concat("pyramid.concat", whole, local), 256, ReLU)
	b.stage("classifier")
	x = b.affine("classifier", x, o.Classes, Linear)
	b.resizeTo("result", x, 16, o.Image)
	return b.finish(o.Classes)
}

// resizeTo enlarges a map linearly by a factor, as far as a given map reaches.
func (b *builder) resizeTo(name string, from, factor int, to Shape) int {
	return b.add(Layer{
		Name: name, Kind: Resize, Inputs: []int{from}, Factor: factor, Bilinear: true, Out: Shape{b.out(from).C, to.H, to.W},
	})
}

// dilatedResidual is an inverted residual of stride 1 whose depthwise convolution has a dilation.
func (b *builder) dilatedResidual(name string, in, hidden, out, dilation int) int {
	x := b.pointwise(name+".expand", in, hidden, ReLU6)
	x = b.filter(name+".depthwise", x, filter{out: hidden, kernel: square(3), dilation: dilation, groups: hidden, act: ReLU6})
	x = b.pointwise(name+".project", x, out, Linear)
	if b.out(in).C == out {
		x = b.residual(name+".add", x, in)
	}
	return x
}

// uNet enlarges the last map of MobileNetV2 step by step with transposed convolutions, each joined with
// the expansion of that size on the way down. Source: TensorFlow tutorials, image segmentation (with
// pix2pix.upsample).
func uNet(o Options) (*Network, error) {
	b, x := mobileNetV2Body(o)
	b.n.Layers[x].Norm = false // the tutorial takes the projection before its norm
	skips := []string{"block6.1.expand", "block4.1.expand", "block3.1.expand", "block2.1.expand"}
	b.stage("up")
	for i, c := range []int{512, 256, 128, 64} {
		up := b.deconv(fmt.Sprintf("up%d", i+1), x, c, 3, 2, ReLU)
		x = b.concat(fmt.Sprintf("up%d.concat", i+1), up, b.find(skips[i]))
	}
	b.stage("classifier")
	b.plain = true
	b.deconv("classifier", x, o.Classes, 3, 2, Linear)
	return b.finish(o.Classes)
}
