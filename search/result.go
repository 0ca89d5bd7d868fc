package search

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"dse/search/pareto"
	"dse/search/study"
)

// Result is a trial that ended, well or not.
type Result struct {
	Trial   Trial // without Threads and Start
	Outcome Outcome
	Took    time.Duration // wall time of the evaluation
}

// Results returns what ended in a study, by id. It needs no evaluator, so reports can use it on a
// study that is open for reading.
func Results(st *study.Study) ([]Result, error) {
	rows, err := st.Trials()
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, row := range rows {
		if row.Status == study.Pending {
			continue
		}
		r, err := resultOf(row)
		if err != nil {
			return nil, foreignTrial(st, row.ID, err)
		}
		results = append(results, r)
	}
	return results, nil
}

// Front returns the feasible designs that did not fail and that no other of them dominates, from
// the best in the first goal to the worst, ties by id. Float and baseline trials are no designs.
func Front(results []Result, goals []Goal) []Result {
	var (
		feasible []Result
		points   []pareto.Point
	)
	for _, r := range results {
		if r.Trial.Kind != DesignTrial {
			continue
		}
		if p := point(r.Outcome, goals); p.Violation == 0 {
			feasible, points = append(feasible, r), append(points, p)
		}
	}
	if len(feasible) == 0 {
		return nil
	}
	best := pareto.Sort(points)[0]
	slices.SortFunc(best, func(i, j int) int {
		switch a, b := points[i].Values[0], points[j].Values[0]; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return feasible[i].Trial.ID - feasible[j].Trial.ID
	})
	front := make([]Result, len(best))
	for k, i := range best {
		front[k] = feasible[i]
	}
	return front
}

// rowOf returns the pending row of a trial.
func rowOf(t Trial) study.Trial {
	return study.Trial{
		ID: t.ID, Kind: t.Kind.String(), Genome: t.Text(), Key: t.Key(), Status: study.Pending, Seed: t.Seed,
	}
}

// resultOf reads a row that is not pending.
func resultOf(row study.Trial) (Result, error) {
	r := Result{
		Trial: Trial{ID: row.ID, Seed: row.Seed},
		Took:  time.Duration(row.Seconds * float64(time.Second)),
	}
	if err := r.Trial.parse(row.Kind, row.Genome); err != nil {
		return r, err
	}
	if err := json.Unmarshal(row.Outcome, &r.Outcome); err != nil {
		return r, err
	}
	r.Outcome.Failed, r.Outcome.Reason = row.Status == study.Failed, row.Reason
	return r, nil
}

// foreignTrial is the error for a row that this program would not have written.
func foreignTrial(st *study.Study, id int, err error) error {
	return &InputError{Err: fmt.Errorf("study %s: trial %d is not of this version of dse (%w); use the version that made the study or another --study folder",
		st.Path(), id, err)}
}

// settle makes an evaluator's outcome fit to be kept: one with numbers that are none becomes a
// failure, and a failure has a reason in one line.
func settle(o Outcome) Outcome {
	fail := func(format string, args ...any) {
		if !o.Failed {
			o.Failed, o.Reason = true, fmt.Sprintf(format, args...)
		}
	}
	if i := slices.IndexFunc(o.Objectives, func(x Objective) bool { return !finite(x.Value) }); i >= 0 {
		fail("objective %s is %v", o.Objectives[i].Name, o.Objectives[i].Value)
		o.Objectives = nil
	}
	if i := slices.IndexFunc(o.Violations, func(x Violation) bool { return !finite(x.Excess) || x.Excess < 0 }); i >= 0 {
		fail("excess over limit %s is %v", o.Violations[i].Limit, o.Violations[i].Excess)
		o.Violations = nil
	}
	if o.Extra != nil && !json.Valid(o.Extra) {
		fail("extra record is no JSON")
		o.Extra = nil
	}
	if o.Failed {
		o.Reason = oneLine(o.Reason)
	}
	return o
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
