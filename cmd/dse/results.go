package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"

	"dse/qat"
	"dse/reports"
	"dse/search"
	"dse/search/experiment"
)

// baselineBits are the widths of the homogeneous baselines.
var baselineBits = []int{8, 4, 2}

// results turns what the search found into what is shown. If final is set, the test set is read,
// for the front, the baselines and the float network; otherwise held-out accuracies are given.
func (j *job) results(ctx context.Context, s search.State, show *monitor, final bool) (*reports.Results, error) {
	settings, err := json.Marshal(j.settings)
	if err != nil {
		return nil, err
	}
	r := &reports.Results{
		Seed: j.flags.seed, Settings: settings, Accelerator: j.accel.Name, AcceleratorStatus: j.accel.Status.String(),
		Network: j.network.Name, Data: j.settings.Data, Stages: j.network.Stages, Objectives: j.settings.Objectives,
		Limits: j.settings.Limits, Complete: final, Command: j.command,
	}
	tested, err := map[int]qat.Accuracy{}, error(nil)
	if final {
		show.display.Note("reading the test set once, for the final table")
		if tested, err = j.test(ctx, shown(s)); err != nil {
			r.Complete = false
		}
	}
	if ferr := j.fill(r, s, tested); ferr != nil {
		return r, ferr
	}
	return r, err
}

// test reads the test set with the trained state of each trial. On error there are no accuracies:
// a table does not mix splits.
func (j *job) test(ctx context.Context, trials []search.Trial) (map[int]qat.Accuracy, error) {
	set, err := j.data.TestOnce()
	if err != nil {
		return nil, err
	}
	tested := map[int]qat.Accuracy{}
	for _, t := range trials {
		if tested[t.ID], err = j.experiment.Test(ctx, t, set, j.flags.workers); err != nil {
			return nil, err
		}
	}
	return tested, nil
}

// shown lists the trials of the final table that have a trained state.
func shown(s search.State) []search.Trial {
	var out []search.Trial
	for _, r := range s.Results {
		if compared(r.Trial) && !r.Outcome.Failed {
			out = append(out, r.Trial)
		}
	}
	for _, r := range s.Front {
		out = append(out, r.Trial)
	}
	return out
}

// compared reports whether a trial is there for designs to be compared with.
func compared(t search.Trial) bool {
	return t.Kind == search.FloatTrial || t.Kind == search.BaselineTrial
}

// lastRungs leaves out the rungs of designs that went on to another.
func lastRungs(results []search.Result) []search.Result {
	continued := map[int]bool{}
	for _, r := range results {
		if r.Trial.Continues() {
			continued[r.Trial.From] = true
		}
	}
	var last []search.Result
	for _, r := range results {
		if !continued[r.Trial.ID] {
			last = append(last, r)
		}
	}
	return last
}

// fill adds the trials to r.
func (j *job) fill(r *reports.Results, s search.State, tested map[int]qat.Accuracy) error {
	for _, t := range lastRungs(s.Results) {
		d, err := j.design(t, tested)
		if err != nil {
			return err
		}
		r.Trials = append(r.Trials, d)
		if compared(t.Trial) {
			r.Baselines = append(r.Baselines, d)
		}
	}
	for _, t := range s.Front {
		d, err := j.design(t, tested)
		if err != nil {
			return err
		}
		r.Front = append(r.Front, d)
	}
	return nil
}

// design turns one trial into what is shown of it.
func (j *job) design(t search.Result, tested map[int]qat.Accuracy) (reports.Design, error) {
	d := reports.Design{
		ID: t.Trial.ID, Name: trialName(t.Trial), Feasible: t.Outcome.Violation() == 0, Failed: t.Outcome.Failed, Reason: t.Outcome.Reason,
	}
	for _, p := range j.experiment.WholePhases(t.Trial) {
		d.Phases = append(d.Phases, reports.Phase{Name: p.Name, Epochs: reports.Value(p.Epochs)})
	}
	d.Granularity = j.experiment.Granularity(t.Trial)
	if t.Outcome.Failed {
		return withoutFigures(d), nil
	}
	rec, err := experiment.ParseRecord(t.Outcome)
	if err != nil {
		return d, fmt.Errorf("trial %d: %w", t.Trial.ID, err)
	}
	a, split := rec.Held, "held-out"
	if v, ok := tested[t.Trial.ID]; ok {
		a, split = v, "test"
	}
	f := rec.Footprint
	d.Accuracy, d.AccuracySE, d.AccuracySplit = reports.Value(a.Percent()), reports.Value(a.StandardError()), split
	d.HeldAccuracy = reports.Value(rec.Held.Percent())
	d.MemoryKB, d.WeightsKB = reports.Value(f.Memory().Kilobytes()), reports.Value(f.Weights.Kilobytes())
	d.ActivationsKB, d.MetadataKB = reports.Value(f.ActivationPeak.Kilobytes()), reports.Value(f.Metadata().Kilobytes())
	d.WeightBits, d.ActivationBits = reports.Value(rec.WeightBits), reports.Value(rec.ActivationBits)
	d.LatencyMS, d.EnergyUJ = reports.Unknown, reports.Unknown
	if rec.Precision != nil {
		d.LatencyMS, d.EnergyUJ = reports.Value(rec.LatencyMS), reports.Value(rec.EnergyUJ)
	}
	return d, nil
}

// printResults writes the table, or JSON if asked for.
func printResults(w io.Writer, r reports.Results, asJSON bool, dir string) error {
	if asJSON {
		return reports.WriteJSON(w, r)
	}
	o := tableOptions(w)
	o.Folder = dir
	return reports.WriteTable(w, r, o)
}

// tableOptions fits tables to where they are written.
func tableOptions(w io.Writer) reports.Options {
	o := reports.Options{Width: 120}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		o.Width = terminalWidth(f)
		o.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return o
}

// terminalWidth returns the columns of a terminal, 80 if they cannot be told.
func terminalWidth(f *os.File) int {
	if s, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && s.Col > 0 {
		return int(s.Col)
	}
	return 80
}

// makeFolder makes a folder in a study.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return input(fmt.Errorf("cannot make the folder %s: %w; choose another with --study", dir, err))
	}
	return nil
}

// withoutFigures marks every figure of a failed trial as unknown.
func withoutFigures(d reports.Design) reports.Design {
	for _, v := range []*reports.Value{
		&d.Accuracy, &d.AccuracySE, &d.HeldAccuracy, &d.MemoryKB, &d.WeightsKB, &d.ActivationsKB, &d.MetadataKB,
		&d.WeightBits, &d.ActivationBits, &d.LatencyMS, &d.EnergyUJ,
	} {
		*v = reports.Unknown
	}
	return d
}
