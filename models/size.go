package models

import "dse/accel/unit"

// SizeKind names a way of counting a network's memory.
type SizeKind uint8

const (
	// WeightSize is the sum over all weight tensors of elements times width.
	WeightSize SizeKind = iota
	// ActivationSum is the paper's sum: the input of every convolution and dense layer, counted
	// once per consumer, the image excluded (paper-method section 4). An input that a view gathers
	// from several tensors is the sum of what it shows of each.
	ActivationSum
	// ActivationMax is the largest term of that sum.
	ActivationMax
	// ActivationPeak is the largest amount of activations alive at one time when layers run in
	// order: the inputs and output of the running layer and all stored tensors still to be read,
	// the image and the result included, nothing overwritten in place.
	ActivationPeak
)

// Size returns the memory of kind k at precision p in bits. If grad is not nil, the derivative
// with respect to each width is added to it; where a maximum is attained several times, each
// maximal entry of ActivationMax gets its full derivative (as in the paper), and the earliest
// step of ActivationPeak gets it alone.
func (n *Network) Size(k SizeKind, p *Precision, grad *Precision) unit.Bits {
	switch k {
	case WeightSize:
		return n.weightSize(p, grad)
	case ActivationSum:
		var sum unit.Bits
		n.eachQuantizedInput(func(parts []Part) {
			sum += n.quantizedSize(parts, p)
			n.addElements(parts, grad)
		})
		return sum
	case ActivationMax:
		return n.activationMax(p, grad)
	case ActivationPeak:
		peak, step := n.Peak(p)
		if grad != nil {
			for _, i := range n.live(step) {
				if s := n.activationSite[i]; s >= 0 {
					grad.Activations[s] += Width(n.Activations[s].Elements)
				}
			}
		}
		return peak
	}
	panic("models: unknown kind of size")
}

func (n *Network) weightSize(p, grad *Precision) unit.Bits {
	var sum unit.Bits
	for i, s := range n.Weights {
		w := p.Weights[i]
		for j, b := range w.Widths {
			e := s.SliceElements(w.Group, j)
			sum += unit.Bits(e) * unit.Bits(b)
			if grad != nil {
				grad.Weights[i].Widths[j] += Width(e)
			}
		}
	}
	return sum
}

func (n *Network) activationMax(p, grad *Precision) unit.Bits {
	var most unit.Bits
	n.eachQuantizedInput(func(parts []Part) { most = max(most, n.quantizedSize(parts, p)) })
	n.eachQuantizedInput(func(parts []Part) {
		if n.quantizedSize(parts, p) == most {
			n.addElements(parts, grad)
		}
	})
	return most
}

// eachQuantizedInput calls f with the parts of the input of each weighted layer.
func (n *Network) eachQuantizedInput(f func(parts []Part)) {
	for i := range n.Layers {
		if n.Layers[i].Weighted() {
			f(n.parts[n.Layers[i].Inputs[0]])
		}
	}
}

// quantizedSize returns the bits of those parts that have a site.
func (n *Network) quantizedSize(parts []Part, p *Precision) unit.Bits {
	var sum unit.Bits
	for _, q := range parts {
		if s := n.activationSite[q.Layer]; s >= 0 {
			sum += unit.Bits(q.Elements) * unit.Bits(p.Activations[s])
		}
	}
	return sum
}

// addElements adds the elements of each part to the derivative of its width, if grad is not nil.
func (n *Network) addElements(parts []Part, grad *Precision) {
	if grad == nil {
		return
	}
	for _, q := range parts {
		if s := n.activationSite[q.Layer]; s >= 0 {
			grad.Activations[s] += Width(q.Elements)
		}
	}
}

// QuantizedParameters returns the number of weights and biases: what the paper calls the weights, as
// it quantizes both. Only norms are left out.
func (n *Network) QuantizedParameters() int {
	sum := 0
	for i := range n.Layers {
		l := &n.Layers[i]
		sum += l.WeightElements()
		if l.Bias {
			sum += l.Out.C
		}
	}
	return sum
}

// TensorSize returns the bits that the stored output of layer i takes for one image.
func (n *Network) TensorSize(i int, p *Precision) unit.Bits {
	return unit.Bits(n.Layers[i].Out.Elements()) * unit.Bits(n.TensorWidth(i, p))
}

