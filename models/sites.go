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
// width, however many consumers. The image (8 bits) and the network's result are no sites.
type ActivationSite struct {
	Layer    int // the producer
	Elements int // per image
	Signed   bool
}

// WeightSiteOf returns the index into Weights of layer i's weights, or -1.
func (n *Network) WeightSiteOf(i int) int { return n.weightSite[i] }

// ActivationSiteOf returns the index into Activations of layer i's output, or -1 if it is the
// image, the network's result, or fused into the Add behind it.
func (n *Network) ActivationSiteOf(i int) int { return n.activationSite[i] }

// finish derives consumers and sites from the layers.
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
	n.weightSite = make([]int, len(n.Layers))
	n.activationSite = make([]int, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		n.weightSite[i], n.activationSite[i] = -1, -1
		if l.Weighted() {
			n.weightSite[i] = len(n.Weights)
			n.Weights = append(n.Weights, WeightSite{Layer: i, Channels: l.Out.C, PerChannel: l.Fanin()})
		}
		if l.Kind != Input && i != len(n.Layers)-1 && n.Stored(i) {
			n.activationSite[i] = len(n.Activations)
			n.Activations = append(n.Activations, ActivationSite{Layer: i, Elements: l.Out.Elements(), Signed: n.signed(i)})
		}
	}
	return nil
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
	switch l.Kind {
	case AveragePool, MaxPool, Add:
		for _, j := range l.Inputs {
			if n.signed(j) {
				return true
			}
		}
		return false
	}
	return true
}
