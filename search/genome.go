package search

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Granularity is the part of a weight tensor that has a bit-width of its own.
type Granularity uint8

const (
	// PerTensor gives the whole weight tensor of a layer one width.
	PerTensor Granularity = iota
	// PerColumnTile gives each group of output channels that occupies the array at once a width.
	PerColumnTile
	// PerChannel gives each output channel a width.
	PerChannel

	granularities = 3
)

// granularityLetters are the letters of the canonical text, granularityNames the words for people.
const granularityLetters = "tkc"

var granularityNames = [granularities]string{"tensor", "column-tile", "channel"}

// String returns "tensor", "column-tile" or "channel".
func (g Granularity) String() string {
	if g >= granularities {
		return fmt.Sprintf("Granularity(%d)", uint8(g))
	}
	return granularityNames[g]
}

// The grid of a genome. Whole steps make equal designs equal in every bit, so that a design is
// never trained twice and the lengths of the phases add up exactly.
const (
	// EpochsPerStep is the resolution of phase lengths in epochs.
	EpochsPerStep = 0.05
	// BitsPerStep is the resolution of average bit-widths in bits.
	BitsPerStep = 0.05
	// FractionPerStep is the resolution of budget fractions.
	FractionPerStep = 0.01

	stepsPerEpoch = 20
	stepsPerBit   = 20
	fractionSteps = 100
)

// Epochs is a training length in steps of 0.05 epoch.
type Epochs int

// EpochsOf returns the length on the grid nearest to x epochs.
func EpochsOf(x float64) Epochs { return Epochs(math.Round(x * stepsPerEpoch)) }

// Float returns the length in epochs.
func (e Epochs) Float() float64 { return float64(e) / stepsPerEpoch }

// String returns the length in epochs with two decimals.
func (e Epochs) String() string { return hundredths(int(e) * (100 / stepsPerEpoch)) }

// AverageBits is a mean bit-width over the elements of a network in steps of 0.05 bit.
type AverageBits int

// AverageBitsOf returns the width on the grid nearest to x bits.
func AverageBitsOf(x float64) AverageBits { return AverageBits(math.Round(x * stepsPerBit)) }

// Float returns the width in bits.
func (b AverageBits) Float() float64 { return float64(b) / stepsPerBit }

// String returns the width in bits with two decimals.
func (b AverageBits) String() string { return hundredths(int(b) * (100 / stepsPerBit)) }

// Fraction is a share in [0, 1] in steps of 0.01.
type Fraction int

// FractionOf returns the fraction on the grid nearest to x.
func FractionOf(x float64) Fraction { return Fraction(math.Round(x * fractionSteps)) }

// Float returns the share.
func (f Fraction) Float() float64 { return float64(f) / fractionSteps }

// String returns the share with two decimals.
func (f Fraction) String() string { return hundredths(int(f)) }

// Phases are the trained phases of a design, in the order of Genome.Phases.
const (
	Homogeneous = iota // phase 1: quantizers inserted at equal widths, frozen
	Mixed              // phase 2: widths learned under the hardware penalty
	FineTune           // phase 3: widths frozen, weights trained on

	phases
)

// Budget is how much of the range of one hardware objective a design may use: 0 is the least that
// the evaluator thinks reachable, 1 is no restriction.
type Budget struct {
	Name     string
	Fraction Fraction
}

// Genome is one design: what the search varies. Its slices are never written after it was made.
type Genome struct {
	// Granularity holds one value per network stage.
	Granularity []Granularity
	// WeightBits and ActivationBits are the budgets of the mean width, in bits per element.
	WeightBits, ActivationBits AverageBits
	// Phases are the lengths of phases 1 to 3.
	Phases [phases]Epochs
	// Budgets of further hardware objectives, in the order of Space.Budgets.
	Budgets []Budget
}

// Names of the fields of the canonical text.
const (
	fieldSlices      = "slices"
	fieldWeights     = "weights"
	fieldActivations = "activations"
	fieldEpochs      = "epochs"
)

