// Package anatomy takes a design apart: from the simulator's result it works out what the page shows of each layer,
// of the memory over time, and of the chip behind them.
package anatomy

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/reports/page"
	"dse/sim"
)

// timeCauses are the parts of a step's time in the order in which sim adds them up.
var timeCauses = []struct {
	name string
	of   func(*sim.TimeParts) sim.Clocks
}{
	{"compute", func(t *sim.TimeParts) sim.Clocks { return t.Compute }},
	{"array fill", func(t *sim.TimeParts) sim.Clocks { return t.ArrayFill }},
	{"vector", func(t *sim.TimeParts) sim.Clocks { return t.Vector }},
	{"port", func(t *sim.TimeParts) sim.Clocks { return t.Port }},
	{"dram", func(t *sim.TimeParts) sim.Clocks { return t.DRAM }},
	{"set-up", func(t *sim.TimeParts) sim.Clocks { return t.Setup }},
}

var energyCauses = []struct {
	name string
	of   func(*sim.EnergyParts) unit.Picojoule
}{
	{"MAC", func(e *sim.EnergyParts) unit.Picojoule { return e.MAC }},
	{"accumulator", func(e *sim.EnergyParts) unit.Picojoule { return e.Accumulator }},
	{"on-chip memory", func(e *sim.EnergyParts) unit.Picojoule { return e.OnChip() }},
	{"DRAM access", func(e *sim.EnergyParts) unit.Picojoule { return e.DRAMAccess() }},
	{"DRAM background", func(e *sim.EnergyParts) unit.Picojoule { return e.DRAMBackground }},
	{"leakage", func(e *sim.EnergyParts) unit.Picojoule { return e.Leakage }},
	{"running along", func(e *sim.EnergyParts) unit.Picojoule { return e.Running }},
	{"vector", func(e *sim.EnergyParts) unit.Picojoule { return e.Vector }},
	{"host", func(e *sim.EnergyParts) unit.Picojoule { return e.Host }},
}

// Chip returns what charts need of an accelerator.
func Chip(a *accel.Accelerator) *page.Chip {
	c := &page.Chip{Name: a.Name, Bandwidth: float64(a.DRAM.Bandwidth) * a.DRAM.Efficiency / 1e9}
	// One MAC per PE and cycle, times the mode's throughput. Modes of single operators are left out where there
	// are modes for any.
	pes := float64(a.Array.Rows * a.Array.Cols * a.Array.Positions.Count())
	fastest := map[float64]string{}
	for _, m := range a.Precision.For(accel.ConvOperator) {
		rate := pes * m.Throughput * float64(a.Clock) / 1e9
		name := fmt.Sprintf("%d x %d bit", m.Weight, m.Activation)
		if fastest[rate] == "" {
			fastest[rate] = name
		}
	}
	for rate, name := range fastest {
		c.Peaks = append(c.Peaks, page.Peak{Mode: name, Rate: rate})
	}
	slices.SortFunc(c.Peaks, func(x, y page.Peak) int { return int(math.Copysign(1, x.Rate-y.Rate)) })
	for _, m := range a.Memories {
		c.Memories = append(c.Memories, page.Memory{Name: m.Name, KiB: kib(m.Capacity.Bits())})
	}
	for _, t := range timeCauses {
		c.TimeCauses = append(c.TimeCauses, t.name)
	}
	for _, e := range energyCauses {
		c.EnergyCauses = append(c.EnergyCauses, e.name)
	}
	return c
}

