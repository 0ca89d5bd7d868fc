package accel

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dse/accel/technology"
)

// bare is the file `good` without a number that can be derived, at 45 nm, with a memory of 4 banks of 16 KiB.
var bare = strings.NewReplacer(
	"node: 22 nm", "node: 45 nm", "    energy: 0.05 pJ/bit\n", "", ", energy: 0.2 pJ", "", ", energy: 0.05 pJ", "",
	"  energy: 0.1 pJ\n", "", "    read: 0.1 pJ/bit\n", "",
).Replace(good)

func parse(t interface{ Fatal(...any) }, text string) *Accelerator {
	a, err := Parse("bare.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// By hand, at 45 nm, from the formulas of package technology.
func TestDerive(t *testing.T) {
	a := parse(t, bare)
	// Bank of 16 KiB: 131072 bit, side 362.04, port 128 bit.
	// Four of them have a side of 724.08: half of the difference is wires beyond the bank.
	read := (0.15+3.2e-5*362.04*362.04+3.7e-4*128*362.04)/128 + 3.7e-4*362.04/2
	write := (0.20+3.9e-4*128*362.04+3.7e-4*128*362.04)/128 + 3.7e-4*362.04/2
	// 4 KiB over 16 columns: 2048 bit, side 45.25, words of 32 bit.
	sumRead := (0.15 + 3.2e-5*45.25*45.25 + 3.7e-4*32*45.25) / 32
	sumWrite := (0.20 + 3.9e-4*32*45.25 + 3.7e-4*32*45.25) / 32
	// 8 x 8 bit and a sum of 32 bit, splitting once: the 4 x 4 mode does four MACs a cycle.
	cycle := 1.51 * (0.001618*64 + 0.002576*16 + 0.07/24*32 + 0.03 - 8*0.07/24)
	pe := 1.75 * (4.95*64 + 6.24*48)
	bank := 0.78*131072 + 22*362.04
	sums := 0.78*2048 + 22*45.25
	lanes := 16 * (4.95*256 + 6.24*64)
	for _, c := range []struct {
		key       string
		got, want float64
	}{
		{"memories[0].read", float64(a.Memories[0].Read), read},
		{"memories[0].write", float64(a.Memories[0].Write), write},
		{"memories[0].area", float64(a.Memories[0].Area), 4 * bank / 1e6},
		{"array.accumulator.energy", float64(a.Array.Accumulator.Energy), (sumRead + sumWrite) / 2},
		{"array.accumulator.area", float64(a.Array.Accumulator.Area), 16 * sums / 1e6},
		{"precision.modes[0].energy", float64(a.Precision.Modes[0].Energy), cycle},
		{"precision.modes[1].energy", float64(a.Precision.Modes[1].Energy), cycle / 4},
		{"array.area", float64(a.Array.Area), 256 * pe / 1e6},
		{"vector.energy", float64(a.Vector.Energy), 0.1},
		{"technology.area", float64(a.Technology.Area), lanes / 1e6},
		{"technology.leakage", float64(a.Technology.Leakage), 12e-6*(256*pe+lanes) + 5e-8*8192*(64+4)},
	} {
		if math.Abs(c.got-c.want) > 1e-3*c.want {
			t.Errorf("%s = %v, by hand %v", c.key, c.got, c.want)
		}
		if a.Derived[c.key] == "" {
			t.Errorf("%s does not say what it was derived from", c.key)
		}
		delete(a.Derived, c.key)
	}
	if len(a.Derived) > 0 {
		t.Errorf("derived beyond that: %v", a.Derived)
	}
}

// Multipliers split where a narrow mode does more MACs than the native one for the same layers. That some layers run
// faster or slower than others at the same widths splits nothing.
func TestSplits(t *testing.T) {
	native := Mode{Weight: 8, Activation: 8, Throughput: 1}
	with := func(w, a int, throughput float64, kind OperatorKind) PrecisionTable {
		return PrecisionTable{Modes: []Mode{native, {Weight: w, Activation: a, Throughput: throughput, Operator: kind}}}
	}
	for _, c := range []struct {
		name          string
		table         PrecisionTable
		splits, share float64
	}{
		{"one mode", PrecisionTable{Modes: []Mode{native}}, 0, 1},
		{"narrow, no faster", with(4, 4, 1, AnyOperator), 0, 1},
		{"one operand halved", with(4, 8, 2, AnyOperator), 0.5, 2},
		{"both twice", with(2, 2, 16, AnyOperator), 2, 16},
		{"slow kind", with(8, 8, 0.25, DepthwiseOperator), 0, 1},
		{"fast kind", with(8, 8, 4, PointwiseOperator), 0, 1},
		{"kind without a native mode", with(4, 4, 4, DenseOperator), 0, 1},
	} {
		if s, share := c.table.splits(), c.table.share(c.table.Modes[len(c.table.Modes)-1]); s != c.splits || share != c.share {
			t.Errorf("%s: splits %v times, shared by %v; want %v, %v", c.name, s, share, c.splits, c.share)
		}
	}
}

// What is stated stays; a write energy without one follows the stated read energy.
func TestDeriveLeavesStated(t *testing.T) {
	a := parse(t, good)
	if a.Memories[0].Read != 0.1 || a.Memories[0].Write != 0.1 || a.Precision.Modes[1].Energy != 0.05 || a.Vector.Energy != 0.1 || a.Array.Accumulator.Energy != 0.05 {
		t.Errorf("stated energies changed: %+v", a)
	}
	for _, key := range []string{"memories[0].read", "memories[0].write", "precision.modes[0].energy", "vector.energy"} {
		if how, ok := a.Derived[key]; ok {
			t.Errorf("%s is stated, and derived from %s", key, how)
		}
	}
	for _, row := range Rows(a) {
		if derived := strings.HasPrefix(row.Source, "derived: "); derived != (a.Derived[row.Key] != "") {
			t.Errorf("row %+v, derived %q", row, a.Derived[row.Key])
		}
	}
}

// A file whose energies are all stated may be of a node without published scaling: its areas are not known.
func TestUnknownNode(t *testing.T) {
	a := parse(t, strings.Replace(good, "node: 22 nm", "node: 5 nm\n  leakage: 1 mW", 1))
	parts := a.Area()
	if sum, known := parts.Total(); sum != 0 || known || len(a.Derived) > 0 {
		t.Errorf("area %v, known %v, derived %v", sum, known, a.Derived)
	}
	if sum, known := func() (float64, bool) { p := parse(t, good).Area(); s, k := p.Total(); return float64(s), k }(); !known || sum <= 0 {
		t.Errorf("at 22 nm the area is %v, known %v", sum, known)
	}
}

// Derived values survive printing, follow changes of what they come from, and obey the rule that a
// narrower mode is never dearer: Parse checks it.
func TestDerivedFollow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := parse(t, bare)
		changes := map[string]string{
			"technology.node":         rapid.SampledFrom([]string{"7 nm", "16 nm", "22 nm", "45 nm", "65 nm", "130 nm"}).Draw(t, "node"),
			"technology.supply":       rapid.SampledFrom([]string{"", "0.7 V", "1.1 V"}).Draw(t, "supply"),
			"technology.devices":      rapid.SampledFrom(deviceNames).Draw(t, "devices"),
			"memories[0].banks":       rapid.SampledFrom([]string{"1", "2", "16", "64"}).Draw(t, "banks"),
			"memories[0].capacity":    rapid.SampledFrom([]string{"32 KiB", "1 MiB"}).Draw(t, "capacity"),
			"array.accumulator.width": rapid.SampledFrom([]string{"20 bit", "48 bit"}).Draw(t, "sum"),
		}
		for i, w := range []string{"weight", "activation"} {
			changes["precision.modes[0]."+w] = rapid.SampledFrom([]string{"8 bit", "10 bit"}).Draw(t, w)
			changes["precision.modes[1]."+w] = rapid.SampledFrom([]string{"1 bit", "4 bit", "7 bit"}[i:]).Draw(t, w)
		}
		changes["precision.modes[1].throughput"] = rapid.SampledFrom([]string{"1", "2", "16"}).Draw(t, "throughput")
		b, err := With(a, changes)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Derived) != len(a.Derived) {
			t.Fatalf("%d values derived, then %d", len(a.Derived), len(b.Derived))
		}
		again := parse(t, string(Format(b)))
		if diff := cmp.Diff(b, again); diff != "" {
			t.Fatalf("printed and read back (-want +got)\n%s", diff)
		}
		sums := b.Technology.Devices == technology.HighPerformance
		if low, err := With(b, map[string]string{"technology.devices": "low-power"}); err != nil || sums && low.Technology.Leakage >= b.Technology.Leakage {
			t.Fatalf("low-power devices leak %v, high-performance ones %v, error %v", low.Technology.Leakage, b.Technology.Leakage, err)
		}
	})
}
