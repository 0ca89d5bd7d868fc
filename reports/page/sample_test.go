package page_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"dse/accel"
	"dse/models"
	"dse/reports"
	"dse/reports/anatomy"
	"dse/reports/page"
	"dse/sim"
)

// sample is a study of so many designs. Their widths are drawn at random, their costs simulated; accuracies, which would
// take training, are a smooth function of the mean bits with some noise.
func sample(t testing.TB, designs int) page.Study {
	t.Helper()
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
	rng := rand.New(rand.NewPCG(1, 2))
	words := []string{"tensor", "column-tile", "channel"}
	st := page.Study{Genomes: map[int]page.Genome{}, Images: map[int]int64{}, Chip: anatomy.Chip(a)}
	r := &st.Results
	*r = reports.Results{Seed: 3, Accelerator: a.Name, AcceleratorStatus: a.Status.String(), Network: n.Name, Data: "made <up> & drawn", Stages: n.Stages,
		Objectives: []string{"memory", "error"}, Limits: []string{"memory=64kB"}, Complete: true, Command: "dse run --accel edge-npu --seed 3"}
	st.Repeat = page.Repeat{Command: r.Command, Exact: true}
	precisions := map[int]*models.Precision{}
	add := func(name string, p *models.Precision, g []string) reports.Design {
		cost, err := s.Run(p)
		if err != nil {
			t.Fatal(err)
		}
		f, id := n.Footprint(p), len(r.Trials)
		w, act := n.MeanWeightWidth(p), n.MeanActivationWidth(p)
		acc := reports.Value(91 - 30/(w*act) - rng.Float64())
		d := reports.Design{ID: id, Name: name, Accuracy: acc, AccuracySE: 0.31, AccuracySplit: "test", HeldAccuracy: acc + 0.3,
			MemoryKB: reports.Value(f.Memory().Kilobytes()), WeightsKB: reports.Value(f.Weights.Kilobytes()), ActivationsKB: reports.Value(f.ActivationPeak.Kilobytes()),
			MetadataKB: reports.Value(f.Metadata().Kilobytes()), WeightBits: reports.Value(w), ActivationBits: reports.Value(act),
			LatencyMS: reports.Value(cost.Latency.Milliseconds()), EnergyUJ: reports.Value(cost.Energy.Total().Microjoules()), Granularity: g,
			Phases: []reports.Phase{{Name: "homogeneous", Epochs: 0.2}, {Name: "mixed", Epochs: 0.3}, {Name: "fine-tune", Epochs: 0.1}}, Feasible: true}
		st.Images[id] = 30000
		precisions[id] = p
		r.Trials = append(r.Trials, d)
		return d
	}
	for _, bits := range []models.Width{8, 4, 2} {
		r.Baselines = append(r.Baselines, add(fmt.Sprintf("homogeneous %v bit", bits), n.Uniform(n.SliceByStage(make([]int, len(n.Stages))), bits, bits), nil))
	}
	for range designs {
		groups, g := make([]int, len(n.Stages)), make([]string, len(n.Stages))
		for i := range groups {
			k := rng.IntN(3)
			groups[i], g[i] = []int{0, a.Array.Cols, 1}[k], words[k]
		}
		least, most := 1+rng.IntN(3), 4+rng.IntN(5)
		p := n.Uniform(n.SliceByStage(groups), 8, 8)
		for i := range p.Weights {
			for j := range p.Weights[i].Widths {
				p.Weights[i].Widths[j] = models.Width(least + rng.IntN(most-least))
			}
		}
		for i := range p.Activations {
			p.Activations[i] = models.Width(least + rng.IntN(most-least))
		}
		id := len(r.Trials)
		if id%97 == 5 {
			d := reports.Design{ID: id, Name: fmt.Sprintf("design %d", id), Failed: true, Reason: "the loss is not a number", Granularity: g}
			for _, v := range []*reports.Value{&d.Accuracy, &d.AccuracySE, &d.HeldAccuracy, &d.MemoryKB, &d.WeightsKB, &d.ActivationsKB, &d.MetadataKB, &d.WeightBits, &d.ActivationBits, &d.LatencyMS, &d.EnergyUJ} {
				*v = reports.Unknown
			}
			r.Trials = append(r.Trials, d)
			continue
		}
		add(fmt.Sprintf("design %d", id), p, g)
		st.Genomes[id] = page.Genome{WeightBits: float64(least) + 0.5, ActivationBits: float64(most) - 0.5}
	}
	for _, d := range r.Trials[len(r.Baselines):] {
		best := !d.Failed
		for _, e := range r.Trials[len(r.Baselines):] {
			if !e.Failed && e.MemoryKB <= d.MemoryKB && e.Accuracy >= d.Accuracy && e.ID != d.ID {
				best = false
				break
			}
		}
		if best {
			r.Front = append(r.Front, d)
		}
	}
	for _, d := range append(append([]reports.Design{}, r.Front...), r.Baselines...) {
		cost, err := s.Run(precisions[d.ID])
		if err != nil {
			t.Fatal(err)
		}
		x := anatomy.Of(a, n, precisions[d.ID], cost)
		x.ID = d.ID
		x.Phases = []page.Phase{{Name: "mixed", Steps: 100, Loss: 0.4, Accuracy: 85, WeightBits: 3, ActivationBits: 3}}
		st.Anatomies = append(st.Anatomies, x)
	}
	return st
}
