package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
)

func TestFashionMNIST(t *testing.T) {
	set, err := Open(FashionMNIST)
	if err != nil {
		t.Fatal(err)
	}
	if set.Shape != (Shape{Channels: 1, Height: 28, Width: 28}) || len(set.Classes) != 10 || set.Classes[9] != "Ankle boot" {
		t.Errorf("shape %v, classes %v", set.Shape, set.Classes)
	}
	if err := set.Verify(); err != nil {
		t.Fatal(err)
	}
	train, err := set.Train()
	if err != nil {
		t.Fatal(err)
	}
	held, err := set.Held()
	if err != nil {
		t.Fatal(err)
	}
	test, err := set.TestOnce()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		part     *Part
		want     int // images
		perClass int
	}{{"train", train, 55000, 5500}, {"held", held, 5000, 500}, {"test", test, 10000, 1000}} {
		count := make([]int, 10)
		for i := range c.part.Len() {
			count[c.part.Label(i)]++
		}
		if c.part.Len() != c.want || slices.Min(count) != c.perClass || slices.Max(count) != c.perClass {
			t.Errorf("%s: %d images, per class %v, want %d and %d", c.name, c.part.Len(), count, c.want, c.perClass)
		}
	}
	// The first test image is an ankle boot, the next a pullover and two trousers (seen in the
	// published label file: 9 2 1 1).
	if got := []int{test.Label(0), test.Label(1), test.Label(2), test.Label(3)}; !slices.Equal(got, []int{9, 2, 1, 1}) {
		t.Errorf("first test labels %v, want 9 2 1 1", got)
	}
}

// TestSplitIsFixed pins which images are held out: figures measured on them can be compared only
// while they stay the same. The digest is that of a second implementation, written in Python from
// the definitions of PCG-DXSM, of Lemire's bounded draw and of the Fisher-Yates shuffle.
func TestSplitIsFixed(t *testing.T) {
	set, err := Open(FashionMNIST)
	if err != nil {
		t.Fatal(err)
	}
	learn, held := set.split()
	seen := make([]bool, 60000)
	for _, i := range slices.Concat(learn, held) {
		if seen[i] {
			t.Fatalf("image %d is in both parts or twice in one", i)
		}
		seen[i] = true
	}
	if !slices.IsSorted(learn) || !slices.IsSorted(held) || len(learn)+len(held) != 60000 {
		t.Errorf("split of %d and %d images is out of order or incomplete", len(learn), len(held))
	}
	digest := sha256.New()
	if err := binary.Write(digest, binary.LittleEndian, held); err != nil {
		t.Fatal(err)
	}
	const want = "79879b7f1e16e67d6d7edfb57cc4f5a1a03d64ac6cb9266d1e33d4d8a73f4452"
	if got := hex.EncodeToString(digest.Sum(nil)); got != want {
		t.Errorf("digest of the held images is %s, want %s", got, want)
	}
}

func TestTestOnce(t *testing.T) {
	set, err := Open(FashionMNIST)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.TestOnce(); err != nil {
		t.Fatal(err)
	}
	if _, err := set.TestOnce(); !errors.Is(err, ErrTestRead) {
		t.Errorf("second TestOnce: %v, want ErrTestRead", err)
	}
}
