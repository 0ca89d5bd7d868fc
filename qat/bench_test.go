package qat

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"dse/models"
	"dse/qat/kernel"
	"dse/qat/optim"
)

// BenchmarkStep runs whole training steps of mobilenetv2-micro on images of noise: forward, backward
// and the weights' update, in float and quantized at 4 bits, on one thread and on two.
func BenchmarkStep(b *testing.B) {
	n, err := models.Build("mobilenetv2-micro")
	if err != nil {
		b.Fatal(err)
	}
	const batch = 128
	for _, quantized := range []bool{false, true} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("quantized=%v/threads=%d", quantized, threads), func(b *testing.B) {
				m := NewModel(n, n.PerTensor(), DefaultQuantization(), 1)
				team := kernel.NewTeam(threads)
				defer team.Close()
				p, err := newProgram(m, batch, 0.1, true, team)
				if err != nil {
					b.Fatal(err)
				}
				defer p.close()
				src := rand.New(rand.NewPCG(1, 1))
				for i := range p.x.Float32s() {
					p.x.Float32s()[i] = float32(src.NormFloat64())
				}
				for i := range p.labels.Float32s() {
					p.labels.Float32s()[i] = float32(i % 10)
				}
				run := func() {
					if err := p.run(); err != nil {
						b.Fatal(err)
					}
				}
				if quantized {
					m.InitWeightQuantizers(4)
					p.initialBits = 4
					p.mode.Quantize, p.mode.Calibrate = true, true
					run()
					p.mode.Calibrate = false
				}
				solver := optim.PaperRMSprop()
				solver.SetRate(1e-4)
				run()
				for b.Loop() {
					run()
					if err := solver.Step(p.weightsModel); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
