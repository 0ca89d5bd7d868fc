package models

import (
	"fmt"
	"math"
)

// mbStage is a row of an EfficientNet: n blocks of expansion e with kernel k to c channels, the first
// of stride s. A fused block replaces the expanding and the depthwise convolution by one of full depth.
type mbStage struct {
	n, k, s, e, c int
	fused         bool
	squeeze       bool // squeeze-and-excitation to a quarter of the block's input channels
	noSkip        bool
}

// Source: Tan and Le, ICML 2019, table 1 (without squeeze-and-excitation).
var efficientNetB0 = []mbStage{
	{n: 1, k: 3, s: 1, e: 1, c: 16}, {n: 2, k: 3, s: 2, e: 6, c: 24}, {n: 2, k: 5, s: 2, e: 6, c: 40}, {n: 3, k: 3, s: 2, e: 6, c: 80},
	{n: 3, k: 5, s: 1, e: 6, c: 112}, {n: 4, k: 5, s: 2, e: 6, c: 192}, {n: 1, k: 3, s: 1, e: 6, c: 320},
}

// Source: tensorflow/tpu, models/official/efficientnet/edgetpu.
var efficientNetEdge = []mbStage{
	{n: 1, k: 3, s: 1, e: 4, c: 24, fused: true, noSkip: true}, {n: 2, k: 3, s: 2, e: 8, c: 32, fused: true}, {n: 4, k: 3, s: 2, e: 8, c: 48, fused: true},
	{n: 5, k: 5, s: 2, e: 8, c: 96}, {n: 4, k: 5, s: 1, e: 8, c: 144}, {n: 2, k: 5, s: 2, e: 8, c: 192},
}

// Source: Keras applications, efficientnet_v2, the base of B0 to B3 (google/automl, effnetv2_configs).
var efficientNetV2Base = []mbStage{
	{n: 1, k: 3, s: 1, e: 1, c: 16, fused: true}, {n: 2, k: 3, s: 2, e: 4, c: 32, fused: true}, {n: 2, k: 3, s: 2, e: 4, c: 48, fused: true},
	{n: 3, k: 3, s: 2, e: 4, c: 96, squeeze: true}, {n: 5, k: 3, s: 1, e: 6, c: 112, squeeze: true}, {n: 8, k: 3, s: 2, e: 6, c: 192, squeeze: true},
}

// Source: Tan and Le, ICML 2021 (arXiv 2104.00298), table 4.
var efficientNetV2Small = []mbStage{
	{n: 2, k: 3, s: 1, e: 1, c: 24, fused: true}, {n: 4, k: 3, s: 2, e: 4, c: 48, fused: true}, {n: 4, k: 3, s: 2, e: 4, c: 64, fused: true},
	{n: 6, k: 3, s: 2, e: 4, c: 128, squeeze: true}, {n: 9, k: 3, s: 1, e: 6, c: 160, squeeze: true}, {n: 15, k: 3, s: 2, e: 6, c: 256, squeeze: true},
}

// efficientNet builds a network from its stages, at given channels of stem and head.
type efficientNet struct {
	stem, head int
	stages     []mbStage
	act        Activation
	// firstInput is the input from which the first stage's expansion is reckoned; 0 is the true one.
	firstInput int
}

// deepen repeats blocks depth times as often, rounded up.
func deepen(n int, depth float64) int { return int(math.Ceil(depth * float64(n))) }

// efficientNetLite scales B0 by width and depth, with ReLU6 and without squeeze-and-excitation. Stem,
// head and the number of blocks of the first and last stage stay. Source: tensorflow/tpu,
// models/official/efficientnet/lite.
func efficientNetLite(width, depth float64) func(Options) (*Network, error) {
	e := efficientNet{stem: 32, head: 1280, act: ReLU6}
	for i, s := range efficientNetB0 {
		s.c = divisible(float64(s.c) * width)
		if i > 0 && i < len(efficientNetB0)-1 {
			s.n = deepen(s.n, depth)
		}
		e.stages = append(e.stages, s)
	}
	return e.build
}

// efficientNetEdgeTPU scales the EdgeTPU variant. The expansion of its first block is reckoned from 24
// channels although the stem has 32.
func efficientNetEdgeTPU(width, depth float64) func(Options) (*Network, error) {
	e := efficientNet{stem: divisible(32 * width), head: divisible(1280 * width), act: ReLU, firstInput: divisible(24 * width)}
	for _, s := range efficientNetEdge {
		s.c, s.n = divisible(float64(s.c)*width), deepen(s.n, depth)
		e.stages = append(e.stages, s)
	}
	return e.build
}

// nearestEight rounds to the nearest multiple of 8, which is all that version 2 does.
func nearestEight(channels float64) int { return max(8, int(channels+4)/8*8) }

func efficientNetV2B(width, depth float64) func(Options) (*Network, error) {
	e := efficientNet{stem: nearestEight(32 * width), head: nearestEight(1280 * width), act: Swish}
	for _, s := range efficientNetV2Base {
		s.c, s.n = nearestEight(float64(s.c)*width), deepen(s.n, depth)
		e.stages = append(e.stages, s)
	}
	return e.build
}

func efficientNetV2S(o Options) (*Network, error) {
	return efficientNet{stem: 24, head: 1280, stages: efficientNetV2Small, act: Swish}.build(o)
}

func (e efficientNet) build(o Options) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, e.stem, 3, o.StemStride, 1, e.act)
	for i, s := range e.stages {
		b.stage(fmt.Sprintf("block%d", i+1))
		for k := range s.n {
			if k > 0 {
				s.s = 1
			}
			base := b.out(x).C
			if i == 0 && k == 0 && e.firstInput > 0 {
				base = e.firstInput
			}
			x = b.mbBlock(fmt.Sprintf("block%d.%d", i+1, k+1), x, base*s.e, s, e.act)
		}
	}
	b.stage("head")
	return b.classify(b.pointwise("head", x, e.head, e.act), o.Classes)
}

// mbBlock adds one block. A fused block of expansion 1 is a single convolution.
func (b *builder) mbBlock(name string, in, hidden int, s mbStage, act Activation) int {
	x := in
	switch {
	case s.fused && s.e == 1:
		x = b.conv(name+".conv", x, s.c, s.k, s.s, 1, act)
	case s.fused:
		x = b.conv(name+".expand", x, hidden, s.k, s.s, 1, act)
		x = b.pointwise(name+".project", x, s.c, Linear)
	default:
		if s.e > 1 {
			x = b.pointwise(name+".expand", x, hidden, act)
		}
		x = b.depthwise(name+".depthwise", x, s.k, s.s, act)
		if s.squeeze {
			x = b.squeezeExcite(name+".gate", x, max(1, b.out(in).C/4), act, Sigmoid)
		}
		x = b.pointwise(name+".project", x, s.c, Linear)
	}
	if s.s == 1 && !s.noSkip && b.out(in).C == s.c {
		x = b.residual(name+".add", x, in)
	}
	return x
}
