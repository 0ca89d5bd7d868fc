package golden

import (
	"math"
	"slices"
	"testing"

	"dse/qat/checkpoint"
)

// Every array that the index announces must be in its file, as announced: another set of cases is
// judged here before any operation is.
func TestIndexMatchesFiles(t *testing.T) {
	for _, op := range Ops(t) {
		Each(t, op, func(c *Case) {
			for _, tensor := range c.Tensors() {
				if len(c.Float64s(tensor.Key)) == 0 {
					c.Errorf("%s is empty", tensor.Key)
				}
			}
		})
	}
}

func TestMissed(t *testing.T) {
	c := &Case{T: t, record: &record{ID: "made_up", Tensors: []Tensor{
		{Key: "x", Role: "input", DType: checkpoint.F32, Shape: []int{2}},
		{Key: "y", Role: "output", DType: checkpoint.F64, Shape: []int{2}},
		{Key: "dx", Role: "gradient", DType: checkpoint.F64, Shape: []int{2}},
		{Key: "mask", Role: "aux", DType: checkpoint.I64, Shape: []int{2}},
	}}, seen: map[string]bool{}}
	if got, want := c.missed(), []string{"y", "dx"}; !slices.Equal(got, want) {
		t.Errorf("missed = %q, want %q", got, want)
	}
	y := checkpoint.FromFloat64s("made_up/y", []float64{1, 2})
	c.data = map[string]*checkpoint.Tensor{"made_up/y": &y}
	Near(c, "y", []float32{1, 2}, 0)
	c.Elsewhere("dx")
	if got := c.missed(); got != nil {
		t.Errorf("missed = %q after all were seen", got)
	}
}

func TestMaxError(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name      string
		got, want []float64
		floor     float64
		worst     float64
		at        int
	}{
		{"equal", []float64{1, -2}, []float64{1, -2}, 0, 0, 0},
		{"relative to the largest", []float64{1.5, -4}, []float64{1, -4}, 0, 0.125, 0},
		{"absolute against zeros", []float64{0, 0.25}, []float64{0, 0}, 0, 0.25, 1},
		{"floor", []float64{0, 0.25}, []float64{0, 0}, 0.5, 0.5, 1},
		{"floor below the largest", []float64{4, 3}, []float64{4, 4}, 0.5, 0.25, 1},
		{"NaN computed", []float64{1, nan, 3}, []float64{1, 2, 4}, 0, nan, 1},
		{"NaN expected", []float64{1, 2}, []float64{1, nan}, 0, nan, 0},
		{"infinity computed", []float64{1, math.Inf(1)}, []float64{1, 2}, 0, math.Inf(1), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			worst, at := MaxError(c.got, c.want, c.floor)
			if worst != c.worst && !(math.IsNaN(worst) && math.IsNaN(c.worst)) || at != c.at {
				t.Errorf("error %v at %d, want %v at %d", worst, at, c.worst, c.at)
			}
		})
	}
}
