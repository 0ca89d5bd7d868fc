package mapper

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
)

// chip returns a 16x16 weight-stationary array with one double-buffered SRAM behind LPDDR4.
func chip() *accel.Accelerator {
	return &accel.Accelerator{
		Name: "chip", Technology: accel.Technology{NodeNM: 22, Leakage: 3, Running: 2}, Clock: 800e6,
		Array: accel.Array{
			Rows: 16, Cols: 16, WeightDoubleBuffered: true,
			Accumulator: accel.Accumulator{Capacity: 32 << 10, Width: 32, Energy: 0.073},
		},
		Precision: accel.PrecisionTable{Modes: []accel.Mode{{Weight: 8, Activation: 8, Throughput: 1, Energy: 0.143}}},
		Memories: []accel.Memory{{
			Name: "sram", Capacity: 256 << 10, Banks: 16, PortWidth: 128, Read: 0.127, Write: 0.152,
			Holds: accel.Weights | accel.Inputs | accel.Outputs, DoubleBuffered: true,
		}},
		DRAM: accel.DRAM{Bandwidth: 6.4e9, Efficiency: 0.8, Latency: 100, Burst: 32, Capacity: 1 << 30, Read: 8.48, Write: 5.05, Row: 2048, Activate: 1205, Background: 37.9},
		DMA:  accel.DMA{Channels: 4, Setup: 20},
		Host: accel.Host{LayerSetup: 2000, Power: 10},
	}
}

