package anatomy

import (
	"math"
	"testing"

	"dse/accel"
	"dse/models"
	"dse/sim"
)

// near allows for the six digits that are kept of each part.
func near(got, want float64) bool { return math.Abs(got-want) <= 2e-5*math.Abs(want)+1e-9 }

// The parts of time and energy sum to the whole, and what lies in a memory fits into what the simulator says is taken
// there, on every preset.
func TestAnatomyAddsUp(t *testing.T) {
	for _, chip := range accel.Presets() {
		for _, model := range []string{"mobilenetv2-micro", "resnet18-224"} {
			t.Run(chip+"/"+model, func(t *testing.T) {
				a, err := accel.Load(chip)
				if err != nil {
					t.Fatal(err)
				}
				n, err := models.Build(model)
				if err != nil {
					t.Fatal(err)
				}
				s, err := sim.New(a, n)
				if err != nil {
					t.Fatal(err)
				}
				p := n.Uniform(n.PerTensor(), 8, 8)
				r, err := s.Run(p)
				if err != nil {
					t.Skipf("does not run: %v", err)
				}
				x := Of(a, n, p, r)
				time, energy := x.HostTime, x.HostEnergy
				for i, step := range x.Steps {
					for _, v := range step.Time {
						time += v
					}
					for _, v := range step.Energy {
						energy += v
					}
					for m, occupied := range step.Occupied {
						held := 0.0
						if m == x.PinnedHome {
							held += x.Pinned
						}
						for _, k := range x.Tensors {
							if m == x.Home && k.From <= i && i <= k.To {
								held += k.KiB
							}
						}
						if held > occupied*(1+2e-5)+1e-9 {
							t.Errorf("%s: %v KiB in memory %d, of %v taken", step.Name, held, m, occupied)
						}
						if capacity := Chip(a).Memories[m].KiB; occupied > capacity*(1+1e-5) {
							t.Errorf("%s: %v KiB taken of %v", step.Name, occupied, capacity)
						}
					}
				}
				if !near(time, r.Latency.Milliseconds()) {
					t.Errorf("parts of the time sum to %v ms, the latency is %v", time, r.Latency.Milliseconds())
				}
				if !near(energy, r.Energy.Total().Microjoules()) {
					t.Errorf("parts of the energy sum to %v uJ, the whole is %v", energy, r.Energy.Total().Microjoules())
				}
			})
		}
	}
}

// Slices keep their place and width, tensors their life: in mobilenetv2-micro the stem's output is read by the step after
// it and by no other.
func TestAnatomyOfMobileNet(t *testing.T) {
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(a, n)
	if err != nil {
		t.Fatal(err)
	}
	groups := make([]int, len(n.Stages))
	groups[0] = 4
	p := n.Uniform(n.SliceByStage(groups), 8, 4)
	p.Weights[0].Widths[1] = 7
	r, err := s.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	x := Of(a, n, p, r)
	if w := x.Weights[0]; w.Layer != "stem" || w.Group != 4 || w.Widths != "8788" || w.Output != 4 {
		t.Errorf("stem is %+v", w)
	}
	if w := x.Weights[1]; w.Widths != "8" || w.Group != w.Channels {
		t.Errorf("a tensor with one width is %+v", w)
	}
	if k := x.Tensors[0]; k.Name != "stem" || k.From != 0 || k.To != 1 {
		t.Errorf("the stem's output lives as %+v", k)
	}
	// 16 channels of 14 x 14 or 28 x 28 at 4 bits, all of it: the size comes from the network alone.
	if k, want := x.Tensors[0], float64(n.Layers[1].Out.Elements())*4/8192*x.Tensors[0].Share; !near(k.KiB, want) {
		t.Errorf("the stem's output takes %v KiB, want %v", k.KiB, want)
	}
	if len(x.Steps) != len(r.Layers) || x.Steps[1].Kind != "depthwise" {
		t.Errorf("%d steps, the second %q", len(x.Steps), x.Steps[1].Kind)
	}
}

// edge-npu has 256 PEs at 800 MHz: 204.8 billion MAC/s at 8 x 8 bits and 16 times as much at 2 x 2. Its DRAM
// sustains 0.8 of 6.4 GB/s.
func TestChip(t *testing.T) {
	a, err := accel.Load("edge-npu")
	if err != nil {
		t.Fatal(err)
	}
	c := Chip(a)
	first, last := c.Peaks[0], c.Peaks[len(c.Peaks)-1]
	if first.Mode != "8 x 8 bit" || !near(first.Rate, 204.8) || last.Mode != "2 x 2 bit" || !near(last.Rate, 3276.8) || !near(c.Bandwidth, 5.12) {
		t.Errorf("peaks %v to %v, bandwidth %v", first, last, c.Bandwidth)
	}
}