// Of returns the anatomy of a design: network n at precision p, whose cost on a is r.
func Of(a *accel.Accelerator, n *models.Network, p *models.Precision, r *sim.Result) page.Anatomy {
	x := page.Anatomy{Latency: short(r.Latency.Milliseconds()), Energy: short(r.Energy.Total().Microjoules()), Weights: weights(n, p)}
	var energy unit.Picojoule
	var cycles sim.Clocks
	for i := range r.Layers {
		l := &r.Layers[i]
		s := page.Step{Name: l.Name, Kind: kind(n, l), Bound: l.Bound.String(), MACs: l.MACs}
		for _, t := range timeCauses {
			s.Time = append(s.Time, short(t.of(&l.Time).At(a.Clock).Milliseconds()))
		}
		for _, e := range energyCauses {
			s.Energy = append(s.Energy, short(e.of(&l.Energy).Microjoules()))
		}
		traffic := l.DRAM.Total()
		s.DRAM = short(float64(traffic.Total()) / 8)
		for _, o := range l.Occupied {
			s.Occupied = append(s.Occupied, short(kib(o)))
		}
		cycles += l.Cycles
		energy += l.Energy.Total()
		x.Steps = append(x.Steps, s)
	}
	x.HostTime = short((r.Cycles - cycles).At(a.Clock).Milliseconds())
	x.HostEnergy = short((r.Energy.Total() - energy).Microjoules())
	x.Home, x.PinnedHome = home(a, accel.Inputs), home(a, accel.Weights)
	x.Tensors = tensors(n, r)
	x.Pinned = short(kib(pinned(n, r)))
	return x
}

// weights lists the weight tensors with the widths of their slices.
func weights(n *models.Network, p *models.Precision) []page.Slice {
	var out []page.Slice
	for i, site := range n.Weights {
		l := &n.Layers[site.Layer]
		s := page.Slice{Layer: l.Name, Stage: n.Stages[l.Stage], Channels: site.Channels, Group: p.Weights[i].Group}
		if s.Group <= 0 || s.Group > s.Channels {
			s.Group = s.Channels
		}
		var digits strings.Builder
		for _, w := range p.Weights[i].Widths {
			digits.WriteString(strconv.FormatInt(int64(math.Round(float64(w))), 36))
		}
		s.Widths = digits.String()
		if a := n.ActivationSiteOf(site.Layer); a >= 0 {
			s.Output = float64(p.Activations[a])
		}
		out = append(out, s)
	}
	return out
}

// tensors lists what stays on chip between layers. Every tensor keeps one share of itself along its life
// (docs/simulator.md, section 4), which the step that produces it reports.
func tensors(n *models.Network, r *sim.Result) []page.Tensor {
	var out []page.Tensor
	at := map[int]int{} // layer whose output it is -> index into out
	for i := range r.Layers {
		l := &r.Layers[i]
		made := l.Layer
		if l.FusedAdd >= 0 {
			made = l.FusedAdd
		}
		if share := l.Mapping.OutputResident; share > 0 && !n.Result(made) {
			bits := share * l.Bits.Output * float64(n.Layers[made].Out.Elements())
			at[made] = len(out)
			out = append(out, page.Tensor{Name: n.Layers[made].Name, KiB: short(kib(unit.Bits(bits))), Share: short(share), From: i, To: i})
		}
		for _, t := range n.Live(l.Layer) {
			if k, ok := at[t]; ok {
				out[k].To = i
			}
		}
	}
	return out
}

// pinned returns the weights and metadata that stay on chip from one inference to the next.
func pinned(n *models.Network, r *sim.Result) unit.Bits {
	all := 0.0
	for i := range r.Layers {
		l := &r.Layers[i]
		if site := n.WeightSiteOf(l.Layer); site >= 0 {
			all += l.Bits.Weight * float64(n.Weights[site].Elements())
		}
		all += float64(l.Bits.Metadata)
	}
	return unit.Bits(r.Pinned * all)
}

// home returns the memory nearest DRAM that may hold an operand, or -1.
func home(a *accel.Accelerator, o accel.Operand) int {
	return slices.IndexFunc(a.Memories, func(m accel.Memory) bool { return m.Holds&o != 0 })
}

// kind names what a step computes.
func kind(n *models.Network, l *sim.LayerResult) string {
	if n.Layers[l.Layer].Depthwise() {
		return "depthwise"
	}
	return l.Kind.String()
}

func kib(b unit.Bits) float64 { return float64(b) / unit.BitsPerKibibyte }

// short keeps six significant digits, more than any chart shows, so that the page stays small.
func short(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return x
	}
	return y
}