func machine(t testing.TB, a *accel.Accelerator) *Machine {
	t.Helper()
	m, err := NewMachine(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// problem returns the problem of a layer at equal widths, in the first mode of the chip.
func problem(l Layer, a *accel.Accelerator, bits float64) *Problem {
	return &Problem{
		Layer: l, Widths: Widths{Weight: bits, Input: bits, Output: bits, Partial: 32},
		Modes: []ModeShare{{a.Precision.Modes[0], l.filters() * l.Groups}},
	}
}

// conv returns a square convolution of the given input size, padded to keep it at stride 1.
func conv(c, k, size, taps, stride int) Layer {
	a := Axis{Out: (size-1)/stride + 1, Taps: taps, Stride: stride, Pad: taps / 2, In: size}
	return Layer{Groups: 1, K: k, C: c, Rows: a, Cols: a}
}

// drawSmall draws a chip on which the layers of drawLayer have to be cut.
func drawSmall(t *rapid.T) *accel.Accelerator {
	a := chip()
	a.Array.Rows = rapid.IntRange(1, 4).Draw(t, "rows")
	a.Array.Cols = rapid.IntRange(1, 4).Draw(t, "cols")
	if rapid.Bool().Draw(t, "unrolled") {
		a.Array.Dataflow, a.Array.WeightDoubleBuffered = accel.Unrolled, false
		a.Array.Positions = accel.Positions{Height: rapid.IntRange(1, 2).Draw(t, "height"), Width: rapid.IntRange(1, 2).Draw(t, "width")}
	}
	a.Array.Reduction = accel.Reduction(rapid.IntRange(0, 1).Draw(t, "reduction"))
	a.Array.Accumulator.Capacity = unit.Bytes(4 * a.Array.Cols * rapid.IntRange(4, 30).Draw(t, "sums"))
	m := &a.Memories[0]
	m.Capacity = unit.Bytes(rapid.IntRange(150, 3000).Draw(t, "capacity"))
	m.DoubleBuffered = rapid.Bool().Draw(t, "double buffered")
	m.Banks, m.PortWidth = 1, rapid.SampledFrom([]int{8, 32, 256}).Draw(t, "port")
	a.DRAM.Burst = 1
	a.DRAM.Bandwidth = unit.BytesPerSecond(rapid.Float64Range(1e8, 1e10).Draw(t, "bandwidth"))
	a.Host.LayerSetup, a.DMA.Setup = 3, 2
	return a
}

// Visit hands out what pricing one by one gives, each mapping once, and the search's result is its best.
func TestVisit(t *testing.T) {
	a := chip()
	a.Memories[0].Capacity = 16 << 10
	m := machine(t, a)
	p := problem(conv(20, 40, 9, 3, 1), a, 8)
	r, err := Search(m, p, Latency)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Mapping]bool{}
	best := math.Inf(1)
	var first Mapping
	if err := Visit(m, p, func(mapping Mapping, c *Cost) {
		if seen[mapping] {
			t.Errorf("%v is visited twice", mapping)
		}
		seen[mapping] = true
		if c.Cycles < best {
			best, first = c.Cycles, mapping
		}
	}); err != nil {
		t.Fatal(err)
	}
	if best != r.Cost.Cycles || first != r.Mapping || len(seen) < 100 {
		t.Errorf("the best of %d is %v with %v cycles, the search found %v with %v", len(seen), first, best, r.Mapping, r.Cost.Cycles)
	}
}

// The cache gives what a search gives, and tells apart whatever a search depends on.
func TestCache(t *testing.T) {
	a := chip()
	m := machine(t, a)
	c := NewCache(m, Energy)
	base := problem(conv(32, 64, 14, 3, 1), a, 8)
	change := []func(*Problem){
		func(*Problem) {}, func(p *Problem) { p.Layer.C-- }, func(p *Problem) { p.Layer.Rows.Pad = 0 }, func(p *Problem) { p.Widths.Input = 4 },
		func(p *Problem) { p.Widths.Metadata = 9 }, func(p *Problem) { p.Present.Outputs = 1 }, func(p *Problem) { p.Reserved[0] = 1e6 },
		func(p *Problem) { p.VectorOps = 7 }, func(p *Problem) { p.VectorCycles = 7 }, func(p *Problem) { p.Modes[0].Mode.Throughput = 2 },
	}
	for i, f := range change {
		p := *base
		p.Modes = append([]ModeShare(nil), base.Modes...)
		f(&p)
		want, err := Search(m, &p, Energy)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := c.Search(&p)
			if err != nil || got != want {
				t.Errorf("change %d: %+v, want %+v (%v)", i, got, want, err)
			}
		}
		if c.Len() != i+1 {
			t.Errorf("change %d: %d problems known, want %d", i, c.Len(), i+1)
		}
	}
	bad := *base
	bad.Layer.K = 0
	if _, err := c.Search(&bad); err == nil || c.Len() != len(change) {
		t.Errorf("error %v, %d problems known", err, c.Len())
	}
}

// all visits every mapping whose tiles fit: every step of every dimension, and every order.
func all(m *Machine, p *Problem, visit func(Mapping, *Cost)) {
	e := newEvaluator(m, p)
	l := &p.Layer
	var c Cost
	for k := 1; k <= l.K; k++ {
		for i := 1; i <= l.C; i++ {
			for q := 1; q <= l.Rows.Out; q++ {
				for pp := 1; pp <= l.Cols.Out; pp++ {
					mapping := Mapping{Step: [dims]int{k, i, q, pp}}
					ck, cc, cq, cp := e.cut(K, k), e.cut(C, i), e.cut(Q, q), e.cut(P, pp)
					cuts := [dims]*cut{&ck, &cc, &cq, &cp}
					if !e.occupy(&cuts, &c.Occupied) {
						continue
					}
					for _, mapping.Order = range Orders {
						e.price(&mapping.Order, &cuts, &c)
						visit(mapping, &c)
					}
				}
			}
		}
	}
}

