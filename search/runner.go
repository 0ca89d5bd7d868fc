package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"dse/search/study"
)

// heartbeat is how often the time spent is recorded while trials run: what a kill may lose of it.
const heartbeat = 5 * time.Second

// runner evaluates batches of trials with a pool of workers, or takes their outcomes from the
// study. Its fields, the study and the observer belong to the one goroutine that is in batch; workers
// see a trial and hand back an outcome.
type runner struct {
	settings  Settings
	evaluator Evaluator
	study     *study.Study

	stored  map[int]study.Trial // the study as it was opened
	results map[int]Result

	began  time.Time
	before time.Duration // spent by earlier sessions

	// Cost and wall time of the baselines and designs that finished, to expect the next one's time.
	cost  int64
	total time.Duration
}

func newRunner(s *Search) (*runner, error) {
	before, err := s.study.Spent()
	if err != nil {
		return nil, err
	}
	rows, err := s.study.Trials()
	if err != nil {
		return nil, err
	}
	r := &runner{
		settings: s.settings, evaluator: s.evaluator, study: s.study,
		stored: map[int]study.Trial{}, results: map[int]Result{},
		began: s.settings.Clock(), before: before,
	}
	for _, row := range rows {
		r.stored[row.ID] = row
	}
	return r, nil
}

// spent returns the wall time of all sessions up to now.
func (r *runner) spent() time.Duration { return r.before + r.settings.Clock().Sub(r.began) }

func (r *runner) observe(e Event) {
	e.Spent = r.spent()
	r.settings.Observer.Observe(e)
}

// result returns the result of a trial that ended.
func (r *runner) result(id int) Result { return r.results[id] }

// sorted returns all results by id.
func (r *runner) sorted() []Result {
	all := make([]Result, 0, len(r.results))
	for _, x := range r.results {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b Result) int { return a.Trial.ID - b.Trial.ID })
	return all
}

// batch evaluates trials, which are in the order of their ids, or replays them, and returns how
// many of them, from the first on, have results: fewer than all only if the time budget does not
// allow the next. There is no order among the trials of a batch.
func (r *runner) batch(ctx context.Context, trials []Trial, generation int) (int, error) {
	waiting, err := r.enlist(trials, generation)
	if err != nil {
		return 0, err
	}
	if err := r.work(ctx, waiting, generation); err != nil {
		return 0, err
	}
	for i, t := range trials {
		if _, ok := r.results[t.ID]; !ok {
			return i, nil
		}
	}
	return len(trials), nil
}

// enlist records the trials that are new to the study, replays those that ended in it and returns
// the others.
func (r *runner) enlist(trials []Trial, generation int) (waiting []Trial, err error) {
	var fresh []study.Trial
	for _, t := range trials {
		row, want := r.stored[t.ID], rowOf(t)
		if _, known := r.stored[t.ID]; !known {
			fresh = append(fresh, want)
		} else if row.Kind != want.Kind || row.Genome != want.Genome || row.Key != want.Key || row.Seed != want.Seed {
			return nil, foreignTrial(r.study, t.ID, fmt.Errorf("it holds %s %q, seed %d, where %s %q, seed %d, is due",
				row.Kind, row.Genome, row.Seed, want.Kind, want.Genome, want.Seed))
		}
	}
	if len(fresh) > 0 {
		if err := r.study.Queue(fresh); err != nil {
			return nil, err
		}
	}
	for _, t := range trials {
		row, known := r.stored[t.ID]
		if !known || row.Status == study.Pending {
			waiting = append(waiting, t)
			r.observe(Event{Kind: TrialQueued, Trial: t, Generation: generation})
			continue
		}
		result, err := resultOf(row)
		if err != nil {
			return nil, foreignTrial(r.study, t.ID, err)
		}
		r.keep(result)
		r.observe(Event{Kind: TrialReplayed, Trial: t, Outcome: result.Outcome, Took: result.Took, Generation: generation})
	}
	return waiting, nil
}

func (r *runner) keep(x Result) {
	r.results[x.Trial.ID] = x
	if x.Trial.Kind != FloatTrial && !x.Outcome.Failed {
		r.cost += r.settings.Cost(x.Trial)
		r.total += x.Took
	}
}

// report is what a worker hands back.
type report struct {
	trial   Trial
	outcome Outcome
	err     error
	stack   []byte // of a panic
	took    time.Duration
}

