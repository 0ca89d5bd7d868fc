package nest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// drawNest draws a small layer and a mapping of it with any order, steps, cuts and bypasses.
func drawNest(t *rapid.T, even bool) (*Layer, *Mapping) {
	l := &Layer{StrideH: rapid.IntRange(1, 3).Draw(t, "strideH"), StrideW: rapid.IntRange(1, 3).Draw(t, "strideW")}
	l.Depthwise = rapid.Bool().Draw(t, "depthwise")
	for d := range l.Size {
		l.Size[d] = 1
	}
	budget := 240
	for range rapid.IntRange(1, 4).Draw(t, "dims") {
		d := Dim(rapid.IntRange(0, NumDims-1).Draw(t, "dim"))
		if l.Depthwise && d == K || l.Size[d] > 1 {
			continue
		}
		n := rapid.IntRange(1, 8).Draw(t, "size")
		if n <= budget {
			l.Size[d] = n
			budget /= n
		}
	}
	m := &Mapping{}
	tile := l.Size
	trips := 1
	for {
		var open []Dim
		for d, n := range tile {
			if n > 1 {
				open = append(open, Dim(d))
			}
		}
		if len(open) == 0 {
			break
		}
		d := rapid.SampledFrom(open).Draw(t, "over")
		step := rapid.IntRange(1, tile[d]).Draw(t, "step")
		for even && tile[d]%step != 0 || trips*ceilDiv(tile[d], step) > 800 && step > 1 {
			step--
		}
		trips *= ceilDiv(tile[d], step)
		m.Loops = append(m.Loops, Loop{d, step, rapid.IntRange(0, 2).Draw(t, "spatial") == 0})
		tile[d] = step
	}
	m.Levels = []Level{{Name: "dram"}}
	for range rapid.IntRange(0, 3).Draw(t, "levels") {
		level := Level{Name: "memory"}
		for o := range Operand(NumOperands) {
			level.Cut[o] = Bypass
			if rapid.IntRange(0, 3).Draw(t, "bypass") > 0 {
				outer := 0
				for _, other := range m.Levels {
					outer = max(outer, other.Cut[o])
				}
				level.Cut[o] = rapid.IntRange(outer, len(m.Loops)).Draw(t, "cut")
			}
		}
		m.Levels = append(m.Levels, level)
	}
	if err := m.Check(l, Widths{8, 8, 32, 8}); err != nil {
		t.Fatalf("drawn mapping: %v", err)
	}
	return l, m
}

// moved ignores what the oracle does not know: the completeness of sums, and the outermost tile.
var moved = cmp.Options{cmpopts.IgnoreFields(Count{}, "FinalUpdates", "FinalDrains")}

func compare(t *rapid.T, c *Counter, l *Layer, m *Mapping, rules Rules) {
	got := c.Count(l, m, rules)
	want := countSlowly(l, m, rules)
	for o := range want[0] {
		want[0][o].Tile, want[0][o].Units = got[0][o].Tile, 1
	}
	for i := range want {
		for o := range want[i] {
			// Units are those that the loops span. Where they do not divide, some may get nothing.
			if used := &want[i][o].Units; !c.allEven() && *used < got[i][o].Units {
				*used = got[i][o].Units
			}
			if diff := cmp.Diff(want[i][o], got[i][o], moved); diff != "" {
				t.Fatalf("level %d, %v, rules %v (-slow +fast):\n%s\nlayer %+v\nmapping %+v", i, Operand(o), rules, diff, l, m)
			}
		}
	}
}

func TestCountEqualsOracle(t *testing.T) {
	var c Counter
	for range 8 {
		rapid.Check(t, func(t *rapid.T) {
			l, m := drawNest(t, false)
			compare(t, &c, l, m, Exact)
		})
	}
}

func TestRulesEqualOracle(t *testing.T) {
	var c Counter
	rapid.Check(t, func(t *rapid.T) {
		l, m := drawNest(t, true)
		compare(t, &c, l, m, Rules(rapid.IntRange(0, int(Timeloop)).Draw(t, "rules")))
	})
}

// What a rule makes a tool count is never less than what must be moved.
func TestRulesNeverCountLess(t *testing.T) {
	var exact, ruled Counter
	rapid.Check(t, func(t *rapid.T) {
		l, m := drawNest(t, true)
		rules := Rules(rapid.IntRange(0, int(Timeloop)).Draw(t, "rules"))
		want, got := exact.Count(l, m, Exact), ruled.Count(l, m, rules)
		for i := range want {
			for o := range want[i] {
				if less, more := want[i][o], got[i][o]; less.Reads > more.Reads || less.Fills > more.Fills || less.Updates != more.Updates {
					t.Fatalf("level %d, %v: exact %+v, %v %+v", i, Operand(o), less, rules, more)
				}
			}
		}
	})
}

// All products leave the multipliers, sums that are added on the way or in place become outputs, and
// what enters a level's units leaves the level outside.
func TestCountConserves(t *testing.T) {
	var c Counter
	rapid.Check(t, func(t *rapid.T) {
		l, m := drawNest(t, false)
		counts := c.Count(l, m, Exact)
		additions := int64(0)
		for _, level := range counts {
			additions += level[Outputs].Adds + level[Outputs].Reads - level[Outputs].Fills
		}
		if additions != l.MACs()-l.outputs() {
			t.Fatalf("%d additions, want %d products less %d outputs", additions, l.MACs(), l.outputs())
		}
		if top := counts[0][Outputs]; top.FinalUpdates != l.outputs() {
			t.Fatalf("%d results arrive, want %d", top.FinalUpdates, l.outputs())
		}
	})
}

// allEven says that all loops divide.
func (c *Counter) allEven() bool {
	return c.even == [NumDims]bool{true, true, true, true, true, true, true}
}
