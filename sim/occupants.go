package sim

import (
	"math"

	"dse/models"
)

// Occupant is something that takes space in an on-chip memory during some steps.
type Occupant struct {
	Memory int // index into Accelerator.Memories
	What   OccupantKind
	Name   string // of the layer whose tensor it is, or whose step has it
	// First and Last are the steps during which it is there.
	First, Last int
	Bits        int64
}

// OccupantKind says what an Occupant is.
type OccupantKind uint8

const (
	// PinnedWeights are weights and metadata that stay from inference to inference.
	PinnedWeights OccupantKind = iota
	// ResidentTensor is what is kept of a layer's output for the layers that read it.
	ResidentTensor
	// KeptInputs and KeptWeights are what a step keeps for further tiles.
	KeptInputs
	KeptWeights
	// Streaming buffers of a step; that of weights holds metadata too.
	WeightBuffer
	InputBuffer
	ResidualBuffer
	OutputBuffer
)

func (k OccupantKind) String() string {
	return [...]string{"pinned weights", "tensor", "kept inputs", "kept weights", "weight buffer", "input buffer", "residual buffer", "output buffer"}[k]
}

// MarshalText writes the name.
func (k OccupantKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Occupants lists what the on-chip memories hold when the network runs at p, in the order in which it
// comes. Their sizes are those with which Run prices the network, rounded down to whole bits, so that
// together they take no more than LayerResult.Occupied.
func (s *Simulator) Occupants(p *models.Precision) ([]Occupant, error) {
	var all []Occupant
	last := len(s.steps) - 1
	_, err := s.run(p, func(st *state, i int) {
		if i == 0 {
			all = s.longLived(st)
		}
		add := func(memory int, what OccupantKind, bits float64) {
			if n := int64(math.Floor(bits)); n > 0 {
				all = append(all, Occupant{memory, what, s.steps[i].layer.Name, i, i, n})
			}
		}
		c, f := s.chip, &st.out.fetched
		add(c.home(inputs), KeptInputs, f.inputSpace)
		add(c.home(weights), KeptWeights, f.weightSpace)
		for _, b := range s.streaming(st, i) {
			add(b.memory, b.what, b.bits)
		}
	})
	for i := range all {
		if all[i].Last < 0 {
			all[i].Last = last
		}
	}
	return all, err
}

// longLived lists what stays on chip from step to step. Last is -1 for the end of the inference.
func (s *Simulator) longLived(st *state) []Occupant {
	var all []Occupant
	c := s.chip
	for i := range s.steps {
		k := &s.steps[i]
		bits := k.weights*st.widths[i].weight + st.widths[i].metadata
		if n := int64(math.Floor(st.plan.steps[i].place.weights * bits)); n > 0 {
			all = append(all, Occupant{c.home(weights), PinnedWeights, k.layer.Name, 0, -1, n})
		}
	}
	first, last := make([]int, len(s.network.Layers)), make([]int, len(s.network.Layers))
	for t := range first {
		first[t] = -1
	}
	for i := range s.steps {
		for _, t := range s.steps[i].live {
			if first[t] < 0 {
				first[t] = i
			}
			last[t] = i
		}
	}
	for t, f := range first {
		if n := int64(math.Floor(st.plan.resident[t] * st.size[t])); f >= 0 && n > 0 {
			all = append(all, Occupant{c.resident, ResidentTensor, s.network.Layers[t].Name, f, last[t], n})
		}
	}
	return all
}

// streamBuffer is one operand's buffer.
type streamBuffer struct {
	memory int
	what   OccupantKind
	bits   float64
}

// streaming returns the streaming buffers of step i. For a tile between two sizes they share the
// memory in proportion to what its own sizes would need.
func (s *Simulator) streaming(st *state, i int) [4]streamBuffer {
	c, g, t, w := s.chip, s.steps[i].geometry, &st.out.tile, &st.widths[i]
	only := func(x widths) buffers { return c.stream(g, t, &x) }
	buffers := [4]streamBuffer{{c.serves(weights), WeightBuffer, 0}, {c.serves(inputs), InputBuffer, 0}, {c.serves(inputs), ResidualBuffer, 0}, {c.serves(outputs), OutputBuffer, 0}}
	for j, x := range [4]widths{{weight: w.weight, metadata: w.metadata}, {in: w.in}, {residual: w.residual}, {out: w.out}} {
		b := only(x)
		buffers[j].bits = b[buffers[j].memory]
	}
	sum := [maxMemories]float64{}
	for _, b := range buffers {
		sum[b.memory] += b.bits
	}
	for j := range buffers {
		if m := buffers[j].memory; sum[m] > 0 {
			buffers[j].bits *= min(1, st.plan.steps[i].space[m]/sum[m])
		}
	}
	return buffers
}
