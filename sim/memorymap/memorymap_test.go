package memorymap

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dse/accel"
	"dse/accel/unit"
	"dse/models"
	"dse/sim"
)

// oneMemory returns an accelerator with a memory of so many bytes.
func oneMemory(bytes int) *accel.Accelerator {
	return &accel.Accelerator{Name: "chip", Memories: []accel.Memory{{Name: "sram", Capacity: unit.Bytes(bytes)}}}
}

// 88 bits. Weights stay for good, at the bottom; tensors pile up above them, buffers hang from the top.
//
//	step 0   weights 0-16, tensor a 16-40, buffer 80-88
//	step 1   a, b 40-60, buffer 78-88
//	step 2   b; c of 12 takes the 24 bits that a left rather than the 28 above b
//	step 3   c 16-28; a buffer of 36 hangs from the top: 52-88
func TestByHand(t *testing.T) {
	all := []sim.Occupant{
		{What: sim.PinnedWeights, Name: "w", First: 0, Last: 3, Bits: 16},
		{What: sim.ResidentTensor, Name: "a", First: 0, Last: 1, Bits: 24},
		{What: sim.InputBuffer, Name: "s0", First: 0, Last: 0, Bits: 8},
		{What: sim.ResidentTensor, Name: "b", First: 1, Last: 2, Bits: 20},
		{What: sim.InputBuffer, Name: "s1", First: 1, Last: 1, Bits: 10},
		{What: sim.ResidentTensor, Name: "c", First: 2, Last: 3, Bits: 12},
		{What: sim.OutputBuffer, Name: "s3", First: 3, Last: 3, Bits: 36},
	}
	maps, err := New(oneMemory(11), all, 4)
	if err != nil {
		t.Fatal(err)
	}
	m := &maps[0]
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"w": 0, "a": 16, "s0": 80, "b": 40, "s1": 78, "c": 16, "s3": 52}
	for _, b := range m.Blocks {
		if len(b.Pieces) != 1 || b.Pieces[0].Address != want[b.Name] {
			t.Errorf("%s lies at %v, want %d", b.Name, b.Pieces, want[b.Name])
		}
	}
	// Step 1 takes 16 + 24 + 20 + 10. Step 2 has 12 bits free below b and 28 above.
	if m.Peak != 70 || m.PeakStep != 1 || m.Cut != 0 || m.Scattered != 12 {
		t.Errorf("peak %d at step %d, %d cut, %d scattered; want 70, 1, 0, 12", m.Peak, m.PeakStep, m.Cut, m.Scattered)
	}
}

// a and c leave 16 bits each around b. A block of 30 finds room only in pieces.
func TestCut(t *testing.T) {
	all := []sim.Occupant{
		{What: sim.ResidentTensor, Name: "a", First: 0, Last: 1, Bits: 16},
		{What: sim.ResidentTensor, Name: "b", First: 0, Last: 3, Bits: 8},
		{What: sim.ResidentTensor, Name: "c", First: 0, Last: 1, Bits: 12},
		{What: sim.ResidentTensor, Name: "d", First: 2, Last: 3, Bits: 30},
	}
	maps, err := New(oneMemory(5), all, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := maps[0].Check(); err != nil {
		t.Fatal(err)
	}
	if maps[0].Cut != 0 {
		t.Errorf("b, the longest, should lie at the bottom and leave one gap: %+v", maps[0].Blocks)
	}
	// b begins in the midst, above a.
	all[0].First, all[1].First, all[0].Last = 0, 1, 1
	all[2].First = 1
	if maps, err = New(oneMemory(5), all, 4); err != nil {
		t.Fatal(err)
	}
	m := &maps[0]
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	d := m.Blocks[len(m.Blocks)-1]
	if want := []Piece{{0, 16}, {24, 14}}; m.Cut != 1 || !reflect.DeepEqual(d.Pieces, want) {
		t.Errorf("%d cut, d lies in %v, want %v", m.Cut, d.Pieces, want)
	}
}

func TestTooMuch(t *testing.T) {
	_, err := New(oneMemory(2), []sim.Occupant{
		{What: sim.ResidentTensor, Name: "a", First: 0, Last: 1, Bits: 10},
		{What: sim.InputBuffer, Name: "b", First: 1, Last: 1, Bits: 7},
	}, 2)
	if want := "memory sram has 16 bits, step 1 needs 1 more for the input buffer of b"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// Whatever fits step by step is placed, without overlaps, and always in the same way.
func TestAllIsPlaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const steps = 8
		capacity := int64(rapid.IntRange(1, 40).Draw(t, "bytes"))
		left := make([]int64, steps)
		for i := range left {
			left[i] = 8 * capacity
		}
		var all []sim.Occupant
		for range rapid.IntRange(0, 30).Draw(t, "blocks") {
			first := rapid.IntRange(0, steps-1).Draw(t, "first")
			last := rapid.IntRange(first, steps-1).Draw(t, "last")
			most := left[first]
			for i := first; i <= last; i++ {
				most = min(most, left[i])
			}
			if most == 0 {
				continue
			}
			n := rapid.Int64Range(1, most).Draw(t, "bits")
			for i := first; i <= last; i++ {
				left[i] -= n
			}
			all = append(all, sim.Occupant{What: sim.ResidentTensor, First: first, Last: last, Bits: n})
		}
		a := oneMemory(int(capacity))
		maps, err := New(a, all, steps)
		if err != nil {
			t.Fatal(err)
		}
		if err := maps[0].Check(); err != nil {
			t.Fatal(err)
		}
		if again, _ := New(a, all, steps); !reflect.DeepEqual(again, maps) {
			t.Fatal("a second map differs")
		}
	})
}

// The map of a network holds what the simulator says is occupied, at every step of every memory.
func TestNetworks(t *testing.T) {
	names := []string{"mobilenetv2-micro", "mobilenetv2-1.0-224", "resnet18-224"}
	if testing.Short() {
		names = names[:1]
	}
	for _, preset := range accel.Presets() {
		a, err := accel.Load(preset)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			n, err := models.Build(name)
			if err != nil {
				t.Fatal(err)
			}
			s, err := sim.New(a, n)
			if err != nil {
				t.Fatal(err)
			}
			p := n.Uniform(n.PerTensor(), 8, 4)
			r, err := s.Run(p)
			if err != nil && name == "resnet18-224" && preset == "gap9-ne16" {
				continue // a layer's weights exceed the chip's 2 MiB of MRAM
			}
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.Occupants(p)
			if err != nil {
				t.Fatal(err)
			}
			maps, err := New(a, all, len(r.Layers))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for m := range maps {
				if err := maps[m].Check(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				for i := range r.Layers {
					// Each occupant is rounded down to whole bits.
					got, want := float64(maps[m].Used[i]), float64(r.Layers[i].Occupied[m])
					if got > want+1e-3 || got < want-float64(len(all)) {
						t.Errorf("%s on %s: step %s takes %v bits of %s, priced at %v", name, preset, r.Layers[i].Name, got, maps[m].Name, want)
					}
				}
			}
		}
	}
}
