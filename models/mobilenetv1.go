package models

import (
	"fmt"
	"slices"
)

// separable is a depthwise 3x3 convolution of a stride, then a pointwise one to a number of channels.
type separable struct{ out, stride int }

// Source: Howard et al. 2017 (arXiv 1704.04861), table 1.
var mobileNetV1Blocks = []separable{
	{64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1},
}

// Source: Qin et al. 2018 (arXiv 1802.03750), table 1.
var fdMobileNetBlocks = []separable{
	{64, 2}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 1},
}

// separables adds the blocks. A stage ends with the map's resolution.
func (b *builder) separables(x int, blocks []separable, act Activation) int {
	for i, s := range blocks {
		if s.stride > 1 || i == 0 {
			b.stage(fmt.Sprintf("block%d", i+1))
		}
		x = b.depthwise(fmt.Sprintf("block%d.depthwise", i+1), x, 3, s.stride, act)
		x = b.pointwise(fmt.Sprintf("block%d.pointwise", i+1), x, s.out, act)
	}
	return x
}

// scaled returns the blocks at the width of o.
func (o *Options) scaled(blocks []separable) []separable {
	blocks = slices.Clone(blocks)
	for i := range blocks {
		blocks[i].out = o.scale(blocks[i].out)
	}
	return blocks
}

func mobileNetV1(o Options) (*Network, error) { return separableNet(o, mobileNetV1Blocks) }
func fdMobileNet(o Options) (*Network, error) { return separableNet(o, fdMobileNetBlocks) }

// separableNet is a 3x3 convolution followed by separable ones, ReLU6 throughout.
func separableNet(o Options, blocks []separable) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, o.scale(32), 3, o.StemStride, 1, ReLU6)
	return b.classify(b.separables(x, o.scaled(blocks), ReLU6), o.Classes)
}

// stFdMobileNet is FD-MobileNet with a width for each layer, and with a bias in place of norm and
// activation behind depthwise convolutions. Source: STM32 model zoo services, st_fdmobilenet_v1.
func stFdMobileNet(o Options) (*Network, error) {
	widths := []float64{0.75, 0.625, 0.5, 0.375, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25}
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, 16, 3, o.StemStride, 1, ReLU)
	for i, s := range fdMobileNetBlocks {
		if s.stride > 1 {
			b.stage(fmt.Sprintf("block%d", i+1))
		}
		b.plain = true
		x = b.depthwise(fmt.Sprintf("block%d.depthwise", i+1), x, 3, s.stride, Linear)
		b.plain = false
		x = b.pointwise(fmt.Sprintf("block%d.pointwise", i+1), x, int(float64(s.out)*widths[i]), ReLU)
	}
	return b.classify(x, o.Classes)
}
