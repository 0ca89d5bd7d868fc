package qat

import "math/rand/v2"

// order is the order of images in one phase: a permutation per epoch that is a function of seed,
// phase and epoch alone, so that any step can be found without the ones before it.
type order struct {
	images, size    int // size of a batch
	seed            uint64
	phase           int
	epoch           int
	permutation     []int
	batchesPerEpoch int
}

func newOrder(images, size int, seed uint64, phase int) *order {
	return &order{images: images, size: size, seed: seed, phase: phase, epoch: -1, permutation: make([]int, images), batchesPerEpoch: images / size}
}

// batch writes the images of a step to index. Each epoch leaves out the images that do not fill a
// batch.
func (o *order) batch(step int, index []int) {
	if epoch := step / o.batchesPerEpoch; epoch != o.epoch {
		o.epoch = epoch
		src := rand.New(rand.NewPCG(o.seed, o.stream(epoch)))
		for i := range o.permutation {
			o.permutation[i] = i
		}
		src.Shuffle(o.images, func(i, j int) { o.permutation[i], o.permutation[j] = o.permutation[j], o.permutation[i] })
	}
	at := step % o.batchesPerEpoch * o.size
	copy(index, o.permutation[at:at+o.size])
}

// stream numbers the epochs of all phases.
func (o *order) stream(epoch int) uint64 { return uint64(o.phase)<<32 | uint64(epoch) }

// draw seeds what varies in the images of a step's epoch. It is never 0, which stands for no variation.
func (o *order) draw(step int) uint64 {
	src := rand.NewPCG(o.seed, ^o.stream(step/o.batchesPerEpoch))
	return max(1, src.Uint64())
}
