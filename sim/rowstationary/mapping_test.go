package rowstationary

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// walk counts what a mapping does by going through its loops pass by pass.
func walk(l *Layer, a *Array, m Mapping) (passes, positions, inputs, sums, filters, fetched float64, macs int64) {
	rows, cols, pieces := a.pieces(l)
	chunk := func(lo, size, end int) int { return min(size, end-lo) }
	for n := 0; n < l.Images; n += m.N {
		images := chunk(n, m.N, l.Images)
		for e := 0; e < l.Rows.Out; e += m.E {
			strip := chunk(e, m.E, l.Rows.Out)
			for g := 0; g < l.Groups; g += m.Groups {
				groups := chunk(g, m.Groups, l.Groups)
				filters += float64(groups * l.Filters * l.Channels * l.Rows.Kernel * l.Cols.Kernel)
				for k := 0; k < l.Filters; k += m.M {
					fetched += float64(images * groups * l.Channels * l.Rows.fetched(e, e+strip) * l.Cols.fetched(0, l.Cols.Out))
					for c := 0; c < l.Channels; c += m.Q * m.R {
						channels := chunk(c, m.Q*m.R, l.Channels)
						for piece := range pieces {
							for f := k; f < min(k+m.M, l.Filters); f += m.P * m.T {
								kernels := chunk(f, m.P*m.T, l.Filters)
								passes++
								positions += float64(images * l.Cols.Out)
								inputs += float64(images * groups * channels * l.Rows.span(strip) * l.Cols.span(l.Cols.Out))
								sums += float64(images * groups * kernels * strip * l.Cols.Out)
								// Each output of the pass takes the products of this piece of the window.
								if piece == 0 {
									macs += int64(images*groups*kernels*strip*l.Cols.Out) * int64(channels*l.Rows.Kernel*l.Cols.Kernel)
								}
							}
						}
					}
				}
			}
		}
	}
	if rows*cols*pieces < l.Rows.Kernel*l.Cols.Kernel {
		panic("pieces do not cover the window")
	}
	return passes, positions, inputs, sums, filters, fetched, macs
}

func drawAxis(t *rapid.T, what string) Axis {
	a := Axis{
		In: rapid.IntRange(1, 40).Draw(t, what+" in"), Kernel: rapid.IntRange(1, 7).Draw(t, what+" kernel"), Stride: rapid.IntRange(1, 3).Draw(t, what+" stride"),
		Dilation: rapid.IntRange(1, 2).Draw(t, what+" dilation"), Up: 1,
	}
	span := (a.Kernel-1)*a.Dilation + 1
	a.Pad = span / 2
	if a.In+2*a.Pad < span {
		a.In = span
	}
	a.Out = (a.In+2*a.Pad-span)/a.Stride + 1
	return a
}

// For any layer that can be mapped, the closed form counts what walking through the passes counts, the walk does
// the layer's multiply-accumulates, PEs suffice for the time and the number at work, and the buffer holds
// what is in it.
func TestCostByWalking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &Layer{
			Images: rapid.IntRange(1, 4).Draw(t, "images"), Channels: rapid.IntRange(1, 24).Draw(t, "channels"), Filters: rapid.IntRange(1, 24).Draw(t, "filters"),
			Groups: rapid.IntRange(1, 6).Draw(t, "groups"), Rows: drawAxis(t, "rows"), Cols: drawAxis(t, "cols"),
		}
		a := eyeriss()
		a.Rows, a.Cols = rapid.IntRange(1, 12).Draw(t, "array rows"), rapid.IntRange(1, 14).Draw(t, "array cols")
		a.InputWords = rapid.IntRange(1, 12).Draw(t, "input words")
		a.Buffer = float64(rapid.IntRange(1<<10, 1<<18).Draw(t, "buffer"))
		c, err := Choose(l, a)
		if err != nil {
			t.Skip(err)
		}
		passes, positions, inputs, sums, filters, fetched, macs := walk(l, a, c.Mapping)
		if c.Passes != passes || c.Positions != positions || c.Inputs != inputs || c.Sums != sums || c.Filters != filters || c.Fetched != fetched {
			t.Fatalf("%+v, walking counts %v passes, %v positions, %v inputs, %v sums, %v filters, %v fetched", c, passes, positions, inputs, sums, filters, fetched)
		}
		want := int64(l.Images*l.Groups*l.Filters*l.Channels) * int64(l.Rows.Out*l.Cols.Out*l.Rows.Kernel*l.Cols.Kernel)
		if macs != want {
			t.Fatalf("%d MACs in the passes, the layer has %d", macs, want)
		}
		if c.Active > a.Rows*a.Cols || float64(macs) > c.Cycles(a, 1, 0)*float64(c.Active) {
			t.Fatalf("%d of %d PEs do %d MACs in %v cycles", c.Active, a.Rows*a.Cols, macs, c.Cycles(a, 1, 0))
		}
		if bits := c.Buffered*a.InputWidth + c.Waiting*a.SumWidth; bits > a.Buffer {
			t.Fatalf("%v bits in a buffer of %v", bits, a.Buffer)
		}
	})
}

// By hand, AlexNet CONV2 of four images in two groups: q*r = 2 of 48 channels, so each sum is written 24 times;
// 16 of 128 filters at a time, so inputs enter 8 times, 31 x 31 of them with padding. Two sets of 64
// filters fetch 27 x 27 inputs twice. A pass takes 27 positions of 16 filters with 2*5 products and an
// addition each.
func TestCostByHand(t *testing.T) {
	l := layer(4, 48, 128, 2, 27, 5, 1, 2)
	c := Evaluate(l, eyeriss(), Mapping{M: 64, N: 1, E: 27, P: 16, Q: 2, R: 1, T: 1, Groups: 1})
	for _, w := range []struct {
		what      string
		got, want float64
	}{
		{"sums", c.Sums, 4 * 256 * 27 * 27 * 24},
		{"inputs", c.Inputs, 4 * 96 * 31 * 31 * 8},
		{"fetched", c.Fetched, 4 * 96 * 27 * 27 * 2},
		{"filters", c.Filters, 256 * 48 * 25 * 4},
		{"passes", c.Passes, 4 * 2 * 24 * 8},
		{"cycles", c.Cycles(eyeriss(), 1, 1), 4 * 2 * 24 * 8 * 27 * 16 * 11},
		{"active", float64(c.Active), 135},
	} {
		if w.got != w.want {
			t.Errorf("%s: %v, want %v", w.what, w.got, w.want)
		}
	}
}

// A window of 5 columns on PEs that hold 3 inputs goes in two parts, 13 rows on 12 PEs too.
func TestPieces(t *testing.T) {
	a := eyeriss()
	a.InputWords = 3
	l := layer(1, 4, 4, 1, 20, 13, 1, 0)
	l.Cols.Kernel, l.Cols.Out = 5, 16
	if rows, cols, n := a.pieces(l); rows != 7 || cols != 3 || n != 4 {
		t.Errorf("%d x %d in %d pieces, want 7 x 3 in 4", rows, cols, n)
	}
}

func TestNoMapping(t *testing.T) {
	a := eyeriss()
	a.Buffer = 1000
	if _, err := Choose(layer(1, 3, 8, 1, 224, 3, 1, 1), a); err == nil || !strings.Contains(err.Error(), "678 input words") {
		t.Errorf("error %v, want the words of three rows of 226 inputs", err)
	}
}
