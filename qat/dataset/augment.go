package dataset

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Augment says how training images are changed from epoch to epoch. The zero value leaves them alone.
type Augment struct {
	// Flip mirrors every other image, left and right.
	Flip bool
	// Crop pads the image with that many black pixels on each side and cuts out one of the old size.
	Crop int
	// ResizedCrop cuts out 8 to 100 % of an image's area at a ratio of 3:4 to 4:3 and resizes it
	// (Szegedy et al., CVPR 2015). It is for folders of images, which have sizes of their own.
	ResizedCrop bool
}

// ParseAugment reads a list of "flip", "crop=PIXELS" and "resized-crop".
func ParseAugment(list []string) (a Augment, err error) {
	for _, word := range list {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "flip":
			a.Flip = true
		case "resized-crop":
			a.ResizedCrop = true
		case "crop":
			if a.Crop, err = strconv.Atoi(value); err != nil || a.Crop < 1 || a.Crop > maxSide {
				return a, fmt.Errorf("%q: crop takes a number of pixels, such as crop=4", word)
			}
			continue
		default:
			return a, fmt.Errorf("%q is unknown: want flip, crop=PIXELS or resized-crop", word)
		}
		if value != "" {
			return a, fmt.Errorf("%q: %s takes no value", word, name)
		}
	}
	return a, nil
}

// String returns the words that ParseAugment reads.
func (a Augment) String() string {
	var words []string
	if a.Flip {
		words = append(words, "flip")
	}
	if a.Crop > 0 {
		words = append(words, fmt.Sprintf("crop=%d", a.Crop))
	}
	if a.ResizedCrop {
		words = append(words, "resized-crop")
	}
	if words == nil {
		return "none"
	}
	return strings.Join(words, " ")
}

// Apply returns the images of a part under a, which must not ask for ResizedCrop.
func (a Augment) Apply(p *Part) *Augmented {
	if a.ResizedCrop {
		panic("dataset: resized-crop of images that are in memory at one size")
	}
	return &Augmented{Part: p, change: a}
}

// Augmented is a part whose images vary. Fill shows them unchanged.
type Augmented struct {
	*Part
	change Augment
}

// shift is what an augmentation makes of one image.
type shift struct {
	x, y int // of the image against the frame that is cut out
	flip bool
}

// draw chooses the change of image i. Every draw makes its choices anew; 0 changes nothing.
func (a Augment) draw(draw uint64, i int) shift {
	if draw == 0 {
		return shift{}
	}
	src := rand.NewPCG(draw, uint64(i))
	var s shift
	if a.Crop > 0 {
		span := uint64(2*a.Crop + 1)
		s.x, s.y = int(below(src, span))-a.Crop, int(below(src, span))-a.Crop
	}
	s.flip = a.Flip && src.Uint64()&1 == 1
	return s
}

// Batch writes the images of a batch, each changed as the draw and its own number say. It allocates
// nothing and cannot fail; the error is there for sets that read files.
func (a *Augmented) Batch(draw uint64, index []int, x, y []float32) error {
	n := a.Shape.Len()
	if len(x) < len(index)*n || len(y) < len(index) {
		panic("dataset: no room for the batch")
	}
	for slot, i := range index {
		a.change.draw(draw, i).apply(x[slot*n:(slot+1)*n], a.Pixels(i), a.Shape)
		y[slot] = float32(a.Label(i))
	}
	return nil
}

// apply writes the changed image to out. Pixels from outside the image are black.
func (s shift) apply(out []float32, in []byte, shape Shape) {
	c := shape.Channels
	for row := range shape.Height {
		from := row + s.y
		for col := range shape.Width {
			src := col
			if s.flip {
				src = shape.Width - 1 - col
			}
			src += s.x
			dst := out[(row*shape.Width+col)*c:][:c]
			if from < 0 || from >= shape.Height || src < 0 || src >= shape.Width {
				for k := range dst {
					dst[k] = pixel[0]
				}
				continue
			}
			for k, v := range in[(from*shape.Width+src)*c:][:c] {
				dst[k] = pixel[v]
			}
		}
	}
}
