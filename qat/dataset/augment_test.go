package dataset

import (
	"slices"
	"testing"
)

// numbered is a part of one image whose pixel (row, col) is 10*row + col.
func numbered(height, width int) *Part {
	p := &Part{Shape: Shape{Channels: 1, Height: height, Width: width}, labels: []byte{3}, index: all(1)}
	for r := range height {
		for c := range width {
			p.images = append(p.images, byte(10*r+c))
		}
	}
	return p
}

// A flip and a shift by hand: rows of the frame come from one row further down, columns from one
// further right in the mirrored image.
func TestShift(t *testing.T) {
	p := numbered(3, 4)
	out := make([]float32, 12)
	black := byte(0)
	for _, c := range []struct {
		name string
		s    shift
		want []byte
	}{
		{"none", shift{}, []byte{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}},
		{"flip", shift{flip: true}, []byte{3, 2, 1, 0, 13, 12, 11, 10, 23, 22, 21, 20}},
		{"down and right", shift{x: 1, y: 1}, []byte{11, 12, 13, black, 21, 22, 23, black, black, black, black, black}},
		{"up and left", shift{x: -2, y: -1}, []byte{black, black, black, black, black, black, 0, 1, black, black, 10, 11}},
	} {
		c.s.apply(out, p.Pixels(0), p.Shape)
		want := make([]float32, len(c.want))
		for i, v := range c.want {
			want[i] = pixel[v]
		}
		if !slices.Equal(out, want) {
			t.Errorf("%s: %v, want %v", c.name, out, want)
		}
	}
}

// A batch is a function of draw and number alone; over many draws, half of the images are mirrored and
// all shifts occur; draw 0 and Fill change nothing; nothing is allocated.
func TestAugmented(t *testing.T) {
	a := Augment{Flip: true, Crop: 2}.Apply(numbered(5, 5))
	x, again, y := make([]float32, 50), make([]float32, 25), make([]float32, 2)
	a.Fill([]int{0}, again, y)
	plain := slices.Clone(again)
	if err := a.Batch(0, []int{0}, again, y); err != nil || !slices.Equal(again, plain) || y[0] != 3 {
		t.Errorf("draw 0 changes an image (%v), label %v", err, y[0])
	}
	flips, shifts := 0, map[[2]int]int{}
	const draws = 2000
	for draw := uint64(1); draw <= draws; draw++ {
		s := a.change.draw(draw, 0)
		if s.flip {
			flips++
		}
		shifts[[2]int{s.x, s.y}]++
		if draw > 20 {
			continue
		}
		if err := a.Batch(draw, []int{0, 0}, x, y); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x[:25], x[25:]) {
			t.Fatalf("draw %d changes one image in two ways", draw)
		}
	}
	// A binomial's standard deviation is 22 here; 25 shifts of 80 each, with 9.
	if flips < draws/2-100 || flips > draws/2+100 {
		t.Errorf("%d of %d images are mirrored", flips, draws)
	}
	if len(shifts) != 25 {
		t.Errorf("%d shifts occur, want 25", len(shifts))
	}
	for s, n := range shifts {
		if n < 40 || n > 125 {
			t.Errorf("shift %v occurs %d times of %d", s, n, draws)
		}
	}
	if n := testing.AllocsPerRun(10, func() {
		if err := a.Batch(7, []int{0, 0}, x, y); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

func TestParseAugment(t *testing.T) {
	a, err := ParseAugment([]string{"flip", "crop=4"})
	if err != nil || a != (Augment{Flip: true, Crop: 4}) || a.String() != "flip crop=4" {
		t.Errorf("%+v %v", a, err)
	}
	for _, bad := range []string{"crop", "crop=0", "crop=x", "flip=1", "mirror", "resized-crop=2"} {
		if _, err := ParseAugment([]string{bad}); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
