package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// idx writes an IDX file of unsigned bytes.
func idx(data []byte, dims ...int) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, uint32(d))
	}
	return append(out, data...)
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// counting returns n bytes 0, 1, ... modulo m.
func counting(n, m int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i % m)
	}
	return out
}

// small is a sound set: 24 training and 6 test images of 2 x 3 in 3 classes.
func small() map[string][]byte {
	return map[string][]byte{
		trainImages: idx(counting(24*6, 256), 24, 2, 3),
		trainLabels: idx(counting(24, 3), 24),
		testImages:  idx(counting(6*6, 256), 6, 2, 3),
		testLabels:  idx(counting(6, 3), 6),
	}
}

func openFiles(files map[string][]byte, sums map[string]string) (*Set, error) {
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	set, err := open("mine", nil, fsys, sums)
	if err == nil {
		err = set.Verify()
	}
	return set, err
}

func TestFolder(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(map[string][]byte)
	}{
		{"plain", func(map[string][]byte) {}},
		{"compressed", func(f map[string][]byte) {
			for name, data := range maps.Clone(f) {
				f[name+".gz"] = zip(data)
				delete(f, name)
			}
		}},
		{"compressed without saying so", func(f map[string][]byte) { f[trainImages] = zip(f[trainImages]) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := small()
			c.change(files)
			set, err := openFiles(files, nil)
			if err != nil {
				t.Fatal(err)
			}
			held, err := set.Held()
			if err != nil {
				t.Fatal(err)
			}
			train, err := set.Train()
			if err != nil {
				t.Fatal(err)
			}
			if train.Len() != 22 || held.Len() != 2 || len(set.Classes) != 3 || set.Shape.Len() != 6 {
				t.Errorf("train %d, held %d, classes %v, shape %v", train.Len(), held.Len(), set.Classes, set.Shape)
			}
			for i := range train.Len() {
				at := int(train.index[i])
				if train.Label(i) != at%3 || train.Pixels(i)[5] != byte(at*6+5) {
					t.Errorf("image %d (%d in the file): label %d, pixels %v", i, at, train.Label(i), train.Pixels(i))
				}
			}
		})
	}
}

func TestColour(t *testing.T) {
	files := small()
	files[trainImages] = idx(counting(24*2*3*3, 256), 24, 2, 3, 3)
	files[testImages] = idx(counting(6*2*3*3, 256), 6, 2, 3, 3)
	set, err := openFiles(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if set.Shape != (Shape{Channels: 3, Height: 2, Width: 3}) {
		t.Errorf("shape %v, want 2 x 3 x 3", set.Shape)
	}
}

func TestDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(map[string][]byte)
		want   []string // parts of the one message
	}{
		{"no file", func(f map[string][]byte) { delete(f, trainLabels); delete(f, testImages) },
			[]string{"lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte:", "four files", "each plain or with .gz"}},
		{"empty file", func(f map[string][]byte) { f[trainLabels] = nil },
			[]string{"train-labels-idx1-ubyte is truncated", "within its header"}},
		{"images truncated", func(f map[string][]byte) { f[trainImages] = f[trainImages][:100] },
			[]string{"train-images-idx3-ubyte is truncated: it has 84 of the 144 bytes"}},
		{"bytes too many", func(f map[string][]byte) { f[testImages] = append(f[testImages], 0) },
			[]string{"t10k-images-idx3-ubyte goes on after the 36 bytes"}},
		{"labels for images", func(f map[string][]byte) { f[trainImages] = f[trainLabels] },
			[]string{"has the magic number 0x00000801, want 0x00000803"}},
		{"no IDX file", func(f map[string][]byte) { f[trainLabels] = []byte("<!DOCTYPE html>") },
			[]string{"has the magic number 0x3c21444f, want 0x00000801"}},
		{"other counts", func(f map[string][]byte) { f[testLabels] = idx(counting(5, 3), 5) },
			[]string{"t10k-images-idx3-ubyte has 6 images, but t10k-labels-idx1-ubyte has 5 labels"}},
		{"other shapes", func(f map[string][]byte) { f[testImages] = idx(counting(36, 256), 6, 3, 2) },
			[]string{"t10k-images-idx3-ubyte has images of 3 x 2 x 1, but train-images-idx3-ubyte of 2 x 3 x 1"}},
		{"test label out of range", func(f map[string][]byte) { f[testLabels][8+4] = 3 },
			[]string{"t10k-labels-idx1-ubyte has label 3 at image 4, which is out of range: the classes are 0 to 2"}},
		{"gap in the labels", func(f map[string][]byte) { f[trainLabels][8] = 9 },
			[]string{"has no image with label 3, though labels go up to 9"}},
		{"one class", func(f map[string][]byte) { f[trainLabels] = idx(make([]byte, 24), 24) },
			[]string{"gives all images one label"}},
		{"few images", func(f map[string][]byte) {
			f[trainImages], f[trainLabels] = idx(counting(11*6, 256), 11, 2, 3), idx(counting(11, 3), 11)
		}, []string{"train-labels-idx1-ubyte has 11 labels: at least 12"}},
		{"no images", func(f map[string][]byte) { f[testImages], f[testLabels] = idx(nil, 0, 2, 3), idx(nil, 0) },
			[]string{"announces 0 elements, want 1 to 10000000"}},
		{"empty images", func(f map[string][]byte) { f[testImages] = idx(nil, 6, 0, 3) },
			[]string{"announces images of 0 x 3 x 1"}},
		{"lying count", func(f map[string][]byte) { f[trainImages] = idx(nil, 1<<32-1, 2, 3) },
			[]string{"announces 4294967295 elements"}},
		{"lying sides", func(f map[string][]byte) { f[trainImages] = idx(nil, 1e7, 4096, 4096) },
			[]string{"announces 167772160000000 bytes, want at most 4294967296"}},
		{"gzip truncated", func(f map[string][]byte) { z := zip(f[trainImages]); f[trainImages] = z[:len(z)-4] },
			[]string{"train-images-idx3-ubyte is truncated"}},
		{"gzip cut in its header", func(f map[string][]byte) { f[trainImages] = zip(f[trainImages])[:5] },
			[]string{"train-images-idx3-ubyte is damaged: its gzip header"}},
		{"gzip checksum", func(f map[string][]byte) { z := zip(f[trainImages]); z[len(z)-6] ^= 1; f[trainImages] = z },
			[]string{"train-images-idx3-ubyte is damaged: its gzip frame or checksum is wrong"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := small()
			c.change(files)
			_, err := openFiles(files, nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range append(c.want, "data set mine") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has several lines", err)
			}
		})
	}
}

