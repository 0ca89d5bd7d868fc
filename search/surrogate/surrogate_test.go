package surrogate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSpline(t *testing.T) {
	// B1 = t - 1/2, B2 = t^2 - t + 1/6, B4 = t^4 - 2 t^3 + t^2 - 1/30, written out.
	b2 := func(t float64) float64 { return t*t - t + 1.0/6 }
	b4 := func(t float64) float64 { return math.Pow(t, 4) - 2*math.Pow(t, 3) + t*t - 1.0/30 }
	for _, c := range [][2]float64{{0, 0}, {0, 1}, {0.5, 0.5}, {0.2, 0.9}} {
		a, b := c[0], c[1]
		want := (a-0.5)*(b-0.5) + b2(a)*b2(b)/4 - b4(math.Abs(a-b))/24
		if got := spline(a, b); math.Abs(got-want) > 1e-15 {
			t.Errorf("spline(%v, %v) = %v, want %v", a, b, got, want)
		}
	}
}

// sample evaluates f at n random points of the unit cube.
func sample(n, variables int, f func([]float64) float64) (x [][]float64, y []float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range n {
		p := make([]float64, variables)
		for j := range p {
			p[j] = rng.Float64()
		}
		x, y = append(x, p), append(y, f(p))
	}
	return x, y
}

func fit(t *testing.T, x [][]float64, y []float64) *Model {
	t.Helper()
	m, err := New(x).Fit(y)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *Model) at(x []float64) (mean, deviation float64) {
	m.designs.Relate(x)
	return m.Predict()
}

// spread is the standard deviation of values.
func spread(y []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(y)))
}

// TestPredicts fits to some points and compares the error at others with the spread of the values, which
// is the error of a model that knows the mean alone.
func TestPredicts(t *testing.T) {
	for _, c := range []struct {
		name            string
		variables, fits int
		f               func([]float64) float64
		want            float64
	}{
		{"linear in thirty variables", 30, 60, func(x []float64) float64 { return 3*x[0] - x[7] }, 0.1},
		{"a sum", 12, 60, func(x []float64) float64 { return math.Exp2(-4*x[0]) + math.Exp2(-4*x[1]) + x[2]*x[2] }, 0.15},
		{"a product", 4, 80, func(x []float64) float64 { return (1 + x[0]) * (1 + x[1]) * math.Sin(3*x[2]) }, 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := sample(c.fits+200, c.variables, c.f)
			m := fit(t, x[:c.fits], y[:c.fits])
			sum := 0.0
			for i := c.fits; i < len(x); i++ {
				mean, _ := m.at(x[i])
				sum += (mean - y[i]) * (mean - y[i])
			}
			if rest := math.Sqrt(sum/200) / spread(y); rest > c.want {
				t.Errorf("the error is %.3f of the spread, want %v", rest, c.want)
			}
		})
	}
}

// Values that came out twice with a difference are noise, which a prediction averages.
func TestNoiseIsAveraged(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	x, y := sample(80, 3, func(p []float64) float64 { return p[0] + 0.3*rng.NormFloat64() })
	m := fit(t, x, y)
	low, _ := m.at([]float64{0.1, 0.5, 0.5})
	high, _ := m.at([]float64{0.9, 0.5, 0.5})
	if math.Abs(high-low-0.8) > 0.25 {
		t.Errorf("predictions at 0.1 and 0.9 differ by %v, want about 0.8", high-low)
	}
}

func TestDeviationGrowsAwayFromData(t *testing.T) {
	x, y := sample(20, 2, func(p []float64) float64 { return p[0]*p[0] + p[1] })
	for _, p := range x { // into a corner
		p[0], p[1] = p[0]/4, p[1]/4
	}
	m := fit(t, x, y)
	_, near := m.at(x[0])
	_, far := m.at([]float64{0.9, 0.9})
	if !(near < far/3) {
		t.Errorf("deviation %v at a design, %v far away", near, far)
	}
}

func TestConstantValues(t *testing.T) {
	x, y := sample(10, 3, func([]float64) float64 { return 7 })
	mean, deviation := fit(t, x, y).at([]float64{0.5, 0.5, 0.5})
	if math.Abs(mean-7) > 1e-9 || deviation > 1e-6 {
		t.Errorf("prediction %v +- %v, want 7", mean, deviation)
	}
}

func TestEqualDesigns(t *testing.T) {
	x := [][]float64{{0.5}, {0.5}, {0.5}}
	mean, _ := fit(t, x, []float64{1, 2, 3}).at([]float64{0.5})
	if math.Abs(mean-2) > 1e-9 {
		t.Errorf("prediction %v, want the mean 2", mean)
	}
}

func BenchmarkFit(b *testing.B) {
	x, y := sample(100, 30, func(p []float64) float64 { return p[0] * p[1] })
	for b.Loop() {
		if _, err := New(x).Fit(y); err != nil {
			b.Fatal(err)
		}
	}
}
