package models

// WeightSite is a weight tensor whose width can be chosen, in slices along its output channels.
type WeightSite struct {
	Layer      int
	Channels   int // output channels
	PerChannel int // elements per output channel
}

// Elements returns the tensor's size.
func (s WeightSite) Elements() int { return s.Channels * s.PerChannel }

// Slices returns the number of slices when group output channels share one (0: all of them).
func (s WeightSite) Slices(group int) int {
	if group <= 0 || group >= s.Channels {
		return 1
	}
	return (s.Channels + group - 1) / group
}

// SliceElements returns the elements of slice i; the last slice may be short.
func (s WeightSite) SliceElements(group, i int) int {
	lo, hi := s.SliceChannels(group, i)
	return (hi - lo) * s.PerChannel
}

// SliceChannels returns the output channels [lo, hi) of slice i.
func (s WeightSite) SliceChannels(group, i int) (lo, hi int) {
	if group <= 0 || group >= s.Channels {
		return 0, s.Channels
	}
	return i * group, min((i+1)*group, s.Channels)
}

// ActivationSite is a stored tensor between layers whose width can be chosen: one producer, one
// width, however many consumers. The image (8 bits) is no site, nor is a result that leaves the
// accumulators as it is.
type ActivationSite struct {
	Layer    int // the producer
	Elements int // per image
	Signed   bool
}

// WeightSiteOf returns the index into Weights of layer i's weights, or -1.
func (n *Network) WeightSiteOf(i int) int { return n.weightSite[i] }

// ActivationSiteOf returns the index into Activations of layer i's output, or -1 if it is the
// image, a result that leaves the accumulators, fused into the Add behind it, or a view.
func (n *Network) ActivationSiteOf(i int) int { return n.activationSite[i] }

// Assemble makes a network of layers in execution order, layer 0 being the image. Layers name their
// stage by its index. It fails where Check does.
func Assemble(name string, classes int, stages []string, layers []Layer) (*Network, error) {
	n := &Network{Name: name, Classes: classes, Stages: stages, Layers: layers}
	if err := n.finish(); err != nil {
		return nil, err
	}
	return n, nil
}

// finish derives consumers, parts and sites from the layers.
func (n *Network) finish() error {
	if err := n.Check(); err != nil {
		return err
	}
	n.consumers = make([][]int, len(n.Layers))
	for i := range n.Layers {
		for _, j := range n.Layers[i].Inputs {
			n.consumers[j] = append(n.consumers[j], i)
		}
	}
	n.findParts()
	n.weightSite = make([]int, len(n.Layers))
	n.activationSite = make([]int, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		n.weightSite[i], n.activationSite[i] = -1, -1
		if l.Weighted() {
			n.weightSite[i] = len(n.Weights)
			n.Weights = append(n.Weights, WeightSite{Layer: i, Channels: l.Out.C, PerChannel: l.Fanin()})
		}
		if l.Kind != Input && n.Stored(i) && !n.rawResult(i) {
			n.activationSite[i] = len(n.Activations)
			n.Activations = append(n.Activations, ActivationSite{Layer: i, Elements: l.Out.Elements(), Signed: n.signed(i)})
		}
	}
	return nil
}

// rawResult reports whether layer i is the network's last and its output leaves the accumulators
// at their width. A result from the vector unit has a width of its own, and so have the results that a
// last Concat gathers.
func (n *Network) rawResult(i int) bool {
	if i != len(n.Layers)-1 {
		return false
	}
	l := &n.Layers[i]
	return l.Weighted() || l.Kind == Add && n.FusedIntoAdd(i-1)
}

// findParts looks through views: which stored tensors each layer gives out, and until when they are
// read.
func (n *Network) findParts() {
	n.parts = make([][]Part, len(n.Layers))
	n.lastRead = make([]int, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		n.lastRead[i] = i
		switch l.Kind {
		case Concat:
			for _, j := range l.Inputs {
				n.parts[i] = append(n.parts[i], n.parts[j]...)
			}
		case Slice:
			pixels := l.In.H * l.In.W
			n.parts[i] = cutParts(n.parts[l.Inputs[0]], l.First*pixels, (l.First+l.Out.C)*pixels)
		default:
			n.parts[i] = []Part{{i, l.Out.Elements()}}
		}
		for _, j := range l.Inputs {
			for _, p := range n.parts[j] {
				n.lastRead[p.Layer] = i
			}
		}
	}
}

// cutParts returns what of the parts lies in the elements [lo, hi) of the whole.
func cutParts(parts []Part, lo, hi int) []Part {
	var cut []Part
	at := 0
	for _, p := range parts {
		if e := min(hi, at+p.Elements) - max(lo, at); e > 0 {
			cut = append(cut, Part{p.Layer, e})
		}
		at += p.Elements
	}
	return cut
}

// signed reports whether the output of layer i can be negative.
func (n *Network) signed(i int) bool {
	l := &n.Layers[i]
	if l.Kind == Input {
		return true
	}
	if !l.Activation.Signed() {
		return false
	}
	if l.Weighted() || l.Norm {
		return true
	}
	for _, j := range l.Inputs {
		if n.signed(j) {
			return true
		}
	}
	return false
}
