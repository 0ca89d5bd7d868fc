package sim

import (
	"dse/accel"
	"dse/models"
)

// storedChannels returns the channels that a tensor of n channels takes in memory: whole granules, or
// those of an image.
func (c *chip) storedChannels(n int) int {
	switch granule := c.Array.ChannelGranule; {
	case granule == 0:
		return n
	case n <= c.Array.ImageChannels:
		return c.Array.ImageChannels
	default:
		return ceilDiv(n, granule) * granule
	}
}

// spread returns how much longer a tensor is in memory than its elements.
func (c *chip) spread(s models.Shape) float64 {
	return float64(c.storedChannels(s.C)) / float64(s.C)
}

// winograd says whether a layer runs as F(2x2, 3x3), which computes 2x2 outputs of a 3x3 convolution
// with 16 multiplications instead of 36. Source: Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", CVPR 2016. Tiles that the map does not fill are not counted.
func (c *chip) winograd(l *models.Layer) bool {
	return c.Array.Winograd && l.Kind == models.Conv && l.Groups == 1 &&
		l.Kernel == models.Window{H: 3, W: 3} && l.Stride == models.Window{H: 1, W: 1} && l.Span() == l.Kernel
}

// The filter of F(2x2, 3x3) is stored transformed, 4x4 for 3x3; 16 multiplications make 4 outputs.
const (
	winogradFilter = 16.0 / 9
	winogradTaps   = 4
)

// growth returns how much longer a layer's weights are in memory than their elements: input channels
// in whole granules, windows in whole strides, or transformed.
func (c *chip) growth(l *models.Layer) float64 {
	if !l.Weighted() || l.Kind != models.Dense && l.Groups != 1 {
		return 1
	}
	g := c.spread(l.In)
	switch {
	case c.winograd(l):
		g *= winogradFilter
	case c.Array.StrideExtension && l.Kind == models.Conv:
		whole := wholeStrides(l.Kernel.H, l.Stride.H) * wholeStrides(l.Kernel.W, l.Stride.W)
		g *= float64(whole) / float64(tapsOf(l))
	}
	return g
}

// wholeStrides returns the extent of a kernel in whole strides. What a stride would skip is then under
// the kernel and fetched with the rest.
func wholeStrides(kernel, stride int) int { return ceilDiv(kernel, stride) * stride }

// packed says whether what the rows and columns of the array leave free in whole granules works on
// other taps or positions of the layer. Groups do not share rows.
func (c *chip) packed(g *geometry) bool {
	return c.Array.ChannelGranule > 0 && g.groups == 1
}

// packedColumns returns the share of the array's time that a column tile of some channels takes.
func (c *chip) packedColumns(g *geometry, channels int) float64 {
	if !c.packed(g) {
		return 1
	}
	granule := c.Array.ChannelGranule
	return float64(ceilDiv(channels, granule)*granule) / float64(c.array.Cols)
}

// packedRows returns the reduction steps of one tap over the layer's input channels in mode m.
func (c *chip) packedRows(l *models.Layer, m accel.Mode) float64 {
	return float64(l.Fanin()/max(1, tapsOf(l))) * c.spread(l.In) / (float64(c.array.Rows) * m.Throughput)
}

// tapsOf returns the positions of a layer's window.
func tapsOf(l *models.Layer) int {
	if l.Kind == models.Dense {
		return 1
	}
	return l.Kernel.H * l.Kernel.W
}
