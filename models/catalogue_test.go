package models

import (
	"math"
	"testing"
)

// published are figures that others give. Parameters are exact: weights, biases, and each norm's scale and
// shift. MACs agree within the given share, which covers the rounding of the source and, where more than that,
// what the source counts beside convolutions and dense layers.
var published = []struct {
	name      string
	params    int
	macs      float64
	tolerance float64
	source    string
}{
	{"mobilenetv1-0.25-224", 470072, 41e6, 0.01, "Keras applications (trainable); tensorflow/models, slim, mobilenet_v1.md"},
	{"mobilenetv1-0.5-224", 1331592, 149e6, 0.005, "Keras applications (trainable); slim, mobilenet_v1.md"},
	{"mobilenetv1-0.75-224", 2585560, 325e6, 0.005, "Keras applications (trainable); slim, mobilenet_v1.md"},
	{"mobilenetv1-1.0-224", 4231976, 569e6, 0.001, "Keras applications (trainable); slim, mobilenet_v1.md"},
	{"fdmobilenet-0.25-224", 383160, 12e6, 0.01, "pytorchcv, fdmobilenet_wd4; Qin et al. 2018"},
	{"fdmobilenet-1.0-224", 2901288, 144e6, 0.01, "pytorchcv, fdmobilenet_w1; Qin et al. 2018"},
	{"mobilenetv2-0.35-224", 1677128, 59e6, 0.01, "Keras applications (1,691,208 with statistics); slim, mobilenet/README"},
	{"mobilenetv2-0.5-224", 1968680, 97e6, 0.005, "Keras applications (1,987,224 with statistics); slim, mobilenet/README"},
	{"mobilenetv2-0.75-224", 2636424, 209e6, 0.005, "Keras applications (2,663,064 with statistics); slim, mobilenet/README"},
	{"mobilenetv2-1.0-224", 3504872, 0.301e9, 0.002, "torchvision, mobilenet_v2"},
	{"mobilenetv2-1.4-224", 6108776, 582e6, 0.001, "Keras applications (6,156,712 with statistics); slim, mobilenet/README"},
	{"resnet18-224", 11689512, 1.814e9, 0.0005, "torchvision"},
	{"resnet18-0.25-224", 831096, 137.32e6, 0.02, "pytorchcv, resnet18_wd4 of v0.0.46, which counts norms"},
	{"resnet18wd4-224", 3937400, 270.94e6, 0.01, "pytorchcv, resnet18_wd4, which counts norms"},
	{"resnet34-224", 21797672, 3.664e9, 0.0005, "torchvision"},
	{"resnet50-224", 25557032, 3.8e9, 0.02, "torchvision (parameters); He et al. 2016, table 1"},
	{"resnet50v1.5-224", 25557032, 4.089e9, 0.0005, "torchvision, resnet50"},
	{"resnet101-224", 44549160, 7.6e9, 0.01, "torchvision (parameters); He et al. 2016, table 1"},
	{"resnet152-224", 60192808, 11.3e9, 0.005, "torchvision (parameters); He et al. 2016, table 1"},
	{"resnet50v2-224", 25568360, 0, 0, "Keras applications (25,613,800 with statistics)"},
	{"resnet152v2-224", 60236904, 0, 0, "Keras applications (60,380,648 with statistics)"},
	{"efficientnet-lite0", 4652008, 385187552, 0, "exported graph with counts by layer; parameters also timm, tf_efficientnet_lite0"},
	{"efficientnet-lite1", 5416680, 631e6, 0.06, "timm; tensorflow/tpu, lite/README, which counts more than MACs"},
	{"efficientnet-lite2", 6092072, 899e6, 0.06, "timm; tensorflow/tpu, lite/README, which counts more than MACs"},
	{"efficientnet-lite3", 8197096, 1.44e9, 0.06, "timm; tensorflow/tpu, lite/README, which counts more than MACs"},
	{"efficientnet-lite4", 13006568, 2.64e9, 0.06, "timm; tensorflow/tpu, lite/README, which counts more than MACs"},
	{"efficientnet-edgetpu-s", 5438392, 1.81e9, 0.02, "timm, efficientnet_es, which counts norms"},
	{"efficientnet-edgetpu-m", 6899496, 3.04e9, 0.02, "timm, efficientnet_em, which counts norms"},
	{"efficientnet-edgetpu-l", 10589712, 8.00e9, 0.02, "timm, efficientnet_el, which counts norms"},
	{"efficientnetv2-b0", 7139704, 0.72e9, 0.01, "Keras applications (7,200,312 with statistics); google/automl, efficientnetv2/README"},
	{"efficientnetv2-b1", 8141052, 1.2e9, 0.01, "Keras applications (8,212,124 with statistics); google/automl, efficientnetv2/README"},
	{"efficientnetv2-b2", 10096086, 1.7e9, 0.01, "Keras applications (10,178,374 with statistics); google/automl, efficientnetv2/README"},
	{"efficientnetv2-b3", 14358406, 3.0e9, 0.01, "Keras applications (14,467,622 with statistics); google/automl, efficientnetv2/README"},
	{"efficientnetv2-s", 21458488, 8.366e9, 0.0005, "torchvision, efficientnet_v2_s"},
	{"alexnet", 60965224, 724.41e6, 0.0001, "Caffe, bvlc_reference_caffenet's layers; Netscope"},
	{"vgg16", 138357544, 15.470e9, 0.0005, "torchvision"},
	{"vgg19", 143667240, 19.632e9, 0.0005, "torchvision"},
	{"googlenet", 6998552, 1.6e9, 0.02, "Caffe, bvlc_googlenet without auxiliary classifiers; Netscope"},
	{"inception-v2", 11295240, 2.03e9, 0.01, "pretrainedmodels, bninception (parameters)"},
	{"inception-v3", 23834568, 5.713e9, 0.0005, "torchvision (27,161,264 with the auxiliary classifier's 3,326,696)"},
	{"inception-v4", 42679816, 12.28e9, 0.005, "timm"},
	{"inception-resnet-v2", 55843464, 13.18e9, 0.005, "timm"},
	{"densenet121", 7978856, 2.834e9, 0.0005, "torchvision"},
	{"squeezenet", 1248424, 0.819e9, 0.001, "torchvision, squeezenet1_0"},
	{"squeezenet1.1", 1235496, 0.349e9, 0.001, "torchvision"},
	{"squeezenext-23-1.0-224", 724056, 287.28e6, 0.05, "pytorchcv, sqnxt23_w1, which counts norms"},
	{"squeezenext-23-2x", 2583752, 0, 0, "pytorchcv, sqnxt23_w2 (parameters)"},
	{"mnasnet-0.5", 2218512, 0.104e9, 0.005, "torchvision, mnasnet0_5"},
	{"mnasnet-1.0", 4383312, 0.314e9, 0.005, "torchvision, mnasnet1_0"},
	{"shufflenetv2-1.0", 2278604, 0.145e9, 0.005, "torchvision, shufflenet_v2_x1_0"},
	{"hardnet39ds", 3488228, 0.44e9, 0.03, "pytorchcv, hardnet39ds; Chao et al. 2019"},
	{"lenet5", 61706, 0, 0, "the usual count for 32x32 images with a full C3"},
	{"lenet5-caffe", 431080, 24*24*25*20 + 8*8*500*50 + 800*500 + 500*10, 0, "Caffe, examples/mnist/lenet; MACs by hand"},
	{"mlperf-tiny-vww", 216322, 0, 0, "mlcommons/tiny: Keras counts 221,794 with statistics"},
	{"mlperf-tiny-ic", 78186, 12.5e6, 0.001, "mlcommons/tiny: Keras counts 78,666 with statistics; 12.5 M MACs"},
	{"mlperf-tiny-kws", 23756, 2.66e6, 0.01, "mlcommons/tiny: Keras counts 24,908 with statistics"},
	{"mlperf-tiny-ad", 267928, 264192, 0, "mlcommons/tiny: Keras counts 269,992 with statistics; MACs are the dense layers' weights"},
	{"wav2letter", 23594529, 6982e6 / 2, 0.0001, "ML zoo: counted from the definition; NXP eIQ model zoo, 6 982 MOPS"},
	{"rnnoise", 88007, 0, 0, "Valin 2018: 87,503 with one bias per unit, and 3*(24+48+96) for the second"},
	{"yolov3-416", 61949149, 65.86e9 / 2, 0.001, "PyTorch ports of yolov3.cfg; Redmon and Farhadi 2018, 65.86 billion operations"},
	{"unet-mobilenetv2-128", 6471395, 0, 0, "TensorFlow tutorial: Keras counts 6,504,227 with statistics"},
}

