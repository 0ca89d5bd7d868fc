package search

import (
	"fmt"
	"time"
)

// EventKind says what happened.
type EventKind uint8

const (
	// TrialQueued trials were proposed and wait for a worker.
	TrialQueued EventKind = iota
	// TrialStarted trials are being evaluated.
	TrialStarted
	// TrialFinished trials have a good outcome.
	TrialFinished
	// TrialFailed trials have a reason in Outcome.Reason.
	TrialFailed
	// TrialReplayed trials were taken from the study, finished or failed.
	TrialReplayed
	// TrialInterrupted trials were stopped by cancellation and are pending again.
	TrialInterrupted
	// TrialStopped follows a finished probe whose design is not worth more training; Outcome is the probe's.
	TrialStopped
	// GenerationDone follows the last trial of a generation that was evaluated in full.
	GenerationDone
)

var eventKindNames = [...]string{"queued", "started", "finished", "failed", "replayed", "interrupted", "stopped early", "generation done"}

// String returns the kind in lower case.
func (k EventKind) String() string {
	if int(k) >= len(eventKindNames) {
		return fmt.Sprintf("EventKind(%d)", uint8(k))
	}
	return eventKindNames[k]
}

// Event is one step of a running search.
type Event struct {
	Kind EventKind
	// Trial is zero for GenerationDone.
	Trial Trial
	// Outcome of a finished, failed or replayed trial.
	Outcome Outcome
	// Took is the wall time of the trial's evaluation, also of a replayed one.
	Took time.Duration
	// Generation counts from 0, the stratified first population; the float trial and the baselines
	// run in generation 0.
	Generation int
	// Spent is the wall time that the study has used, earlier sessions included.
	Spent time.Duration
	// Stack is the goroutine's stack when the evaluator panicked, for a log; else empty.
	Stack []byte
}

// Observer is told of the events of a search, one at a time and in order, while Run runs. It must not
// block for long: no trial is started meanwhile.
type Observer interface {
	Observe(Event)
}

// ObserverFunc makes a function an Observer.
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }
