package dataset

// Part is the images of one use, in a fixed order. It is not changed after it was made and may be
// used by several goroutines.
type Part struct {
	Shape  Shape
	images []byte  // of the whole file, NHWC
	labels []byte  // of the whole file
	index  []int32 // of each image of the part, its position in the file
}

// pixel maps a grey value to what networks are fed: (v - 127) / 128, from -127/128 to 1. All
// values are exact in float32.
var pixel = func() (table [256]float32) {
	for v := range table {
		table[v] = (float32(v) - 127) / 128
	}
	return table
}()

// Len returns the number of images.
func (p *Part) Len() int { return len(p.index) }

// Label returns the class of image i.
func (p *Part) Label(i int) int { return int(p.labels[p.index[i]]) }

// Pixels returns the values of image i as they are stored: height, width, channel. They must not
// be changed.
func (p *Part) Pixels(i int) []byte {
	n := p.Shape.Len()
	at := int(p.index[i]) * n
	return p.images[at : at+n : at+n]
}
