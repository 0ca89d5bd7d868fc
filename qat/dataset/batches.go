package dataset

import (
	"fmt"
	"math/rand/v2"
)

// Batches deals a part out in batches, newly shuffled in each epoch. Which images a batch has is a
// function of the part, the batch size, the seed and the step alone: a run that resumes at any step
// sees what an uninterrupted one saw. The images that do not fill a batch at the end of an epoch
// are left out of it; the next epoch leaves out others.
//
// Batches keeps scratch memory and is for one goroutine.
type Batches struct {
	part  *Part
	size  int
	seed  uint64
	epoch int     // whose order is kept; -1 before the first
	order []int32 // of the images in that epoch
}

// NewBatches deals out batches of size images. A part that has fewer is an error.
func NewBatches(p *Part, size int, seed uint64) (*Batches, error) {
	if size < 1 || size > p.Len() {
		return nil, fmt.Errorf("batch size %d: must be from 1 to the %d images there are", size, p.Len())
	}
	return &Batches{part: p, size: size, seed: seed, epoch: -1, order: all(p.Len())}, nil
}

// PerEpoch returns the number of batches in one epoch.
func (b *Batches) PerEpoch() int { return b.part.Len() / b.size }

// Batch fills x (NHWC) and y with batch number step, counted from 0 over all epochs.
// Steps may be asked for in any order; within an epoch no memory is allocated and nothing reshuffled.
func (b *Batches) Batch(step int, x []float32, y []int) {
	if step < 0 || len(y) != b.size {
		panic("dataset: negative step or batch of the wrong size")
	}
	b.part.checkRoom(x, y)
	b.shuffle(step / b.PerEpoch())
	first := step % b.PerEpoch() * b.size
	for slot := range b.size {
		b.part.fill(int(b.order[first+slot]), slot, x, y)
	}
}

// shuffle puts the images into the order of an epoch.
func (b *Batches) shuffle(epoch int) {
	if epoch == b.epoch {
		return
	}
	for i := range b.order {
		b.order[i] = int32(i)
	}
	permute(rand.NewPCG(b.seed, uint64(epoch)), b.order)
	b.epoch = epoch
}