// No mapping undercuts the bound, for any objective; what the search finds is among them; and it is
// the best of its candidates' space.
func TestSearchAgainstAllMappings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawSmall(t)
		l := drawLayer(t, false)
		m, err := NewMachine(a)
		if err != nil {
			t.Fatal(err)
		}
		p := problem(l, a, float64(rapid.IntRange(1, 8).Draw(t, "bits")))
		for o := range objectives {
			r, err := Search(m, p, o)
			least, found := math.Inf(1), false
			all(m, p, func(mapping Mapping, c *Cost) {
				v := o.of(c)
				least = min(least, v)
				found = found || mapping == r.Mapping && *c == r.Cost
				if err == nil && v < r.Bound*(1-1e-12) {
					t.Fatalf("%v: %v of %v undercuts the bound %v", mapping, v, o, r.Bound)
				}
			})
			if err != nil {
				// Tiles of single elements are among the candidates, so nothing fits at all.
				if !math.IsInf(least, 1) {
					t.Fatalf("%v; but some mapping costs %v", err, least)
				}
				return
			}
			if !found {
				t.Fatalf("the mapping %v is not in the space, or not at that cost", r.Mapping)
			}
			if v := o.of(&r.Cost); v < least*(1-1e-12) || v > least*1.25 {
				t.Fatalf("%v: found %v as %v, the best of all mappings is %v", o, v, r.Mapping, least)
			}
		}
	})
}

// More capacity, more bandwidth, fewer bits: what is minimised never grows.
func TestMoreIsNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawSmall(t)
		l := drawLayer(t, false)
		bits := rapid.IntRange(2, 8).Draw(t, "bits")
		b := *a
		b.Memories = append([]accel.Memory(nil), a.Memories...)
		narrower := bits
		what := rapid.SampledFrom([]string{"capacity", "bandwidth", "port", "bits", "sums"}).Draw(t, "what")
		switch what {
		case "capacity":
			b.Memories[0].Capacity += unit.Bytes(rapid.IntRange(1, 2000).Draw(t, "more"))
		case "bandwidth":
			b.DRAM.Bandwidth *= 1.3
		case "port":
			b.Memories[0].Banks *= 2
		case "bits":
			narrower--
		case "sums":
			b.Array.Accumulator.Capacity *= 2
		}
		before, after := machineOf(t, a), machineOf(t, &b)
		for o := range objectives {
			x, err := Search(before, problem(l, a, float64(bits)), o)
			if err != nil {
				return
			}
			y, err := Search(after, problem(l, &b, float64(narrower)), o)
			if err != nil {
				t.Fatalf("more %s: %v", what, err)
			}
			if o.of(&y.Cost) > o.of(&x.Cost)*(1+1e-12) {
				t.Fatalf("more %s: %v grows from %v (%v) to %v (%v)", what, o, o.of(&x.Cost), x.Mapping, o.of(&y.Cost), y.Mapping)
			}
		}
	})
}

