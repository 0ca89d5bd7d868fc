package nvdla

import (
	"strings"

	"dse/models"
)

// networkOf returns the layers of a network that the spreadsheet sums up, nil for one that is not known or
// that uses the second memory interface.
func networkOf(name string) []layer {
	switch {
	case strings.Contains(name, "SRAM"):
		return nil
	case strings.HasPrefix(name, "AlexNet"):
		return alexNet()
	case strings.HasPrefix(name, "ResNet-50"):
		return resNet50()
	case strings.HasPrefix(name, "GoogLeNet"):
		return googLeNet()
	}
	return nil
}

// conv returns a convolution on square maps.
func conv(network, name string, channels, in, kernels, kernel, stride int) layer {
	return layer{network, name, "conv", channels, square(in), square(ceilDiv(in, stride)), kernels, square(kernel), stride}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func square(side int) models.Window { return models.Window{H: side, W: side} }

// alexNet is the network of Krizhevsky et al., NIPS 2012, figure 2. Layers in two groups stand twice.
func alexNet() []layer {
	const net = "AlexNet"
	first := conv(net, "1", 3, 224, 96, 11, 4)
	first.out = square(55)
	second, fourth, fifth := conv(net, "2", 48, 27, 128, 5, 1), conv(net, "4", 192, 13, 192, 3, 1), conv(net, "5", 192, 13, 128, 3, 1)
	dense := func(name string, channels, in, kernels int) layer {
		return layer{net, name, "fc", channels, square(in), square(1), kernels, square(in), 1}
	}
	return []layer{
		first, second, second, conv(net, "3", 256, 13, 384, 3, 1), fourth, fourth, fifth, fifth,
		dense("fc1", 256, 6, 4096), dense("fc2", 4096, 1, 4096), dense("fc3", 4096, 1, 1000),
	}
}

// resNet50 is the network of He et al., CVPR 2016, table 1: bottlenecks whose first 1x1 layer strides, and
// whose sum is taken in the output stage of the last.
func resNet50() []layer {
	const net = "ResNet50"
	layers := []layer{conv(net, "Conv1 + Pooling", 3, 224, 64, 7, 2)}
	channels, side := 64, 56
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for block := range blocks {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			out := side / stride
			name := "Res" + string(rune('2'+stage)) + string(rune('a'+block)) + "_branch"
			if block == 0 {
				layers = append(layers, conv(net, name+"1", channels, side, 4*width, 1, stride))
			}
			last := conv(net, name+"2c", width, out, 4*width, 1, 1)
			last.kind = "conv + elwise"
			layers = append(layers, conv(net, name+"2a", channels, side, width, 1, stride), conv(net, name+"2b", width, out, width, 3, 1), last)
			channels, side = 4*width, out
		}
	}
	return append(layers, layer{net, "fc1000", "fc", 2048, square(1), square(1), 1000, square(1), 1})
}

// inception is a module of GoogLeNet: the kernels of its layers, by size and place.
type inception struct {
	name                                            string
	side                                            int
	one, threeReduce, three, fiveReduce, five, pool int
}

var inceptions = []inception{
	{"3a", 28, 64, 96, 128, 16, 32, 32},
	{"3b", 28, 128, 128, 192, 32, 96, 64},
	{"4a", 14, 192, 96, 208, 16, 48, 64},
	{"4b", 14, 160, 112, 224, 24, 64, 64},
	{"4c", 14, 128, 128, 256, 24, 64, 64},
	{"4d", 14, 112, 144, 288, 32, 64, 64},
	{"4e", 14, 256, 160, 320, 32, 128, 128},
	{"5a", 7, 256, 160, 320, 32, 128, 128},
	{"5b", 7, 384, 192, 384, 48, 128, 128},
}

// googLeNet is the network of Szegedy et al., CVPR 2015, table 1. The 1x1 layers of a module that read its
// input run as one, as in the spreadsheet.
func googLeNet() []layer {
	const net = "GoogLeNet"
	layers := []layer{conv(net, "conv1", 3, 224, 64, 7, 2), conv(net, "conv2 reduce", 64, 56, 64, 1, 1), conv(net, "conv2", 64, 56, 192, 3, 1)}
	channels := 192
	for _, m := range inceptions {
		name := "inception " + m.name
		layers = append(layers,
			conv(net, name+" 1x1 (combined)", channels, m.side, m.one+m.threeReduce+m.fiveReduce, 1, 1),
			conv(net, name+" 3x3", m.threeReduce, m.side, m.three, 3, 1),
			conv(net, name+" 5x5", m.fiveReduce, m.side, m.five, 5, 1),
			conv(net, name+" pool proj", channels, m.side, m.pool, 1, 1))
		channels = m.one + m.three + m.five + m.pool
	}
	return append(layers, layer{net, "fc", "fc", 1024, square(1), square(1), 1000, square(1), 1})
}
