package dataset

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// cifarFiles are batches of ten records each. Record i has label i; its planes are constants.
func cifarFiles() map[string][]byte {
	files := map[string][]byte{}
	for b, name := range append([]string{cifarTest}, cifarTrain...) {
		var text []byte
		for i := range 10 {
			text = append(text, byte(i))
			for plane := range 3 {
				for p := range cifarPlane {
					text = append(text, byte(b*10+plane*100+p%7))
				}
			}
		}
		files[name] = text
	}
	return files
}

func openMap(files map[string][]byte, open func(fsys fstest.MapFS) error) error {
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	return open(fsys)
}

func TestCIFAR(t *testing.T) {
	err := openMap(cifarFiles(), func(fsys fstest.MapFS) error {
		if !isCIFAR(fsys) {
			t.Error("the folder is not recognised")
		}
		set, err := openCIFAR("mine", fsys)
		if err != nil {
			return err
		}
		if set.Shape != (Shape{3, 32, 32}) || set.Classes[9] != "truck" {
			t.Errorf("shape %v, classes %v", set.Shape, set.Classes)
		}
		all, err := set.All()
		if err != nil {
			return err
		}
		test, err := set.TestOnce()
		if err != nil {
			return err
		}
		if all.Len() != 50 || test.Len() != 10 {
			t.Fatalf("%d training and %d test images, want 50 and 10", all.Len(), test.Len())
		}
		// Image 23 is record 3 of batch 3; pixel 8 of its planes is 8%7 = 1 above their base.
		if got := all.Pixels(23)[8*3 : 9*3]; all.Label(23) != 3 || got[0] != 31 || got[1] != 131 || got[2] != 231 {
			t.Errorf("image 23 has label %d and pixel 8 = %v, want 3 and 31, 131, 231", all.Label(23), got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCIFARDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(map[string][]byte)
		want   []string
	}{
		{"batches missing", func(f map[string][]byte) { delete(f, "data_batch_2.bin"); delete(f, "data_batch_4.bin") },
			[]string{"lacks data_batch_2.bin, data_batch_4.bin"}},
		{"truncated", func(f map[string][]byte) { f[cifarTest] = f[cifarTest][:5000] },
			[]string{"test_batch.bin is truncated", "5000 bytes", "multiple of 3073"}},
		{"empty", func(f map[string][]byte) { f["data_batch_1.bin"] = nil }, []string{"data_batch_1.bin is truncated", "0 bytes"}},
		{"compressed", func(f map[string][]byte) { f["data_batch_1.bin"] = zip(f["data_batch_1.bin"]) }, []string{"is compressed: unpack it"}},
		{"label out of range", func(f map[string][]byte) { f["data_batch_5.bin"][7*cifarRecord] = 77 },
			[]string{"data_batch_5.bin has label 77 at image 7", "0 to 9"}},
		{"class without images", func(f map[string][]byte) {
			for _, name := range cifarTrain {
				f[name][4*cifarRecord] = 5
			}
		}, []string{"no image with label 4"}},
		{"names of other classes", func(f map[string][]byte) { f[cifarNames] = []byte("a\nb\n") }, []string{"names 2 classes, want 10"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := maps.Clone(cifarFiles())
			c.change(files)
			err := openMap(files, func(fsys fstest.MapFS) error { _, err := openCIFAR("mine", fsys); return err })
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range append(c.want, "data set mine") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message lacks %q: %v", part, err)
				}
			}
		})
	}
}
