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

// Range fills x and y with the images from, from+1, ... until y or the part ends, and returns how
// many there were. x has room for len(y) images in NHWC order.
func (p *Part) Range(from int, x []float32, y []int) int {
	p.checkRoom(x, y)
	n := min(len(y), p.Len()-from)
	for i := range n {
		p.fill(from+i, i, x, y)
	}
	return n
}

// fill writes image i of the part to slot of the batch.
func (p *Part) fill(i, slot int, x []float32, y []int) {
	n := p.Shape.Len()
	out := x[slot*n : (slot+1)*n]
	for j, v := range p.Pixels(i) {
		out[j] = pixel[v]
	}
	y[slot] = p.Label(i)
}

// checkRoom holds callers to the shapes of a batch.
func (p *Part) checkRoom(x []float32, y []int) {
	if len(x) != len(y)*p.Shape.Len() {
		panic("dataset: x has not one image for each element of y")
	}
}
