package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"
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

// Fill writes the images asked for, in order and also twice, and allocates nothing.
func TestFill(t *testing.T) {
	p := drawn(20)
	index := []int{3, 17, 3}
	x, y := make([]float32, 3*4), make([]float32, 3)
	if n := testing.AllocsPerRun(10, func() { p.Fill(index, x, y) }); n != 0 {
		t.Errorf("%v allocations per batch, want 0", n)
	}
	for i, k := range index {
		if x[4*i] != pixel[k] || x[4*i+3] != pixel[k] || y[i] != float32(k%10) {
			t.Errorf("place %d holds %v with label %v, want image %d", i, x[4*i:4*i+4], y[i], k)
		}
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

// BenchmarkFill deals Fashion-MNIST out in batches of 128.
func BenchmarkFill(b *testing.B) {
	set, err := Open(FashionMNIST)
	if err != nil {
		b.Fatal(err)
	}
	train, err := set.Train()
	if err != nil {
		b.Fatal(err)
	}
	x, y := make([]float32, 128*set.Shape.Len()), make([]float32, 128)
	index := make([]int, 128)
	b.ReportAllocs()
	step := 0
	for b.Loop() {
		for i := range index {
			index[i] = (step*128 + i*37) % train.Len()
		}
		train.Fill(index, x, y)
		step++
	}
	b.ReportMetric(float64(128*step)/b.Elapsed().Seconds()/1e6, "Mimages/s")
}
