package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawSpace draws spaces that Check accepts, narrow ones included.
func drawSpace(t *rapid.T) Space {
	s := Space{
		Stages:        rapid.SliceOfN(rapid.StringMatching(`stage[0-9]`), 1, 6).Draw(t, "stages"),
		Granularities: rapid.Permutation([]Granularity{PerTensor, PerColumnTile, PerChannel}).Draw(t, "granularities"),
		Budgets:       rapid.SampledFrom([][]string{nil, {"latency"}, {"latency", "energy"}}).Draw(t, "budgets"),
	}
	s.Granularities = s.Granularities[:rapid.IntRange(0, 3).Draw(t, "allowed")]
	for i := range s.MinEpochs {
		s.MinEpochs[i] = Epochs(rapid.IntRange(0, 50).Draw(t, "least epochs"))
		s.TotalEpochs += s.MinEpochs[i]
	}
	s.TotalEpochs += Epochs(rapid.IntRange(0, 400).Draw(t, "spare epochs"))
	s.TotalEpochs = max(s.TotalEpochs, 1)
	for _, r := range []*BitsRange{&s.WeightBits, &s.ActivationBits} {
		r.Min = AverageBits(rapid.IntRange(20, 320).Draw(t, "least bits"))
		r.Max = AverageBits(rapid.IntRange(int(r.Min), 320).Draw(t, "most bits"))
	}
	return s
}

// drawGenome draws any design of a space.
func drawGenome(t *rapid.T, s Space) Genome {
	numbers := rapid.SliceOfN(rapid.Float64Range(0, 1), numberBudgets+len(s.Budgets), numberBudgets+len(s.Budgets)).Draw(t, "numbers")
	n := len(s.Stages)
	return s.decode(rapid.SliceOfN(rapid.SampledFrom(s.granularities()), n, n).Draw(t, "granularity"), numbers)
}

func TestGenomeTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		g := drawGenome(t, s)
		if err := s.Contains(g); err != nil {
			t.Fatalf("%v: %v", g, err)
		}
		parsed, err := ParseGenome(g.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(g, parsed); diff != "" {
			t.Fatalf("%v (-printed +parsed):\n%s", g, diff)
		}
		if parsed.Key() != g.Key() || len(g.Key()) != 16 {
			t.Fatalf("keys %s and %s", g.Key(), parsed.Key())
		}
	})
}

const sampleText = "slices=tkc weights=4.25 activations=3.80 epochs=2.00+5.50+1.50 latency=0.35"

func TestGenomeText(t *testing.T) {
	g := Genome{
		Granularity: []Granularity{PerTensor, PerColumnTile, PerChannel},
		WeightBits:  AverageBitsOf(4.25), ActivationBits: AverageBitsOf(3.8),
		Phases:  [phases]Epochs{EpochsOf(2), EpochsOf(5.5), EpochsOf(1.5)},
		Budgets: []Budget{{"latency", FractionOf(0.35)}},
	}
	if got := g.String(); got != sampleText {
		t.Errorf("text %q, want %q", got, sampleText)
	}
	// printf %s "$text" | sha256sum | head -c 16; a change would orphan the studies that exist.
	if got, want := g.Key(), "4bcb7e3823c0f002"; got != want {
		t.Errorf("key %s, want %s", got, want)
	}
}

func TestParseGenomeErrors(t *testing.T) {
	for _, c := range []struct{ name, replace, by, want string }{
		{"empty", sampleText, "", `field "" has no =`},
		{"too short", " activations=3.80 epochs=2.00+5.50+1.50 latency=0.35", "", `no "activations"`},
		{"wrong field", "weights", "heights", `field 2 is "heights", want "weights"`},
		{"unknown slice", "tkc", "txc", `'x' is none of t (tensor), k (column tile), c (channel)`},
		{"no stages", "tkc", "", "slices: no stages"},
		{"no number", "4.25", "four", `weights: "four" is not a number with two decimals`},
		{"one decimal", "4.25", "4.2", `"4.2" is not a number with two decimals`},
		{"negative", "4.25", "-4.25", `"-4.25" is not a number with two decimals`},
		{"leading zero", "4.25", "04.25", `"04.25" is not a number with two decimals`},
		{"off the grid", "4.25", "4.26", `"4.26" is not a multiple of 0.05`},
		{"two phases", "+1.50", "", `2 phases in "2.00+5.50", want 3`},
		{"budget name", "latency", "Latency", `budget name "Latency" must be lower-case`},
		{"taken name", "latency", "weights", `budget name "weights" is taken`},
		{"budget twice", "latency=0.35", "latency=0.35 latency=0.40", "latency: given twice"},
		{"two blanks", " weights", "  weights", `field "" has no =`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(sampleText, c.replace, c.by, 1)
			if text == sampleText {
				t.Fatal("the sample does not hold what is to be replaced")
			}
			_, err := ParseGenome(text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func FuzzParseGenome(f *testing.F) {
	f.Add(sampleText)
	f.Add("slices=t weights=1.00 activations=1.00 epochs=0.05+0.05+0.05")
	f.Fuzz(func(t *testing.T, text string) {
		if g, err := ParseGenome(text); err == nil && g.String() != text {
			t.Errorf("%q is read as %q", text, g)
		}
	})
}
