package reports

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// csvColumn is one column of the CSV file.
type csvColumn struct {
	name string
	cell func(Design) string
}

// csvColumns follow the keys and the order of the JSON. Lists become one cell: a granularity per
// stage with blanks between, phases as name:epochs.
var csvColumns = []csvColumn{
	{"id", func(d Design) string { return strconv.Itoa(d.ID) }},
	{"name", func(d Design) string { return d.Name }},
	{"accuracy", func(d Design) string { return d.Accuracy.exact() }},
	{"accuracy_se", func(d Design) string { return d.AccuracySE.exact() }},
	{"accuracy_split", func(d Design) string { return d.AccuracySplit }},
	{"held_accuracy", func(d Design) string { return d.HeldAccuracy.exact() }},
	{"memory_kb", func(d Design) string { return d.MemoryKB.exact() }},
	{"weights_kb", func(d Design) string { return d.WeightsKB.exact() }},
	{"activations_kb", func(d Design) string { return d.ActivationsKB.exact() }},
	{"metadata_kb", func(d Design) string { return d.MetadataKB.exact() }},
	{"weight_bits", func(d Design) string { return d.WeightBits.exact() }},
	{"activation_bits", func(d Design) string { return d.ActivationBits.exact() }},
	{"latency_ms", func(d Design) string { return d.LatencyMS.exact() }},
	{"energy_uj", func(d Design) string { return d.EnergyUJ.exact() }},
	{"granularity", func(d Design) string { return strings.Join(d.Granularity, " ") }},
	{"phases", phaseList},
	{"feasible", func(d Design) string { return strconv.FormatBool(d.Feasible) }},
	{"failed", func(d Design) string { return strconv.FormatBool(d.Failed) }},
	{"reason", func(d Design) string { return d.Reason }},
}

// WriteCSV writes one row for each design of the study, below a row of names. The first column, set,
// is "front", "baseline" or "trial"; a trial that is on the front or a baseline is written once, as
// such. The last two columns repeat the accelerator and how far its figures can be trusted, so that
// rows of several studies can be put together.
func WriteCSV(w io.Writer, r Results) error {
	out := csv.NewWriter(w)
	head := []string{"set"}
	for _, c := range csvColumns {
		head = append(head, c.name)
	}
	if err := out.Write(append(head, "accelerator", "accelerator_status")); err != nil {
		return err
	}
	for _, s := range []struct {
		name    string
		designs []Design
	}{{"front", r.Front}, {"baseline", r.Baselines}, {"trial", r.otherTrials()}} {
		for _, d := range s.designs {
			row := []string{s.name}
			for _, c := range csvColumns {
				row = append(row, c.cell(d))
			}
			if err := out.Write(append(row, r.Accelerator, r.AcceleratorStatus)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// otherTrials returns the trials that are neither on the front nor baselines, told apart by ID.
func (r Results) otherTrials() []Design {
	shown := make(map[int]bool, len(r.Front)+len(r.Baselines))
	for _, d := range r.Front {
		shown[d.ID] = true
	}
	for _, d := range r.Baselines {
		shown[d.ID] = true
	}
	var others []Design
	for _, d := range r.Trials {
		if !shown[d.ID] {
			others = append(others, d)
		}
	}
	return others
}

func phaseList(d Design) string {
	parts := make([]string, len(d.Phases))
	for i, p := range d.Phases {
		parts[i] = p.Name + ":" + p.Epochs.exact()
	}
	return strings.Join(parts, " ")
}
