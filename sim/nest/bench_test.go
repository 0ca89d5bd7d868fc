package nest

import "testing"

// resnet is a 3x3 layer on a 16 x 16 weight-stationary array with accumulators and a buffer. In the
// ragged variant no tile size divides.
func resnet(ragged bool) (*Layer, *Mapping) {
	l := &Layer{Size: [NumDims]int{1, 64, 64, 56, 56, 3, 3}, StrideH: 1, StrideW: 1}
	p, q := 8, 14
	if ragged {
		l.Size[C], l.Size[K], p, q = 72, 88, 9, 15
	}
	return l, &Mapping{
		Loops: []Loop{
			{P, p, false}, {K, 32, false},
			{Q, q, false}, {K, 16, false}, {C, 16, false}, {S, 1, false}, {R, 1, false}, {K, 1, true},
			{C, 1, true},
			{Q, 1, false}, {P, 1, false}, {N, 1, false},
		},
		Levels: []Level{
			{Name: "dram"},
			{Name: "sram", Cut: [NumOperands]int{2, 2, 2}},
			{Name: "accumulator", Cut: [NumOperands]int{Bypass, Bypass, 8}},
			{Name: "weight register", Cut: [NumOperands]int{9, Bypass, Bypass}},
		},
	}
}

func benchmark(b *testing.B, l *Layer, m *Mapping) {
	if err := m.Check(l, Widths{8, 8, 32, 8}); err != nil {
		b.Fatal(err)
	}
	var c Counter
	c.Count(l, m, Exact)
	b.ReportAllocs()
	for b.Loop() {
		c.Count(l, m, Exact)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mappings/s")
}

func BenchmarkCount(b *testing.B) {
	b.Run("dividing", func(b *testing.B) { l, m := resnet(false); benchmark(b, l, m) })
	b.Run("ragged", func(b *testing.B) { l, m := resnet(true); benchmark(b, l, m) })
}

func TestCountDoesNotAllocate(t *testing.T) {
	for _, ragged := range []bool{false, true} {
		l, m := resnet(ragged)
		var c Counter
		c.Count(l, m, Exact)
		if n := testing.AllocsPerRun(10, func() { c.Count(l, m, Exact) }); n != 0 {
			t.Errorf("ragged %v: %v allocations per mapping, want 0", ragged, n)
		}
	}
}
