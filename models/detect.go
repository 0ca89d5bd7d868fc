package models

import "fmt"

// yoloFastest is Yolo-Fastest 1.1: inverted residuals with hidden channels of their own, and two maps of
// predictions, the finer of which also sees the coarser one enlarged. Source:
// dog-qiuqiu/Yolo-Fastest, yolo-fastest-1.1.cfg.
func yoloFastest(o Options) (*Network, error) {
	const anchors = 3
	outputs := anchors * (o.Classes + 5)
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, 8, 3, o.StemStride, 1, LeakyReLU)
	block := 0
	unit := func(hidden, out, stride int, skip bool) {
		block++
		name := fmt.Sprintf("block%d", block)
		y := b.pointwise(name+".expand", x, hidden, LeakyReLU)
		y = b.depthwise(name+".depthwise", y, 3, stride, LeakyReLU)
		y = b.pointwise(name+".project", y, out, Linear)
		if skip {
			y = b.residual(name+".add", y, x)
		}
		x = y
	}
	var fine int
	for i, s := range []struct{ first, hidden, out, stride, n int }{
		{8, 8, 4, 1, 1}, {24, 32, 8, 2, 2}, {32, 48, 8, 2, 2}, {48, 96, 16, 1, 4}, {96, 136, 24, 2, 4}, {136, 224, 48, 2, 5},
	} {
		b.stage(fmt.Sprintf("stage%d", i+1))
		unit(s.first, s.out, s.stride, false)
		if i == 5 {
			fine = b.find("block19.expand") // still at the finer map's resolution
		}
		for range s.n {
			unit(s.hidden, s.out, 1, true)
		}
	}
	b.stage("heads")
	x = b.pointwise("neck", x, 96, LeakyReLU)
	coarse := b.yoloFastestHead("coarse", x, 128, outputs)
	y := b.concat("fine.concat", b.resize("fine.resize", x, 2, true), fine)
	y = b.pointwise("fine.neck", y, 96, LeakyReLU)
	b.gather("result", coarse, b.yoloFastestHead("fine", y, 96, outputs))
	return b.finish(o.Classes)
}

// yoloFastestHead adds two separable convolutions with kernels of 5 and the prediction.
func (b *builder) yoloFastestHead(name string, x, channels, outputs int) int {
	for i := range 2 {
		x = b.depthwise(fmt.Sprintf("%s.depthwise%d", name, i+1), x, 5, 1, LeakyReLU)
		x = b.pointwise(fmt.Sprintf("%s.pointwise%d", name, i+1), x, channels, Linear)
	}
	return b.affine(name+".predict", x, outputs, Linear)
}

// find returns the layer of that name.
func (b *builder) find(name string) int {
	for i := range b.n.Layers {
		if b.n.Layers[i].Name == name {
			return i
		}
	}
	panic("models: no layer " + name)
}

// yoloV3 is Darknet-53 with three maps of predictions. Source: Redmon and Farhadi 2018 (arXiv 1804.02767),
// table 1 and section 2.3; darknet, cfg/yolov3.cfg.
func yoloV3(o Options) (*Network, error) {
	const anchors = 3
	outputs := anchors * (o.Classes + 5)
	b := newBuilder(o.Name, o.Image)
	b.stage("stem")
	x := b.conv("stem", 0, 32, 3, 1, 1, LeakyReLU)
	ends := make([]int, 5)
	for i, n := range []int{1, 2, 8, 8, 4} {
		c := 64 << i
		b.stage(fmt.Sprintf("block%d", i+1))
		x = b.conv(fmt.Sprintf("block%d.down", i+1), x, c, 3, 2, 1, LeakyReLU)
		for k := range n {
			name := fmt.Sprintf("block%d.%d", i+1, k+1)
			y := b.pointwise(name+".conv1", x, c/2, LeakyReLU)
			y = b.conv(name+".conv2", y, c, 3, 1, 1, LeakyReLU)
			x = b.residual(name+".add", y, x)
		}
		ends[i] = x
	}
	var results []int
	for i, c := range []int{512, 256, 128} {
		name := fmt.Sprintf("head%d", i+1)
		b.stage(name)
		if i > 0 {
			x = b.resize(name+".resize", b.pointwise(name+".lateral", x, c, LeakyReLU), 2, false)
			x = b.concat(name+".concat", x, ends[4-i])
		}
		for k := range 5 {
			if k%2 == 0 {
				x = b.pointwise(fmt.Sprintf("%s.conv%d", name, k+1), x, c, LeakyReLU)
			} else {
				x = b.conv(fmt.Sprintf("%s.conv%d", name, k+1), x, 2*c, 3, 1, 1, LeakyReLU)
			}
		}
		y := b.conv(name+".conv6", x, 2*c, 3, 1, 1, LeakyReLU)
		results = append(results, b.affine(name+".predict", y, outputs, Linear))
	}
	b.gather("result", results...)
	return b.finish(o.Classes)
}
