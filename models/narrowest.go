package models

// Narrowest returns the least precision that the learned quantizer reaches: at least one level
// besides zero, which is 2 bits with a sign and 1 bit without.
func (n *Network) Narrowest(s Slicing) *Precision {
	p := n.Uniform(s, 2, 1)
	for i, site := range n.Activations {
		if site.Signed {
			p.Activations[i] = 2
		}
	}
	return p
}
