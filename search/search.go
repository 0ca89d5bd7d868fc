package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand" // eaopt's interface; it draws from the PCG source below
	randv2 "math/rand/v2"
	"time"

	"dse/search/nsga2"
	"dse/search/study"

	"github.com/MaxHalford/eaopt"
)

// StopReason says why a search ended.
type StopReason uint8

const (
	// NotStopped searches were interrupted or met an error.
	NotStopped StopReason = iota
	// AllEvaluated searches have evaluated as many designs as asked for.
	AllEvaluated
	// BudgetSpent searches have no time left for another design.
	BudgetSpent
	// ImagesSpent searches have no training images left for another design.
	ImagesSpent
	// SpaceExhausted searches found no design that they had not evaluated before.
	SpaceExhausted
)

var stopReasonNames = [...]string{"not stopped", "all designs evaluated", "time budget spent", "image budget spent", "no new designs left"}

// String returns the reason in words.
func (r StopReason) String() string {
	if int(r) >= len(stopReasonNames) {
		return fmt.Sprintf("StopReason(%d)", uint8(r))
	}
	return stopReasonNames[r]
}

// State is what a search has come to.
type State struct {
	// Results of all trials that ended, failed ones included, by id.
	Results []Result
	// Front of the results.
	Front []Result
	// Generations that were evaluated in full, the first population included.
	Generations int
	Stop        StopReason
	// Images is the cost of all trials that ended, see Settings.Cost.
	Images int64
	// Spent is the wall time of all sessions.
	Spent time.Duration
}

// Search proposes trials, has them evaluated and records them in a study.
type Search struct {
	settings  Settings
	evaluator Evaluator
	study     *study.Study
}

// New returns a search that continues, or begins, the study. It returns an InputError if the
// settings make no sense. The study must have been opened with settings that stand for these.
func New(s Settings, e Evaluator, st *study.Study) (*Search, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	if st.Seed() != s.Seed {
		panic("search: study of another seed")
	}
	return &Search{s, e, st}, nil
}

// Streams of the PCG generator, one for each use of randomness.
const (
	streamFirst  = 1 // the stratified first population
	streamEvolve = 2 // selection, crossover and mutation
)

// Operator settings, as in the NSGA-II paper.
const crossoverRate = 0.9

// Run runs the search to its end. When ctx is cancelled it stops the workers, waits for them,
// leaves what they were doing pending in the study and returns ctx's error; after any error the
// state is what had been reached. A failed float trial is an error, for nothing can start from it.
func (s *Search) Run(ctx context.Context) (State, error) {
	r, err := newRunner(s)
	if err != nil {
		return State{}, err
	}
	e := &evolution{settings: s.settings, runner: r, ctx: ctx, ladder: newLadder(s.settings.Rungs)}
	err = e.run()
	results := r.sorted()
	return State{
		Results:     results,
		Front:       Front(results, s.settings.Goals),
		Generations: e.generation,
		Images:      e.images,
		Stop:        e.stop,
		Spent:       r.spent(),
	}, err
}

// evolution is the course of one Run.
type evolution struct {
	settings Settings
	runner   *runner
	ctx      context.Context // of Run; eaopt's calls have no room for it

	ladder
	draws

	nextID     int
	designs    int   // proposed so far
	images     int64 // cost of the trials that ended
	generation int   // that is being evaluated, or the number of complete ones
	stop       StopReason
}

func (e *evolution) run() error {
	if err := e.trainFloat(); err != nil {
		return err
	}
	population, err := e.first()
	if err != nil || e.stop != NotStopped {
		return err
	}
	next := 0
	ga, err := eaopt.GAConfig{
		NPops:        1,
		PopSize:      uint(len(population)),
		NGenerations: math.MaxUint, // EarlyStop ends it
		HofSize:      1,            // eaopt wants one; the study remembers for us
		Model:        e.model(),
		EarlyStop:    func(*eaopt.GA) bool { return e.stop != NotStopped },
		RNG:          newLegacyRand(e.settings.Seed),
	}.NewGA()
	if err != nil {
		return err
	}
	err = ga.Minimize(func(*rand.Rand) eaopt.Genome {
		next++
		return population[next-1]
	})
	if errors.Is(err, nsga2.ErrExhausted) {
		e.stop = SpaceExhausted
		return nil
	}
	return err
}

// trainFloat runs phase 0 with the whole machine.
func (e *evolution) trainFloat() error {
	float := e.trial(Trial{Kind: FloatTrial})
	if _, err := e.runner.batch(e.ctx, []Trial{float}, 0); err != nil {
		return err
	}
	e.images += e.settings.Cost(float)
	if o := e.runner.result(float.ID).Outcome; o.Failed {
		return fmt.Errorf("the float training, which all trials start from, failed: %s", o.Reason)
	}
	return nil
}

// first evaluates the baselines and the first population in one batch, so that no worker idles.
func (e *evolution) first() ([]*design, error) {
	var baselines []Trial
	for _, bits := range e.settings.Baselines {
		baselines = append(baselines, e.trial(Trial{Kind: BaselineTrial, BaselineBits: bits}))
	}
	space := &e.settings.Space
	var population []*design
	for i, g := range e.population() {
		population = append(population, &design{space: space, genome: g, place: i})
	}
	_, err := e.evaluate(baselines, population)
	return population, err
}

// draw returns a design from anywhere in the space.
func (e *evolution) draw(rng *rand.Rand) nsga2.Solution {
	space := &e.settings.Space
	return &design{space: space, genome: space.random(rng)}
}

// offspring evaluates a later generation; see nsga2.Model.Evaluate.
func (e *evolution) offspring(solutions []nsga2.Solution) (int, error) {
	designs := make([]*design, len(solutions))
	for i, s := range solutions {
		designs[i] = s.(*design)
	}
	return e.evaluate(nil, designs)
}

// trial gives t the next id and the seed that goes with it.
func (e *evolution) trial(t Trial) Trial {
	t.ID = e.nextID
	t.Seed = trialSeed(e.settings.Seed, t.ID)
	e.nextID++
	return t
}

// trialSeed mixes the study's seed with a trial's id (the finaliser of SplitMix64: Steele, Lea,
// Flood, OOPSLA 2014).
func trialSeed(seed uint64, id int) uint64 {
	z := seed + (uint64(id)+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// newLegacyRand returns a generator of the older rand package that draws from a PCG source.
func newLegacyRand(seed uint64) *rand.Rand { return rand.New(pcg{randv2.NewPCG(seed, streamEvolve)}) }

// pcg makes a PCG generator a source of the older rand package, which eaopt is written for.
type pcg struct{ *randv2.PCG }

var _ rand.Source64 = pcg{}

func (p pcg) Int63() int64 { return int64(p.Uint64() >> 1) }

// Seed is part of rand.Source; nothing calls it.
func (p pcg) Seed(seed int64) { p.PCG.Seed(uint64(seed), streamEvolve) }
