package speed

import (
	"testing"

	"dse/accel"
	"dse/models"
)

func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for seconds")
	}
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Measure(a, []*models.Network{n})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Networks) != 1 || r.Networks[0].Layers != len(n.Weights) {
		t.Fatalf("%+v", r)
	}
	m := r.Networks[0]
	if !(r.MappingsPerSecond > 0 && r.CostSurface > m.Warm && m.Cold > m.Warm && m.Warm > 0 && m.Fixed > 0 && m.MedianGap >= 0 && m.WorstGap >= m.MedianGap) {
		t.Errorf("%+v", r)
	}
}
