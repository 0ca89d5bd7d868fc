package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/reports"
	"dse/sim"
)

// write prints the totals, and what else was asked for.
func (r *simulation) write(w io.Writer, a *accel.Accelerator, n *models.Network, o simOutput) error {
	out := reports.LayerReport{Heading: []string{
		fmt.Sprintf("%s on %s (%s): %.4g ms, %.4g uJ per image", r.Network, r.Accelerator, r.Status, r.Latency.Milliseconds(), r.Energy.Total().Microjoules()),
	}}
	if r.Fidelity == "event" {
		out.Heading = append(out.Heading, fmt.Sprintf("event-driven, %d events; the analytical model says %.4g ms (%+.1f %%)",
			r.Events, r.Analytical.At(a.Clock).Milliseconds(), 100*float64(r.Analytical/r.Cycles-1)))
	}
	if o.layers {
		for i := range r.Layers {
			out.Layers = append(out.Layers, layerRow(n, r.precision, &r.Layers[i]))
		}
	}
	out.Notes = r.notes(a)
	if err := reports.WriteLayers(w, out, tableOptions(w)); err != nil {
		return err
	}
	if !o.memories {
		return nil
	}
	return reports.WriteMap(w, r.mapReport(), tableOptions(w))
}

// notes are the totals.
func (r *simulation) notes(a *accel.Accelerator) []string {
	parts := timeParts(r.Result)
	notes := []string{
		fmt.Sprintf("work: %.4g million MACs in %.0f cycles at %v", float64(r.MACs)/1e6, math.Ceil(float64(r.Cycles)), a.Clock),
		fmt.Sprintf("time: %s of the whole", shares(float64(r.Cycles), parts)),
		fmt.Sprintf("binding: %s; of %d layers %s", longest(parts), len(r.Layers), boundLayers(r.Result)),
		fmt.Sprintf("energy: %s of the whole", shares(float64(r.Energy.Total()), energyParts(r.Result))),
		fmt.Sprintf("DRAM: %.4g kB read, %.4g kB written; weights on chip for good: %.0f %%", r.DRAM.Read.Kilobytes(), r.DRAM.Write.Kilobytes(), 100*r.Pinned),
	}
	if r.Time.Host > 0 {
		notes = append(notes, fmt.Sprintf("beyond the layers, the host takes %.0f cycles (%.4g ms) and %.4g uJ to start an inference",
			float64(r.Time.Host), r.Time.Host.At(a.Clock).Milliseconds(), (r.Energy.Total()-layerEnergy(r.Result)).Microjoules()))
	}
	for _, m := range r.Memories {
		notes = append(notes, fmt.Sprintf("%s: at most %.1f of %.1f KiB in use; %.4g kB read, %.4g kB written", m.Name,
			float64(m.Peak)/unit.BitsPerKibibyte, float64(m.Capacity)/unit.BitsPerKibibyte, m.Traffic.Read.Kilobytes(), m.Traffic.Write.Kilobytes()))
	}
	return notes
}

// timeParts lists the time of a result by cause.
func timeParts(r *sim.Result) []part {
	return []part{
		{"compute", float64(r.Time.Compute)}, {"array fill", float64(r.Time.ArrayFill)}, {"vector", float64(r.Time.Vector)},
		{"ports", float64(r.Time.Port)}, {"DRAM", float64(r.Time.DRAM)}, {"set-up", float64(r.Time.Setup)}, {"host", float64(r.Time.Host)},
	}
}

// longest names the largest part.
func longest(parts []part) string {
	most := slices.MaxFunc(parts, func(a, b part) int {
		switch {
		case a.amount < b.amount:
			return -1
		case a.amount > b.amount:
			return 1
		}
		return 0
	})
	return most.name
}

// boundLayers counts the layers by the resource that binds them.
func boundLayers(r *sim.Result) string {
	count := make([]int, sim.SetupBound+1)
	for i := range r.Layers {
		count[r.Layers[i].Bound]++
	}
	var words []string
	for b, n := range count {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d by %v", n, sim.Bound(b)))
		}
	}
	return strings.Join(words, ", ")
}

// mapReport gives the memory map to the printer.
func (r *simulation) mapReport() reports.MapReport {
	var out reports.MapReport
	for i := range r.Layers {
		out.Steps = append(out.Steps, r.Layers[i].Name)
	}
	for _, m := range r.Map {
		to := reports.MemoryMap{
			Name: m.Name, Capacity: unit.Bits(m.Capacity), Peak: unit.Bits(m.Peak), PeakStep: m.PeakStep,
			Scattered: unit.Bits(m.Scattered), Cut: m.Cut,
		}
		for _, b := range m.Blocks {
			block := reports.MapBlock{Kind: mapKinds[b.What], What: b.What.String(), Name: b.Name, First: b.First, Last: b.Last, Bits: unit.Bits(b.Bits)}
			for _, p := range b.Pieces {
				block.Pieces = append(block.Pieces, reports.MapPiece{Address: unit.Bits(p.Address), Bits: unit.Bits(p.Bits)})
			}
			to.Blocks = append(to.Blocks, block)
		}
		out.Memories = append(out.Memories, to)
	}
	return out
}

// mapKinds says how occupants are drawn.
var mapKinds = map[sim.OccupantKind]reports.MapKind{
	sim.PinnedWeights: reports.MapWeights, sim.ResidentTensor: reports.MapTensor,
	sim.KeptInputs: reports.MapKept, sim.KeptWeights: reports.MapKept,
	sim.WeightBuffer: reports.MapBuffer, sim.InputBuffer: reports.MapBuffer,
	sim.ResidualBuffer: reports.MapBuffer, sim.OutputBuffer: reports.MapBuffer,
}

func layerRow(n *models.Network, p *models.Precision, l *sim.LayerResult) reports.Layer {
	layer := &n.Layers[l.Layer]
	row := reports.Layer{
		Name: l.Name, Kind: kindOf(layer), Shape: layer.Out.String(), WeightBits: reports.Unknown, MACs: l.MACs,
		ActivationBits: reports.Value(n.TensorWidth(layer.Inputs[0], p)), Cycles: unit.Cycles(math.Round(float64(l.Cycles))),
		Bound: l.Bound.String(), Utilisation: reports.Unknown, DRAM: l.DRAM.Total().Total(), SRAM: l.SRAM.Total().Total(), Energy: l.Energy.Total(),
	}
	if site := n.WeightSiteOf(l.Layer); site >= 0 {
		sum := 0.0
		widths := p.Weights[site]
		for i, b := range widths.Widths {
			sum += float64(b) * float64(n.Weights[site].SliceElements(widths.Group, i))
		}
		row.WeightBits = reports.Value(sum / float64(n.Weights[site].Elements()))
		row.Utilisation = reports.Value(100 * l.Utilisation)
	}
	return row
}

// layerEnergy is the energy of all layers, without the start of the inference.
func layerEnergy(r *sim.Result) unit.Picojoule {
	var sum unit.Picojoule
	for i := range r.Layers {
		sum += r.Layers[i].Energy.Total()
	}
	return sum
}

// part is one cause with its amount.
type part struct {
	name   string
	amount float64
}

// shares lists the parts in percent of the whole, those under half a percent left out.
func shares(whole float64, parts []part) string {
	var words []string
	for _, p := range parts {
		if percent := 100 * p.amount / whole; percent >= 0.5 {
			words = append(words, fmt.Sprintf("%s %.0f %%", p.name, percent))
		}
	}
	return strings.Join(words, ", ")
}
