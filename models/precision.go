package models

import (
	"fmt"
	"math"
)

// Width is a bit-width. Designs have whole widths; fractions occur only where a cost is continued
// between whole widths.
type Width float64

const (
	// MinWidth and MaxWidth bound the width of a slice.
	MinWidth Width = 1
	MaxWidth Width = 32
	// ImageWidth is the width at which the input image is kept. It is never learned.
	ImageWidth Width = 8
	// ResultWidth is the width of the network's result, which leaves the accumulators as it is.
	ResultWidth Width = 32
)

// Precision is the width of every slice of every weight tensor and of every stored activation
// tensor of one network. It is the value that ties the rooms together: sim prices it, qat learns
// it, search stores it, reports draw it. The same type holds derivatives with respect to widths.
type Precision struct {
	// Weights by site (Network.Weights).
	Weights []SlicedWidths `json:"weights"`
	// Activations by site (Network.Activations).
	Activations []Width `json:"activations"`
}

// SlicedWidths are the widths of the slices of one weight tensor.
type SlicedWidths struct {
	// Group is the number of output channels per slice; 0 means that one slice holds them all.
	Group  int     `json:"group"`
	Widths []Width `json:"widths"`
}

// Slicing gives, for each weight site, the number of output channels per slice (0: all).
type Slicing []int

// PerTensor is the slicing with one slice for each tensor.
func (n *Network) PerTensor() Slicing { return make(Slicing, len(n.Weights)) }

// SliceByStage returns the slicing in which the weights of stage i have groups[i] output channels
// per slice (0: all).
func (n *Network) SliceByStage(groups []int) Slicing {
	if len(groups) != len(n.Stages) {
		panic("models: one group per stage is needed")
	}
	s := make(Slicing, len(n.Weights))
	for i, w := range n.Weights {
		s[i] = groups[n.Layers[w.Layer].Stage]
	}
	return s
}

// Uniform returns the precision with one width for all weights and one for all activations.
func (n *Network) Uniform(s Slicing, weight, activation Width) *Precision {
	if len(s) != len(n.Weights) {
		panic("models: one group per weight site is needed")
	}
	p := &Precision{Weights: make([]SlicedWidths, len(n.Weights)), Activations: make([]Width, len(n.Activations))}
	for i, w := range n.Weights {
		p.Weights[i] = SlicedWidths{Group: s[i], Widths: make([]Width, w.Slices(s[i]))}
		for j := range p.Weights[i].Widths {
			p.Weights[i].Widths[j] = weight
		}
	}
	for i := range p.Activations {
		p.Activations[i] = activation
	}
	return p
}

// Clone returns a deep copy.
func (p *Precision) Clone() *Precision {
	c := &Precision{Weights: make([]SlicedWidths, len(p.Weights)), Activations: append([]Width(nil), p.Activations...)}
	for i, w := range p.Weights {
		c.Weights[i] = SlicedWidths{Group: w.Group, Widths: append([]Width(nil), w.Widths...)}
	}
	return c
}

// Zero sets every entry to 0, for use as an accumulator of derivatives.
func (p *Precision) Zero() {
	for i := range p.Weights {
		clear(p.Weights[i].Widths)
	}
	clear(p.Activations)
}

// CheckPrecision verifies that p fits the network and that all widths are whole and in range.
func (n *Network) CheckPrecision(p *Precision) error {
	if len(p.Weights) != len(n.Weights) || len(p.Activations) != len(n.Activations) {
		return fmt.Errorf("precision has %d weight and %d activation tensors, network %s has %d and %d",
			len(p.Weights), len(p.Activations), n.Name, len(n.Weights), len(n.Activations))
	}
	check := func(layer int, what string, w Width) error {
		if w < MinWidth || w > MaxWidth || float64(w) != math.Trunc(float64(w)) {
			return fmt.Errorf("layer %s: %s width %v is not a whole number from %v to %v", n.Layers[layer].Name, what, w, MinWidth, MaxWidth)
		}
		return nil
	}
	for i, s := range n.Weights {
		w := p.Weights[i]
		if got, want := len(w.Widths), s.Slices(w.Group); got != want {
			return fmt.Errorf("layer %s: %d weight slices, groups of %d channels make %d", n.Layers[s.Layer].Name, got, w.Group, want)
		}
		for _, b := range w.Widths {
			if err := check(s.Layer, "weight", b); err != nil {
				return err
			}
		}
	}
	for i, s := range n.Activations {
		if err := check(s.Layer, "activation", p.Activations[i]); err != nil {
			return err
		}
	}
	return nil
}

// MeanWeightWidth returns the average bits per weight.
func (n *Network) MeanWeightWidth(p *Precision) float64 {
	elements := 0
	for _, s := range n.Weights {
		elements += s.Elements()
	}
	return float64(n.Size(WeightSize, p, nil)) / float64(elements)
}

// MeanActivationWidth returns the average bits per stored activation.
func (n *Network) MeanActivationWidth(p *Precision) float64 {
	var bits, elements float64
	for i, s := range n.Activations {
		bits += float64(p.Activations[i]) * float64(s.Elements)
		elements += float64(s.Elements)
	}
	return bits / elements
}
