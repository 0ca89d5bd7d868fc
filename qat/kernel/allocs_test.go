package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestNoAllocations: after a first call that may grow the scratch memory nothing is allocated.
func TestNoAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := ConvShape{N: 2, H: 9, W: 11, C: 12, OH: 5, OW: 6, KH: 5, KW: 5, StrideH: 2, StrideW: 2, PadTop: 2, PadLeft: 2}
	rows, outRows, k := s.N*s.H*s.W, s.N*s.OH*s.OW, s.KH*s.KW*s.C
	x, y := floats(r, rows*s.C, 0), floats(r, outRows*s.C, 0)
	w, patches := floats(r, k, 0), make([]float32, outRows*k)
	scale, shift, c := floats(r, s.C, 1), floats(r, s.C, 0), make([]float32, outRows*s.C)
	sum, sumSq := make([]float64, s.C), make([]float64, s.C)
	group := Channels{3, 9}
	var scratch Scratch
	team := NewTeam(2)
	defer team.Close()
	part := func(int) {}
	calls := []struct {
		name string
		run  func()
	}{
		{"Gemm", func() { Gemm(&scratch, outRows, 5, s.C, y, s.C, 1, w, 5, c, 5, true) }},
		{"Gemm, packed", func() { Gemm(&scratch, rows, s.C, s.C, x, s.C, 1, w, s.C, x, s.C, false) }},
		{"DepthwiseForward", func() { DepthwiseForward(&s, x, w, y, 0, s.N) }},
		{"DepthwiseBackwardInput", func() { DepthwiseBackwardInput(&s, y, w, x, 0, s.N) }},
		{"DepthwiseBackwardWeight", func() { DepthwiseBackwardWeight(&s, x, y, w, 0, s.N) }},
		{"Im2colRows", func() { Im2colRows(&s, group, x, 0, outRows, patches) }},
		{"Col2imRowsAdd", func() { Col2imRowsAdd(&s, group, patches, 0, outRows, x) }},
		{"Moments", func() { Moments(x, rows, shift, sum, sumSq) }},
		{"NormBackwardApply", func() { NormBackwardApply(x, x, x, scale, shift, scale, rows) }},
		{"EpilogueForward", func() {
			p := Epilogue{ActHi: 6, Quantize: true, Quantizer: Quantizer{Step: 0.1, Max: 2}}
			EpilogueForward(y, y, c, scale, shift, &p, outRows)
		}},
		{"EpilogueBackwardReduce", func() {
			p := Epilogue{ActHi: 6, Quantize: true, Quantizer: Quantizer{Step: 0.1, Max: 2, Surrogate: ATanh}}
			var dStep, dMax float64
			EpilogueBackwardReduce(y, y, c, nil, scale, shift, scale, &p, outRows, sum, sumSq, &dStep, &dMax)
		}},
		{"Quantizer", func() {
			q := Quantizer{Step: 0.1, Max: 2}
			q.Forward(y, y, outRows, s.C)
			q.Backward(y, y, y, outRows, s.C)
		}},
		{"Team.Run", func() { team.Run(4, part) }},
	}
	forEach(t, func(t *testing.T) {
		for _, c := range calls {
			if n := testing.AllocsPerRun(5, c.run); n != 0 {
				t.Errorf("%s allocates %g times", c.name, n)
			}
		}
	})
}
