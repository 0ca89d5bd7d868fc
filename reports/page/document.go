package page

import (
	"encoding/json"

	"dse/reports"
)

// document is the data inside the page.
type document struct {
	Network     string          `json:"network"`
	Accelerator string          `json:"accelerator"`
	Status      string          `json:"status"`
	Data        string          `json:"data"`
	Seed        uint64          `json:"seed"`
	Complete    bool            `json:"complete"`
	Command     string          `json:"command"`
	Settings    json.RawMessage `json:"settings"`
	Stages      []string        `json:"stages"`
	Objectives  []string        `json:"objectives"`
	Limits      []string        `json:"limits"`
	// Columns names the cells of each row of Trials.
	Columns   []string           `json:"columns"`
	Trials    [][]any            `json:"trials"`
	Budgets   []string           `json:"budgets"` // names of the cells in column budgets
	Course    course             `json:"course"`
	Chip      *Chip              `json:"chip"`
	Anatomies map[string]Anatomy `json:"anatomies"`
	Repeat    Repeat             `json:"repeat"`
}

// column is a cell of every trial. Keys are those of results.json where it has one.
type column struct {
	key  string
	cell func(trial) any
}

// trial is a design with its place in the study.
type trial struct {
	reports.Design
	set    string // "front", "baseline" or "trial"
	genome *Genome
}

var columns = []column{
	{"id", func(t trial) any { return t.ID }},
	{"name", func(t trial) any { return t.Name }},
	{"set", func(t trial) any { return t.set }},
	{"accuracy", func(t trial) any { return t.Accuracy }},
	{"accuracy_se", func(t trial) any { return t.AccuracySE }},
	{"accuracy_split", func(t trial) any { return t.AccuracySplit }},
	{"held_accuracy", func(t trial) any { return t.HeldAccuracy }},
	{"memory_kb", func(t trial) any { return t.MemoryKB }},
	{"weights_kb", func(t trial) any { return t.WeightsKB }},
	{"activations_kb", func(t trial) any { return t.ActivationsKB }},
	{"metadata_kb", func(t trial) any { return t.MetadataKB }},
	{"weight_bits", func(t trial) any { return t.WeightBits }},
	{"activation_bits", func(t trial) any { return t.ActivationBits }},
	{"latency_ms", func(t trial) any { return t.LatencyMS }},
	{"energy_uj", func(t trial) any { return t.EnergyUJ }},
	{"feasible", func(t trial) any { return t.Feasible }},
	{"reason", func(t trial) any { return t.Reason }},
	{"granularity", func(t trial) any { return notNil(t.Granularity) }},
	{"phases", func(t trial) any {
		epochs := []reports.Value{}
		for _, p := range t.Phases {
			epochs = append(epochs, p.Epochs)
		}
		return epochs
	}},
	{"weight_budget", func(t trial) any {
		if t.genome == nil {
			return nil
		}
		return t.genome.WeightBits
	}},
	{"activation_budget", func(t trial) any {
		if t.genome == nil {
			return nil
		}
		return t.genome.ActivationBits
	}},
	{"budgets", func(t trial) any {
		shares := []float64{}
		if t.genome != nil {
			for _, b := range t.genome.Budgets {
				shares = append(shares, b.Fraction)
			}
		}
		return shares
	}},
}

// newDocument gathers the data. Trials come in the order of the study; those on the front and the baselines with the
// figures that the table has.
func newDocument(s Study) document {
	r := s.Results
	d := document{
		Network: r.Network, Accelerator: r.Accelerator, Status: r.AcceleratorStatus, Data: r.Data, Seed: r.Seed, Complete: r.Complete,
		Command: r.Command, Settings: r.Settings, Stages: notNil(r.Stages), Objectives: notNil(r.Objectives), Limits: notNil(r.Limits),
		Trials: [][]any{}, Budgets: []string{}, Course: newCourse(s), Chip: s.Chip, Anatomies: map[string]Anatomy{}, Repeat: s.Repeat,
	}
	if len(d.Settings) == 0 {
		d.Settings = json.RawMessage("{}")
	}
	shown := map[int]trial{}
	for _, f := range r.Front {
		shown[f.ID] = trial{Design: f, set: "front"}
	}
	for _, b := range r.Baselines {
		shown[b.ID] = trial{Design: b, set: "baseline"}
	}
	for _, c := range columns {
		d.Columns = append(d.Columns, c.key)
	}
	for _, x := range r.Trials {
		t, ok := shown[x.ID]
		if !ok {
			t = trial{Design: x, set: "trial"}
		}
		if g, ok := s.Genomes[x.ID]; ok {
			t.genome = &g
			if len(d.Budgets) == 0 {
				for _, b := range g.Budgets {
					d.Budgets = append(d.Budgets, b.Name)
				}
			}
		}
		row := make([]any, len(columns))
		for i, c := range columns {
			row[i] = c.cell(t)
		}
		d.Trials = append(d.Trials, row)
	}
	for _, a := range s.Anatomies {
		name, _ := json.Marshal(a.ID) // a whole number always encodes
		d.Anatomies[string(name)] = a
	}
	return d
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
