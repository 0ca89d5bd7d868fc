package event

import (
	"testing"
	"time"

	"dse/accel"
	"dse/models"
	"dse/sim"
)

// preset loads an accelerator, with or without its DRAM timing.
func preset(t testing.TB, name string, timing bool) *accel.Accelerator {
	t.Helper()
	a, err := accel.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if !timing {
		a.DRAM.Timing = ""
	}
	return a
}

func network(t testing.TB, name string) *models.Network {
	t.Helper()
	n, err := models.Build(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Once its storage has grown, an engine plays without allocating.
func TestPlaysWithoutAllocating(t *testing.T) {
	n := network(t, "mobilenetv1-0.25-128")
	for _, timing := range []bool{false, true} {
		a := preset(t, "edge-npu", timing)
		s, err := sim.New(a, n)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Schedule(n.Uniform(n.PerTensor(), 8, 8))
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		e.run(plan)
		if allocs := testing.AllocsPerRun(3, func() { e.run(plan) }); allocs > 0 {
			t.Errorf("timing %v: %v allocations for %d events", timing, allocs, e.Stats().Total())
		}
	}
}

func TestMeasure(t *testing.T) {
	s, err := Measure(preset(t, "edge-npu", true), network(t, "mobilenetv2-micro"), time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	if s.Network != "mobilenetv2-micro" || s.Events < 1000 || s.DRAMEvents < 10 || s.EventsPerSecond() < 1000 || s.AllocationsPerEvent() > 0.01 {
		t.Errorf("%+v: %v events a second, %v allocations each", s, s.EventsPerSecond(), s.AllocationsPerEvent())
	}
}

// BenchmarkEvents reports the speed of plays of a network that does not fit on the chip.
func BenchmarkEvents(b *testing.B) {
	n := network(b, "mobilenetv2-1.0-224")
	for _, c := range []struct {
		name, chip string
		timing     bool
	}{
		{"pipe", "edge-npu", false}, {"banks", "edge-npu", true}, {"three memories", "bitfusion-16x32", false},
	} {
		b.Run(c.name, func(b *testing.B) {
			a := preset(b, c.chip, c.timing)
			s, err := sim.New(a, n)
			if err != nil {
				b.Fatal(err)
			}
			plan, err := s.Schedule(n.Uniform(n.PerTensor(), 8, 8))
			if err != nil {
				b.Fatal(err)
			}
			e, err := New(a)
			if err != nil {
				b.Fatal(err)
			}
			e.run(plan)
			var events int64
			b.ReportAllocs()
			for b.Loop() {
				e.run(plan)
				events += e.stats.Total()
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}

// BenchmarkSchedule reports how long it takes to plan what is then played.
func BenchmarkSchedule(b *testing.B) {
	n := network(b, "mobilenetv2-1.0-224")
	s, err := sim.New(preset(b, "edge-npu", false), n)
	if err != nil {
		b.Fatal(err)
	}
	p := n.Uniform(n.PerTensor(), 8, 8)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Schedule(p); err != nil {
			b.Fatal(err)
		}
	}
}
