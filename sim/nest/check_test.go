package nest

import (
	"errors"
	"testing"
)

// small returns a 2 x 3 product with a buffer and two units of one register each.
func small() (*Layer, *Mapping) {
	return &Layer{Size: [NumDims]int{1, 2, 3, 1, 1, 1, 1}, StrideH: 1, StrideW: 1}, &Mapping{
		Loops: []Loop{{K, 1, false}, {C, 1, true}},
		Levels: []Level{
			{Name: "dram"},
			{Name: "sram", Cut: [NumOperands]int{0, 0, 0}, Capacity: 200},
			{Name: "register", Cut: [NumOperands]int{2, 2, Bypass}, Capacity: 16, Units: 2},
		},
		MACs: 2,
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Layer, *Mapping)
		want   string
	}{
		{"good", func(*Layer, *Mapping) {}, ""},
		{"size", func(l *Layer, _ *Mapping) { l.Size[P] = 0 }, "mapping: the layer has P = 0; every dimension is at least 1"},
		{"stride", func(l *Layer, _ *Mapping) { l.StrideW = 0 }, "mapping: the layer has strides 1 x 0; a stride is at least 1"},
		{"depthwise", func(l *Layer, _ *Mapping) { l.Depthwise = true }, "mapping: the depthwise layer has K = 3; its channels are C, and K is 1"},
		{"dimension", func(_ *Layer, m *Mapping) { m.Loops[0].Dim = 9 }, "mapping: loop 0 is over dimension 9; there are 7"},
		{"step too large", func(_ *Layer, m *Mapping) { m.Loops[1].Step = 3 }, "mapping: loop 1 (over C) steps by 3 inside a piece of 2; a step is between 1 and that"},
		{"not covered", func(_ *Layer, m *Mapping) { m.Loops[0].Step = 2 }, "mapping: the loops over K (3 in the layer) leave pieces of 2 to one multiplier; its innermost loop must step by 1"},
		{"no level", func(_ *Layer, m *Mapping) { m.Levels = nil }, "mapping: it has no memory level; the outermost one holds the tensors"},
		{"outermost", func(_ *Layer, m *Mapping) { m.Levels[0].Cut[Inputs] = 1 }, "mapping: dram: the outermost level must hold the inputs whole (cut 0), got cut 1"},
		{"cut order", func(_ *Layer, m *Mapping) { m.Levels[1].Cut[Weights] = 2; m.Levels[2].Cut[Weights] = 1 }, "mapping: register: 1 loops are outside the tile of the weights; it must be between the 2 of sram and all 2"},
		{"multipliers", func(_ *Layer, m *Mapping) { m.MACs = 1 }, "mapping: the spatial loops use 2 multipliers, but there are 1"},
		{"units", func(_ *Layer, m *Mapping) { m.Levels[2].Units = 1 }, "mapping: register: the weights are spread over 2 units, but there are 1"},
		// 6 weights, 2 inputs and, as units add all products at once, 3 results, of 8 bit each.
		{"fits", func(_ *Layer, m *Mapping) { m.Levels[1].Capacity = 88 }, ""},
		{"does not fit", func(_ *Layer, m *Mapping) { m.Levels[1].Capacity = 87 }, "mapping: sram: the tiles take 88 bit of one unit, but it has 87 bit; shrink a tile or let an operand bypass the level"},
		// With the reduction in time, sums return to the level: 64 bit and 3 sums of 32 bit.
		{"partial sums do not fit", func(_ *Layer, m *Mapping) { m.Loops[1].Spatial = false; m.Levels[1].Capacity = 159 }, "mapping: sram: the tiles take 160 bit of one unit, but it has 159 bit; shrink a tile or let an operand bypass the level"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, m := small()
			c.change(l, m)
			err := m.Check(l, Widths{8, 8, 32, 8})
			var violated *ConstraintError
			switch {
			case c.want == "":
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
			case !errors.As(err, &violated) || err.Error() != c.want:
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestLoops(t *testing.T) {
	l, _ := small()
	for _, c := range []struct {
		name    string
		factors []Factor
		want    string
	}{
		{"good", []Factor{{K, 3, false}, {C, 2, true}}, ""},
		{"too much", []Factor{{K, 2, false}, {C, 2, true}, {K, 2, false}}, "mapping: the loops over K multiply to 4, but the layer has K = 3; change a factor, or give step sizes that need not divide"},
		{"missing", []Factor{{K, 3, false}}, "mapping: the loops over C multiply to 1, but the layer has C = 2; change a factor, or give step sizes that need not divide"},
		{"no step", []Factor{{K, 3, false}, {C, 0, true}}, "mapping: loop 1 (over C) has 0 steps; it needs at least 1"},
	} {
		_, err := Loops(l, c.factors)
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestCountPanicsOnUncheckedMappings(t *testing.T) {
	for name, step := range map[string]int{"not covered": 2, "too large": 4} {
		func() {
			defer func() {
				if recover() != "nest: mapping was not checked" {
					t.Errorf("%s: no panic", name)
				}
			}()
			l, m := small()
			m.Loops[0].Step = step
			new(Counter).Count(l, m, Exact)
		}()
	}
}
