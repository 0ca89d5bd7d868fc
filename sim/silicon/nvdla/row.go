package nvdla

import (
	"fmt"
	"regexp"
	"strconv"

	"dse/models"
	"dse/sim/silicon/onelayer"
)

// layer is a line of the spreadsheet.
type layer struct {
	network  string
	name     string
	kind     string // "conv", "conv + elwise" or "fc"
	channels int
	in, out  models.Window
	kernels  int
	kernel   models.Window
	stride   int
}

// syntax of a layer in the table: "NAME [KIND] C3 H224 W224 K64 R7 S7 stride2 P112 Q112".
var syntax = regexp.MustCompile(`^(.*) \[(.*)\] C(\d+) H(\d+) W(\d+) K(\d+) R(\d+) S(\d+) stride(\d+) P(\d+) Q(\d+)$`)

// parse reads a layer of a network.
func parse(network, text string) (layer, error) {
	m := syntax.FindStringSubmatch(text)
	if m == nil {
		return layer{}, fmt.Errorf("layer %q is not of the form NAME [KIND] C1 H1 W1 K1 R1 S1 stride1 P1 Q1", text)
	}
	var v [9]int
	for i := range v {
		n, err := strconv.Atoi(m[3+i])
		if err != nil || n < 1 {
			return layer{}, fmt.Errorf("layer %q: %q is not a size", text, m[3+i])
		}
		v[i] = n
	}
	return layer{
		network: network, name: m[1], kind: m[2], channels: v[0], in: models.Window{H: v[1], W: v[2]}, kernels: v[3],
		kernel: models.Window{H: v[4], W: v[5]}, stride: v[6], out: models.Window{H: v[7], W: v[8]},
	}, nil
}

// model returns the layer as the simulator sees it. The first layer's input is an image.
func (l *layer) model() onelayer.Layer {
	return onelayer.Layer{
		Name: l.network + " " + l.name, In: models.Shape{C: l.channels, H: l.in.H, W: l.in.W}, Filters: l.kernels,
		Kernel: l.kernel, Stride: models.Window{H: l.stride, W: l.stride}, Out: l.out,
		Residual: l.kind == "conv + elwise", Image: l.channels == 3,
	}
}

// pools lists the layers behind which the network pools and the spreadsheet counts the pooled map as what
// is written: the planar data processor works on the results as they come. side is that map's.
//
// That the pools of Inception modules 3b, 4e and 5b, which take four layers' outputs, are counted for the
// projection alone is the spreadsheet's way.
var pools = []struct {
	network                   string
	name                      *regexp.Regexp
	channels, filters, kernel int
	outHeight, side           int
}{
	{"ResNet50", nil, 3, 64, 7, 112, 56},
	{"ResNet50", regexp.MustCompile(`^Res5c_branch2c`), 512, 2048, 1, 7, 1},
	{"GoogLeNet", nil, 3, 64, 7, 112, 56},
	{"GoogLeNet", nil, 64, 192, 3, 56, 28},
	{"GoogLeNet", regexp.MustCompile(`3b pool proj`), 256, 64, 1, 28, 14},
	{"GoogLeNet", regexp.MustCompile(`4e pool proj`), 528, 128, 1, 14, 7},
	{"GoogLeNet", regexp.MustCompile(`5b pool proj`), 832, 128, 1, 7, 1},
	{"AlexNet", nil, 3, 96, 11, 55, 27},
	{"AlexNet", nil, 48, 128, 5, 27, 13},
	{"AlexNet", nil, 192, 128, 3, 13, 6},
}

var untransformed = regexp.MustCompile(`^(?i:inception) (3b|4|5)`)

// written returns the share of the layer's results that is left to write after pooling.
func (l *layer) written() float64 {
	for _, p := range pools {
		if p.network == l.network && p.channels == l.channels && p.filters == l.kernels && p.kernel == l.kernel.H &&
			p.outHeight == l.out.H && (p.name == nil || p.name.MatchString(l.name)) {
			return float64(p.side*p.side) / float64(l.out.H*l.out.W)
		}
	}
	return 1
}

// filters returns what the spreadsheet counts of the filters' size in memory: in GoogLeNet from the Inception
// module 3b on, and only there, it reads the filters of Winograd layers as 3x3 although they are stored as 4x4.
func (l *layer) filters() float64 {
	if l.network == "GoogLeNet" && l.kernel.H == 3 && l.stride == 1 && untransformed.MatchString(l.name) {
		return 9.0 / 16
	}
	return 1
}

// images returns how many images share one reading of the weights: the spreadsheet runs the dense layers
// of AlexNet, and only these, in batches of 16.
func (l *layer) images() float64 {
	if l.kind == "fc" && l.network == "AlexNet" {
		return 16
	}
	return 1
}
