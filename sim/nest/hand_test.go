package nest

import "testing"

// A row of 6 outputs under a filter of 3, 8 inputs, one multiplier with a buffer.
func row(stride int, loops ...Loop) (*Layer, *Mapping) {
	l := &Layer{Size: [NumDims]int{1, 1, 2, 1, 6, 1, 3}, StrideH: 1, StrideW: stride}
	cut := [NumOperands]int{len(loops), len(loops), len(loops)}
	inside := []Loop{{K, 1, false}, {P, 1, false}, {R, 1, false}}
	return l, &Mapping{Loops: append(loops, inside...), Levels: []Level{{Name: "dram"}, {Name: "buffer", Cut: cut}}}
}

func TestDRAMReadsOfInputsByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		stride int
		loops  []Loop
		rules  Rules
		want   int64
	}{
		// Tiles of 2 outputs need 4 inputs, of which 2 stay: 4 + 2 + 2.
		{"slide", 1, []Loop{{P, 2, false}}, Exact, 8},
		{"slide, innermost halo", 1, []Loop{{P, 2, false}}, InnermostHalo, 8},
		// The loop over K in between changes nothing: 8, but without the halo 3 tiles of 4.
		{"loop inside", 1, []Loop{{P, 2, false}, {K, 1, false}}, Exact, 8},
		{"loop inside, innermost halo", 1, []Loop{{P, 2, false}, {K, 1, false}}, InnermostHalo, 12},
		// Starting over for the second channel: the last tile has inputs 4..7, the first 0..3.
		{"loop outside", 1, []Loop{{K, 1, false}, {P, 2, false}}, Exact, 16},
		// With 2 tiles of 4 outputs (the second has 2): inputs 0..5, then 4..7, then again 0..5 of
		// which 4 and 5 are there, then 4..7 again: 6 + 2 + 4 + 2.
		{"ragged, starts over", 1, []Loop{{K, 1, false}, {P, 4, false}}, Exact, 14},
		// One filter position at a time: 6 inputs, then one more for each step, 8 in all.
		{"filter outside", 1, []Loop{{R, 1, false}}, Exact, 8},
		// Stride 4 leaves a gap of 1 in 4: 3 + 3 + ... for 6 outputs, or a row of 23 with gaps.
		{"gaps", 4, []Loop{{P, 1, false}}, Exact, 18},
		{"gaps, in one tile", 4, []Loop{{P, 6, false}}, Exact, 18},
		{"gaps, boxed", 4, []Loop{{P, 6, false}}, BoundingBox, 23},
		// Two units with 3 outputs each need 5 inputs, 2 of which they share.
		{"multicast", 1, []Loop{{P, 3, true}}, Exact, 8},
		{"multicast of whole tiles", 1, []Loop{{P, 3, true}}, WholeTiles, 10},
	} {
		l, m := row(c.stride, c.loops...)
		if err := m.Check(l, Widths{8, 8, 32, 8}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := new(Counter).Count(l, m, c.rules)[0][Inputs].Reads; got != c.want {
			t.Errorf("%s: %d reads, want %d", c.name, got, c.want)
		}
	}
}

// Two outputs sum over 6 channels: 2 units take 3 channels each and a tile of one channel at a time,
// with the outputs changing fastest, so that sums of 2 channels spill between steps.
//
//	per step and output: both units send a partial copy, one sum arrives (3 steps x 2 outputs = 6),
//	of which the last 2 are complete; all but the first 2 continue a sum that was read back.
func TestSpilledSumsByHand(t *testing.T) {
	l := &Layer{Size: [NumDims]int{1, 6, 2, 1, 1, 1, 1}, StrideH: 1, StrideW: 1}
	m := &Mapping{
		Loops: []Loop{{C, 3, true}, {C, 1, false}, {K, 1, false}},
		Levels: []Level{
			{Name: "buffer"},
			{Name: "accumulator", Cut: [NumOperands]int{Bypass, Bypass, 3}},
		},
	}
	if err := m.Check(l, Widths{8, 8, 32, 8}); err != nil {
		t.Fatal(err)
	}
	var c Counter
	counts := c.Count(l, m, Exact)
	if got, want := counts[0][Outputs], (Count{Tile: 2, Units: 1, Reads: 4, Updates: 6, Adds: 6, FinalUpdates: 2}); got != want {
		t.Errorf("buffer: %+v, want %+v", got, want)
	}
	// The unit that gets the sum back reads it for its product; the other starts from zero.
	if got, want := counts[1][Outputs], (Count{Tile: 1, Units: 2, Reads: 4, Updates: 12, Fills: 4, Drains: 12}); got != want {
		t.Errorf("accumulator: %+v, want %+v", got, want)
	}
	w := Widths{Weight: 4, Input: 8, Partial: 32, Final: 8}
	if got, want := w.Bits(Outputs, counts[0][Outputs]), (Traffic{Reads: 4 * 32, Updates: 4*32 + 2*8}); got != want {
		t.Errorf("buffer: %+v, want %+v", got, want)
	}
	if got, want := w.Bits(Weights, counts[0][Weights]), (Traffic{Reads: 12 * 4}); got != want {
		t.Errorf("weights: %+v, want %+v", got, want)
	}
	// Timeloop charges the sum to both units, which then both read it.
	counts = c.Count(l, m, SpillToAll)
	if got, want := counts[1][Outputs], (Count{Tile: 1, Units: 2, Reads: 8, Updates: 12, Fills: 8, Drains: 12}); got != want {
		t.Errorf("accumulator, sums to all: %+v, want %+v", got, want)
	}
}

// 20 output channels on 16 columns leave 12 columns idle in the second step, and those
// keep their weights.
func TestIdleUnitsKeepTheirTiles(t *testing.T) {
	l := &Layer{Size: [NumDims]int{1, 1, 20, 1, 2, 1, 1}, StrideH: 1, StrideW: 1}
	m := &Mapping{
		Loops:  []Loop{{P, 1, false}, {K, 16, false}, {K, 1, true}},
		Levels: []Level{{Name: "dram"}, {Name: "register", Cut: [NumOperands]int{3, Bypass, Bypass}, Units: 16}},
	}
	// Columns 0..3 alternate between two weights for both pixels; 4..15 load theirs once.
	if got, want := new(Counter).Count(l, m, Exact)[1][Weights].Fills, int64(4*4+12); got != want {
		t.Errorf("%d fills, want %d", got, want)
	}
}
