package sim

import (
	"testing"

	"dse/models"
)

// BenchmarkPrice prices warm, as a training loop does. Slices of four channels are what a search
// may ask for.
func BenchmarkPrice(b *testing.B) {
	small, big := micro(b), large(b)
	for _, c := range []struct {
		name     string
		network  *models.Network
		group    int
		gradient bool
	}{
		{"micro/value", small, 0, false}, {"micro/gradient", small, 0, true},
		{"micro/gradient of slices", small, 4, true}, {"large/gradient", big, 0, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			n := c.network
			slicing := n.PerTensor()
			for i := range slicing {
				slicing[i] = c.group
			}
			p := n.Uniform(slicing, 4.5, 5.5)
			a := edge()
			a.Memories[0].Capacity = 48 << 10 // neither all nor nothing fits
			cost := mustNew(b, a, n).Cost(Energy)
			var g *models.Precision
			if c.gradient {
				g = p.Clone()
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cost.Price(p, g); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(n.Weights))*float64(b.N)/b.Elapsed().Seconds(), "tensors/s")
		})
	}
}

func BenchmarkRun(b *testing.B) {
	n := micro(b)
	s := mustNew(b, edge(), n)
	p := n.Uniform(n.PerTensor(), 8, 8)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Run(p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "networks/s")
}

func BenchmarkNew(b *testing.B) {
	n := micro(b)
	a := edge()
	for b.Loop() {
		if _, err := New(a, n); err != nil {
			b.Fatal(err)
		}
	}
}
