package pipeline

import (
	"testing"

	"dse/accel"
	"dse/accel/unit"
	"dse/sim/nest"

	"pgregory.net/rapid"
)

func drawEngines(t *rapid.T) accel.Engines {
	cycles := func(name string, most int) unit.Cycles { return unit.Cycles(rapid.IntRange(0, most).Draw(t, name)) }
	e := accel.Engines{
		PassesInFlight: rapid.IntRange(1, 20).Draw(t, "passes"), PassLatency: cycles("pass", 40), LeastPass: cycles("least", 6),
		Sharpness: rapid.Float64Range(1, 10).Draw(t, "sharpness"), Bus: 128, Request: 64,
		BusEfficiency: rapid.Float64Range(0.1, 1).Draw(t, "efficiency"), InFlight: rapid.IntRange(1, 32).Draw(t, "in flight"),
		HitLatency: cycles("hit", 80), JumpLatency: cycles("jump", 200), WriteLatency: cycles("write", 80),
		WriteMissLatency: cycles("write miss", 400), WriteConflict: cycles("conflict", 40), CacheWays: rapid.IntRange(1, 8).Draw(t, "ways"),
		TileSetup: cycles("tile", 400), ProductSetup: cycles("product", 400), TilingStep: cycles("tiling", 400),
	}
	e.MissLatency = e.HitLatency + cycles("miss", 200)
	e.Cache = e.Request * unit.Bytes(e.CacheWays<<rapid.IntRange(0, 11).Draw(t, "sets"))
	return e
}

func drawProblem(t *rapid.T) (*Problem, *Tiling) {
	number := func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
	var p *Problem
	if rapid.Bool().Draw(t, "product") {
		p = NewProduct(number("rows", 200), number("depth", 200), number("cols", 200))
	} else {
		kernel, stride, in := number("kernel", 4), number("stride", 3), rapid.IntRange(4, 30).Draw(t, "in")
		pad := kernel / 2
		out := (in+2*pad-kernel)/stride + 1
		p = &Problem{Filters: number("filters", 150), Channels: number("channels", 150), Out: Size{out, out}, In: Size{in, in}, Kernel: Size{kernel, kernel}, Stride: stride, Pad: Size{pad, pad}}
	}
	tiling := &Tiling{Order: rapid.Permutation([]nest.Dim{nest.C, nest.K, nest.Q, nest.P, nest.S, nest.R}).Draw(t, "order")}
	for d, n := range p.sizes() {
		tiling.Size[d] = number(nest.Dim(d).String(), n)
	}
	return p, tiling
}

// No part of the engines makes a given tiling slower when it gets better, and the array never works faster
// than its multipliers can.
func TestBetterEnginesAreNeverSlower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := small()
		a.Engines = drawEngines(t)
		p, tiling := drawProblem(t)
		cost := func() Cost {
			m, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			c, err := m.Price(p, tiling)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		before := cost()
		macs := float64(p.Filters*p.Channels) * float64(p.Out.H*p.Out.W*p.Kernel.H*p.Kernel.W)
		if before.Array*16 < macs*(1-1e-9) {
			t.Fatalf("%v cycles of 16 multipliers for %v multiply-accumulates", before.Array, macs)
		}
		if busy := max(before.Array, before.Load+before.Store, before.Host); before.Cycles < busy*(1-1e-9) {
			t.Fatalf("%v cycles, but an engine is busy for %v: %+v", before.Cycles, busy, before)
		}
		e := &a.Engines
		change := rapid.SampledFrom([]string{"bus", "flight", "passes", "hit", "miss", "jump", "write", "cache", "least", "tile", "sharpness"}).Draw(t, "change")
		switch change {
		case "bus":
			e.BusEfficiency = min(1, e.BusEfficiency*1.3)
		case "flight":
			e.InFlight *= 2
		case "passes":
			e.PassesInFlight++
		case "hit":
			e.HitLatency /= 2
		case "miss":
			e.MissLatency /= 2
		case "jump":
			e.JumpLatency /= 2
		case "write":
			e.WriteLatency, e.WriteMissLatency, e.WriteConflict = e.WriteLatency/2, e.WriteMissLatency/2, e.WriteConflict/2
		case "cache":
			e.Cache *= 2
		case "least":
			e.LeastPass /= 2
		case "tile":
			e.TileSetup, e.ProductSetup = e.TileSetup/2, e.ProductSetup/2
		case "sharpness":
			e.Sharpness++
		}
		if after := cost(); after.Cycles > before.Cycles*(1+1e-9) {
			t.Fatalf("better %s: %v cycles after %v\n%+v\n%+v", change, after.Cycles, before.Cycles, before, after)
		}
	})
}
