package rowstationary

import "testing"

// eyeriss is the array of Eyeriss v1: 12x14 PEs, 100 kB for inputs and sums of 16 bit. batch is in the layer.
func eyeriss() *Array {
	return &Array{
		Rows: 12, Cols: 14, FilterWords: 224, InputWords: 12, SumWords: 24,
		Buffer: 800000, InputWidth: 16, SumWidth: 16, InputBus: 16, Port: 128, Coding: 0.65625,
	}
}

func layer(images, channels, filters, groups, in, kernel, stride, pad int) *Layer {
	out := (in+2*pad-kernel)/stride + 1
	a := Axis{In: in, Out: out, Kernel: kernel, Stride: stride, Pad: pad, Dilation: 1, Up: 1}
	return &Layer{Images: images, Channels: channels, Filters: filters, Groups: groups, Rows: a, Cols: a}
}

// The mappings that the measurements of JSSC 2017 betray: active PEs (135 in AlexNet's CONV2; 156 in VGG-16 up to
// CONV3, 168 from there), and traffic of the global buffer, which tells q*r and p*t.
func TestChooseEyeriss(t *testing.T) {
	image := *eyeriss()
	image.Coding = 1
	for _, c := range []struct {
		name   string
		l      *Layer
		a      *Array
		want   Mapping
		active int
	}{
		{"AlexNet CONV1", layer(4, 3, 96, 1, 227, 11, 4, 0), &image, Mapping{M: 96, N: 1, E: 7, P: 16, Q: 1, R: 1, T: 2}, 154},
		{"AlexNet CONV2", layer(4, 48, 128, 2, 27, 5, 1, 2), eyeriss(), Mapping{M: 64, N: 1, E: 27, P: 16, Q: 2, R: 1, T: 1}, 135},
		{"AlexNet CONV3", layer(4, 256, 384, 1, 13, 3, 1, 1), eyeriss(), Mapping{M: 64, N: 4, E: 13, P: 16, Q: 3, R: 2, T: 2}, 156},
		{"AlexNet CONV4", layer(4, 192, 192, 2, 13, 3, 1, 1), eyeriss(), Mapping{M: 64, N: 4, E: 13, P: 16, Q: 3, R: 2, T: 2}, 156},
		{"AlexNet CONV5", layer(4, 192, 128, 2, 13, 3, 1, 1), eyeriss(), Mapping{M: 64, N: 4, E: 13, P: 16, Q: 3, R: 2, T: 2}, 156},
		{"VGG CONV1-2", layer(3, 64, 64, 1, 224, 3, 1, 1), eyeriss(), Mapping{M: 16, N: 1, E: 13, P: 4, Q: 1, R: 1, T: 4}, 156},
		{"VGG CONV2-2", layer(3, 128, 128, 1, 112, 3, 1, 1), eyeriss(), Mapping{M: 32, N: 1, E: 13, P: 8, Q: 1, R: 1, T: 4}, 156},
		{"VGG CONV3-3", layer(3, 256, 256, 1, 56, 3, 1, 1), eyeriss(), Mapping{M: 64, N: 1, E: 13, P: 16, Q: 2, R: 1, T: 4}, 156},
		{"VGG CONV4-3", layer(3, 512, 512, 1, 28, 3, 1, 1), eyeriss(), Mapping{M: 32, N: 1, E: 28, P: 16, Q: 4, R: 1, T: 2}, 168},
		{"VGG CONV5-1", layer(3, 512, 512, 1, 14, 3, 1, 1), eyeriss(), Mapping{M: 64, N: 3, E: 14, P: 16, Q: 4, R: 2, T: 2}, 168},
	} {
		got, err := Choose(c.l, c.a)
		c.want.Groups = 1
		if err != nil || got.Mapping != c.want || got.Active != c.active {
			t.Errorf("%s: %+v, %d active PEs, error %v; want %+v, %d", c.name, got.Mapping, got.Active, err, c.want, c.active)
		}
	}
}
