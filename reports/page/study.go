package page

import "dse/reports"

// Study is what the page shows.
type Study struct {
	Results reports.Results
	// Genomes are the budgets of the designs, by id; what else a genome holds is in the results.
	Genomes map[int]Genome
	// Images are the training images that each trial took, by id: the cost of the search, free of the clock.
	Images map[int]int64
	// Chip is the accelerator as far as charts need it; nil leaves the charts of single designs out.
	Chip *Chip
	// Anatomies are the designs that can be looked into.
	Anatomies []Anatomy
	// Repeat is the command that makes the study anew.
	Repeat Repeat
}

// Repeat is a command.
type Repeat struct {
	Command string `json:"command"`
	// Exact says that the command gives the same study, bit for bit.
	Exact bool `json:"exact"`
}

// Genome is the part of a design that the search chose and that training then aimed at.
type Genome struct {
	// WeightBits and ActivationBits are budgets of the mean width, in bits.
	WeightBits, ActivationBits float64
	// Budgets of further quantities, each a share of the range from the least to no restriction.
	Budgets []Budget
}

// Budget is the share of a quantity's range that a design may use, from 0 to 1.
type Budget struct {
	Name     string
	Fraction float64
}

// Chip is the accelerator of a study.
type Chip struct {
	Name string `json:"name"`
	// Peaks are the rates of the array in its modes, in billions of multiply-accumulates per second, from the
	// slowest to the fastest.
	Peaks []Peak `json:"peaks"`
	// Bandwidth of DRAM as sustained, in GB/s.
	Bandwidth float64 `json:"bandwidth"`
	// Memories on chip, from the one nearest DRAM inwards.
	Memories []Memory `json:"memories"`
	// TimeCauses and EnergyCauses name the parts of Step.Time and Step.Energy.
	TimeCauses   []string `json:"timeCauses"`
	EnergyCauses []string `json:"energyCauses"`
}

// Peak is the rate of the array in one mode.
type Peak struct {
	Mode string  `json:"mode"`
	Rate float64 `json:"rate"`
}

// Memory is one on-chip memory.
type Memory struct {
	Name string  `json:"name"`
	KiB  float64 `json:"kib"`
}

// Anatomy is one design on the chip.
type Anatomy struct {
	ID int `json:"id"`
	// Latency in ms and Energy in uJ of one image; the steps and the host's start sum to them.
	Latency float64 `json:"latency"`
	Energy  float64 `json:"energy"`
	// HostTime in ms and HostEnergy in uJ belong to no step.
	HostTime   float64 `json:"hostTime"`
	HostEnergy float64 `json:"hostEnergy"`
	Weights    []Slice `json:"weights"`
	Steps      []Step  `json:"steps"`
	// Tensors lie on chip in memory Home while steps From to To run; Pinned is what weights take for good there
	// or, if they live elsewhere, in memory PinnedHome.
	Tensors    []Tensor `json:"tensors"`
	Home       int      `json:"home"`
	Pinned     float64  `json:"pinned"` // KiB
	PinnedHome int      `json:"pinnedHome"`
	Phases     []Phase  `json:"phases"`
}

// Slice is a weight tensor with the bits of each of its slices, as digits of base 36: "888844".
type Slice struct {
	Layer    string `json:"layer"`
	Stage    string `json:"stage"`
	Channels int    `json:"channels"`
	// Group is the number of output channels per slice; the last slice may have fewer.
	Group  int    `json:"group"`
	Widths string `json:"widths"`
	// Output is the width of the activations that the layer stores, in bits; 0 where they have none of their own.
	Output float64 `json:"output"`
}

// Step is one layer as the chip runs it.
type Step struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Bound string `json:"bound"`
	MACs  int64  `json:"macs"`
	// Time in ms by cause, Energy in uJ by cause.
	Time   []float64 `json:"time"`
	Energy []float64 `json:"energy"`
	// DRAM is the off-chip traffic in bytes, Occupied the space taken in each memory in KiB.
	DRAM     float64   `json:"dram"`
	Occupied []float64 `json:"occupied"`
}

// Tensor is an activation tensor, or the share of it that stays on chip.
type Tensor struct {
	Name  string  `json:"name"`
	KiB   float64 `json:"kib"`
	Share float64 `json:"share"` // of the tensor, 1 if all of it stays
	From  int     `json:"from"`
	To    int     `json:"to"`
}

// Phase is what a phase of training came to.
type Phase struct {
	Name     string  `json:"name"`
	Steps    int     `json:"steps"`
	Loss     float64 `json:"loss"`     // mean over the phase's last tenth
	Accuracy float64 `json:"accuracy"` // of training images, likewise, in percent
	// Mean bits at the phase's end, 0 while nothing is quantized.
	WeightBits     float64 `json:"weightBits"`
	ActivationBits float64 `json:"activationBits"`
}