// rounded are published figures that are rounded themselves, parameters too.
var rounded = []struct {
	name         string
	params, macs float64
	tolerance    float64
	source       string
}{
	{"ssd-mobilenet-v1-1.0-300", 6.8e6, 1.2e9, 0.035, "Howard et al. 2017, table 13"},
	{"ssdlite-mobilenet-v1-1.0-320-c80", 5.1e6, 1.3e9, 0.02, "Sandler et al. 2018, table 6"},
	{"ssdlite-mobilenet-v2-1.0-320-c80", 4.3e6, 0.8e9, 0.015, "Sandler et al. 2018, table 6"},
	{"deeplabv3-mobilenetv2-1.0-513", 2.11e6, 2.75e9, 0.005, "Sandler et al. 2018, table 7"},
	{"yolo-fastest-320", 0.35e6, 0.252e9 / 2, 0.025, "dog-qiuqiu/Yolo-Fastest, README: 0.252 billion operations, 0.35 M parameters"},
}

func TestRoundedFigures(t *testing.T) {
	for _, c := range rounded {
		t.Run(c.name, func(t *testing.T) {
			n, err := Build(c.name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []struct {
				what      string
				got, want float64
			}{{"parameters", float64(n.Parameters()), c.params}, {"MACs", float64(n.MACs()), c.macs}} {
				if math.Abs(f.got-f.want) > c.tolerance*f.want {
					t.Errorf("%.0f %s, want %.3g within %.2g %% (%s)", f.got, f.what, f.want, 100*c.tolerance, c.source)
				}
			}
		})
	}
}

// Operations that Zhang et al. 2017, table 9, give for one inference, two to a MAC.
func TestKeywordSpotterOperations(t *testing.T) {
	for name, millions := range map[string]float64{"ds-cnn-small": 5.4, "ds-cnn-medium": 19.8, "ds-cnn-large": 56.9} {
		n, err := Build(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := 2 * float64(n.MACs()) / 1e6; math.Abs(got-millions) > 0.02*millions {
			t.Errorf("%s: %.1f million operations, want %.1f", name, got, millions)
		}
	}
}

// The sizes of the ML zoo's files tell the weights, which make up most of them: a file of 8-bit weights has a
// byte for each, 28 for each channel (bias; scale and zero point of weights and of bias), and one to three
// thousand for each layer, say two. This finds a wrong layer, where no count is published.
func TestFileSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		size float64 // bytes
	}{
		{"ds-cnn-small", 54464}, {"ds-cnn-large", 503816}, {"micronet-kws-large", 658832}, {"micronet-vww-4", 490336},
		{"wav2letter", 23815520}, {"tiny-wav2letter", 3997112},
	} {
		n, err := Build(c.name)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for i := range n.Layers {
			if l := &n.Layers[i]; l.Weighted() {
				want += float64(l.WeightElements() + 28*l.Out.C + 2000)
			}
		}
		if math.Abs(want-c.size) > 0.08*c.size {
			t.Errorf("%s: layers explain %.0f bytes of a file of %.0f", c.name, want, c.size)
		}
	}
}

