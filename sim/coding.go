package sim

import "dse/models"

// codedShare returns the share of a layer's output that comes from ReLUs, and so holds zeros that run-length
// coding leaves out. Views are looked through; pools keep the zeros of what they pool.
func codedShare(n *models.Network, layer int) float64 {
	share := 0.0
	for _, p := range partsOf(n, layer) {
		if rectified(n, p.layer) {
			share += p.share
		}
	}
	return share
}

// rectified says whether values are zero wherever they would be negative.
func rectified(n *models.Network, layer int) bool {
	l := &n.Layers[layer]
	switch {
	case l.Activation == models.ReLU || l.Activation == models.ReLU6:
		return true
	case l.Kind == models.MaxPool:
		return codedShare(n, l.Inputs[0]) == 1
	}
	return false
}

// coding returns the share of the bits of a tensor that cross the DRAM's bus, at some stored bits per
// element, where a share of the tensor is coded. Each value that is not zero carries the number of zeros
// before it; where that is longer than the plain tensor, the plain tensor is moved.
func (c *chip) coding(bits, share float64) float64 {
	if c.DRAM.RunLength.Run == 0 || bits == 0 {
		return 1
	}
	coded := (1 - c.DRAM.RunLength.Zeros) * (bits + float64(c.DRAM.RunLength.Run)) / bits
	return 1 - share + share*min(1, coded)
}
