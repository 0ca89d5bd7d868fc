package pipeline

import (
	"math"
	"strings"
	"testing"

	"dse/accel"
	"dse/sim/nest"
)

// small is a 4 x 4 array with a bus of 4 bytes and lines of 16. Its sharpness is 1: engines do not overlap
// at all, so that times add up and can be followed by hand. A pass is issued every (0 + 4 + 2*4) / 12 = 1
// cycles.
func small() *accel.Accelerator {
	return &accel.Accelerator{
		Name:     "small",
		Array:    accel.Array{Rows: 4, Cols: 4, Accumulator: accel.Accumulator{Capacity: 1 << 10, Width: 32}},
		Memories: []accel.Memory{{Capacity: 1 << 10}},
		Host:     accel.Host{LayerSetup: 100},
		Engines: accel.Engines{
			PassesInFlight: 12, LeastPass: 2, Sharpness: 1,
			Request: 16, Bus: 32, BusEfficiency: 1, InFlight: 1,
			HitLatency: 3, MissLatency: 10, JumpLatency: 4, WriteLatency: 2, WriteMissLatency: 20, WriteConflict: 8,
			Cache: 1 << 10, CacheWays: 4, TileSetup: 7, ProductSetup: 5, TilingStep: 11,
		},
	}
}

func machine(t *testing.T, a *accel.Accelerator) *Machine {
	t.Helper()
	m, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func price(t *testing.T, m *Machine, p *Problem, tiling *Tiling) Cost {
	t.Helper()
	c, err := m.Price(p, tiling)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sizes(c, k, q, p, s, r int) [nest.NumDims]int {
	return [nest.NumDims]int{nest.N: 1, nest.C: c, nest.K: k, nest.Q: q, nest.P: p, nest.S: s, nest.R: r}
}

// An 8 x 4 matrix times a 4 x 4 one, in two tiles of 4 rows. Each has one block of one pass.
//
//	array   4 cycles for the weights, which the pass of 4 rows hides behind, and 1 of issue
//	load    4 rows of 4 bytes of each matrix: 4 beats, and one line of 3 cycles, so 4 cycles each
//	store   4 rows of 2 cycles
//	host    5 cycles
//
// A tile takes 5 + 8 + 8 + 5 = 26; set-up 100, the first load 8 and the last store 8 are added.
func TestProductByHand(t *testing.T) {
	c := price(t, machine(t, small()), NewProduct(8, 4, 4), &Tiling{Size: sizes(4, 4, 1, 4, 1, 1)})
	want := Cost{Cycles: 168, Tiles: 2, Array: 10, Load: 16, Store: 16, Host: 10, Setup: 100, Fill: 8, Drain: 8}
	if c != want {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	if c.Bound() != "memory" {
		t.Errorf("bound by %s", c.Bound())
	}
}

// A 3 x 3 convolution of 4 to 4 channels on 3 x 3 pixels with a padding of 1, as one tile, found in 2 tries.
//
//	array   9 blocks, each of 3 passes of 3 rows, the first of which takes the 4 cycles of the
//	        weights: 9 (4+3+3) = 90, and 27 of issue
//	load    9 pixels of 4 bytes: 9 beats, 3 lines of 3 cycles; 36 rows of weights: 36 beats, 9 lines
//	zeros   two rows of 5 and two columns of 3: 16; 9 fresh sums
//	store   9 rows of 2 cycles, and 8 for the three in four that lie in the line before
//	host    7 cycles
//
// So 117 + (9+36+25) + 72 + 7, set-up 100, tiling 22, fill 70 and drain 72.
func TestConvolutionByHand(t *testing.T) {
	p := &Problem{Filters: 4, Channels: 4, Out: Size{3, 3}, In: Size{3, 3}, Kernel: Size{3, 3}, Stride: 1, Pad: Size{1, 1}}
	c := price(t, machine(t, small()), p, &Tiling{Size: sizes(4, 4, 3, 3, 3, 3), Tried: 2})
	want := Cost{Cycles: 530, Tiles: 1, Array: 117, Load: 70, Store: 72, Host: 7, Setup: 100, Tiling: 22, Fill: 70, Drain: 72}
	if c != want {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	if c.Bound() != "memory" {
		t.Errorf("bound by %s", c.Bound())
	}
}

// The product of TestProductByHand with a cache of a single line. A round of the rows touches a line of
// each tensor, 3 times the cache; h survives of the weights, and g of all 5 lines. Lines miss for
//
//	inputs   1-g     weights (1-g) (1-h + h/2)
//
// and take 10 + 4/16 cycles then instead of 4 (neither tile cuts its rows). The 2 lines of results do not fit, so
// that each row stored takes 20 more.
func TestMissesByHand(t *testing.T) {
	a := small()
	a.Engines.Cache, a.Engines.CacheWays = 16, 1
	c := price(t, machine(t, a), NewProduct(8, 4, 4), &Tiling{Size: sizes(4, 4, 1, 4, 1, 1)})
	h, g := 0.0595202, 0.0069771 // h = exp(-3 (1-h)), g = exp(-5 (1-g))
	load := 8 + (10.25-4)*(1-g)*(1+1-h+h/2)
	if math.Abs(c.Load-2*load) > 1e-5 || c.Store != 2*4*22 {
		t.Errorf("load %v, store %v; want %v and 176", c.Load, c.Store, 2*load)
	}
}

// Requests are aligned powers of two of the bus: 12 bytes at 0 take one of 16, which costs 4 beats; at 4
// one of 4 and 8 each would do, but the one of 16 brings the 12 at once; at 8 it brings 8 with one of 8
// and 4 with one of 4; 16 bytes at 2 take the 14 left in the line with 4 beats and 2 with 1.
func TestBeatsByHand(t *testing.T) {
	m := machine(t, small())
	for _, c := range []struct{ address, bytes, beats int }{
		{0, 4, 1}, {0, 8, 2}, {0, 12, 4}, {4, 12, 4}, {8, 12, 3}, {2, 16, 5}, {3, 1, 1}, {0, 32, 8},
	} {
		if got := m.beats(c.address, c.bytes); got != c.beats {
			t.Errorf("%d bytes at %d take %d beats, want %d", c.bytes, c.address, got, c.beats)
		}
	}
}

func TestSurvive(t *testing.T) {
	last := 1.0
	for _, x := range []float64{0.5, 1, 1.01, 1.2, 1.5, 2, 3, 10, 100} {
		h := survive(x)
		if math.Abs(h-math.Exp(-x*(1-h))) > 1e-9 && x > 1 {
			t.Errorf("survive(%v) = %v is no root", x, h)
		}
		if h > last || h < 0 || x > 1 && h >= 1 {
			t.Errorf("survive(%v) = %v after %v", x, h, last)
		}
		last = h
	}
	if h := survive(1.5); math.Abs(h-0.4171884) > 1e-6 {
		t.Errorf("survive(1.5) = %v", h)
	}
}

func TestErrors(t *testing.T) {
	if _, err := New(&accel.Accelerator{Name: "plain"}); err == nil || !strings.Contains(err.Error(), "engines.request") {
		t.Errorf("a chip without engines: %v", err)
	}
	m, p := machine(t, small()), NewProduct(8, 4, 4)
	for _, c := range []struct {
		tiling Tiling
		want   string
	}{
		{Tiling{Size: sizes(0, 4, 1, 4, 1, 1)}, "C = 0"},
		{Tiling{Size: sizes(4, 4, 1, 4, 1, 1), Order: []nest.Dim{nest.P, nest.P}}, "names P twice"},
	} {
		if _, err := m.Price(p, &c.tiling); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.tiling, err, c.want)
		}
	}
	if _, err := m.Price(NewProduct(8, 0, 4), &Tiling{Size: sizes(4, 4, 1, 4, 1, 1)}); err == nil || !strings.Contains(err.Error(), "the problem has C = 0") {
		t.Errorf("an empty problem: %v", err)
	}
}
