package event

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim"
)

// drawChip draws an accelerator with one memory, two levels of it, or separate memories for weights and
// activations, with or without double buffers, and a pipe for a DRAM.
func drawChip(t *rapid.T) *accel.Accelerator {
	a := small()
	a.Array.Rows = rapid.IntRange(1, 40).Draw(t, "rows")
	a.Array.Cols = rapid.IntRange(1, 40).Draw(t, "cols")
	a.Array.Dataflow = accel.Dataflow(rapid.IntRange(0, 3).Draw(t, "dataflow"))
	a.Array.WeightDoubleBuffered = rapid.Bool().Draw(t, "weight double buffered")
	a.Array.Accumulator.Capacity = unit.Bytes(4 * a.Array.Cols * rapid.IntRange(1, 600).Draw(t, "sums"))
	a.Vector = accel.Vector{
		Lanes: rapid.IntRange(1, 32).Draw(t, "lanes"), Outputs: rapid.Bool().Draw(t, "vector outputs"),
		SeparateAdd: rapid.Bool().Draw(t, "separate add"),
	}
	m := &a.Memories[0]
	m.Capacity = unit.Bytes(rapid.IntRange(1<<12, 1<<18).Draw(t, "capacity"))
	m.Banks = 1 << rapid.IntRange(0, 5).Draw(t, "banks")
	m.PortWidth = 8 << rapid.IntRange(0, 4).Draw(t, "port")
	m.DoubleBuffered = rapid.Bool().Draw(t, "double buffered")
	m.Transient = rapid.Bool().Draw(t, "transient")
	switch rapid.IntRange(0, 2).Draw(t, "memories") {
	case 1:
		m.Holds = accel.Weights
		b := *m
		b.Name, b.Holds = "activations", accel.Inputs|accel.Outputs
		b.Capacity = unit.Bytes(rapid.IntRange(1<<12, 1<<18).Draw(t, "second capacity"))
		b.DoubleBuffered = rapid.Bool().Draw(t, "second double buffered")
		a.Memories = append(a.Memories, b)
	case 2:
		b := *m
		b.Name, b.Capacity = "inner", unit.Bytes(rapid.IntRange(1<<12, 1<<15).Draw(t, "inner capacity"))
		a.Memories = append(a.Memories, b)
	}
	a.DRAM.Bandwidth = unit.BytesPerSecond(rapid.Float64Range(1e8, 2e10).Draw(t, "bandwidth"))
	a.DRAM.Efficiency = rapid.Float64Range(0.3, 1).Draw(t, "efficiency")
	a.DRAM.Latency = unit.Nanosecond(rapid.IntRange(0, 200).Draw(t, "latency"))
	a.DRAM.Burst = 1 << rapid.IntRange(0, 7).Draw(t, "burst")
	a.DMA.Channels = rapid.IntRange(1, 5).Draw(t, "channels")
	a.DMA.Setup = unit.Cycles(rapid.IntRange(0, 50).Draw(t, "setup"))
	a.Host.LayerSetup, a.Host.InferenceSetup = 10, 0
	return a
}

