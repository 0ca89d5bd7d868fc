package search

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sampleSpace is a small network's.
func sampleSpace() Space {
	return Space{
		Stages:      []string{"stem", "body", "head"},
		TotalEpochs: EpochsOf(9), MinEpochs: [phases]Epochs{EpochsOf(1), EpochsOf(2), EpochsOf(1)},
		WeightBits: BitsRange{AverageBitsOf(2), AverageBitsOf(8)}, ActivationBits: BitsRange{AverageBitsOf(3), AverageBitsOf(8)},
		Budgets: []string{"latency"},
	}
}

func TestSpaceCheck(t *testing.T) {
	if err := sampleSpace().Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(*Space)
		want  string
	}{
		{"no stages", func(s *Space) { s.Stages = nil }, "the network has no stages"},
		{"least phases too long", func(s *Space) { s.TotalEpochs = EpochsOf(3.5) }, "add up to 4.00 epochs, more than the total of 3.50"},
		{"no epochs", func(s *Space) { s.TotalEpochs = 0 }, "have 0 epochs together"},
		{"negative phase", func(s *Space) { s.MinEpochs[Mixed] = -20 }, "phase 2: least length -1 epochs is negative"},
		{"bits upside down", func(s *Space) { s.WeightBits.Min = 200 }, "weights: bits from 10 to 8"},
		{"bits too few", func(s *Space) { s.ActivationBits.Min = 10 }, "activations: bits from 0.5 to 8"},
		{"bits too many", func(s *Space) { s.ActivationBits.Max = 400 }, "activations: bits from 3 to 20"},
		{"budget name", func(s *Space) { s.Budgets = []string{"lat ency"} }, `budget name "lat ency"`},
		{"budget twice", func(s *Space) { s.Budgets = []string{"a", "a"} }, `budget "a" is listed twice`},
		{"granularity", func(s *Space) { s.Granularities = []Granularity{7} }, "granularity 7 is unknown"},
		{"granularity twice", func(s *Space) { s.Granularities = []Granularity{PerChannel, PerChannel} }, "granularity channel is listed twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sampleSpace()
			c.spoil(&s)
			err := s.Check()
			if input := (*InputError)(nil); !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want an InputError with %q", err, c.want)
			}
		})
	}
}

func TestSpaceContains(t *testing.T) {
	s := sampleSpace()
	s.Granularities = []Granularity{PerTensor, PerChannel}
	const member = "slices=tct weights=4.25 activations=3.80 epochs=2.00+5.50+1.50 latency=0.35"
	for _, c := range []struct{ name, replace, by, want string }{
		{"member", "", "", ""},
		{"stages", "tct", "tctt", "4 stages, the network has 3"},
		{"granularity", "tct", "tkt", "stage body: granularity column-tile is not allowed"},
		{"short phase", "2.00+5.50", "0.50+7.00", "phase 1 has 0.50 epochs, less than 1.00"},
		{"sum", "5.50", "5.45", "phases add up to 8.95 epochs, not 9.00"},
		{"weights", "4.25", "8.05", "8.05 weight bits are outside 2.00 to 8.00"},
		{"activations", "3.80", "2.95", "2.95 activation bits are outside 3.00 to 8.00"},
		{"budgets", " latency=0.35", "", "0 budgets, the space has 1"},
		{"budget name", "latency", "energy", `budget 1 is "energy", not "latency"`},
		{"budget range", "0.35", "1.01", "budget latency: 1.01 is outside 0 to 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := ParseGenome(strings.Replace(member, c.replace, c.by, 1))
			if err != nil {
				t.Fatal(err)
			}
			err = s.Contains(g)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestApportion(t *testing.T) {
	s := sampleSpace() // least 1+2+1, 5 epochs = 100 steps to spare
	for _, c := range []struct {
		name    string
		weights [phases]float64
		want    [phases]Epochs
	}{
		{"all to one", [phases]float64{0, 1, 0}, [phases]Epochs{20, 140, 20}},
		{"half and half", [phases]float64{0.3, 0, 0.3}, [phases]Epochs{70, 40, 70}},
		// A third each is 33.3 steps: the odd step goes to the earliest.
		{"thirds", [phases]float64{1, 1, 1}, [phases]Epochs{54, 73, 53}},
		{"no weights", [phases]float64{}, [phases]Epochs{54, 73, 53}},
		// 100*(1, 2, 4)/7 = 14.29, 28.57, 57.14: the largest remainder is the second's.
		{"sevenths", [phases]float64{1, 2, 4}, [phases]Epochs{34, 69, 77}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := s.apportion(c.weights); got != c.want {
				t.Errorf("phases %d, want %d steps", got, c.want)
			}
		})
	}
}

func TestEncodeInvertsDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		g := drawGenome(t, s)
		if diff := cmp.Diff(g, s.decode(g.Granularity, s.encode(g))); diff != "" {
			t.Fatalf("%v (-before +after):\n%s", g, diff)
		}
	})
}

