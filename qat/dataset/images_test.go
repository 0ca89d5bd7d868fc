package dataset

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// plainPNG is an image of one colour.
func plainPNG(w, h int, c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w {
		for j := range h {
			img.Set(i, j, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// pictures is a folder of two classes with 15 training images each, red and blue, of different sizes.
func pictures() fstest.MapFS {
	fsys := fstest.MapFS{"train/README.txt": {Data: []byte("not a class")}}
	for c, colour := range []color.Color{color.RGBA{200, 10, 20, 255}, color.RGBA{10, 20, 200, 255}} {
		class := []string{"apple", "pear"}[c]
		for i := range 15 {
			fsys[fmt.Sprintf("train/%s/%02d.png", class, i)] = &fstest.MapFile{Data: plainPNG(20+i, 30-i, colour)}
		}
		var b bytes.Buffer
		img, _, _ := image.Decode(bytes.NewReader(plainPNG(32, 32, colour)))
		if err := jpeg.Encode(&b, img, nil); err != nil {
			panic(err)
		}
		fsys["val/"+class+"/v.JPEG"] = &fstest.MapFile{Data: b.Bytes()}
		fsys["val/"+class+"/notes.txt"] = &fstest.MapFile{Data: []byte("no image")}
	}
	return fsys
}

func TestImages(t *testing.T) {
	o := ImageOptions{Height: 8, Width: 8, Augment: Augment{ResizedCrop: true, Flip: true}}
	set, err := openImages("mine", pictures(), o)
	if err != nil {
		t.Fatal(err)
	}
	train, held, test := set.Train(), set.Held(), set.Test()
	if train.Len() != 28 || held.Len() != 2 || test.Len() != 2 || set.All().Len() != 30 || !slices.Equal(set.Classes, []string{"apple", "pear"}) {
		t.Fatalf("train %d, held %d, test %d, classes %v", train.Len(), held.Len(), test.Len(), set.Classes)
	}
	for _, p := range []*ImagePart{train, held, test} {
		index := []int{0, p.Len() - 1}
		x, y := make([]float32, 2*8*8*3), make([]float32, 2)
		if err := p.Batch(5, index, x, y); err != nil {
			t.Fatal(err)
		}
		// An image of one colour keeps it under every cut and size; JPEG shifts it a little.
		for i, want := range [][3]byte{{200, 10, 20}, {10, 20, 200}} {
			if int(y[i]) != i {
				t.Errorf("image %d has label %v", i, y[i])
			}
			for k := range 8 * 8 * 3 {
				if d := math.Abs(float64(x[i*192+k] - pixel[want[k%3]])); d > 4.0/128 {
					t.Fatalf("image %d: value %d is %v, want %v", i, k, x[i*192+k], pixel[want[k%3]])
				}
			}
		}
	}
}

// A batch does not depend on the number of workers, nor on the batches before it; draws differ.
func TestImageBatchIsAFunction(t *testing.T) {
	fsys := pictures()
	noise := image.NewRGBA(image.Rect(0, 0, 40, 33))
	src := rand.New(rand.NewPCG(1, 1))
	for i := range noise.Pix {
		noise.Pix[i] = byte(src.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, noise); err != nil {
		t.Fatal(err)
	}
	fsys["train/apple/00.png"] = &fstest.MapFile{Data: b.Bytes()}
	var want []float32
	for _, workers := range []int{1, 3} {
		set, err := openImages("mine", fsys, ImageOptions{Height: 6, Width: 9, Augment: Augment{ResizedCrop: true, Flip: true}, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		all := set.All()
		x, other, y := make([]float32, 4*6*9*3), make([]float32, 4*6*9*3), make([]float32, 4)
		if err := all.Batch(1, []int{0, 1, 2, 29}, other, y); err != nil {
			t.Fatal(err)
		}
		if err := all.Batch(2, []int{0, 1, 2, 29}, x, y); err != nil {
			t.Fatal(err)
		}
		if slices.Equal(x, other) {
			t.Error("two draws give one batch")
		}
		if want == nil {
			want = x
		} else if !slices.Equal(x, want) {
			t.Error("the batch depends on the number of workers")
		}
	}
}

func TestImageDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(fstest.MapFS)
		want   []string
	}{
		{"no val", func(f fstest.MapFS) {
			for name := range f {
				if strings.HasPrefix(name, "val/") {
					delete(f, name)
				}
			}
		}, []string{"val cannot be read", "train/CLASS/*.jpeg"}},
		{"class without images", func(f fstest.MapFS) {
			for name := range f {
				if strings.HasPrefix(name, "train/pear/") {
					delete(f, name)
				}
			}
			f["train/pear/notes.txt"] = &fstest.MapFile{}
		}, []string{"no image", "train/pear"}},
		{"class missing", func(f fstest.MapFS) { f["train/plum/1.png"] = &fstest.MapFile{Data: plainPNG(3, 3, color.White)} },
			[]string{"val has no folder for plum"}},
		{"class too many", func(f fstest.MapFS) { f["val/plum/1.png"] = &fstest.MapFile{Data: plainPNG(3, 3, color.White)} },
			[]string{"train has no folder for plum"}},
	} {
		fsys := pictures()
		c.change(fsys)
		_, err := openImages("mine", fsys, ImageOptions{Height: 4, Width: 4})
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		for _, part := range append(c.want, "data set mine") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: message lacks %q: %v", c.name, part, err)
			}
		}
	}
}

// An unreadable image is an error that names it, or is left out and counted where that is asked for.
func TestUnreadableImage(t *testing.T) {
	for name, data := range map[string][]byte{
		"truncated": plainPNG(20, 30, color.White)[:60],
		"no image":  []byte("<!DOCTYPE html>"),
		"empty":     nil,
	} {
		for _, skip := range []bool{false, true} {
			fsys := pictures()
			fsys["train/apple/03.png"] = &fstest.MapFile{Data: data}
			set, err := openImages("mine", fsys, ImageOptions{Height: 4, Width: 4, SkipUnreadable: skip})
			if err != nil {
				t.Fatal(err)
			}
			x, y := make([]float32, 3*48), make([]float32, 3)
			err = set.All().Batch(0, []int{2, 3, 4}, x, y)
			if !skip {
				if err == nil || !strings.Contains(err.Error(), "train/apple/03.png cannot be read") {
					t.Errorf("%s: error = %v", name, err)
				}
				continue
			}
			if err != nil || set.Skipped() != 1 || set.Unreadable() != "train/apple/03.png" {
				t.Errorf("%s, skipped: error %v, %d skipped, first %q", name, err, set.Skipped(), set.Unreadable())
			}
			if y[0] != 0 || y[1] != -1 || y[2] != 0 || x[48] != 0 {
				t.Errorf("%s, skipped: labels %v, first value %v", name, y, x[48])
			}
		}
	}
}

// Cuts lie inside the image; their areas and proportions are spread as drawn.
func TestRandomCut(t *testing.T) {
	b := image.Rect(5, 7, 405, 307)
	src := rand.NewPCG(3, 4)
	least, most, wide := 1.0, 0.0, 0
	const n = 3000
	for range n {
		cut := randomCut(src, b, 224, 224)
		if !cut.In(b) || cut.Empty() {
			t.Fatalf("%v is not inside %v", cut, b)
		}
		share := float64(cut.Dx()*cut.Dy()) / (400 * 300)
		least, most = min(least, share), max(most, share)
		if r := float64(cut.Dx()) / float64(cut.Dy()); r < 0.72 || r > 1.37 {
			t.Fatalf("%v has the ratio %v", cut, r)
		} else if r > 1 {
			wide++
		}
	}
	if least > 0.09 || least < 0.078 || most < 0.95 {
		t.Errorf("shares of the area from %v to %v, want 0.08 to 1", least, most)
	}
	if wide < n*45/100 {
		t.Errorf("%d of %d cuts are wider than high", wide, n)
	}
	if got, want := centralCut(image.Rect(0, 0, 512, 256), 224, 224, evalShare), image.Rect(144, 16, 368, 240); got != want {
		t.Errorf("central cut %v, want %v", got, want)
	}
}

// Keys' convolution reproduces straight lines; shrinking by a whole factor averages, so that a pattern
// of alternate black and white becomes grey.
func TestResize(t *testing.T) {
	var s resampler
	ramp := image.NewRGBA(image.Rect(0, 0, 12, 9))
	for x := range 12 {
		for y := range 9 {
			ramp.Set(x, y, color.RGBA{byte(10 + 8*x), byte(20 + 10*y), 7, 255})
		}
	}
	s.resize(ramp, 24, 27)
	for y := 8; y < 19; y++ {
		for x := 6; x < 18; x++ {
			p := s.out[(y*24+x)*3:][:3]
			// Output x lies at (x+0.5)/2-0.5 in the source.
			wantR, wantG := 10+8*((float64(x)+0.5)/2-0.5), 20+10*((float64(y)+0.5)/3-0.5)
			if math.Abs(float64(p[0])-wantR) > 0.51 || math.Abs(float64(p[1])-wantG) > 0.51 || p[2] != 7 {
				t.Fatalf("pixel %d, %d is %v, want %.2f %.2f 7", x, y, p, wantR, wantG)
			}
		}
	}
	board := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for x := range 64 {
		for y := range 64 {
			v := byte(255 * ((x + y) % 2))
			board.Set(x, y, color.RGBA{v, v, v, 255})
		}
	}
	s.resize(board, 16, 16)
	for i, v := range s.out {
		if v < 120 || v > 135 {
			t.Fatalf("value %d of a shrunk chessboard is %d, want grey", i, v)
		}
	}
}
