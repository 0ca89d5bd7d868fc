// Package onelayer puts a single layer into a network, so that the simulator can price a layer of which
// a table of measurements gives the shape and nothing else.
package onelayer

import (
	"fmt"

	"dse/models"
)

// Layer is a convolution, or a dense layer as a convolution whose kernel covers the input.
type Layer struct {
	Name           string
	In             models.Shape
	Filters        int
	Kernel, Stride models.Window
	Out            models.Window // output map
	Groups         int           // 0 counts as 1
	Residual       bool          // a tensor of the output's shape is added in the output stage
	Image          bool          // the input comes from no ReLU: it is an image
}

// Network builds
//
//	image - identity - layer (+ residual) - identity
//
// and returns the index of the layer. The layers around it give tensors the widths of activations; the
// image and the result of a network have widths of their own. The kernel is centred as its stride and the
// output map demand.
func Network(l Layer) (n *models.Network, index int, err error) {
	layers := []models.Layer{{Name: "image", Kind: models.Input, Out: l.In}}
	add := func(k models.Layer) int {
		k.In = layers[k.Inputs[0]].Out
		layers = append(layers, k)
		return len(layers) - 1
	}
	before := models.Layer{Name: "before", Kind: models.Activate, Inputs: []int{0}, Out: l.In, Activation: models.ReLU}
	if l.Image {
		before.Activation = models.Linear
	}
	input := add(before)
	conv := models.Layer{
		Name: l.Name, Kind: models.Conv, Inputs: []int{input}, Out: models.Shape{C: l.Filters, H: l.Out.H, W: l.Out.W},
		Kernel: l.Kernel, Stride: l.Stride, Groups: max(1, l.Groups), Activation: models.ReLU,
	}
	conv.Pad.Top, conv.Pad.Bottom = border(l.In.H, l.Kernel.H, l.Stride.H, l.Out.H)
	conv.Pad.Left, conv.Pad.Right = border(l.In.W, l.Kernel.W, l.Stride.W, l.Out.W)
	skip := -1
	if l.Residual {
		side := conv
		side.Name = "skip"
		skip = add(side)
	}
	index = add(conv)
	last := index
	if l.Residual {
		last = add(models.Layer{Name: "add", Kind: models.Add, Inputs: []int{index, skip}, Out: conv.Out, Activation: models.ReLU})
	}
	add(models.Layer{Name: "after", Kind: models.Activate, Inputs: []int{last}, Out: conv.Out})
	n, err = models.Assemble(l.Name, conv.Out.Elements(), []string{"all"}, layers)
	if err != nil {
		return nil, 0, fmt.Errorf("a layer of the table: %w", err)
	}
	return n, index, nil
}

// border returns the padding on both sides with which a window makes out outputs.
func border(in, kernel, stride, out int) (before, after int) {
	sum := max(0, (out-1)*stride+kernel-in)
	return sum / 2, sum - sum/2
}