// networks are small, so that many chips can be drawn: depthwise, strided and residual layers, and
// channels beyond the array.
func networks(t testing.TB) []*models.Network {
	t.Helper()
	n, err := models.MobileNetV2(models.MobileNetV2Config{
		Name: "wide", Image: models.Shape{C: 3, H: 32, W: 24}, Classes: 100, Stem: 24, StemStride: 2, Head: 200,
		Blocks: []models.InvertedResidual{{T: 1, C: 20, N: 1, S: 1}, {T: 6, C: 40, N: 2, S: 2}, {T: 6, C: 72, N: 2, S: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return []*models.Network{tiny(t), n}
}

// drawPlay plays a network, or skips where it does not fit.
func drawPlay(t *rapid.T, a *accel.Accelerator, n *models.Network) (*Engine, *sim.Schedule, *sim.Result) {
	s, err := sim.New(a, n)
	if err != nil {
		t.Skip(err)
	}
	plan, err := s.Schedule(n.Uniform(n.PerTensor(), 8, 8))
	if err != nil {
		t.Skip(err)
	}
	e, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	return e, plan, e.Play(plan)
}

// What events have moved is what the schedule says, bit by bit and cycle by cycle; no resource is busy
// for longer than a step lasts; and the same play has the same result, on the same engine and on another.
func TestConservation(t *testing.T) {
	all := networks(t)
	rapid.Check(t, func(t *rapid.T) {
		a := drawChip(t)
		n := rapid.SampledFrom(all).Draw(t, "network")
		e, plan, r := drawPlay(t, a, n)
		if err := r.Check(n); err != nil {
			t.Fatal(err)
		}
		var bits [sim.Flows]int64
		words := make([]float64, len(a.Memories))
		var worked int64
		for i := range plan.Steps {
			k := &plan.Steps[i]
			worked += k.FirstLoad
			var tile sim.Tile
			for w := k.Walk(); w.Next(&tile); {
				worked += tile.Fill + tile.Stream
				if k.OnVector {
					worked += tile.Vector
				}
				for f := range sim.Flows {
					bits[f] += (tile.Streamed[f] + tile.Held[f]) * int64(a.DRAM.Burst.Bits())
				}
			}
			l := k.Layer
			for m, p := range l.Ports {
				words[m] += float64(p.Total())
			}
			if got, want := r.Layers[i].Busy.Compute, l.Busy.Compute; math.Abs(float64(got-want)) > 0.5 {
				t.Fatalf("%s computes for %v cycles, priced at %v", l.Name, got, want)
			}
		}
		s := e.Stats()
		if s.Bits != bits {
			t.Fatalf("flows moved %v bits, scheduled %v", s.Bits, bits)
		}
		if s.Worked != worked {
			t.Fatalf("the array worked for %d cycles, scheduled %d", s.Worked, worked)
		}
		for m := range words {
			// Each stream of a step may leave a word that is not full, and a transfer a burst.
			width := float64(a.Memories[m].PortWidth)
			slack := float64(len(plan.Steps)) * (2*float64(a.DRAM.Burst.Bits())*float64(sim.Flows) + 16*width)
			if got := float64(s.Words[m]) * width; math.Abs(got-words[m]) > slack {
				t.Fatalf("memory %s moved %v bits, priced at %v", a.Memories[m].Name, got, words[m])
			}
		}
		if again := e.Play(plan); !reflect.DeepEqual(again, r) {
			t.Fatal("a second play differs")
		}
		other, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		if again := other.Play(plan); !reflect.DeepEqual(again, r) {
			t.Fatal("another engine differs")
		}
	})
}

// More bandwidth, more banks and less latency do not make a play slower, but for the anomalies of list
// scheduling: a burst that comes earlier can take the bus, or a bank, from one that is needed more. The
// largest are on chips whose DRAM outruns the ports of their memory.
func TestMoreIsNotSlower(t *testing.T) {
	const ofNetwork, ofLayer = 1.03, 1.25
	all := networks(t)
	rapid.Check(t, func(t *rapid.T) {
		a := drawChip(t)
		n := rapid.SampledFrom(all).Draw(t, "network")
		_, _, last := drawPlay(t, a, n)
		next := func(what string) {
			_, _, r := drawPlay(t, a, n)
			if r.Cycles > ofNetwork*last.Cycles {
				t.Fatalf("%s: %v cycles become %v", what, last.Cycles, r.Cycles)
			}
			for i := range r.Layers {
				if x, y := &last.Layers[i], &r.Layers[i]; y.Cycles > ofLayer*x.Cycles {
					t.Fatalf("%s: layer %s: %v cycles become %v\n%+v\n%+v", what, x.Name, x.Cycles, y.Cycles, x.Time, y.Time)
				}
			}
			last = r
		}
		a.DRAM.Bandwidth *= unit.BytesPerSecond(rapid.Float64Range(1, 4).Draw(t, "more bandwidth"))
		next("more bandwidth")
		a.Memories[0].Banks *= 2
		next("twice the banks")
		a.DRAM.Latency /= 2
		next("half the latency")
	})
}

// Where the ports of double-buffered memories do not bind, only the bus is shared, and anomalies of
// bandwidth shrink to the reordering of a few bursts.
func TestMoreBandwidthWithWidePorts(t *testing.T) {
	all := networks(t)
	rapid.Check(t, func(t *rapid.T) {
		a := drawChip(t)
		for i := range a.Memories {
			m := &a.Memories[i]
			m.DoubleBuffered, m.Banks, m.PortWidth = true, 16, 8192
		}
		n := rapid.SampledFrom(all).Draw(t, "network")
		_, _, before := drawPlay(t, a, n)
		a.DRAM.Bandwidth *= unit.BytesPerSecond(rapid.Float64Range(1, 4).Draw(t, "more bandwidth"))
		_, _, after := drawPlay(t, a, n)
		for i := range after.Layers {
			if x, y := &before.Layers[i], &after.Layers[i]; y.Cycles > 1.01*x.Cycles+2 {
				t.Fatalf("layer %s: %v cycles become %v", x.Name, x.Cycles, y.Cycles)
			}
		}
	})
}