// String returns the canonical text of g, which ParseGenome reads back:
//
//	slices=ttkc weights=4.25 activations=3.80 epochs=2.00+5.50+1.50 latency=0.35
//
// One letter per stage: t tensor, k column tile, c channel.
func (g Genome) String() string {
	var b strings.Builder
	b.WriteString(fieldSlices + "=")
	for _, v := range g.Granularity {
		b.WriteByte(granularityLetters[v])
	}
	fmt.Fprintf(&b, " %s=%v %s=%v", fieldWeights, g.WeightBits, fieldActivations, g.ActivationBits)
	fmt.Fprintf(&b, " %s=%v+%v+%v", fieldEpochs, g.Phases[Homogeneous], g.Phases[Mixed], g.Phases[FineTune])
	for _, u := range g.Budgets {
		fmt.Fprintf(&b, " %s=%v", u.Name, u.Fraction)
	}
	return b.String()
}

// Key returns 16 hexadecimal digits that identify the design: the first 64 bits of the SHA-256 of
// its canonical text.
func (g Genome) Key() string { return textKey(g.String()) }

func textKey(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// ParseGenome reads the canonical text of a genome. It checks the form and the grid; whether the
// genome belongs to a space is for Space.Contains to say.
func ParseGenome(text string) (Genome, error) {
	var g Genome
	fields := strings.Split(text, " ")
	fixed := [...]struct {
		name string
		read func(string) error
	}{
		{fieldSlices, g.parseSlices},
		{fieldWeights, func(s string) (err error) { g.WeightBits, err = parseSteps[AverageBits](s, stepsPerBit); return }},
		{fieldActivations, func(s string) (err error) { g.ActivationBits, err = parseSteps[AverageBits](s, stepsPerBit); return }},
		{fieldEpochs, g.parsePhases},
	}
	for i, f := range fields {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return Genome{}, fmt.Errorf("genome %q: field %q has no =", text, f)
		}
		var err error
		switch {
		case i < len(fixed) && name != fixed[i].name:
			return Genome{}, fmt.Errorf("genome %q: field %d is %q, want %q", text, i+1, name, fixed[i].name)
		case i < len(fixed):
			err = fixed[i].read(value)
		default:
			err = g.parseBudget(name, value)
		}
		if err != nil {
			return Genome{}, fmt.Errorf("genome %q: %s: %w", text, name, err)
		}
	}
	if len(fields) < len(fixed) {
		return Genome{}, fmt.Errorf("genome %q: no %q", text, fixed[len(fields)].name)
	}
	return g, nil
}

func (g *Genome) parseSlices(s string) error {
	if s == "" {
		return fmt.Errorf("no stages")
	}
	g.Granularity = make([]Granularity, len(s))
	for i := range s {
		v := strings.IndexByte(granularityLetters, s[i])
		if v < 0 {
			return fmt.Errorf("%q is none of t (tensor), k (column tile), c (channel)", s[i])
		}
		g.Granularity[i] = Granularity(v)
	}
	return nil
}

func (g *Genome) parsePhases(s string) (err error) {
	parts := strings.Split(s, "+")
	if len(parts) != phases {
		return fmt.Errorf("%d phases in %q, want %d", len(parts), s, phases)
	}
	for i, p := range parts {
		if g.Phases[i], err = parseSteps[Epochs](p, stepsPerEpoch); err != nil {
			return err
		}
	}
	return nil
}

func (g *Genome) parseBudget(name, value string) error {
	if err := checkBudgetName(name); err != nil {
		return err
	}
	for _, b := range g.Budgets {
		if b.Name == name {
			return fmt.Errorf("given twice")
		}
	}
	f, err := parseSteps[Fraction](value, fractionSteps)
	if err != nil {
		return err
	}
	g.Budgets = append(g.Budgets, Budget{name, f})
	return nil
}

// hundredths prints n/100 for n >= 0 without going through a float.
func hundredths(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

// parseSteps reads a number with two decimals as a count of steps of 1/perUnit.
func parseSteps[T ~int](s string, perUnit int) (T, error) {
	whole, decimals, ok := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole+decimals, 10, 31)
	if !ok || err != nil || len(decimals) != 2 || hundredths(int(n)) != s {
		return 0, fmt.Errorf("%q is not a number with two decimals", s)
	}
	if int(n)*perUnit%100 != 0 {
		return 0, fmt.Errorf("%q is not a multiple of %v", s, 1/float64(perUnit))
	}
	return T(int(n) * perUnit / 100), nil
}
