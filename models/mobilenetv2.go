package models

import "fmt"

// InvertedResidual is one row of MobileNetV2's table: n blocks with expansion t and c output
// channels, the first of which has stride s.
type InvertedResidual struct{ T, C, N, S int }

// MobileNetV2Config is a network of inverted residual blocks. Source: Sandler et al., CVPR 2018,
// table 2; the widths are given in full instead of as a multiplier.
type MobileNetV2Config struct {
	Name       string
	Image      Shape
	Classes    int
	Stem       int // channels of the 3x3 convolution at the start
	StemStride int
	Blocks     []InvertedResidual
	Head       int // channels of the 1x1 convolution at the end
}

// MobileNetV2Micro is a small MobileNetV2 for 28x28 grey images.
var MobileNetV2Micro = MobileNetV2Config{
	Name: "mobilenetv2-micro", Image: Shape{1, 28, 28}, Classes: 10, Stem: 16, StemStride: 1,
	Blocks: []InvertedResidual{{1, 8, 1, 1}, {4, 16, 2, 2}, {4, 24, 2, 2}, {4, 32, 2, 1}},
	Head:   128,
}

// MobileNetV2 builds the network of c: stem, blocks (expand 1x1 where t > 1, depthwise 3x3, project
// 1x1; a skip where stride is 1 and channels agree), head, global average pool, dense. Each row of
// blocks is one stage. Every convolution has batch norm and no bias; ReLU6 except after projections.
func MobileNetV2(c MobileNetV2Config) (*Network, error) {
	b := newBuilder(c.Name, c.Image)
	b.stage("stem")
	x := b.conv("stem", 0, c.Stem, 3, c.StemStride, 1, ReLU6)
	for i, r := range c.Blocks {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range r.N {
			stride := 1
			if k == 0 {
				stride = r.S
			}
			name := fmt.Sprintf("block%d.%d", i+1, k+1)
			in, channels := x, b.n.Layers[x].Out.C
			if r.T > 1 {
				x = b.conv(name+".expand", x, channels*r.T, 1, 1, 1, ReLU6)
			}
			hidden := channels * r.T
			x = b.conv(name+".depthwise", x, hidden, 3, stride, hidden, ReLU6)
			x = b.conv(name+".project", x, r.C, 1, 1, 1, Linear)
			if stride == 1 && channels == r.C {
				x = b.residual(name+".add", x, in)
			}
		}
	}
	b.stage("head")
	x = b.conv("head", x, c.Head, 1, 1, 1, ReLU6)
	x = b.globalAveragePool("pool", x)
	b.stage("classifier")
	b.dense("classifier", x, c.Classes)
	return b.finish(c.Classes)
}