func TestChecksum(t *testing.T) {
	_, err := openFiles(small(), map[string]string{trainImages: strings.Repeat("0", 64)})
	if err == nil || !strings.Contains(err.Error(), "train-images-idx3-ubyte is not the published file") {
		t.Errorf("error %v, want one about the published file", err)
	}
}

func TestOpenByName(t *testing.T) {
	dir := t.TempDir()
	for name, data := range small() {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := Open(dir + "/")
	if err != nil {
		t.Fatal(err)
	}
	if set.Name != dir {
		t.Errorf("name %q, want %q", set.Name, dir)
	}
	// The images go away after they were announced, and before they are used.
	if err := os.WriteFile(filepath.Join(dir, testImages), idx(counting(12, 256), 2, 2, 3), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := set.TestOnce(); err == nil || !strings.Contains(err.Error(), "changed while it was in use") {
		t.Errorf("images changed under way: %v", err)
	}
	for _, c := range []struct{ name, arg, want string }{
		{"missing", filepath.Join(dir, "none"), "no such file or directory: name fashion-mnist or a folder with train-images"},
		{"file", filepath.Join(dir, trainImages), "is a file: name the folder"},
		{"empty folder", t.TempDir(), "lacks train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"},
		{"misspelt", "fashion_mnist", `data set "fashion_mnist"`},
	} {
		if _, err := Open(c.arg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
}

// TestAnyDamage flips and cuts bytes of a sound set: the result is an error of one line or a sound
// set again, never a panic.
func TestAnyDamage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := small()
		name := rapid.SampledFrom([]string{trainImages, trainLabels, testImages, testLabels}).Draw(t, "file")
		data := files[name]
		if rapid.Bool().Draw(t, "compressed") {
			data = zip(data)
		}
		for range rapid.IntRange(0, 3).Draw(t, "flips") {
			data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		files[name] = data[:rapid.IntRange(0, len(data)).Draw(t, "length")]
		set, err := openFiles(files, nil)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("error of several lines: %v", err)
			}
			return
		}
		train, err := set.Train()
		if err != nil {
			t.Fatal(err)
		}
		for i := range train.Len() {
			if l := train.Label(i); l >= len(set.Classes) || len(train.Pixels(i)) != set.Shape.Len() {
				t.Fatalf("image %d: label %d of %d, %d pixels", i, l, len(set.Classes), len(train.Pixels(i)))
			}
		}
	})
}

// TestLyingHeader wants memory to follow the bytes that are there: a header of 20 bytes that
// announces 4 GB costs next to nothing.
func TestLyingHeader(t *testing.T) {
	lie := idx(nil, 4096, 1024, 1024)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := readIDX(bytes.NewReader(lie), imageMagic)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "0 of the 4294967296 bytes") {
		t.Errorf("error %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes allocated for a file of %d", used, len(lie))
	}
}

func FuzzReadIDX(f *testing.F) {
	f.Add(idx(counting(12, 256), 2, 2, 3))
	f.Add(idx(counting(12, 256), 2, 1, 2, 3))
	f.Add(idx(nil, 4096, 1024, 1024))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, data, err := readIDX(bytes.NewReader(file), imageMagic)
		if err == nil && (int64(len(data)) != h.total() || h.count < 1 || h.shape.Len() < 1) {
			t.Fatalf("accepted %d bytes for %+v", len(data), h)
		}
	})
}
