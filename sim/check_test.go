package sim

import (
	"strings"
	"testing"

	"dse/models"
)

// Each law speaks when it is broken.
func TestCheckFindsBreaches(t *testing.T) {
	n := micro(t)
	s := mustNew(t, edge(), n)
	for _, c := range []struct {
		name   string
		breach func(*Result)
		want   string
	}{
		{"lost MACs", func(r *Result) { r.MACs-- }, "MACs counted, network"},
		{"MACs of a layer", func(r *Result) { r.Layers[3].MACs++; r.Layers[4].MACs-- }, "layer block2.1.expand"},
		{"layer left out", func(r *Result) { r.Layers[22].Layer = 1 }, "ran twice"},
		{"time lost", func(r *Result) { r.Layers[0].Time.DRAM -= 20 }, "parts sum to"},
		{"network's time", func(r *Result) { r.Cycles += 5 }, "cycles of the parts"},
		{"energy out of nothing", func(r *Result) { r.Layers[2].Energy.MAC *= 1000 }, "pJ of MACs are"},
		{"energy lost", func(r *Result) { r.Energy.DRAMActivate = 0 }, "pJ of DRAM activations are 0"},
		{"a cause taken for another", func(r *Result) {
			r.Energy.DRAMRead, r.Energy.DRAMWrite = r.Energy.DRAMWrite, r.Energy.DRAMRead
		}, "pJ of DRAM reads are"},
		{"leakage of steps", func(r *Result) { r.Layers[2].Energy.Leakage *= 1000 }, "more than the whole"},
		{"busy beyond the step", func(r *Result) { r.Layers[5].Busy.Port = r.Layers[5].Cycles * 2 }, "memory port is busy"},
		{"utilisation", func(r *Result) { r.Layers[5].Utilisation = 1.01 }, "utilisation"},
		{"memory overfull", func(r *Result) { r.Layers[7].Occupied[0] = 1 << 40 }, "memory sram holds"},
		{"image not read", func(r *Result) { r.Layers[0].DRAM.Inputs.Read /= 2 }, "bits of inputs are read from DRAM"},
		{"weights not written", func(r *Result) {
			r.Layers[4].SRAM.Weights.Write -= 64
			r.Layers[4].Ports[0].Write -= 64
		}, "weights: memories read"},
		{"result lost", func(r *Result) { r.Layers[len(r.Layers)-1].DRAM.Outputs.Write = 0 }, "bits of outputs are written"},
		{"results multiplied", func(r *Result) {
			r.Layers[4].SRAM.Outputs.Write *= 2
			r.Layers[4].Ports[0].Write += r.Layers[4].SRAM.Outputs.Write / 2
		}, "bits of outputs enter the memories"},
		{"channels without a mode", func(r *Result) { r.Layers[1].Mapping.Modes[0].Channels-- }, "modes for 15 channels"},
		{"DRAM total", func(r *Result) { r.DRAM.Read += 256 }, "DRAM reads"},
		{"other network", func(r *Result) { r.Network = "other" }, "not mobilenetv2-micro"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := mustRun(t, s, n.Uniform(n.PerTensor(), 8, models.Width(8)))
			c.breach(r)
			if err := r.Check(n); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
