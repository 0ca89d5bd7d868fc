package kernel

import "iter"

// Patches turn a general convolution into matrix products. A patch row holds the inputs of one output
// pixel under all taps, [KH*KW*channels] floats in the order of the weights. Callers extract the rows
// of a block that stays in cache, multiply it, and go on; the matrix of all patches never exists.

// Channels is the range Lo..Hi-1 of an input's channels: those of one group of a grouped convolution.
type Channels struct{ Lo, Hi int }

// Im2colRows writes the patch rows of the output pixels row0..row1-1, numbered as (n*OH+oh)*OW+ow, to
// dst. Taps outside the input are zero.
func Im2colRows(s *ConvShape, g Channels, x []float32, row0, row1 int, dst []float32) {
	p := s.patches(g, len(x), row0, row1, len(dst))
	for sp := range p.spans(row0, row1) {
		if sp.taps < s.KW {
			for i := range sp.pixels {
				row := dst[sp.patch+i*p.length:][:p.rowLength]
				clear(row[:sp.tap*p.width])
				clear(row[(sp.tap+sp.taps)*p.width:])
			}
		}
		for t := 0; t < sp.taps; t += sp.together {
			to, from := sp.patch+(sp.tap+t)*p.width, sp.x+t*p.xTap
			length := sp.together * p.width
			if length <= shortRow {
				for e := range length {
					copyStrided(dst[to+e:], x[from+e:], sp.pixels, p.length, p.xPixel)
				}
				continue
			}
			for i := range sp.pixels {
				copy(dst[to+i*p.length:][:length], x[from+i*p.xPixel:])
			}
		}
	}
}

// Col2imRowsAdd is the transpose of [Im2colRows]: it adds the patch rows src of the output pixels
// row0..row1-1 to the inputs they were taken from.
func Col2imRowsAdd(s *ConvShape, g Channels, src []float32, row0, row1 int, dx []float32) {
	p := s.patches(g, len(dx), row0, row1, len(src))
	for sp := range p.spans(row0, row1) {
		for t := 0; t < sp.taps; t += sp.together {
			from, to := sp.patch+(sp.tap+t)*p.width, sp.x+t*p.xTap
			length := sp.together * p.width
			if length <= shortRow {
				for e := range length {
					addStrided(dx[to+e:], src[from+e:], sp.pixels, p.xPixel, p.length)
				}
				continue
			}
			for i := range sp.pixels {
				Add(dx[to+i*p.xPixel:][:length], src[from+i*p.length:][:length])
			}
		}
	}
}

// shortRow is the number of contiguous floats up to which it is faster to go along the pixels than along
// the floats: those of a stem with one or three channels.
const shortRow = 12

// copyStrided copies n floats. Inlined into the loops around it, it would keep its counters in memory.
//
//go:noinline
func copyStrided(dst, src []float32, n, dstStride, srcStride int) {
	d, s := 0, 0
	for range n {
		dst[d] = src[s]
		d += dstStride
		s += srcStride
	}
}

// addStrided adds n floats; see copyStrided.
//
//go:noinline
func addStrided(dst, src []float32, n, dstStride, srcStride int) {
	d, s := 0, 0
	for range n {
		dst[d] += src[s]
		d += dstStride
		s += srcStride
	}
}

// patches holds the strides, in floats, of the patches of one channel range.
type patches struct {
	s            *ConvShape
	v, h         axis
	lo           int // first channel
	width        int // channels
	length       int // of a patch
	rowLength    int // of the taps (kh, *) in a patch
	xPixel, xTap int // between neighbouring pixels and taps in the input
}

// span is a stretch of pixels of one output line that see the same horizontal taps, under one vertical
// tap.
type span struct {
	pixels    int
	patch     int // start of the taps (kh, *) in the first pixel's patch
	tap, taps int // horizontal taps inside the input, none if the row kh is outside
	x         int // input of the first pixel under the first of these taps
	together  int // taps whose channels are contiguous in the input: all or one
}

// spans walks over the output pixels row0..row1-1.
func (p *patches) spans(row0, row1 int) iter.Seq[span] {
	return func(yield func(span) bool) {
		s := p.s
		var stack [runsOnStack]run
		runs := p.h.inputRuns(stack[:0])
		for line := row0 / s.OW; line*s.OW < row1; line++ {
			n, oh := line/s.OH, line%s.OH
			for _, r := range runs {
				first := max(row0, line*s.OW+r.first)
				end := min(row1, line*s.OW+r.first+r.pixels)
				if first >= end {
					continue
				}
				iw := r.from + (first-line*s.OW-r.first)*p.h.stride
				for kh := range s.KH {
					sp := span{pixels: end - first, patch: (first-row0)*p.length + kh*p.rowLength}
					if ih := oh*p.v.stride - p.v.pad + kh*p.v.dilation; ih >= 0 && ih < s.H && r.taps > 0 {
						sp.tap, sp.taps = r.tap, r.taps
						sp.x = ((n*s.H+ih)*s.W+iw)*s.C + p.lo
						sp.together = 1
						if p.xTap == p.width {
							sp.together = r.taps
						}
					}
					if !yield(sp) {
						return
					}
				}
			}
		}
	}
}

func (s *ConvShape) patches(g Channels, lenX, row0, row1, lenPatches int) patches {
	s.check()
	width := g.Hi - g.Lo
	if g.Lo < 0 || g.Hi > s.C || width < 1 {
		panic("kernel: patches: bad channel range")
	}
	if row0 < 0 || row1 < row0 || row1 > s.N*s.OH*s.OW {
		panic("kernel: patches: bad row range")
	}
	if lenX < s.N*s.H*s.W*s.C || lenPatches < (row1-row0)*s.KH*s.KW*width {
		panic("kernel: patches: slice is too short")
	}
	v, h := s.vertical(), s.horizontal()
	return patches{
		s: s, v: v, h: h, lo: g.Lo, width: width,
		length: s.KH * s.KW * width, rowLength: s.KW * width,
		xPixel: h.stride * s.C, xTap: h.dilation * s.C,
	}
}
