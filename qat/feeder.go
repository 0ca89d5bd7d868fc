package qat

import (
	"context"
	"sync"
)

// Source is a set of samples that can fail, or whose images vary from epoch to epoch (augmentation). The
// trainer prefers it to Fill.
type Source interface {
	Samples
	// Batch is Fill for one epoch: what varies is a function of draw and of each image's number alone,
	// so that any batch can be made again without those before it.
	Batch(draw uint64, index []int, x, y []float32) error
}

// fill writes a batch of s, through Batch where there is one.
func fill(s Samples, draw uint64, index []int, x, y []float32) error {
	if source, ok := s.(Source); ok {
		return source.Batch(draw, index, x, y)
	}
	s.Fill(index, x, y)
	return nil
}

// feedAhead is the number of batches made ahead of the training step.
const feedAhead = 2

// feeder makes the batches of a phase in a goroutine of its own, so that training does not wait for
// images to be decoded and changed.
type feeder struct {
	made   chan *batch
	free   chan *batch
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// batch is one batch of images and their classes.
type batch struct {
	index []int
	x, y  []float32
	err   error
}

// newFeeder starts to make the batches of steps from to end-1. Images have pixels values.
func newFeeder(s Samples, o *order, from, end, pixels int) *feeder {
	ctx, cancel := context.WithCancel(context.Background())
	f := &feeder{made: make(chan *batch, feedAhead), free: make(chan *batch, feedAhead), cancel: cancel}
	for range feedAhead {
		f.free <- &batch{index: make([]int, o.size), x: make([]float32, o.size*pixels), y: make([]float32, o.size)}
	}
	f.done.Go(func() {
		for step := from; step < end; step++ {
			var b *batch
			select {
			case b = <-f.free:
			case <-ctx.Done():
				return
			}
			o.batch(step, b.index)
			b.err = fill(s, o.draw(step), b.index, b.x, b.y)
			f.made <- b // has room for all batches there are
		}
	})
	return f
}

// next copies the next batch to x and y.
func (f *feeder) next(x, y []float32) error {
	b := <-f.made
	copy(x, b.x)
	copy(y, b.y)
	err := b.err
	f.free <- b
	return err
}

// close ends the goroutine and waits for it.
func (f *feeder) close() {
	f.cancel()
	f.done.Wait()
}
