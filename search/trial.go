package search

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// TrialKind says what a trial trains.
type TrialKind uint8

const (
	// FloatTrial is phase 0, the float network that all other trials start from. Its id is 0.
	FloatTrial TrialKind = iota
	// BaselineTrial quantizes everything at one width, without learning widths.
	BaselineTrial
	// DesignTrial trains a genome to its end.
	DesignTrial
	// ProbeTrial trains a genome up to a rung before the last, to see whether more is worth while.
	ProbeTrial
)

var trialKindNames = [...]string{"float", "baseline", "design", "probe"}

// String returns "float", "baseline", "design" or "probe".
func (k TrialKind) String() string {
	if int(k) >= len(trialKindNames) {
		return fmt.Sprintf("TrialKind(%d)", uint8(k))
	}
	return trialKindNames[k]
}

// Trial is one thing to train.
type Trial struct {
	// ID counts trials of a study from 0 in the order in which they were proposed. With several rungs a
	// design has an ID for each, used or not.
	ID   int
	Kind TrialKind
	// Genome is the design of a DesignTrial or ProbeTrial and zero otherwise.
	Genome Genome
	// Rung counts from 0; a design is trained on Rungs of them, one after the other. With one rung, which
	// is then the whole training, both are 0.
	Rung, Rungs int
	// From is the trial whose trained state a design starts from: its own on the rung before, its parent's,
	// or 0, the float network's.
	From int
	// BaselineBits is the width of a BaselineTrial and 0 otherwise.
	BaselineBits int
	// Seed of everything random in the trial: a function of the study's seed and the ID.
	Seed uint64
	// Threads that the evaluator may use. Outcomes must not depend on it.
	Threads int
	// Start describes the trial From to the evaluator. It is nil if From is 0, and in results.
	Start *Trial
}

// isDesign reports whether a genome is trained, to its end or not.
func (t Trial) isDesign() bool { return t.Kind == DesignTrial || t.Kind == ProbeTrial }

// Continues reports whether the trial goes on with the same design on the next rung.
func (t Trial) Continues() bool { return t.Rung > 0 }

// Text returns the canonical text of what is trained: "float", "bits=4" or the genome, followed by the rung
// and the start if they are not the usual ones: "rung=1/2 from=12" is the first of two, from the state
// of trial 12.
func (t Trial) Text() string {
	switch t.Kind {
	case FloatTrial:
		return "float"
	case BaselineTrial:
		return fmt.Sprintf("bits=%d", t.BaselineBits)
	}
	text := t.Genome.String()
	if t.Rungs > 0 {
		text += fmt.Sprintf(" %s=%d/%d", fieldRung, t.Rung+1, t.Rungs)
	}
	if t.From > 0 {
		text += fmt.Sprintf(" %s=%d", fieldFrom, t.From)
	}
	return text
}

// Names of the fields that may follow a genome.
const (
	fieldRung = "rung"
	fieldFrom = "from"
)

// Key identifies what is trained, as Genome.Key does for a design.
func (t Trial) Key() string { return textKey(t.Text()) }

// parse fills Kind, Genome and BaselineBits from the two texts that a study keeps.
func (t *Trial) parse(kind, text string) (err error) {
	switch kind {
	case FloatTrial.String():
		t.Kind = FloatTrial
	case BaselineTrial.String():
		t.Kind = BaselineTrial
		_, err = fmt.Sscanf(text, "bits=%d", &t.BaselineBits)
	case DesignTrial.String(), ProbeTrial.String():
		t.Kind = DesignTrial
		if kind == ProbeTrial.String() {
			t.Kind = ProbeTrial
		}
		genome := text
		if before, after, ok := strings.Cut(genome, " "+fieldFrom+"="); ok {
			genome = before
			if _, err := fmt.Sscanf(after, "%d", &t.From); err != nil {
				return fmt.Errorf("%q: %s: %w", text, fieldFrom, err)
			}
		}
		if before, after, ok := strings.Cut(genome, " "+fieldRung+"="); ok {
			genome = before
			if _, err := fmt.Sscanf(after, "%d/%d", &t.Rung, &t.Rungs); err != nil {
				return fmt.Errorf("%q: %s: %w", text, fieldRung, err)
			}
			t.Rung--
		}
		t.Genome, err = ParseGenome(genome)
	default:
		err = fmt.Errorf("kind %q is unknown", kind)
	}
	if err == nil && t.Text() != text {
		err = fmt.Errorf("%q is not a canonical %s", text, kind)
	}
	return err
}

// Objective is a number with a name, such as {"error", 0.31} or {"latency_ms", 4.2}.
type Objective struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Violation is by how much a hard limit is exceeded, relative to the limit: 0.25 is a quarter too
// much, 0 is within it.
type Violation struct {
	Limit  string  `json:"limit"`
	Excess float64 `json:"excess"`
}

// Outcome is what came of a trial.
type Outcome struct {
	// Objectives in a fixed order; goals are looked up here by name, further numbers are kept.
	Objectives []Objective `json:"objectives,omitempty"`
	// Violations holds an entry for every limit, exceeded or not.
	Violations []Violation `json:"violations,omitempty"`
	// Extra is an opaque record for reports. It must depend on the trial alone, so no times.
	Extra json.RawMessage `json:"extra,omitempty"`
	// Failed outcomes lose against all others; Reason says in one line why.
	Failed bool   `json:"-"`
	Reason string `json:"-"`
}

// Value returns the objective of that name.
func (o Outcome) Value(name string) (v float64, ok bool) {
	for _, x := range o.Objectives {
		if x.Name == name {
			return x.Value, true
		}
	}
	return 0, false
}

// Violation returns the sum of the excesses over all limits: 0 for a feasible outcome, +Inf for a
// failed one.
func (o Outcome) Violation() float64 {
	if o.Failed {
		return math.Inf(1)
	}
	sum := 0.0
	for _, v := range o.Violations {
		sum += v.Excess
	}
	return sum
}

// Evaluator trains a trial and measures it.
//
// Evaluate is called from several goroutines at once. Its outcome must be a function of the trial
// without Threads. The float trial has returned before any other is started. When ctx is cancelled
// it returns soon, with any error; the trial stays pending. A StopError ends the search. Any other
// error, and a panic, fails the trial and leaves the study running.
type Evaluator interface {
	Evaluate(ctx context.Context, t Trial) (Outcome, error)
}

// StopError is returned by an Evaluator when the trial could not be carried out for a reason that
// would meet every other trial as well, such as a full disk. It ends the search with Err; the trial
// stays pending.
type StopError struct{ Err error }

// Error returns the text of the error within.
func (e *StopError) Error() string { return e.Err.Error() }

// Unwrap returns the error within.
func (e *StopError) Unwrap() error { return e.Err }

// EvaluatorFunc makes a function an Evaluator.
type EvaluatorFunc func(ctx context.Context, t Trial) (Outcome, error)

// Evaluate calls f.
func (f EvaluatorFunc) Evaluate(ctx context.Context, t Trial) (Outcome, error) { return f(ctx, t) }
