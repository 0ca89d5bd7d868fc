package reports

import "encoding/json"

// Results is what a study found, so far or in the end.
type Results struct {
	// Front holds the designs that no other beats in all objectives, Baselines the float network and
	// the networks with one width for everything, Trials every trial of the study, those two included.
	Front     []Design `json:"front"`
	Baselines []Design `json:"baselines"`
	Trials    []Design `json:"trials"`
	Seed      uint64   `json:"seed"`
	// Settings is the JSON object that the study was made with. If nil, {} is written.
	Settings json.RawMessage `json:"settings"`

	Accelerator string `json:"accelerator"`
	// AcceleratorStatus says how far its figures can be trusted: "estimated" or "validated".
	AcceleratorStatus string `json:"accelerator_status"`
	Network           string `json:"network"`
	Data              string `json:"data"`
	// Stages names the parts of the network that a Design's Granularity has entries for.
	Stages []string `json:"stages"`
	// Objectives that the front was chosen by: "memory", "accuracy" (or "error"), "latency", "energy".
	// With none of these, dominance is judged by memory and accuracy.
	Objectives []string `json:"objectives"`
	// Limits in words, such as "memory <= 64 KiB".
	Limits []string `json:"limits"`
	// Complete is false for a study that was stopped and can go on.
	Complete bool `json:"complete"`
	// Command is what to type to repeat the study, or to go on with it.
	Command string `json:"command"`
}

// Design is one trained network with its bit-widths and what it costs on the accelerator.
type Design struct {
	ID int `json:"id"`
	// Name for people: "float", "homogeneous 4 bit", "design 12".
	Name string `json:"name"`
	// Accuracy in percent of the images of AccuracySplit, with one standard error of that sample.
	Accuracy   Value `json:"accuracy"`
	AccuracySE Value `json:"accuracy_se"`
	// AccuracySplit is "test", or "held-out" for training images kept back for the study's choices.
	AccuracySplit string `json:"accuracy_split"`
	// HeldAccuracy in percent of the held-out images, by which the study chose.
	HeldAccuracy Value `json:"held_accuracy"`

	// Sizes in kB of 8000 bits. Memory is the sum of weights, the largest amount of activations alive
	// at one time, and metadata: normalisation, biases, scales and widths of slices.
	MemoryKB      Value `json:"memory_kb"`
	WeightsKB     Value `json:"weights_kb"`
	ActivationsKB Value `json:"activations_kb"`
	MetadataKB    Value `json:"metadata_kb"`
	// Average bits over weights and over stored activations.
	WeightBits     Value `json:"weight_bits"`
	ActivationBits Value `json:"activation_bits"`
	// Time in ms and energy in uJ for one image.
	LatencyMS Value `json:"latency_ms"`
	EnergyUJ  Value `json:"energy_uj"`

	// Granularity gives for each stage the part of a weight tensor with a bit-width of its own.
	Granularity []string `json:"granularity"`
	// Phases of training, in order.
	Phases []Phase `json:"phases"`
	// Feasible designs meet all limits.
	Feasible bool `json:"feasible"`
	// Failed trials have no figures; Reason says why in one line.
	Failed bool   `json:"failed"`
	Reason string `json:"reason,omitempty"`
}

// Phase is a part of a design's training.
type Phase struct {
	Name   string `json:"name"`
	Epochs Value  `json:"epochs"`
}

// normal returns r with empty lists in place of absent ones, so that readers of the JSON find a list
// under every key that may hold one. r itself is left as it is.
func (r Results) normal() Results {
	designs := func(in []Design) []Design {
		out := make([]Design, len(in))
		for i, d := range in {
			d.Granularity = orEmpty(d.Granularity)
			d.Phases = orEmpty(d.Phases)
			out[i] = d
		}
		return out
	}
	r.Front, r.Baselines, r.Trials = designs(r.Front), designs(r.Baselines), designs(r.Trials)
	r.Stages, r.Objectives, r.Limits = orEmpty(r.Stages), orEmpty(r.Objectives), orEmpty(r.Limits)
	if len(r.Settings) == 0 {
		r.Settings = json.RawMessage("{}")
	}
	return r
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