func machineOf(t *rapid.T, a *accel.Accelerator) *Machine {
	m, err := NewMachine(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestErrorsNameBothSides(t *testing.T) {
	a := chip()
	l := conv(64, 64, 56, 3, 1)
	tiny := chip()
	tiny.Memories[0].Capacity = 16
	small := chip()
	small.DRAM.Capacity = 1 << 10
	for _, c := range []struct {
		name string
		a    *accel.Accelerator
		p    *Problem
		want string
	}{
		{"no tile fits", tiny, problem(l, tiny, 8), "memory sram, which has 128"},
		{"DRAM", small, problem(l, small, 8), "its tensors take 438272 bytes, the DRAM has 1 KiB"},
		{"channels", a, &Problem{Layer: l, Widths: Widths{Weight: 8, Input: 8, Output: 8, Partial: 32}}, "modes for 0 output channels, it has 64"},
		{"width", a, &Problem{Layer: l, Modes: []ModeShare{{a.Precision.Modes[0], 64}}}, "are 0, 0, 0 and 0 bits"},
		{"size", a, &Problem{}, "groups is 0"},
	} {
		_, err := Search(machine(t, c.a), c.p, Latency)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	for _, c := range []struct {
		change func(*accel.Accelerator)
		want   string
	}{
		{func(a *accel.Accelerator) { a.DRAM.Bandwidth = 0 }, "would never end"},
		{func(a *accel.Accelerator) { a.Memories[0].Banks = 0 }, "0 bit per cycle (0 banks x 128 bit)"},
		{func(a *accel.Accelerator) { a.Memories[0].Holds = accel.Weights }, "no on-chip memory holds inputs"},
		{func(a *accel.Accelerator) { a.Array.Dataflow = accel.OutputStationary }, "not output-stationary"},
		{func(a *accel.Accelerator) { a.Array.Winograd = true }, "does not know array.winograd"},
		{func(a *accel.Accelerator) { a.Memories[0].Ring = true }, "does not know memories[0].ring"},
	} {
		a := chip()
		c.change(a)
		if _, err := NewMachine(a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	m, err := Parse("Q14 P56 K32 C64")
	if err != nil || m.Step != [dims]int{32, 64, 14, 56} || m.Order != Orders[0] || m.String() != "Q14 P56 K32 C64" {
		t.Errorf("got %+v, %v", m, err)
	}
	for _, c := range []struct{ text, want string }{
		{"K1 C1", "got 2"}, {"K1 C1 Q1 X1", `"X1" names no dimension`}, {"K1 C1 Q1 Q1", "two loops over Q"},
		{"K1 C1 Q1 P0", `"P0" has no step`}, {"K1 C1 Q1 P", `"P" has no step`}, {"K1 C1 Q1 P1x", `"P1x" has no step`},
	} {
		if _, err := Parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}

// mobilenet are layers like those of MobileNetV2 at 224x224.
var mobilenet = []Layer{
	conv(3, 32, 224, 3, 2), conv(16, 96, 112, 1, 1), conv(96, 24, 56, 1, 1), conv(384, 64, 14, 1, 1),
	conv(160, 960, 7, 1, 1), conv(320, 1280, 7, 1, 1), conv(1280, 1000, 1, 1, 1),
	{Groups: 1, K: 1, C: 144, Depthwise: true, Rows: Axis{56, 3, 1, 1, 56}, Cols: Axis{56, 3, 1, 1, 56}},
}

func TestPricingDoesNotAllocate(t *testing.T) {
	a := chip()
	s := newSearch(machine(t, a), problem(mobilenet[3], a, 8), Latency)
	var c Cost
	visit := func(cuts *[dims]*cut) { s.tile(cuts, &c) }
	if n := testing.AllocsPerRun(1, func() { s.best = math.Inf(1); s.tiles(&c, visit) }); n != 0 {
		t.Errorf("%v allocations in a search of %d mappings, want 0", n, s.evaluated)
	}
}

func BenchmarkSearch(b *testing.B) {
	a := chip()
	m := machine(b, a)
	for i, l := range mobilenet {
		b.Run(string(rune('a'+i)), func(b *testing.B) {
			evaluated, gap := 0, 0.0
			for b.Loop() {
				r, err := Search(m, problem(l, a, 8), Latency)
				if err != nil {
					b.Fatal(err)
				}
				evaluated += r.Evaluated
				gap = r.Gap
			}
			b.ReportMetric(float64(evaluated)/b.Elapsed().Seconds(), "mappings/s")
			b.ReportMetric(float64(evaluated)/float64(b.N), "mappings")
			b.ReportMetric(gap, "gap-%")
		})
	}
}

func BenchmarkVisit(b *testing.B) {
	m := machine(b, chip())
	n := 0
	for b.Loop() {
		for _, l := range mobilenet {
			if err := Visit(m, problem(l, m.accel, 8), func(Mapping, *Cost) { n++ }); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mappings/s")
}

func BenchmarkPrice(b *testing.B) {
	a := chip()
	s := newSearch(machine(b, a), problem(conv(64, 64, 56, 3, 1), a, 8), Latency)
	k, c, q, p := s.cut(K, 32), s.cut(C, 48), s.cut(Q, 9), s.cut(P, 56)
	cuts := [dims]*cut{&k, &c, &q, &p}
	var cost Cost
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.price(&Orders[i%len(Orders)], &cuts, &cost)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mappings/s")
}
