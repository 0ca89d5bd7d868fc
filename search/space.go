package search

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Space is the set of designs that a search may propose.
type Space struct {
	// Stages are the names of the network's stages, from input to output.
	Stages []string
	// Granularities that the accelerator can make use of. If empty, all three.
	Granularities []Granularity
	// TotalEpochs is what phases 1 to 3 add up to in every design.
	TotalEpochs Epochs
	// MinEpochs is the least length of each phase.
	MinEpochs [phases]Epochs
	// WeightBits and ActivationBits bound the budgets of the mean width.
	WeightBits, ActivationBits BitsRange
	// Budgets names the hardware objectives, beyond size, that designs are given a budget for:
	// those that were asked for as an objective or are limited. Lower-case words.
	Budgets []string
}

// BitsRange is a closed interval.
type BitsRange struct{ Min, Max AverageBits }

// widestBits is the widest mean that makes sense for a quantized design.
const widestBits = AverageBits(16 * stepsPerBit)

var budgetName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func checkBudgetName(name string) error {
	if !budgetName.MatchString(name) {
		return fmt.Errorf("budget name %q must be lower-case letters, digits and _", name)
	}
	switch name {
	case fieldSlices, fieldWeights, fieldActivations, fieldEpochs, fieldRung, fieldFrom:
		return fmt.Errorf("budget name %q is taken by the genome itself", name)
	}
	return nil
}

// Check reports everything that is wrong with the space in one InputError, or nil.
func (s Space) Check() error {
	var found []error
	add := func(format string, args ...any) { found = append(found, fmt.Errorf(format, args...)) }

	if len(s.Stages) == 0 {
		add("the network has no stages")
	}
	for i, g := range s.Granularities {
		if g >= granularities {
			add("granularity %d is unknown", g)
		}
		if slices.Contains(s.Granularities[:i], g) {
			add("granularity %v is listed twice", g)
		}
	}
	least := Epochs(0)
	for i, m := range s.MinEpochs {
		if m < 0 {
			add("phase %d: least length %v epochs is negative", i+1, m.Float())
		}
		least += m
	}
	if s.TotalEpochs <= 0 {
		add("phases 1 to 3 have %v epochs together; give at least %v", s.TotalEpochs.Float(), EpochsPerStep)
	} else if least > s.TotalEpochs {
		add("the least lengths of phases 1 to 3 add up to %v epochs, more than the total of %v; raise the total or lower the least lengths",
			least, s.TotalEpochs)
	}
	for _, r := range []struct {
		name string
		BitsRange
	}{{fieldWeights, s.WeightBits}, {fieldActivations, s.ActivationBits}} {
		if r.Min < stepsPerBit || r.Max > widestBits || r.Min > r.Max {
			add("%s: bits from %v to %v; want 1 <= from <= to <= %v", r.name, r.Min.Float(), r.Max.Float(), widestBits.Float())
		}
	}
	for i, name := range s.Budgets {
		if err := checkBudgetName(name); err != nil {
			found = append(found, err)
		}
		if slices.Contains(s.Budgets[:i], name) {
			add("budget %q is listed twice", name)
		}
	}
	if len(found) > 0 {
		return &InputError{Err: fmt.Errorf("search space: %w", errors.Join(found...))}
	}
	return nil
}

// Contains returns nil if g is a design of the space, else the first reason why it is not.
func (s Space) Contains(g Genome) error {
	if len(g.Granularity) != len(s.Stages) {
		return fmt.Errorf("genome has %d stages, the network has %d", len(g.Granularity), len(s.Stages))
	}
	allowed := s.granularities()
	for i, v := range g.Granularity {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("stage %s: granularity %v is not allowed", s.Stages[i], v)
		}
	}
	total := Epochs(0)
	for i, e := range g.Phases {
		if e < s.MinEpochs[i] {
			return fmt.Errorf("phase %d has %v epochs, less than %v", i+1, e, s.MinEpochs[i])
		}
		total += e
	}
	if total != s.TotalEpochs {
		return fmt.Errorf("phases add up to %v epochs, not %v", total, s.TotalEpochs)
	}
	if !s.WeightBits.holds(g.WeightBits) {
		return fmt.Errorf("%v weight bits are outside %v to %v", g.WeightBits, s.WeightBits.Min, s.WeightBits.Max)
	}
	if !s.ActivationBits.holds(g.ActivationBits) {
		return fmt.Errorf("%v activation bits are outside %v to %v", g.ActivationBits, s.ActivationBits.Min, s.ActivationBits.Max)
	}
	if len(g.Budgets) != len(s.Budgets) {
		return fmt.Errorf("genome has %d budgets, the space has %d", len(g.Budgets), len(s.Budgets))
	}
	for i, b := range g.Budgets {
		if b.Name != s.Budgets[i] {
			return fmt.Errorf("budget %d is %q, not %q", i+1, b.Name, s.Budgets[i])
		}
		if b.Fraction < 0 || b.Fraction > fractionSteps {
			return fmt.Errorf("budget %s: %v is outside 0 to 1", b.Name, b.Fraction.Float())
		}
	}
	return nil
}

func (r BitsRange) holds(b AverageBits) bool { return r.Min <= b && b <= r.Max }

func (s Space) granularities() []Granularity {
	if len(s.Granularities) > 0 {
		return s.Granularities
	}
	return []Granularity{PerTensor, PerColumnTile, PerChannel}
}

// spareEpochs is what is left to share out once every phase has its least length.
func (s Space) spareEpochs() Epochs {
	spare := s.TotalEpochs
	for _, m := range s.MinEpochs {
		spare -= m
	}
	return spare
}

// apportion returns phase lengths that add up to the total exactly: the least lengths plus the
// spare epochs shared out in proportion to the weights, by largest remainder, ties to the earlier
// phase. Weights are >= 0; if all are 0 the phases share equally.
func (s Space) apportion(weights [phases]float64) [phases]Epochs {
	sum := weights[0] + weights[1] + weights[2]
	if sum <= 0 {
		weights, sum = [phases]float64{1, 1, 1}, phases
	}
	spare := s.spareEpochs()
	lengths, rest := s.MinEpochs, spare
	var remainder [phases]float64
	for i, w := range weights {
		exact := float64(spare) * w / sum
		whole := min(Epochs(exact), rest)
		remainder[i] = exact - float64(whole)
		lengths[i] += whole
		rest -= whole
	}
	for ; rest > 0; rest-- {
		best := 0
		for i := range remainder {
			if remainder[i] > remainder[best] {
				best = i
			}
		}
		lengths[best]++
		remainder[best]--
	}
	return lengths
}
