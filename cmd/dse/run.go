package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/models"
	"dse/qat"
	"dse/qat/dataset"
	"dse/reports"
	"dse/search"
	"dse/search/experiment"
)

// defaultBudget leaves room, within ten minutes, for building the program before and for reading
// the test set after the search.
const defaultBudget = 7 * time.Minute

// runFlags are the flags of dse run as typed.
type runFlags struct {
	accel, model, data string
	objectives         string
	limits             []string
	budget             time.Duration
	evaluations        int
	seed               uint64
	study              string
	workers            int
	json               bool
	floatEpochs        float64
	epochs             float64
	search             searchFlags
}

func newRunCommand() *cobra.Command {
	f := &runFlags{}
	plan := experiment.DefaultPlan()
	c := &cobra.Command{
		Use:   "run",
		Short: "Train and search for the designs worth building, then show the front",
		Long: `Trains the network in float, then homogeneous baselines of 8, 4 and 2 bits, then designs whose
bit-widths are learned per slice under the accelerator's simulated costs; an evolutionary search
varies slice granularity, phase lengths and budgets. Ends with a table of the designs that no
other beats, measured once on the test set.

Killed or interrupted, the same command goes on where it was. With --evaluations alone the result
depends on the seed only; with a time budget it depends on how fast the machine is.`,
		Example: `  dse run --accel edge-npu.yaml
  dse run --accel my-chip.yaml --limit memory=64KiB --budget 30m
  dse run --accel edge-npu --objectives memory,error,latency --evaluations 32 --seed 7 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("budget") && (f.evaluations > 0 || f.search.images > 0) {
				f.budget = 0
			}
			return runStudy(c.Context(), f, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.accel, "accel", "edge-npu", "accelerator: a YAML file, or a preset's name (see dse accel list)")
	fl.StringVar(&f.model, "model", "mobilenetv2-micro", "network (see dse model list)")
	fl.StringVar(&f.data, "data", dataset.FashionMNIST, "data set: "+dataset.FashionMNIST+", or a folder with four IDX files")
	fl.StringVar(&f.objectives, "objectives", "memory,error", "what the front trades off, out of memory, error, latency, energy")
	fl.StringArrayVar(&f.limits, "limit", nil, "hard limit, may be repeated: memory=64KiB, latency=2ms, energy=50uJ")
	fl.DurationVar(&f.budget, "budget", defaultBudget, "wall time of the search, all sessions together")
	fl.IntVar(&f.evaluations, "evaluations", 0, "number of designs to train; without --budget the clock plays no part")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of everything random")
	fl.StringVar(&f.study, "study", "", "folder of the study (default studies/ACCEL-MODEL-DATA-seedN)")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "trials trained at the same time; changes no result")
	fl.BoolVar(&f.json, "json", false, "print the results as JSON instead of a table")
	fl.Float64Var(&f.floatEpochs, "float-epochs", plan.FloatEpochs, "epochs of the float training that all designs start from")
	fl.Float64Var(&f.epochs, "epochs", plan.Epochs, "epochs of each design and baseline, all phases together")
	f.search.add(fl)
	return c
}

// settings are what a study's outcomes depend on, beside the accelerator's text and the seed.
type settings struct {
	Model       string          `json:"model"`
	Data        string          `json:"data"`
	DataDigest  string          `json:"data_digest"`
	Objectives  []string        `json:"objectives"`
	Limits      []string        `json:"limits"`
	Evaluations int             `json:"evaluations,omitempty"`
	Budget      string          `json:"budget,omitempty"`
	Plan        experiment.Plan `json:"plan"`
	Search      searchSettings  `json:"search"`
}

// job is a checked run.
type job struct {
	flags      *runFlags
	accel      *accel.Accelerator
	network    *models.Network
	data       *dataset.Set
	experiment *experiment.Experiment
	settings   settings
	dir        string
	command    string
}

// newJob checks everything that can be checked without training. Nothing is written.
func newJob(f *runFlags) (*job, error) {
	if f.workers < 1 {
		return nil, input(fmt.Errorf("--workers must be at least 1, got %d", f.workers))
	}
	if f.evaluations < 0 || f.budget < 0 {
		return nil, input(errors.New("--evaluations and --budget must not be negative"))
	}
	if f.evaluations == 0 && f.budget == 0 && f.search.images == 0 {
		return nil, input(errors.New("nothing would end the search: give --budget, --evaluations or --images"))
	}
	if err := f.search.check(); err != nil {
		return nil, input(err)
	}
	j := &job{flags: f}
	objectives, err := experiment.ParseObjectives(f.objectives)
	if err != nil {
		return nil, input(fmt.Errorf("--objectives: %w", err))
	}
	var limits []experiment.Limit
	for _, text := range f.limits {
		l, err := experiment.ParseLimit(text)
		if err != nil {
			return nil, input(fmt.Errorf("--limit: %w", err))
		}
		limits = append(limits, l)
	}
	if j.accel, err = accel.Load(f.accel); err != nil {
		return nil, input(err)
	}
	if j.network, err = models.Build(f.model); err != nil {
		return nil, input(fmt.Errorf("--model: %w", err))
	}
	if err := qat.Trainable(j.network); err != nil {
		return nil, input(fmt.Errorf("--model: %w", err))
	}
	if j.data, err = dataset.Open(f.data); err != nil {
		return nil, input(fmt.Errorf("--data: %w", err))
	}
	if err := fits(j.network, j.data); err != nil {
		return nil, input(err)
	}
	digest, err := j.data.Digest()
	if err != nil {
		return nil, input(fmt.Errorf("--data: %w", err))
	}
	train, err := j.data.Train()
	if err != nil {
		return nil, input(fmt.Errorf("--data: %w", err))
	}
	held, err := j.data.Held()
	if err != nil {
		return nil, input(fmt.Errorf("--data: %w", err))
	}
	plan := experiment.DefaultPlan()
	plan.FloatEpochs, plan.Epochs, plan.Rungs = f.floatEpochs, f.epochs, f.search.rungs
	j.settings = settings{
		Model: f.model, Data: j.data.Name, DataDigest: digest, Objectives: texts(objectives), Limits: texts(limits),
		Evaluations: f.evaluations, Plan: plan, Search: f.search.settings(f.evaluations),
	}
	if f.budget > 0 {
		j.settings.Budget = f.budget.String()
	}
	j.dir = f.study
	if j.dir == "" {
		j.dir = filepath.Join("studies", fmt.Sprintf("%s-%s-%s-seed%d", j.accel.Name, f.model, filepath.Base(j.data.Name), f.seed))
	}
	if f.search.extend {
		if err := j.keepPopulation(); err != nil {
			return nil, err
		}
	}
	j.command = commandLine(f)
	j.experiment, err = experiment.New(experiment.Config{
		Accelerator: j.accel, Network: j.network, Train: train, Held: held, Plan: plan,
		Objectives: objectives, Limits: limits, Checkpoints: filepath.Join(j.dir, "checkpoints"),
	})
	return j, input(err)
}

// fits returns an error if the network does not take the data set's images.
func fits(n *models.Network, d *dataset.Set) error {
	image := models.Shape{C: d.Shape.Channels, H: d.Shape.Height, W: d.Shape.Width}
	if n.Image() != image || n.Classes != len(d.Classes) {
		return fmt.Errorf("model %s takes %v images of %d classes, data set %s has %v images of %d classes",
			n.Name, n.Image(), n.Classes, d.Name, image, len(d.Classes))
	}
	return nil
}

func texts[T any](values []T) []string {
	out := []string{}
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// commandLine returns the command that repeats a run.
func commandLine(f *runFlags) string {
	parts := []string{"dse run", "--accel " + f.accel, "--model " + f.model, "--data " + f.data, "--objectives " + f.objectives}
	for _, l := range f.limits {
		parts = append(parts, "--limit "+l)
	}
	if f.budget > 0 {
		parts = append(parts, "--budget "+f.budget.String())
	}
	if f.evaluations > 0 {
		parts = append(parts, fmt.Sprintf("--evaluations %d", f.evaluations))
	}
	parts = append(parts, f.search.text()...)
	parts = append(parts, fmt.Sprintf("--float-epochs %g --epochs %g --seed %d", f.floatEpochs, f.epochs, f.seed))
	if f.study != "" {
		parts = append(parts, "--study "+f.study)
	}
	return strings.Join(parts, " ")
}

// runStudy runs or resumes a study and shows its results.
func runStudy(ctx context.Context, f *runFlags, stdout, stderr io.Writer) error {
	j, err := newJob(f)
	if err != nil {
		return err
	}
	st, err := j.openStudy()
	if err != nil {
		return err
	}
	defer st.Close()
	if err := makeFolder(filepath.Join(j.dir, "checkpoints")); err != nil {
		return err
	}
	show := newMonitor(j, stderr)
	defer show.close()
	j.experiment.OnProgress(show.progress)
	s, err := search.New(j.searchSettings(show), j.experiment, st)
	if err != nil {
		return err
	}
	state, searchErr := s.Run(ctx)
	if searchErr != nil && !errors.Is(searchErr, context.Canceled) {
		return searchErr
	}
	results, err := j.results(ctx, state, show, searchErr == nil)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	show.close()
	printMisses(stderr, state.Results)
	if searchErr == nil && err == nil {
		p, err := j.page(*results, state.Results)
		if err != nil {
			return err
		}
		if err := reports.Save(j.dir, *results, pageFile(p)); err != nil {
			return err
		}
	}
	if perr := printResults(stdout, *results, f.json, j.dir); perr != nil {
		return perr
	}
	return errors.Join(searchErr, err)
}
