package qat

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dse/models"
	"dse/qat/kernel"
)

// Networks that the trainer lacks something for are refused with all of it named; the others are not.
func TestTrainable(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string // in the error; none for a trainable network
	}{
		{"mobilenetv2-micro", nil},
		{"resnet18-32-c10", nil},
		{"efficientnet-lite0-64", nil},
		{"squeezenet", []string{"only simulated", "no concat (layer fire2.concat)", "it trains conv, dense, avgpool, maxpool, add with linear, relu, relu6, swish, hardswish, sigmoid, hardsigmoid, tanh"}},
		{"efficientnetv2-b0", []string{"no multiply (layer block4.1.gate.scale)"}},
		{"shufflenetv2-1.0", []string{"no slice", "no concat", "no shuffle"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := models.Build(c.name)
			if err != nil {
				t.Fatal(err)
			}
			err = Trainable(n)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %v lacks %q", err, w)
				}
			}
		})
	}
}

// A model of such a network can be made, but not compiled.
func TestUntrainableIsNotCompiled(t *testing.T) {
	n, err := models.Build("squeezenet-64-c10")
	if err != nil {
		t.Fatal(err)
	}
	team := kernel.NewTeam(1)
	defer team.Close()
	if _, err := newProgram(NewModel(n, n.PerTensor(), DefaultQuantization(), 1), 2, 0, true, team); err == nil || !strings.Contains(err.Error(), "cannot be trained") {
		t.Errorf("error %v", err)
	}
}

// What Trainable lets through compiles and runs: each family that it allows, at a small size, does a quantized
// training step on noise with a finite loss and finite gradients for all parameters.
func TestTrainableFamiliesTrain(t *testing.T) {
	names := []string{
		"mobilenetv1-0.25-32-c5", "st-fdmobilenet-32-c5", "mobilenetv2-0.35-32-c5", "mobilenetv2-mini", "resnet8-1x28x28", "resnet18-0.25-33-c5",
		"resnet50-0.25-33-c5", "efficientnet-lite0-32-c5", "efficientnet-edgetpu-s-32-c5", "mnasnet-0.5-32-c5", "squeezenext-23-1.0-32-c5", "alexnet-67-c5",
		"vgg16-0.25-32-c5", "lenet5-caffe", "mlperf-tiny-ic", "ds-cnn-small",
	}
	if testing.Short() {
		names = []string{"mobilenetv2-0.35-32-c5", "resnet8-1x28x28", "mlperf-tiny-ic"}
	}
	team := kernel.NewTeam(2)
	defer team.Close()
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			n, err := models.Build(name)
			if err != nil {
				t.Fatal(err)
			}
			m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
			p, err := newProgram(m, 2, 0.1, true, team)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			src := rand.New(rand.NewPCG(1, 1))
			for i := range p.x.Float32s() {
				p.x.Float32s()[i] = float32(src.NormFloat64())
			}
			p.labels.Float32s()[1] = 3
			m.InitWeightQuantizers(4)
			p.initialBits = 4
			p.mode.Quantize, p.mode.Calibrate = true, true
			if err := p.run(); err != nil {
				t.Fatal(err)
			}
			if v := p.loss.Value(); !(v > 0 && v < math.Inf(1)) {
				t.Errorf("loss %v", v)
			}
			for _, g := range p.gradients {
				for _, v := range g.param.Gradient.Float32s() {
					if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
						t.Fatalf("gradient of %s is %v", g.param.Name, v)
					}
				}
			}
		})
	}
}
