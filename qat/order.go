package qat

import "math/rand/v2"

// order is the order of images in one phase: a permutation per epoch that is a function of seed,
// phase and epoch alone, so that any step can be found without the ones before it.
type order struct {
	images, batch_  int
	seed            uint64
	phase           int
	epoch           int
	permutation     []int
	batchesPerEpoch int
}

func newOrder(images, batch int, seed uint64, phase int) *order {
	return &order{images: images, batch_: batch, seed: seed, phase: phase, epoch: -1, permutation: make([]int, images), batchesPerEpoch: images / batch}
}

// batch writes the images of a step to index. Each epoch leaves out the images that do not fill a
// batch.
func (o *order) batch(step int, index []int) {
	if epoch := step / o.batchesPerEpoch; epoch != o.epoch {
		o.epoch = epoch
		src := rand.New(rand.NewPCG(o.seed, uint64(o.phase)<<32|uint64(epoch)))
		for i := range o.permutation {
			o.permutation[i] = i
		}
		src.Shuffle(o.images, func(i, j int) { o.permutation[i], o.permutation[j] = o.permutation[j], o.permutation[i] })
	}
	at := step % o.batchesPerEpoch * o.batch_
	copy(index, o.permutation[at:at+o.batch_])
}
