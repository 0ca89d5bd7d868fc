package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"dse/accel"
	"dse/search"
	"dse/search/study"
)

// searchFlags are the flags of dse run that say how the search goes about it.
type searchFlags struct {
	algorithm  string
	population int
	images     int64
	rungs      []float64
	margin     float64
	keep       float64
	inherit    bool
	baselines  []int
	extend     bool
}

// searchSettings are those of them that a study's course depends on.
type searchSettings struct {
	Algorithm  string          `json:"algorithm"`
	Population int             `json:"population"`
	Images     int64           `json:"images,omitempty"`
	Stopping   search.Stopping `json:"stopping"`
	Inherit    bool            `json:"inherit"`
	Baselines  []int           `json:"baselines"`
}

// budgetKeys are the settings that only end a study; --extend may change them.
var budgetKeys = []string{"budget", "evaluations", "search.images"}

func (f *searchFlags) add(fl *pflag.FlagSet) {
	rule := search.DefaultStopping()
	fl.StringVar(&f.algorithm, "algorithm", string(search.Adaptive), "how designs are proposed: adaptive, nsga2, random, grid")
	fl.IntVar(&f.population, "population", 8, "designs in a generation, never more than --evaluations")
	fl.Int64Var(&f.images, "images", 0, "training images of all trials together; without --budget the clock plays no part")
	fl.Float64SliceVar(&f.rungs, "rungs", nil, "shares of a design's epochs after which it may be stopped, such as 0.2,1 (default in one go)")
	fl.Float64Var(&f.margin, "margin", rule.Margin, "how far a design may be behind on a rung, as a share of the front's range")
	fl.Float64Var(&f.keep, "keep", rule.Keep, "share of the designs on a rung that go on")
	fl.BoolVar(&f.inherit, "inherit", false, "start designs from their parents' weights instead of the float network's")
	fl.IntSliceVar(&f.baselines, "baselines", baselineBits, "bits of the homogeneous networks trained for comparison")
	fl.BoolVar(&f.extend, "extend", false, "let a finished study go on under a larger --budget, --evaluations or --images")
}

func (f *searchFlags) check() error {
	if !slices.Contains(search.Algorithms(), search.Algorithm(f.algorithm)) {
		return fmt.Errorf("--algorithm: %q is none of adaptive, nsga2, random, grid", f.algorithm)
	}
	if f.population < 1 {
		return fmt.Errorf("--population must be at least 1, got %d", f.population)
	}
	if f.images < 0 {
		return fmt.Errorf("--images must not be negative, got %d", f.images)
	}
	for _, share := range []struct {
		flag  string
		value float64
	}{{"--margin", f.margin}, {"--keep", f.keep}} {
		if !(share.value >= 0 && share.value <= 1) {
			return fmt.Errorf("%s must lie between 0 and 1, got %v", share.flag, share.value)
		}
	}
	return nil
}

func (f *searchFlags) settings(evaluations int) searchSettings {
	s := searchSettings{
		Algorithm: f.algorithm, Population: f.population, Images: f.images,
		Stopping: search.Stopping{Margin: f.margin, Keep: f.keep, Least: search.DefaultStopping().Least}, Inherit: f.inherit, Baselines: f.baselines,
	}
	if evaluations > 0 {
		s.Population = min(s.Population, evaluations)
	}
	return s
}

// text returns the flags that repeat a run.
func (f *searchFlags) text() []string {
	parts := []string{"--algorithm " + f.algorithm, fmt.Sprintf("--population %d", f.population)}
	if f.images > 0 {
		parts = append(parts, fmt.Sprintf("--images %d", f.images))
	}
	if len(f.rungs) > 0 {
		parts = append(parts, fmt.Sprintf("--rungs %s --margin %g --keep %g", strings.Join(strings.Fields(strings.Trim(fmt.Sprint(f.rungs), "[]")), ","), f.margin, f.keep))
	}
	if f.inherit {
		parts = append(parts, "--inherit")
	}
	if !slices.Equal(f.baselines, baselineBits) {
		parts = append(parts, "--baselines "+strings.Join(texts(f.baselines), ","))
	}
	return parts
}

// searchSettings returns the settings of the search.
func (j *job) searchSettings(show search.Observer) search.Settings {
	f, s := j.flags, &j.settings.Search
	return search.Settings{
		Space: j.experiment.Space(), Goals: j.experiment.Goals(), Baselines: s.Baselines, Population: s.Population,
		Evaluations: f.evaluations, Budget: f.budget, Images: s.Images, Cost: j.experiment.Cost,
		Rungs: len(j.settings.Plan.Rungs), Stopping: s.Stopping, Inherit: s.Inherit, Algorithm: search.Algorithm(s.Algorithm),
		Seed: f.seed, Workers: f.workers, Observer: show,
	}
}

// openStudy opens the study of a job, or makes it.
func (j *job) openStudy() (*study.Study, error) {
	s := study.Settings{Program: j.settings, Accelerator: string(accel.Format(j.accel)), Seed: j.flags.seed}
	if j.flags.search.extend {
		return study.Extend(j.dir, s, budgetKeys...)
	}
	return study.OpenOrCreate(j.dir, s)
}

// keepPopulation takes over the size of the population of a study that is to be extended, which its number of
// evaluations may have kept small, and checks that no budget becomes less.
func (j *job) keepPopulation() error {
	st, err := study.Load(j.dir)
	if err != nil {
		return err
	}
	defer st.Close()
	var old settings
	if err := json.Unmarshal(st.Program(), &old); err != nil {
		return input(fmt.Errorf("study %s: reading its settings: %w", st.Path(), err))
	}
	now := &j.settings
	for _, b := range []struct {
		name     string
		old, now int64
	}{
		{"--evaluations", int64(old.Evaluations), int64(now.Evaluations)}, {"--images", old.Search.Images, now.Search.Images},
	} {
		if b.now > 0 && b.now < b.old {
			return input(fmt.Errorf("--extend: the study has %s %d already, now it is %d; give more", b.name, b.old, b.now))
		}
	}
	now.Search.Population = old.Search.Population
	return nil
}

// printMisses says which limit keeps designs from being feasible, if none is.
func printMisses(w io.Writer, results []search.Result) {
	for _, m := range search.Misses(results) {
		fmt.Fprintf(w, "no design met the limits: the closest, design %d, exceeds %s by %.1f %%\n", m.Trial, m.Limit, 100*m.Excess)
	}
}
