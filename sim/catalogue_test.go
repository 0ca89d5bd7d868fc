package sim

import (
	"testing"

	"dse/accel"
	"dse/models"
)

// Every published network runs on a chip with one memory and on one with several, and the conservation
// laws hold.
func TestCatalogue(t *testing.T) {
	names := models.Names()
	if testing.Short() {
		names = []string{"mobilenetv2-1.0-224", "efficientnetv2-b0", "resnet50v2-224"}
	}
	for _, preset := range []string{"edge-npu", "gemmini-16x16", "nvdla-large", "nvdla-small", "eyeriss-v1"} {
		a, err := accel.Load(preset)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			t.Run(preset+"/"+name, func(t *testing.T) {
				n, err := models.Build(name)
				if err != nil {
					t.Fatal(err)
				}
				r := mustRun(t, mustNew(t, a, n), n.Uniform(n.PerTensor(), 8, 8))
				if r.MACs != n.MACs() {
					t.Errorf("%d MACs, network has %d", r.MACs, n.MACs())
				}
			})
		}
	}
}
