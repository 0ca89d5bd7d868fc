package models

import "fmt"

// ssd finishes a detector: from two maps of a backbone it makes four smaller ones, and predicts boxes and
// classes at all six. Source: Liu et al., ECCV 2016, section 2; TensorFlow object detection API,
// ssd_mobilenet_v1_coco, ssd_mobilenet_v2_coco and ssdlite_mobilenet_v2_coco: 3 anchors at the first map,
// 6 at the others, classes with background.
type ssd struct {
	// lite puts a depthwise convolution in place of each full one, and before each prediction.
	lite  bool
	width float64 // of the added maps
}

func (s ssd) finish(b *builder, o Options, first, second int) (*Network, error) {
	maps := []int{first, second}
	b.stage("extra")
	x := second
	for i, c := range []int{512, 256, 256, 128} {
		name, out := fmt.Sprintf("extra%d", i+1), max(16, int(float64(c)*s.width))
		x = b.pointwise(name+".reduce", x, max(16, int(float64(c/2)*s.width)), ReLU6)
		if s.lite {
			x = b.depthwise(name+".depthwise", x, 3, 2, ReLU6)
			x = b.pointwise(name+".pointwise", x, out, ReLU6)
		} else {
			x = b.conv(name+".conv", x, out, 3, 2, 1, ReLU6)
		}
		maps = append(maps, x)
	}
	b.stage("predict")
	var results []int
	for i, x := range maps {
		anchors := 6
		if i == 0 {
			anchors = 3
		}
		for _, p := range []struct {
			name string
			out  int
		}{{"boxes", 4 * anchors}, {"classes", (o.Classes + 1) * anchors}} {
			name, from := fmt.Sprintf("predict%d.%s", i+1, p.name), x
			if s.lite {
				from = b.depthwise(name+".depthwise", x, 3, 1, ReLU6)
			}
			results = append(results, b.affine(name, from, p.out, Linear))
		}
	}
	b.gather("result", results...)
	return b.finish(o.Classes)
}

func ssdMobileNetV1(o Options) (*Network, error)     { return ssdOnV1(o, false) }
func ssdLiteMobileNetV1(o Options) (*Network, error) { return ssdOnV1(o, true) }
func ssdMobileNetV2(o Options) (*Network, error)     { return ssdOnV2(o, false) }
func ssdLiteMobileNetV2(o Options) (*Network, error) { return ssdOnV2(o, true) }

func ssdOnV1(o Options, lite bool) (*Network, error) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, o.scale(32), 3, o.StemStride, 1, ReLU6)
	x = b.separables(x, o.scaled(mobileNetV1Blocks), ReLU6)
	return ssd{lite, o.Width}.finish(b, o, b.find("block11.pointwise"), x)
}

// ssdOnV2 takes the expansion of the first block of the last but one stage, and the head.
func ssdOnV2(o Options, lite bool) (*Network, error) {
	b, x := mobileNetV2Body(o)
	b.stage("head")
	x = b.pointwise("head", x, max(1280, divisible(1280*o.Width)), ReLU6)
	return ssd{lite, 1}.finish(b, o, b.find("block6.1.expand"), x)
}

// mobileNetV2Body builds MobileNetV2 up to its last block, with TensorFlow's padding.
func mobileNetV2Body(o Options) (*builder, int) {
	b := newBuilder(o.Name, o.Image)
	b.padding = same
	b.stage("stem")
	x := b.conv("stem", 0, divisible(32*o.Width), 3, o.StemStride, 1, ReLU6)
	return b, b.invertedResiduals(x, mobileNetV2Rows(o.Width))
}