// work evaluates trials on up to Workers goroutines and waits for all of them, also after an error
// or a cancellation. A trial that a cancellation cut short stays pending.
func (r *runner) work(ctx context.Context, waiting []Trial, generation int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		failure          error
		started, running int
		interrupted      bool
		reports          = make(chan report)
		ticker           = time.NewTicker(heartbeat)
	)
	defer ticker.Stop()
	fail := func(err error) {
		if err != nil && failure == nil {
			failure = err
			cancel()
		}
	}
	for {
		for failure == nil && ctx.Err() == nil && running < r.settings.Workers && len(waiting) > 0 {
			t := waiting[0]
			if !r.affordable(t) {
				waiting = nil
				break
			}
			t.Threads = max(1, r.settings.Cores/min(r.settings.Workers, running+len(waiting)))
			start := r.settings.Clock()
			if err := r.study.Start(t.ID, start, r.spent()); err != nil {
				fail(err)
				break
			}
			waiting = waiting[1:]
			started++
			running++
			r.observe(Event{Kind: TrialStarted, Trial: t, Generation: generation})
			go func() {
				rep := evaluate(ctx, r.evaluator, t)
				rep.took = r.settings.Clock().Sub(start)
				reports <- rep
			}()
		}
		if running == 0 {
			break
		}
		select {
		case rep := <-reports:
			running--
			var stop *StopError
			stopped := errors.As(rep.err, &stop)
			if stopped {
				fail(stop.Err)
			}
			if stopped || rep.err != nil && ctx.Err() != nil {
				interrupted = true
				r.observe(Event{Kind: TrialInterrupted, Trial: rep.trial, Took: rep.took, Generation: generation})
				continue
			}
			fail(r.record(rep, generation))
		case <-ticker.C:
			if failure == nil {
				fail(r.study.SetSpent(r.spent()))
			}
		}
	}
	if started > 0 && failure == nil {
		fail(r.study.SetSpent(r.spent()))
	}
	if failure == nil && (interrupted || len(waiting) > 0) {
		return ctx.Err()
	}
	return failure
}

// affordable reports whether a trial is expected to end within the budget. It is expected to take as
// long for each image as the others did on average, which holds as long as all have about the same
// number of threads; the first is always started.
func (r *runner) affordable(t Trial) bool {
	if !t.isDesign() || r.settings.Budget == 0 {
		return true
	}
	expected := time.Duration(0)
	if r.cost > 0 {
		expected = time.Duration(float64(r.total) * float64(r.settings.Cost(t)) / float64(r.cost))
	}
	left := r.settings.Budget - r.spent()
	return left > 0 && expected <= left
}

// evaluate turns a panic of the evaluator into an error, so that one design that breaks it costs
// one trial and not the study.
func evaluate(ctx context.Context, e Evaluator, t Trial) (rep report) {
	rep.trial = t
	defer func() {
		if p := recover(); p != nil {
			rep.err, rep.stack = fmt.Errorf("panic: %v", p), debug.Stack()
		}
	}()
	rep.outcome, rep.err = e.Evaluate(ctx, t)
	return rep
}

// record writes a worker's report to the study.
func (r *runner) record(rep report, generation int) error {
	t := rep.trial
	if rep.err != nil {
		rep.outcome.Failed, rep.outcome.Reason = true, rep.err.Error()
	}
	outcome := settle(rep.outcome)
	if t.Kind != FloatTrial && !outcome.Failed {
		point(outcome, r.settings.Goals) // panics now, rather than after the rest of the generation
	}
	text, err := json.Marshal(outcome)
	if err != nil {
		panic("search: a settled outcome does not encode")
	}
	row := rowOf(t)
	row.Status, row.Outcome, row.Reason, row.Seconds = study.Finished, text, outcome.Reason, rep.took.Seconds()
	if outcome.Failed {
		row.Status = study.Failed
	}
	if err := r.study.Finish(row, r.spent()); err != nil {
		return err
	}
	// Read back what was written: a first run and a replay then see the same.
	result, err := resultOf(row)
	if err != nil {
		panic("search: a recorded trial does not read back")
	}
	r.keep(result)
	kind := TrialFinished
	if outcome.Failed {
		kind = TrialFailed
	}
	r.observe(Event{Kind: kind, Trial: t, Outcome: result.Outcome, Took: rep.took, Generation: generation, Stack: rep.stack})
	return nil
}

func oneLine(s string) string {
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		return "no reason given"
	}
	return s
}
