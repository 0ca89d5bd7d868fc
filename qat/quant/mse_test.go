package quant

import (
	"math"
	"math/rand/v2"
	"testing"
)

// mse is the squared error of quantizing x, written out plainly.
func mse(x []float32, d, xmax float32, signed bool) float64 {
	sum := 0.0
	for _, v := range x {
		c := float64(v)
		c = math.Min(c, float64(xmax))
		if signed {
			c = math.Max(c, -float64(xmax))
		} else {
			c = math.Max(c, 0)
		}
		e := float64(v) - float64(d)*math.RoundToEven(c/float64(d))
		sum += e * e
	}
	return sum / float64(len(x))
}

// The range comes within 3 % of the least error over a grid 25 times as fine, has the bits asked
// for, and beats three sigma at the widths where that sends most values to zero.
func TestInitMSEOfNormal(t *testing.T) {
	src := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, 20000)
	most := 0.0
	for i := range x {
		x[i] = float32(src.NormFloat64())
		most = math.Max(most, math.Abs(float64(x[i])))
	}
	for _, bits := range []int{2, 3, 4} {
		least := math.Inf(1)
		for k := 1; k <= 1000; k++ {
			d, xmax := fit(most*float64(k)/1000, bits, true)
			least = math.Min(least, mse(x, d, xmax, true))
		}
		d, xmax := InitMSE(x, bits, true)
		if got := mse(x, d, xmax, true); got > 1.03*least {
			t.Errorf("%d bits: error %.4f, the least is %.4f", bits, got, least)
		}
		if got := Bits(d, xmax, true); got != bits {
			t.Errorf("%d bits: the slice has %d", bits, got)
		}
		if gd, gx := InitGaussian(x, bits, true); bits < 4 && mse(x, gd, gx, true) < 1.5*mse(x, d, xmax, true) {
			t.Errorf("%d bits: three sigma is nearly as good", bits)
		}
	}
}

func TestInitMSEOfZeros(t *testing.T) {
	d, xmax := InitMSE(make([]float32, 10), 4, true)
	if xmax != 1.0/16 || d <= 0 {
		t.Errorf("zeros give step %v and range %v, want a range of 1/16", d, xmax)
	}
}

// A large tensor is sampled across its channels, which are its fastest dimension: wide values in
// one of them must be found.
func TestInitMSESamplesEveryChannel(t *testing.T) {
	const channels, rows = 8, 100352 // 128 images of 28x28; the sample is one element in 24
	src := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, rows*channels)
	for i := range x {
		x[i] = float32(src.NormFloat64())
		if i%channels == 5 {
			x[i] *= 10
		}
	}
	least := math.Inf(1)
	for k := 1; k <= 40; k++ {
		d, xmax := fit(float64(k), 4, true)
		least = math.Min(least, mse(x, d, xmax, true))
	}
	d, xmax := InitMSE(x, 4, true)
	if got := mse(x, d, xmax, true); got > 1.1*least {
		t.Errorf("error %.4f at range %v, the least is %.4f", got, xmax, least)
	}
}

func TestSampleStride(t *testing.T) {
	for _, n := range []int{1, 10, mseSample, 2 * mseSample, 3*mseSample + 1, 802816, 3211264, 1 << 22, 6 * 12 * 14 * 14 * 128} {
		stride := sampleStride(n)
		if gcd(stride, n) != 1 {
			t.Errorf("%d elements: stride %d has a factor in common", n, stride)
		}
		if visited := n / stride; visited > 2*mseSample || n > mseSample && visited < mseSample/2 {
			t.Errorf("%d elements: stride %d visits %d", n, stride, visited)
		}
	}
}

// What diverged stays noticeable.
func TestInitMSEOfNaN(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		d, xmax := InitMSE([]float32{1, float32(bad), 2}, 4, true)
		if d == d || xmax == xmax {
			t.Errorf("%v among the values gives step %v and range %v, want NaN", bad, d, xmax)
		}
	}
}
