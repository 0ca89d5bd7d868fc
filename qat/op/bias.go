package op

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// bias adds a vector to every pixel of a layer's result, [rows, n], fake-quantized first if it has
// a slice.
type bias struct {
	g     *Graph
	n     int
	slice *Slice
	at    int       // position of the bias among the layer's inputs; step and range follow if it has a slice
	value []float32 // what is added
	db    *tensor.Dense
	// Gradients of the slice, nil without one.
	dd, dxmax *tensor.Dense
	sums      [][]float64 // per part: gradient of value
}

// prepare computes the vector to be added from the layer's inputs.
func (b *bias) prepare(in []gorgonia.Value) {
	src := floats(in[b.at])
	if b.slice == nil || !b.g.Mode.Quantize {
		copy(b.value, src)
		return
	}
	q, _ := b.slice.slice(floats(in[b.at+1])[0], floats(in[b.at+2])[0])
	q.Forward(b.value, src, b.n, 1)
}

// add adds the vector to whole rows.
func (b *bias) add(rows []float32) {
	for ; len(rows) > 0; rows = rows[b.n:] {
		for i, v := range b.value {
			rows[i] += v
		}
	}
}

// differentiate makes the gradients' memory and returns them in the order of the inputs.
func (b *bias) differentiate() []output {
	b.db = newTensor(b.n)
	b.sums = make([][]float64, len(b.g.parts))
	for i := range b.sums {
		b.sums[i] = make([]float64, b.n)
	}
	outs := []output{{"dbias", b.db}}
	if b.slice != nil {
		b.dd, b.dxmax = newTensor(1), newTensor(1)
		outs = append(outs, output{"dbias.d", b.dd}, output{"dbias.xmax", b.dxmax})
	}
	return outs
}

// reduce sums the gradient of a part's rows.
func (b *bias) reduce(part int, dy []float32) {
	sum := b.sums[part]
	clear(sum)
	for ; len(dy) > 0; dy = dy[b.n:] {
		for i := range sum {
			sum[i] += float64(dy[i])
		}
	}
}

// backward turns the parts' sums into the gradients of bias, step and range. in are the inputs of
// the layer.
func (b *bias) backward(in []gorgonia.Value) {
	total := b.sums[0]
	for _, s := range b.sums[1:] {
		for i, v := range s {
			total[i] += v
		}
	}
	db := b.db.Float32s()
	for i, v := range total {
		db[i] = float32(v)
	}
	if b.slice == nil {
		return
	}
	dd, dxmax := b.dd.Float32s(), b.dxmax.Float32s()
	if !b.g.Mode.Quantize {
		dd[0], dxmax[0] = 0, 0
		return
	}
	q, c := b.slice.slice(floats(in[b.at+1])[0], floats(in[b.at+2])[0])
	gd, gx := q.Backward(db, db, floats(in[b.at]), b.n, 1)
	dd[0], dxmax[0] = float32(gd)*c.d, float32(gx)*c.xmax
}
