package onelayer

import (
	"testing"

	"dse/models"
)

// The layer of a 7x7 stride-2 window over 224x224 has 2 rows of padding above and 3 below; with a residual
// the sum runs in the layer's output stage, and the layer's input and output are quantized activations.
func TestNetwork(t *testing.T) {
	l := Layer{
		Name: "conv1", In: models.Shape{C: 3, H: 224, W: 224}, Filters: 64, Kernel: models.Window{H: 7, W: 7},
		Stride: models.Window{H: 2, W: 2}, Out: models.Window{H: 112, W: 112}, Residual: true,
	}
	n, i, err := Network(l)
	if err != nil {
		t.Fatal(err)
	}
	got := n.Layers[i]
	if got.Name != "conv1" || got.Pad != (models.Pad{Top: 2, Left: 2, Bottom: 3, Right: 3}) || got.MACs() != 118013952 {
		t.Errorf("layer %+v, %d MACs", got, got.MACs())
	}
	if !n.FusedIntoAdd(i) || n.ActivationSiteOf(got.Inputs[0]) < 0 || n.ActivationSiteOf(i+1) < 0 {
		t.Errorf("fused %v, input site %d, output site %d", n.FusedIntoAdd(i), n.ActivationSiteOf(got.Inputs[0]), n.ActivationSiteOf(i+1))
	}
	l.Out.W = 1
	if _, _, err := Network(l); err == nil {
		t.Error("no error for an output map that the window does not make")
	}
}
