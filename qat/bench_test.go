package qat

import (
	"fmt"
	"testing"

	"dse/models"
)

// BenchmarkStep runs whole training steps of mobilenetv2-micro on images of noise: forward, backward
// and the weights' update, in float and quantized at 4 bits, on one thread and on two.
func BenchmarkStep(b *testing.B) {
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		b.Fatal(err)
	}
	const batch = 128
	for _, bits := range []int{0, 4} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("quantized=%v/threads=%d", bits > 0, threads), func(b *testing.B) {
				s, err := NewStepper(NewModel(n, n.PerTensor(), DefaultQuantization(), 1), batch, bits, threads)
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				for range 2 { // the first allocates
					if err := s.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := s.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
