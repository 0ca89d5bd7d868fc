package dataset

import (
	"crypto/sha256"
	"encoding/hex"
)

// Fill writes image index[i] of the part to place i of x, as [H, W, C] floats, and its class to
// y[i]. It allocates nothing and may be called concurrently.
func (p *Part) Fill(index []int, x, y []float32) {
	n := p.Shape.Len()
	if len(x) < len(index)*n || len(y) < len(index) {
		panic("dataset: no room for the batch")
	}
	for slot, i := range index {
		out := x[slot*n : (slot+1)*n]
		for j, v := range p.Pixels(i) {
			out[j] = pixel[v]
		}
		y[slot] = float32(p.Label(i))
	}
}

// Digest returns the SHA-256 of all images and labels in hexadecimal. It decodes every file, and
// so finds damage in any of them.
func (s *Set) Digest() (string, error) {
	h := sha256.New()
	for _, p := range []*pair{s.train, s.test} {
		images, err := p.decode()
		if err != nil {
			return "", err
		}
		h.Write(images)
		h.Write(p.labels)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