func TestFirstPopulationIsStratified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		s := sampleSpace()
		seed := rapid.Uint64().Draw(t, "seed")
		designs := s.first(n, rand.New(rand.NewPCG(seed, 1)))
		if diff := cmp.Diff(designs, s.first(n, rand.New(rand.NewPCG(seed, 1)))); diff != "" {
			t.Fatalf("two populations of one seed differ:\n%s", diff)
		}
		if len(designs) != n {
			t.Fatalf("%d designs, want %d", len(designs), n)
		}
		for _, g := range designs {
			if err := s.Contains(g); err != nil {
				t.Fatalf("%v: %v", g, err)
			}
		}
		// The i-th smallest of n numbers lies in the i-th part of the range, give or take the half
		// step that the grid may move it.
		strata := func(name string, number func(Genome) float64, halfStep float64) {
			var x []float64
			for _, g := range designs {
				x = append(x, number(g))
			}
			slices.Sort(x)
			for i, v := range x {
				low, high := float64(i)/float64(n)-halfStep, float64(i+1)/float64(n)+halfStep
				if v < low-1e-9 || v > high+1e-9 { // rounding of the quotients
					t.Fatalf("%s: number %d of %v is outside %v to %v", name, i, x, low, high)
				}
			}
		}
		strata("weights", func(g Genome) float64 { return s.encode(g)[numberWeights] }, 0.5/120)
		strata("activations", func(g Genome) float64 { return s.encode(g)[numberActivations] }, 0.5/100)
		strata("latency", func(g Genome) float64 { return s.encode(g)[numberBudgets] }, 0.5/100)
		// Activation budgets rise with weight budgets, but for neighbours.
		slices.SortFunc(designs, func(a, b Genome) int { return int(a.WeightBits - b.WeightBits) })
		for i, g := range designs {
			for _, h := range designs[min(i+2, n):] {
				if h.WeightBits > g.WeightBits && h.ActivationBits < g.ActivationBits {
					t.Fatalf("%v has more weight bits and fewer activation bits than %v", h, g)
				}
			}
		}
		for stage := range s.Stages {
			var count [granularities]int
			for _, g := range designs {
				count[g.Granularity[stage]]++
			}
			for _, c := range count {
				if c < n/granularities || c > (n+granularities-1)/granularities {
					t.Fatalf("stage %d: granularities come %v times in %d designs", stage, count, n)
				}
			}
		}
	})
}

func TestFirstPopulationOfTinySpace(t *testing.T) {
	s := Space{
		Stages: []string{"all"}, Granularities: []Granularity{PerTensor, PerChannel}, TotalEpochs: 1,
		MinEpochs:  [phases]Epochs{1, 0, 0},
		WeightBits: BitsRange{40, 41}, ActivationBits: BitsRange{80, 80},
	}
	if got := len(s.first(50, rand.New(rand.NewPCG(1, 1)))); got != 4 {
		t.Errorf("%d designs, want the 4 that there are", got)
	}
}

func TestOperatorsKeepToTheSpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpace(t)
		rng := newLegacyRand(rapid.Uint64().Draw(t, "seed"))
		a, b := &design{space: &s, genome: drawGenome(t, s)}, &design{space: &s, genome: drawGenome(t, s)}
		textA, textB := a.Key(), b.Key()
		c, d := a.Clone().(*design), b.Clone().(*design)
		c.Crossover(d, rng)
		c.Mutate(rng)
		for _, child := range []*design{c, d} {
			if err := s.Contains(child.genome); err != nil {
				t.Fatalf("child %v: %v", child.genome, err)
			}
		}
		if a.Key() != textA || b.Key() != textB {
			t.Fatal("a parent changed with its clone")
		}
	})
}

func TestMutationChangesAboutOneGene(t *testing.T) {
	s := sampleSpace()
	rng := newLegacyRand(1)
	start := s.first(1, rand.New(rand.NewPCG(1, 1)))[0]
	const mutants = 2000
	unchanged := 0
	for range mutants {
		d := &design{space: &s, genome: start}
		d.Mutate(rng)
		if d.Key() == start.String() {
			unchanged++
		}
	}
	// Nine genes at 1/9 each all stay with a probability of (8/9)^9 = 0.346; shifts below half a
	// step of the grid add to that.
	if share := float64(unchanged) / mutants; math.Abs(share-0.38) > 0.06 {
		t.Errorf("%.3f of the mutants are unchanged, want about 0.35 to 0.4", share)
	}
}