func TestPublishedFigures(t *testing.T) {
	for _, c := range published {
		t.Run(c.name, func(t *testing.T) {
			n, err := Build(c.name)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Parameters(); got != c.params {
				t.Errorf("%d parameters, want %d (%s)", got, c.params, c.source)
			}
			if got := float64(n.MACs()); c.macs > 0 && math.Abs(got-c.macs) > c.tolerance*c.macs {
				t.Errorf("%.0f MACs, want %.4g within %.2g %% (%s)", got, c.macs, 100*c.tolerance, c.source)
			}
		})
	}
}

// The paper's sizes at 1 bit in kB of 8000 bits (paper-method, section 7): weights with biases, the sum of
// activations, the largest activation, norms at 16 bits. (For SqueezeNext the paper's script has 369.7 for the
// last: that is in kbit.)
func TestPaperSizes(t *testing.T) {
	for _, c := range []struct {
		name                  string
		weights, sum          int // elements
		kbWeights, kbSum, max float64
		norm                  float64
	}{
		{"efficientnet-lite0", 4609992, 6676256, 576.2, 834.5, 150.5, 84.0},
		{"mobilenetv2-1.0-224", 3470760, 6616672, 433.8, 827.1, 150.5, 68.2},
		{"resnet18-224", 11679912, 2032640, 1460.0, 254.1, 25.1, 19.2},
		{"squeezenext-23-2x", 2560648, 7140000, 320.1, 892.5, 48.4, 46.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Build(c.name)
			if err != nil {
				t.Fatal(err)
			}
			p := n.Uniform(n.PerTensor(), 1, 1)
			if got := n.QuantizedParameters(); got != c.weights {
				t.Errorf("%d weights and biases, want %d", got, c.weights)
			}
			if got := int(n.Size(ActivationSum, p, nil)); got != c.sum {
				t.Errorf("%d activations, want %d", got, c.sum)
			}
			for _, kb := range []struct {
				what      string
				got, want float64
			}{
				{"weights", float64(n.QuantizedParameters()) / 8000, c.kbWeights},
				{"activations", n.Size(ActivationSum, p, nil).Kilobytes(), c.kbSum},
				{"largest activation", n.Size(ActivationMax, p, nil).Kilobytes(), c.max},
				{"norms", n.Footprint(p).Norm.Kilobytes(), c.norm},
			} {
				if math.Round(10*kb.got)/10 != kb.want {
					t.Errorf("%s: %.3f kB per bit, want %.1f", kb.what, kb.got, kb.want)
				}
			}
		})
	}
}

// Every published network builds, names its layers apart, and says what it is. Every family has a figure
// to be measured by.
func TestCatalogue(t *testing.T) {
	for _, name := range Names() {
		n, err := Build(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if n.Name != name {
			t.Errorf("%s calls itself %s", name, n.Name)
		}
		if about, err := About(name); err != nil || about == "" {
			t.Errorf("%s: nothing about it, error %v", name, err)
		}
		seen := map[string]bool{}
		for i := range n.Layers {
			if seen[n.Layers[i].Name] {
				t.Errorf("%s: two layers are called %s", name, n.Layers[i].Name)
			}
			seen[n.Layers[i].Name] = true
		}
	}
	for i := range catalogue {
		if len(catalogue[i].published) == 0 {
			t.Errorf("family %s has no published member", catalogue[i].name)
		}
	}
}
