package kernel

// Patches turn a general convolution into matrix products. A patch row holds the inputs of one output
// pixel under all taps, [KH*KW*channels] floats in the order of the weights. Callers extract the rows
// of a block that stays in cache, multiply it, and go on; the matrix of all patches never exists.

// Channels is the range Lo..Hi-1 of an input's channels: those of one group of a grouped convolution.
type Channels struct{ Lo, Hi int }

// Im2colRows writes the patch rows of the output pixels row0..row1-1, numbered as (n*OH+oh)*OW+ow, to
// dst. Taps outside the input are zero.
func Im2colRows(s *ConvShape, g Channels, x []float32, row0, row1 int, dst []float32) {
	width := s.checkPatches(g, len(x), row0, row1, len(dst))
	for p := newPatch(s, row0); p.row < row1; p.next() {
		patch := dst[(p.row-row0)*s.KH*s.KW*width:][:s.KH*s.KW*width]
		for kh := range s.KH {
			row := patch[kh*s.KW*width : (kh+1)*s.KW*width]
			ih, ok := p.inputRow(kh)
			if !ok {
				clear(row)
				continue
			}
			clear(row[:p.kw*width])
			clear(row[(p.kw+p.taps)*width:])
			inner := row[p.kw*width : (p.kw+p.taps)*width]
			i := (ih*s.W+p.iw)*s.C + g.Lo
			if p.h.dilation == 1 && width == s.C {
				copy(inner, x[i:])
				continue
			}
			for t := 0; t < len(inner); t += width {
				copy(inner[t:t+width], x[i:])
				i += p.h.dilation * s.C
			}
		}
	}
}

// Col2imRowsAdd is the transpose of [Im2colRows]: it adds the patch rows src of the output pixels
// row0..row1-1 to the inputs they were taken from.
func Col2imRowsAdd(s *ConvShape, g Channels, src []float32, row0, row1 int, dx []float32) {
	width := s.checkPatches(g, len(dx), row0, row1, len(src))
	for p := newPatch(s, row0); p.row < row1; p.next() {
		patch := src[(p.row-row0)*s.KH*s.KW*width:][:s.KH*s.KW*width]
		for kh := range s.KH {
			ih, ok := p.inputRow(kh)
			if !ok {
				continue
			}
			row := patch[kh*s.KW*width : (kh+1)*s.KW*width]
			inner := row[p.kw*width : (p.kw+p.taps)*width]
			i := (ih*s.W+p.iw)*s.C + g.Lo
			if p.h.dilation == 1 && width == s.C {
				Add(dx[i:i+len(inner)], inner)
				continue
			}
			for t := 0; t < len(inner); t += width {
				Add(dx[i:i+width], inner[t:t+width])
				i += p.h.dilation * s.C
			}
		}
	}
}

// patch walks over output pixels and knows the taps of each that fall inside the input.
type patch struct {
	s         *ConvShape
	v, h      axis
	row       int // number of the output pixel
	n, oh, ow int // the same by image, row and column
	kw, taps  int // horizontal taps inside the input
	iw        int // input column under kw
}

func newPatch(s *ConvShape, row int) patch {
	p := patch{s: s, v: s.vertical(), h: s.horizontal(), row: row}
	p.ow = row % s.OW
	p.oh = row / s.OW % s.OH
	p.n = row / s.OW / s.OH
	p.locate()
	return p
}

func (p *patch) next() {
	p.row++
	if p.ow++; p.ow == p.s.OW {
		p.ow = 0
		if p.oh++; p.oh == p.s.OH {
			p.oh = 0
			p.n++
		}
	}
	p.locate()
}

func (p *patch) locate() {
	p.kw, p.taps = p.h.inside(p.ow)
	p.iw = p.ow*p.h.stride - p.h.pad + p.kw*p.h.dilation
	if p.taps == 0 {
		p.iw = 0
	}
}

// inputRow returns the row under the vertical tap kh, counted over all images, if it is inside the image.
func (p *patch) inputRow(kh int) (row int, ok bool) {
	ih := p.oh*p.v.stride - p.v.pad + kh*p.v.dilation
	return p.n*p.s.H + ih, ih >= 0 && ih < p.s.H && p.taps > 0
}

func (s *ConvShape) checkPatches(g Channels, lenX, row0, row1, lenPatches int) (width int) {
	s.check()
	width = g.Hi - g.Lo
	if g.Lo < 0 || g.Hi > s.C || width < 1 {
		panic("kernel: patches: bad channel range")
	}
	if row0 < 0 || row1 < row0 || row1 > s.N*s.OH*s.OW {
		panic("kernel: patches: bad row range")
	}
	if lenX < s.N*s.H*s.W*s.C || lenPatches < (row1-row0)*s.KH*s.KW*width {
		panic("kernel: patches: slice is too short")
	}
	return width
}
