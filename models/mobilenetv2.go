package models

import (
	"fmt"
	"slices"
)

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

// MobileNetV2Mini is a MobileNetV2 for small grey images with fewer than half a
// million parameters and at 28x28 fewer than 8 million multiply-accumulates.
var MobileNetV2Mini = MobileNetV2Config{
	Name: "mobilenetv2-mini", Image: Shape{1, 28, 28}, Classes: 10, Stem: 16, StemStride: 1,
	Blocks: []InvertedResidual{{1, 16, 1, 1}, {3, 24, 2, 2}, {5, 40, 3, 2}, {6, 64, 3, 2}},
	Head:   512,
}

// mobileNetV2Blocks is table 2 of the paper.
var mobileNetV2Blocks = []InvertedResidual{
	{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
}

// mobileNetV2 scales table 2 to a width. Channels are rounded to multiples of 8; the head never has
// fewer than 1280 (section 6.1).
func mobileNetV2(o Options) (*Network, error) {
	c := MobileNetV2Config{
		Name: o.Name, Image: o.Image, Classes: o.Classes, StemStride: o.StemStride,
		Stem: divisible(32 * o.Width), Head: max(1280, divisible(1280*o.Width)),
	}
	c.Blocks = mobileNetV2Rows(o.Width)
	return MobileNetV2(c)
}

// mobileNetV2Rows returns table 2 at a width.
func mobileNetV2Rows(width float64) []InvertedResidual {
	rows := slices.Clone(mobileNetV2Blocks)
	for i := range rows {
		rows[i].C = divisible(float64(rows[i].C) * width)
	}
	return rows
}

// fromConfig returns the builder of a network that is given by a table.
func fromConfig(c MobileNetV2Config) func(Options) (*Network, error) {
	return func(o Options) (*Network, error) {
		c.Name, c.Image, c.Classes, c.StemStride = o.Name, o.Image, o.Classes, o.StemStride
		return MobileNetV2(c)
	}
}

// MobileNetV2 builds the network of c: stem, blocks (expand 1x1 where t > 1, depthwise 3x3, project
// 1x1; a skip where stride is 1 and channels agree), head, global average pool, dense. Each row of
// blocks is one stage. Every convolution has batch norm and no bias; ReLU6 except after projections.
func MobileNetV2(c MobileNetV2Config) (*Network, error) {
	b := newBuilder(c.Name, c.Image)
	b.stage("stem")
	x := b.conv("stem", 0, c.Stem, 3, c.StemStride, 1, ReLU6)
	x = b.invertedResiduals(x, c.Blocks)
	b.stage("head")
	return b.classify(b.pointwise("head", x, c.Head, ReLU6), c.Classes)
}

// invertedResiduals adds the rows of the table, a stage for each.
func (b *builder) invertedResiduals(x int, rows []InvertedResidual) int {
	for i, r := range rows {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range r.N {
			stride := 1
			if k == 0 {
				stride = r.S
			}
			x = b.invertedResidual(fmt.Sprintf("block%d.%d", i+1, k+1), x, b.out(x).C*r.T, r.C, 3, stride, ReLU6)
		}
	}
	return x
}

// invertedResidual adds one block: hidden channels between two pointwise convolutions, of which the
// first is left out where it would not expand.
func (b *builder) invertedResidual(name string, in, hidden, out, kernel, stride int, act Activation) int {
	x, channels := in, b.out(in).C
	if hidden > channels {
		x = b.pointwise(name+".expand", x, hidden, act)
	}
	x = b.depthwise(name+".depthwise", x, kernel, stride, act)
	x = b.pointwise(name+".project", x, out, Linear)
	if stride == 1 && channels == out {
		x = b.residual(name+".add", x, in)
	}
	return x
}
