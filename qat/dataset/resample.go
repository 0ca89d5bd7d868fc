package dataset

import (
	"image"
	"math"
)

// resampler resizes images by separable cubic convolution (Keys, "Cubic convolution interpolation for
// digital image processing", IEEE TASSP 29(6), 1981, with a = -1/2), stretched over the source where the
// image shrinks, so that nothing aliases. It keeps its memory for the next image.
type resampler struct {
	out     []byte    // the result, height x width x 3
	between []float32 // resized along the rows alone
	cols    kernels
	rows    kernels
}

// kernels are the weights of one direction: output i is the sum of weights[i] over the sources from
// first[i] on.
type kernels struct {
	first   []int
	taps    int // weights per output
	weights []float32
}

// cubic is Keys' function.
func cubic(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// set makes the weights that resize in sources to out results. Sources beyond the edges count as the
// ones at the edges.
func (k *kernels) set(in, out int) {
	scale := float64(in) / float64(out)
	stretch := max(1, scale)
	k.taps = int(math.Ceil(4*stretch)) + 1
	k.first = k.first[:0]
	if need := out * k.taps; cap(k.weights) < need {
		k.weights = make([]float32, need)
	}
	k.weights = k.weights[:out*k.taps]
	for i := range out {
		centre := (float64(i)+0.5)*scale - 0.5
		first := int(math.Ceil(centre - 2*stretch))
		k.first = append(k.first, first)
		w := k.weights[i*k.taps : (i+1)*k.taps]
		sum := 0.0
		for j := range w {
			v := cubic((float64(first+j) - centre) / stretch)
			w[j] = float32(v)
			sum += v
		}
		for j := range w {
			w[j] = float32(float64(w[j]) / sum)
		}
	}
}

// resize writes img at the given size to s.out.
func (s *resampler) resize(img *image.RGBA, width, height int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	s.cols.set(w, width)
	s.rows.set(h, height)
	if need := h * width * 3; cap(s.between) < need {
		s.between = make([]float32, need)
	}
	s.between = s.between[:h*width*3]
	for y := range h {
		line := img.Pix[y*img.Stride:][:w*4]
		for x := range width {
			var r, g, b float32
			first := s.cols.first[x]
			for j, v := range s.cols.weights[x*s.cols.taps : (x+1)*s.cols.taps] {
				p := line[4*min(max(first+j, 0), w-1):][:3]
				r += v * float32(p[0])
				g += v * float32(p[1])
				b += v * float32(p[2])
			}
			out := s.between[(y*width+x)*3:][:3]
			out[0], out[1], out[2] = r, g, b
		}
	}
	if need := height * width * 3; cap(s.out) < need {
		s.out = make([]byte, need)
	}
	s.out = s.out[:height*width*3]
	span := width * 3
	for y := range height {
		first := s.rows.first[y]
		weights := s.rows.weights[y*s.rows.taps : (y+1)*s.rows.taps]
		for x := range span {
			var sum float32
			for j, v := range weights {
				sum += v * s.between[min(max(first+j, 0), h-1)*span+x]
			}
			s.out[y*span+x] = byte(min(max(math.Round(float64(sum)), 0), 255))
		}
	}
}
