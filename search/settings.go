package search

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"dse/search/study"
)

// InputError marks an error that the user can put right by asking for something else.
type InputError = study.InputError

// Goal is an objective to be optimised.
type Goal struct {
	Name     string
	Maximize bool // else the value is minimised
}

// Settings of a search. Workers, Cores, Observer and Clock change nothing about its course, unless
// Budget ends it.
type Settings struct {
	Space Space
	// Goals in the order of importance to the reader; Front sorts by the first.
	Goals []Goal
	// Baselines are the widths in bits that are trained homogeneously for comparison, in order.
	Baselines []int
	// Population is the number of designs in a generation. If 0, a default of 8 is used. Never more
	// than Evaluations.
	Population int
	// Evaluations ends the search after exactly so many designs, failed ones included; the float
	// trial and the baselines do not count. 0 is no limit; then Budget must be given.
	Evaluations int
	// Images ends the search before the training images of all trials together, the float trial and the
	// baselines included, would exceed it; those two are always run. 0 is no limit.
	Images int64
	// Cost returns how many images the training of a trial takes, without Start. If nil, 1 for every trial.
	Cost func(Trial) int64
	// Rungs is the number of stages in which designs are trained; after each but the last, those that Stopping
	// says are stopped. If 0, a default of 1 is used.
	Rungs    int
	Stopping Stopping
	// Inherit lets designs start from the trained state of the parent that they resemble most, rather than
	// from the float network.
	Inherit bool
	// Algorithm proposes designs. If empty, NSGA2 is used.
	Algorithm Algorithm
	// Budget ends the search when the next design is not expected to end within this wall time of
	// all sessions together. The float trial and the baselines are always run. 0 is no limit.
	Budget time.Duration
	Seed   uint64
	// Workers is the number of trials in progress at once. If 0, a default of 1 is used.
	Workers int
	// Cores are shared out among the trials in progress. If 0, all of the machine are.
	Cores int
	// Observer is told of events. May be nil.
	Observer Observer
	// Clock tells the time, to several goroutines at once. If nil, time.Now.
	Clock func() time.Time
}

const defaultPopulation = 8

// withDefaults returns the settings with every default filled in, or an InputError that names
// everything wrong with them.
func (s Settings) withDefaults() (Settings, error) {
	var found []error
	add := func(format string, args ...any) { found = append(found, fmt.Errorf(format, args...)) }

	if err := s.Space.Check(); err != nil {
		found = append(found, err)
	}
	if len(s.Goals) == 0 {
		add("there is no goal; name at least one objective")
	}
	for i, g := range s.Goals {
		if slices.ContainsFunc(s.Goals[:i], func(h Goal) bool { return h.Name == g.Name }) {
			add("goal %q is listed twice", g.Name)
		}
	}
	for i, b := range s.Baselines {
		if b < 1 || b > 32 {
			add("baseline of %d bits: want 1 to 32", b)
		}
		if slices.Contains(s.Baselines[:i], b) {
			add("baseline of %d bits is listed twice", b)
		}
	}
	if s.Evaluations == 0 && s.Budget == 0 && s.Images == 0 {
		add("nothing ends the search; give a number of evaluations, a time budget or a budget of training images")
	}
	if err := s.Algorithm.check(); err != nil {
		found = append(found, err)
	}
	if err := s.Stopping.check(); err != nil {
		found = append(found, err)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"population", s.Population}, {"evaluations", s.Evaluations}, {"workers", s.Workers}, {"cores", s.Cores},
		{"images", int(s.Images)}, {"rungs", s.Rungs}} {
		if n.value < 0 {
			add("%s: %d is negative", n.name, n.value)
		}
	}
	if s.Budget < 0 {
		add("budget: %v is negative", s.Budget)
	}
	if len(found) > 0 {
		return s, &InputError{Err: errors.Join(found...)}
	}

	if s.Population == 0 {
		s.Population = defaultPopulation
	}
	if s.Evaluations > 0 {
		s.Population = min(s.Population, s.Evaluations)
	}
	s.Workers, s.Rungs = max(1, s.Workers), max(1, s.Rungs)
	if s.Algorithm == "" {
		s.Algorithm = NSGA2
	}
	if s.Cost == nil {
		s.Cost = func(Trial) int64 { return 1 }
	}
	if s.Cores == 0 {
		s.Cores = runtime.GOMAXPROCS(0)
	}
	if s.Observer == nil {
		s.Observer = ObserverFunc(func(Event) {})
	}
	if s.Clock == nil {
		s.Clock = time.Now
	}
	return s, nil
}
