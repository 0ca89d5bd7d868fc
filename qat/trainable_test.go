package qat

import (
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
		{"squeezenet", []string{"only simulated", "no concat (layer fire2.concat)", "it trains conv, dense, avgpool, maxpool, add with linear, relu, relu6"}},
		{"efficientnetv2-b0", []string{"no swish (layer stem)", "no sigmoid (layer block4.1.gate.expand)", "no multiply (layer block4.1.gate.scale)"}},
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
