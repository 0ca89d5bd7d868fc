package dataset

import (
	"fmt"
	"image"
	imagedraw "image/draw"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// ImagePart is the images of one use of a folder, in a fixed order. It may be used by several goroutines.
type ImagePart struct {
	set     *Images
	files   []imageFile
	index   []int32
	augment Augment
}

// Len returns the number of images.
func (p *ImagePart) Len() int { return len(p.index) }

// Label returns the class of image i.
func (p *ImagePart) Label(i int) int { return int(p.files[p.index[i]].class) }

// Fill is Batch without changes, for callers that know of no errors: it panics on an unreadable image.
func (p *ImagePart) Fill(index []int, x, y []float32) {
	if err := p.Batch(0, index, x, y); err != nil {
		panic(err.Error())
	}
}

// Batch decodes the images of a batch on several threads, as [H, W, 3] floats, each changed as the draw
// and its own number say; draw 0 changes nothing. An image left out as unreadable is grey, with the label
// -1 that no loss counts. The error of the first unreadable image, in order of the batch, is returned.
func (p *ImagePart) Batch(draw uint64, index []int, x, y []float32) error {
	o := &p.set.options
	n := o.Height * o.Width * 3
	if len(x) < len(index)*n || len(y) < len(index) {
		panic("dataset: no room for the batch")
	}
	failed := make([]error, len(index))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(o.Workers, len(index)) {
		workers.Go(func() {
			var s resampler
			for {
				slot := int(next.Add(1)) - 1
				if slot >= len(index) {
					return
				}
				i := index[slot]
				out := x[slot*n : (slot+1)*n]
				y[slot] = float32(p.Label(i))
				if err := p.read(&s, draw, i, out); err != nil {
					failed[slot] = err
					clear(out)
					y[slot] = -1
				}
			}
		})
	}
	workers.Wait()
	for slot, err := range failed {
		if err == nil {
			continue
		}
		file := p.files[p.index[index[slot]]].path
		if !o.SkipUnreadable {
			return fmt.Errorf("data set %s: %s cannot be read: %v: get it again, remove it, or ask for unreadable images to be skipped", p.set.Name, file, err)
		}
		p.set.unreadable.Add(1)
		p.set.first.CompareAndSwap(nil, &file)
	}
	return nil
}

// read writes image i to out.
func (p *ImagePart) read(s *resampler, draw uint64, i int, out []float32) error {
	f, err := p.set.fsys.Open(p.files[p.index[i]].path)
	if err != nil {
		return reason(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return err
	}
	o := &p.set.options
	b := img.Bounds()
	if b.Empty() {
		return fmt.Errorf("it has no pixels")
	}
	var cut image.Rectangle
	change := p.augment.draw(draw, i)
	if p.augment.ResizedCrop && draw != 0 {
		cut = randomCut(rand.NewPCG(^draw, uint64(i)), b, o.Width, o.Height)
	} else {
		cut = centralCut(b, o.Width, o.Height, evalShare)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, cut.Dx(), cut.Dy()))
	imagedraw.Draw(rgba, rgba.Bounds(), img, cut.Min, imagedraw.Src) // transparent pixels become black
	s.resize(rgba, o.Width, o.Height)
	change.apply(out, s.out, Shape{Channels: 3, Height: o.Height, Width: o.Width})
	return nil
}

// evalShare is the share of the side that evaluation keeps: 224 of 256 pixels, as is usual for ImageNet.
const evalShare = 224.0 / 256

// centralCut returns the middle of b, in the proportions of width to height: share of the largest such
// rectangle's sides.
func centralCut(b image.Rectangle, width, height int, share float64) image.Rectangle {
	w, h := float64(b.Dx()), float64(b.Dy())
	scale := min(w/float64(width), h/float64(height)) * share
	cw := max(1, int(math.Round(scale*float64(width))))
	ch := max(1, int(math.Round(scale*float64(height))))
	x, y := b.Min.X+(b.Dx()-cw)/2, b.Min.Y+(b.Dy()-ch)/2
	return image.Rect(x, y, x+cw, y+ch)
}

// The random cut of Szegedy et al. (CVPR 2015): share of the area, and width to height, evenly in its
// logarithm, relative to the proportions of the result.
const (
	leastArea = 0.08
	mostRatio = 4.0 / 3
	cutTries  = 10
)

// randomCut draws a rectangle of b; after ten that do not fit it takes the whole middle.
func randomCut(src *rand.PCG, b image.Rectangle, width, height int) image.Rectangle {
	uniform := func() float64 { return float64(src.Uint64()>>11) / (1 << 53) }
	area := float64(b.Dx()) * float64(b.Dy())
	for range cutTries {
		share := leastArea + (1-leastArea)*uniform()
		ratio := math.Exp((2*uniform()-1)*math.Log(mostRatio)) * float64(width) / float64(height)
		w := int(math.Round(math.Sqrt(area * share * ratio)))
		h := int(math.Round(math.Sqrt(area * share / ratio)))
		if w < 1 || h < 1 || w > b.Dx() || h > b.Dy() {
			continue
		}
		x := b.Min.X + int(below(src, uint64(b.Dx()-w+1)))
		y := b.Min.Y + int(below(src, uint64(b.Dy()-h+1)))
		return image.Rect(x, y, x+w, y+h)
	}
	return centralCut(b, width, height, 1)
}
