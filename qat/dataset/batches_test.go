package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawn returns a part of n images of 2 x 2, all pixels of image i being i, with label i % 10.
func drawn(n int) *Part {
	p := &Part{Shape: Shape{Channels: 1, Height: 2, Width: 2}, index: all(n)}
	for i := range n {
		for range 4 {
			p.images = append(p.images, byte(i))
		}
		p.labels = append(p.labels, byte(i%10))
	}
	return p
}

func TestPixelValues(t *testing.T) {
	for _, c := range []struct {
		v    byte
		want float32
	}{{0, -127.0 / 128}, {126, -1.0 / 128}, {127, 0}, {128, 1.0 / 128}, {255, 1}} {
		if pixel[c.v] != c.want {
			t.Errorf("pixel %d becomes %v, want %v", c.v, pixel[c.v], c.want)
		}
	}
}

// TestEpoch wants each epoch to show every image at most once, all but the remainder, and in an
// order of its own.
func TestEpoch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 250).Draw(t, "images")
		size := rapid.IntRange(1, n).Draw(t, "batch")
		b, err := NewBatches(drawn(n), size, rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		epoch := rapid.IntRange(0, 1000).Draw(t, "epoch")
		x, y := make([]float32, size*4), make([]int, size)
		seen := map[float32]bool{}
		for step := range b.PerEpoch() {
			b.Batch(epoch*b.PerEpoch()+step, x, y)
			for i, label := range y {
				v := x[4*i]
				image := int(v*128 + 127)
				if seen[v] || label != image%10 || x[4*i+3] != v {
					t.Fatalf("image %d with label %d is shown twice or mixed up", image, label)
				}
				seen[v] = true
			}
		}
		if len(seen) != n/size*size {
			t.Fatalf("%d images shown, want %d", len(seen), n/size*size)
		}
	})
}

// TestRandomAccess wants a batch to depend on its step alone, not on what was asked for before.
func TestRandomAccess(t *testing.T) {
	part := drawn(100)
	inOrder, _ := NewBatches(part, 7, 42)
	var want [][]int
	x, y := make([]float32, 7*4), make([]int, 7)
	for step := range 50 {
		inOrder.Batch(step, x, y)
		want = append(want, pictures(x))
	}
	rapid.Check(t, func(t *rapid.T) {
		resumed, err := NewBatches(part, 7, 42)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			step := rapid.IntRange(0, 49).Draw(t, "step")
			resumed.Batch(step, x, y)
			if !slices.Equal(pictures(x), want[step]) {
				t.Fatalf("step %d shows %v, want %v", step, pictures(x), want[step])
			}
		}
	})
	if slices.Equal(want[0], want[14]) { // 14 batches make an epoch
		t.Error("two epochs have the same order")
	}
	other, _ := NewBatches(part, 7, 43)
	other.Batch(0, x, y)
	if slices.Equal(pictures(x), want[0]) {
		t.Error("two seeds have the same order")
	}
}

// pictures tells the images of a batch by their first pixel.
func pictures(x []float32) []int {
	var out []int
	for i := 0; i < len(x); i += 4 {
		out = append(out, int(x[i]*128+127))
	}
	return out
}

func TestRange(t *testing.T) {
	p := drawn(10)
	x, y := make([]float32, 4*4), make([]int, 4)
	for _, c := range []struct{ from, want int }{{0, 4}, {4, 4}, {8, 2}, {10, 0}} {
		if got := p.Range(c.from, x, y); got != c.want {
			t.Errorf("Range(%d) = %d, want %d", c.from, got, c.want)
		}
		for i := range c.want {
			if x[4*i] != pixel[c.from+i] || y[i] != c.from+i {
				t.Errorf("Range(%d): image %d is %v with label %d", c.from, i, x[4*i], y[i])
			}
		}
	}
}

func TestBatchSize(t *testing.T) {
	for _, size := range []int{-1, 0, 11} {
		if _, err := NewBatches(drawn(10), size, 1); err == nil {
			t.Errorf("batch size %d of 10 images is accepted", size)
		}
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	b, _ := NewBatches(drawn(100), 10, 1)
	x, y := make([]float32, 10*4), make([]int, 10)
	step := 0 // AllocsPerRun calls once more than it counts: ten steps, one epoch
	if n := testing.AllocsPerRun(9, func() { b.Batch(step, x, y); step++ }); n != 0 {
		t.Errorf("%v allocations per batch within an epoch, want 0", n)
	}
}

// TestQuotas checks the division among classes of unequal size by hand: of 7, shares of
// 50, 30 and 20 in 100 are 3.5, 2.1 and 1.4; the largest remainder gets the seventh.
func TestQuotas(t *testing.T) {
	members := [][]int32{make([]int32, 50), make([]int32, 30), make([]int32, 20)}
	if got := quotas(members, 7); !slices.Equal(got, []int{4, 2, 1}) {
		t.Errorf("quotas = %v, want 4 2 1", got)
	}
	lone := [][]int32{make([]int32, 1), make([]int32, 1)}
	if got := quotas(lone, 2); !slices.Equal(got, []int{0, 0}) {
		t.Errorf("quotas of classes with one image = %v, want 0 0", got)
	}
}

// TestPermute wants every order of three equally often: a chi-squared test with 5 degrees of
// freedom, whose 99.9 % point is 20.5. The seeds are fixed, so the outcome is too.
func TestPermute(t *testing.T) {
	const trials = 6000
	count := map[[3]int32]int{}
	for i := range trials {
		list := []int32{0, 1, 2}
		permute(rand.NewPCG(7, uint64(i)), list)
		count[[3]int32(list)]++
	}
	chi := 0.0
	for _, n := range count {
		d := float64(n) - trials/6
		chi += d * d / (trials / 6)
	}
	if len(count) != 6 || chi > 20.5 {
		t.Errorf("orders %v, chi squared %.1f", count, chi)
	}
}

// BenchmarkBatch deals Fashion-MNIST out in batches of 128, shuffling included.
func BenchmarkBatch(b *testing.B) {
	set, err := Open(FashionMNIST)
	if err != nil {
		b.Fatal(err)
	}
	train, err := set.Train()
	if err != nil {
		b.Fatal(err)
	}
	batches, err := NewBatches(train, 128, 1)
	if err != nil {
		b.Fatal(err)
	}
	x, y := make([]float32, 128*set.Shape.Len()), make([]int, 128)
	b.ReportAllocs()
	step := 0
	for b.Loop() {
		batches.Batch(step, x, y)
		step++
	}
	b.ReportMetric(float64(128*step)/b.Elapsed().Seconds()/1e6, "Mimages/s")
}
