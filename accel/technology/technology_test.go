package technology

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"dse/accel/unit"
)

func at(t testing.TB, nm int) Node {
	t.Helper()
	n, err := At(nm, 0)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func within(t *testing.T, what string, got, want, percent float64) {
	t.Helper()
	if math.Abs(got/want-1) > percent/100 {
		t.Errorf("%s: %.4g, want %.4g within %v %%", what, got, want, percent)
	}
}

// The rows that the constants are fitted to, each within the error that the fit leaves.
func TestFitted(t *testing.T) {
	n := at(t, 45)
	for _, c := range []struct {
		bytes       float64
		read, write float64 // pJ per 32-bit access, CACTI 7
		area        float64 // mm2
	}{
		{128, 0.6837, 0.9253, 0.00149898},
		{1024, 1.1332, 3.2960, 0.00882362},
		{4096, 3.4295, 4.3101, 0.0300607},
		{16384, 9.9817, 8.4209, 0.108577},
	} {
		b := RAM{Capacity: 8 * c.bytes, Port: 32}
		within(t, "CACTI read", 32*float64(n.Read(b)), c.read, 32)
		within(t, "CACTI write", 32*float64(n.Write(b)), c.write, 28)
		within(t, "CACTI area", float64(n.RAMArea(b)), c.area, 6)
	}
	within(t, "Horowitz 32 KB", 64*float64(n.Read(RAM{32 << 13, 1, 64})), 20, 5)
	within(t, "Horowitz 1 MB", 64*float64(n.Read(RAM{1 << 23, 1, 64})), 100, 24)
	within(t, "Horowitz addition of 8 bit", float64(n.Addition(8)), 0.03, 1e-9)
	within(t, "Horowitz addition of 32 bit", float64(n.Addition(32)), 0.1, 1e-9)
	for _, c := range []struct {
		bits         int
		splits       float64
		energy, area float64 // pJ, um2
		exact        float64 // %
	}{
		{4, 0, 0.0824, 191.6, 0.2}, {16, 0, 0.6027, 1679, 0.2}, {4, 1, 0.1178, 354.4, 6}, {16, 3, 2.1134, 8831, 3},
	} {
		p := PE{Weight: c.bits, Activation: c.bits, Sum: 2*c.bits + 2, Splits: c.splits}
		within(t, "Bit Fusion energy", float64(n.Energy(p)), c.energy, c.exact)
		within(t, "Bit Fusion area", float64(n.Area(p))*1e6, c.area, c.exact)
	}
	// 16.11 uW on 511 um2; 0.08 mW on 6350 um2 at 40 nm.
	within(t, "logic leakage", float64(n.LogicLeakage(511e-6, HighPerformance)), 16.11e-3, 1)
	within(t, "low-power leakage", float64(at(t, 40).LogicLeakage(6350e-6, LowPower)), 0.08, 1)
	within(t, "register", float64(at(t, 40).Read(RAM{32, 1, 32})), 0.009, 1)
}

// The rule by hand at published nodes: 3.755 x 1.1^2 - 4.398 x 1.1 + 1.975 = 1.68075 at 65 nm to
// 1.103 - 0.362 + 0.2767 = 1.0177 at 45 nm, and the table of areas.
func TestScaling(t *testing.T) {
	n := at(t, 65)
	within(t, "energy of 65 nm", n.energy, 1.68075/1.0177, 1e-6)
	within(t, "area of 65 nm", n.area, 1.5, 1e-6)
	if n := at(t, 45); math.Abs(n.energy-1) > 1e-12 || n.area != 1 {
		t.Errorf("45 nm is %+v of itself", n)
	}
	// 45 nm at 0.8 V: 1.103 x 0.64 - 0.362 x 0.8 + 0.2767 = 0.69302.
	low, err := At(45, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "energy of 45 nm at 0.8 V", low.energy, 0.69302/1.0177, 1e-6)
	for _, v := range []unit.Volt{0.59, 1.51, -1} {
		if _, err := At(45, v); err == nil {
			t.Errorf("a supply of %v is accepted", v)
		}
	}
	for nm := Smallest; nm <= Largest; nm++ {
		before := 0.0
		for v := LowestSupply; v <= HighestSupply; v += 0.05 {
			if n, err := At(nm, v); err != nil || n.energy < before {
				t.Fatalf("%d nm at %v takes %v, at less %v, error %v", nm, v, n.energy, before, err)
			} else {
				before = n.energy
			}
		}
	}
	last := Node{}
	for nm := Smallest; nm <= Largest; nm++ {
		n := at(t, nm)
		if n.energy < last.energy || n.area < last.area {
			t.Errorf("%d nm: %+v, below the smaller node's %+v", nm, n, last)
		}
		last = n
	}
	for _, nm := range []int{Smallest - 1, Largest + 1, 0, -3} {
		if _, err := At(nm, 0); err == nil {
			t.Errorf("%d nm is accepted", nm)
		}
	}
}

// A larger memory costs more per access, a wider port or more banks never more per bit, and more of
// anything more area.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := At(rapid.IntRange(Smallest, Largest).Draw(t, "node"), unit.Volt(rapid.Float64Range(0.6, 1.5).Draw(t, "supply")))
		if err != nil {
			t.Fatal(err)
		}
		m := RAM{Port: 8 * rapid.IntRange(1, 1024).Draw(t, "port"), Banks: rapid.IntRange(1, 64).Draw(t, "banks")}
		m.Capacity = float64(m.Banks * m.Port * rapid.IntRange(4, 100_000).Draw(t, "words"))
		cost := func(m RAM) [2]unit.PicojoulePerBit { return [2]unit.PicojoulePerBit{n.Read(m), n.Write(m)} }
		larger, wider, split := m, m, m
		larger.Capacity *= rapid.Float64Range(1, 16).Draw(t, "more")
		wider.Port *= 2
		split.Banks *= 2
		for i, c := range cost(m) {
			if cost(larger)[i] < c || cost(wider)[i] > c {
				t.Fatalf("%+v: %v; %+v: %v; %+v: %v", m, cost(m), larger, cost(larger), wider, cost(wider))
			}
			// Halving a bank halves its bitlines, and costs a longer way to the edge; the decoder stays.
			if cost(split)[i] > c*(1+1e-12) {
				t.Fatalf("%+v: %v; %+v: %v", m, cost(m), split, cost(split))
			}
		}
		if n.RAMArea(larger) < n.RAMArea(m) || n.RAMArea(split) < n.RAMArea(m) {
			t.Fatalf("area of %+v: %v; %+v: %v; %+v: %v", m, n.RAMArea(m), larger, n.RAMArea(larger), split, n.RAMArea(split))
		}
		p := PE{Weight: rapid.IntRange(1, 31).Draw(t, "w"), Activation: rapid.IntRange(1, 32).Draw(t, "a"), Sum: 64, Splits: rapid.Float64Range(0, 3).Draw(t, "splits")}
		q := p
		q.Weight++
		if n.Energy(q) <= n.Energy(p) || n.Area(q) <= n.Area(p) {
			t.Fatalf("%+v costs no more than %+v", q, p)
		}
	})
}
