package eyeriss

import (
	"fmt"

	"dse/models"
	"dse/sim/silicon/onelayer"
)

// network is a network that the chip was measured on.
type network struct {
	name   string
	layers []onelayer.Layer
}

// layersOf returns the layers of a row: one, or all for "Total". The error names what there is.
func layersOf(name, layer string) ([]onelayer.Layer, error) {
	for _, n := range networks {
		if n.name != name {
			continue
		}
		if layer == "Total" {
			return n.layers, nil
		}
		for i := range n.layers {
			if n.layers[i].Name == layer {
				return n.layers[i : i+1], nil
			}
		}
		return nil, fmt.Errorf("%s has no layer %q; its layers are %s to %s, and Total", name, layer, n.layers[0].Name, n.layers[len(n.layers)-1].Name)
	}
	return nil, fmt.Errorf("network %q is not known; known are AlexNet and VGG-16", name)
}

var networks = []network{{"AlexNet", alexNet()}, {"VGG-16", vgg16()}}

// alexNet is the convolutions of Krizhevsky et al., NIPS 2012, with the input of 227x227 that they need.
func alexNet() []onelayer.Layer {
	layers := []onelayer.Layer{
		conv("CONV1", 3, 227, 96, 11, 4, 55, 1), conv("CONV2", 96, 27, 256, 5, 1, 27, 2), conv("CONV3", 256, 13, 384, 3, 1, 13, 1),
		conv("CONV4", 384, 13, 384, 3, 1, 13, 2), conv("CONV5", 384, 13, 256, 3, 1, 13, 2),
	}
	layers[0].Image = true
	return layers
}

// vgg16 is the convolutions of Simonyan and Zisserman, ICLR 2015, table 1, column D.
func vgg16() []onelayer.Layer {
	var layers []onelayer.Layer
	channels, side := 3, 224
	for stage, count := range []int{2, 2, 3, 3, 3} {
		filters := min(512, 64<<stage)
		for i := range count {
			layers = append(layers, conv(fmt.Sprintf("CONV%d-%d", stage+1, i+1), channels, side, filters, 3, 1, side, 1))
			channels = filters
		}
		side /= 2
	}
	layers[0].Image = true
	return layers
}

func conv(name string, channels, in, filters, kernel, stride, out, groups int) onelayer.Layer {
	return onelayer.Layer{
		Name: name, In: models.Shape{C: channels, H: in, W: in}, Filters: filters, Kernel: models.Window{H: kernel, W: kernel},
		Stride: models.Window{H: stride, W: stride}, Out: models.Window{H: out, W: out}, Groups: groups,
	}
}
