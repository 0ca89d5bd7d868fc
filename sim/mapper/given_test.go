package mapper

import (
	"math"
	"strings"
	"testing"
)

// By hand, on the chip of the other tests at 8 bits: 32 input and 32 output channels, 1x1, 8x8 positions, cut
// into 2 x 2 tiles of 16 channels each, input channels innermost.
//
//	DRAM    all 1024 weights once, in 4 tiles; inputs change with C, so 4 tiles of 16*64 = 4096 elements,
//	        twice the tensor; outputs once: 2048. 1024 + 4096 + 2048 bytes, whole bursts of 32.
//	array   2 column tiles x 2 folds of 64 positions: stream 256, skew 4 * 30, first load 16
//	sums    a tile's 16 x 64 sums stay in the accumulators (512 per column): 2 * 2 folds * 2048 accesses
//	SRAM    weights read once, inputs 2048 for each column tile, outputs written once and read on their way out
//	time    6.4 bytes per cycle: D = 7168/6.4 + set-ups 5 * (3 + 3 + 1) = 1155; first tiles (256 + 1024)/6.4
//	        = 200, last tile 1024/6.4 = 160, so max(200 + 392 + 160, 1155); layer set-up 2000 + 20 + 80
func TestEvaluateByHand(t *testing.T) {
	a := chip()
	m := machine(t, a)
	p := problem(conv(32, 32, 8, 1, 1), a, 8)
	mapping, err := Parse("Q8 P8 K16 C16")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Evaluate(m, p, mapping)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what      string
		got, want float64
	}{
		{"weights fetched", c.OffChip.Weights.Read, 8 * 1024},
		{"inputs fetched", c.OffChip.Inputs.Read, 8 * 4096},
		{"outputs written", c.OffChip.Outputs.Write, 8 * 2048},
		{"outputs read", c.OffChip.Outputs.Read, 0},
		{"stream", c.Stream, 256}, {"fill", c.Fill, 4*30 + 16},
		{"sums", c.Sums, 2 * 2 * 2048},
		{"weights into the array", c.OnChip.Weights.Read, 8 * 1024},
		{"inputs into the array", c.OnChip.Inputs.Read, 8 * 2 * 2048},
		{"outputs at home", c.OnChip.Outputs.Total(), 8 * 2 * 2048},
		{"DRAM", c.DRAM, 1120 + 35},
		{"first", c.First, 200}, {"last", c.Last, 160},
		{"set-up", c.Setup, 2100}, {"cycles", c.Cycles, 2100 + 1155},
		// 65536 MACs; sums of 32 bit; what enters and leaves the SRAM; DRAM with rows of 2 KiB opened at 1205 pJ; 42.9 mW
		// throughout and 10 mW in set-ups, at 1.25 ns a cycle.
		{"energy", c.Energy, 65536*0.143 + 8192*32*0.073 + 8*(1024+4096+2048)*0.127 + 8*(1024+4096+2048)*0.152 +
			8*(5120*8.48+2048*5.05+7168*1205.0/16384) + 1.25*(42.9*3255+10*2000)},
		{"space", c.Occupied[0], 8 * 2 * (256 + 1024 + 4*1024)}, // sums of 32 bit may pass by
	} {
		if math.Abs(x.got-x.want) > 1e-12*x.want {
			t.Errorf("%s: %v, want %v", x.what, x.got, x.want)
		}
	}

	// With input channels outside, sums of the first half leave for DRAM and come back.
	mapping, _ = Parse("C16 Q8 P8 K16")
	if c, err = Evaluate(m, p, mapping); err != nil {
		t.Fatal(err)
	}
	if got, want := c.OffChip.Outputs, (Traffic{Read: 32 * 2048, Write: 32*2048 + 8*2048}); got != want {
		t.Errorf("spilled: outputs %+v, want %+v", got, want)
	}
	if got, want := c.OffChip.Inputs.Read, 8*2048.0; got != want {
		t.Errorf("spilled: inputs %v, want %v", got, want)
	}
}

func TestEvaluateNamesTheConstraint(t *testing.T) {
	a := chip()
	a.Memories[0].Capacity = 1 << 10
	m := machine(t, a)
	p := problem(conv(32, 32, 8, 1, 1), a, 8)
	for _, c := range []struct{ mapping, want string }{
		{"Q8 P8 K32 C32", "take 40960 bits of memory sram, which has 8192"},
		{"Q9 P8 K32 C32", "Q steps by 9, the layer has Q = 8"},
	} {
		mapping, err := Parse(c.mapping)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Evaluate(m, p, mapping); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.mapping, err, c.want)
		}
	}
	if _, err := Evaluate(m, p, Mapping{Step: [dims]int{1, 1, 1, 1}}); err == nil || !strings.Contains(err.Error(), "each of K, C, Q and P once") {
		t.Errorf("error %v", err)
	}
}

// A mapping that a search found, given back, has the same result.
func TestGivenIsWhatWasFound(t *testing.T) {
	a := chip()
	m := machine(t, a)
	for _, l := range mobilenet {
		p := problem(l, a, 4)
		for o := range objectives {
			want, err := Search(m, p, o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Given(m, p, want.Mapping, o)
			got.Evaluated = want.Evaluated
			if err != nil || got != want {
				t.Errorf("%v: got %+v, want %+v (%v)", o, got, want, err)
			}
		}
	}
}

func TestReadGiven(t *testing.T) {
	got, err := ReadGiven(strings.NewReader("# by hand\nstem: Q14 P56 K32 C64\n\n block1.1.expand : K1 C1 Q1 P1 # small\n"), "m.txt")
	if err != nil || len(got) != 2 || got["stem"].String() != "Q14 P56 K32 C64" || got["block1.1.expand"].Step != [dims]int{1, 1, 1, 1} {
		t.Errorf("got %v, %v", got, err)
	}
	for _, c := range []struct{ text, want string }{
		{"stem Q1", `m.txt:1: want a layer and its loops`}, {"\n: Q1", "m.txt:2: want a layer"},
		{"a: K1 C1 Q1 P1\na: K1 C1 Q1 P1", "m.txt:2: layer a is mapped twice"}, {"a: K1", "m.txt:1: mapping \"K1\": want four loops"},
	} {
		if _, err := ReadGiven(strings.NewReader(c.text), "m.txt"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.text, err, c.want)
		}
	}
}