// TensorWidth returns the width of the output of layer i; for a view the largest of its parts.
func (n *Network) TensorWidth(i int, p *Precision) Width {
	if n.Layers[i].View() {
		var widest Width
		for _, q := range n.parts[i] {
			widest = max(widest, n.TensorWidth(q.Layer, p))
		}
		return widest
	}
	if s := n.activationSite[i]; s >= 0 {
		return p.Activations[s]
	}
	if i == 0 {
		return ImageWidth
	}
	return ResultWidth
}

// Peak returns the most bits of activations alive at one time and the layer that runs then.
func (n *Network) Peak(p *Precision) (unit.Bits, int) {
	var most unit.Bits
	at := 0
	for step := range n.Layers {
		var sum unit.Bits
		for _, i := range n.live(step) {
			sum += n.TensorSize(i, p)
		}
		if sum > most {
			most, at = sum, step
		}
	}
	return most, at
}

// Live returns the layers whose stored outputs are alive while layer step runs. A layer that is
// fused into the Add behind it writes the Add's output and reads the Add's other input.
func (n *Network) Live(step int) []int { return append([]int(nil), n.live(step)...) }

func (n *Network) live(step int) []int {
	end := step
	if n.FusedIntoAdd(step) {
		end = step + 1
	}
	var live []int
	for i := 0; i <= end; i++ {
		if !n.Stored(i) {
			continue
		}
		if n.lastRead[i] >= step {
			live = append(live, i)
		}
	}
	return live
}

// What the hardware stores beside weights and activations. The paper counts norm parameters at 16
// bits and leaves slice metadata out; the widths below are assumptions stated here once.
const (
	NormBits  = 16 // each of scale and shift, per channel (paper, section 4.1)
	BiasBits  = 32 // accumulator width (assumed)
	ScaleBits = 16 // step size of a slice (assumed: a 16-bit multiplier)
	FieldBits = 4  // bit-width of a slice, 1..16 (assumed)
	ClipBits  = 16 // top level of an activation quantizer, needed at run time (assumed)
)

// Footprint is the memory that a network needs at one precision.
type Footprint struct {
	Weights        unit.Bits `json:"weights_bits"`
	ActivationSum  unit.Bits `json:"activation_sum_bits"`
	ActivationMax  unit.Bits `json:"activation_max_bits"`
	ActivationPeak unit.Bits `json:"activation_peak_bits"`
	Norm           unit.Bits `json:"norm_bits"`
	Bias           unit.Bits `json:"bias_bits"`
	Slices         unit.Bits `json:"slice_metadata_bits"` // scales, widths, clip levels
}

// Metadata returns everything that is neither weight nor activation.
func (f Footprint) Metadata() unit.Bits { return f.Norm + f.Bias + f.Slices }

// Memory returns the on-chip memory that holds the whole network: weights, metadata, and the true
// peak of live activations.
func (f Footprint) Memory() unit.Bits { return f.Weights + f.Metadata() + f.ActivationPeak }

// PaperTotal returns the total as the paper counts it: weights, the activation sum, and norm.
func (f Footprint) PaperTotal() unit.Bits { return f.Weights + f.ActivationSum + f.Norm }

// Footprint returns all sizes of the network at precision p.
func (n *Network) Footprint(p *Precision) Footprint {
	f := Footprint{
		Weights:        n.Size(WeightSize, p, nil),
		ActivationSum:  n.Size(ActivationSum, p, nil),
		ActivationMax:  n.Size(ActivationMax, p, nil),
		ActivationPeak: n.Size(ActivationPeak, p, nil),
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		if l.Norm {
			f.Norm += unit.Bits(2 * NormBits * l.Out.C)
		}
		if l.Bias {
			f.Bias += unit.Bits(BiasBits * l.Out.C)
		}
	}
	for _, w := range p.Weights {
		f.Slices += unit.Bits((ScaleBits + FieldBits) * len(w.Widths))
	}
	f.Slices += unit.Bits((ScaleBits + FieldBits + ClipBits) * len(p.Activations))
	return f
}
