package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/models"
	"dse/reports"
	"dse/reports/anatomy"
	"dse/reports/page"
	"dse/search"
	"dse/search/experiment"
	"dse/search/study"
	"dse/sim"
)

func newReportCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "report STUDY",
		Short: "Write a study's report anew: page, table, CSV, JSON, chart",
		Long: `Writes the files of a study anew from what the study keeps, trains nothing and reads no images. The
figures of a complete study are those of its results.json, the test set having been read once; a study that
was stopped, or still runs, is shown as far as it has come, with accuracies on held-out images.

report.html is one file that needs nothing else: open it in a browser, print it, send it.`,
		Example: `  dse report studies/edge-npu-mobilenetv2-micro-fashion-mnist-seed1
  dse report study --json | jq '.front[].memory_kb'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := openKept(args[0])
			if err != nil {
				return err
			}
			p, err := k.page()
			if err != nil {
				return err
			}
			if err := reports.Save(k.dir, p.Results, pageFile(p)); err != nil {
				return err
			}
			return printResults(c.OutOrStdout(), p.Results, asJSON, k.dir)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as JSON instead of a table")
	return c
}

// pageFile is the page as a file of a study.
func pageFile(p page.Study) reports.File {
	return reports.File{Name: reports.PageFile, Write: func(w io.Writer, _ reports.Results) error { return page.Write(w, p) }}
}

// kept is a study as it lies in its folder.
type kept struct {
	*job
	results reports.Results
	trials  []search.Result
}

// openKept reads a study, also while it runs.
func openKept(dir string) (*kept, error) {
	st, err := study.Load(dir)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	foreign := func(err error) error {
		return input(fmt.Errorf("study %s was made by another version of dse (%w); use that version", dir, err))
	}
	j := &job{flags: &runFlags{seed: st.Seed(), study: dir, workers: 1}, dir: dir}
	if err := json.Unmarshal(st.Program(), &j.settings); err != nil {
		return nil, foreign(err)
	}
	if j.accel, err = accel.Parse(dir+": accelerator", []byte(st.Accelerator())); err != nil {
		return nil, foreign(err)
	}
	if j.network, err = models.Build(j.settings.Model); err != nil {
		return nil, foreign(err)
	}
	if err := j.rebuild(); err != nil {
		return nil, foreign(err)
	}
	k := &kept{job: j}
	if k.trials, err = search.Results(st); err != nil {
		return nil, err
	}
	k.results, err = k.saved()
	if errors.Is(err, fs.ErrNotExist) || err == nil && !k.results.Complete {
		k.results, err = k.soFar()
	}
	return k, err
}

// rebuild makes the experiment that the settings describe, without images, and the flags that they came from.
func (j *job) rebuild() error {
	s, f := &j.settings, j.flags
	config := experiment.Config{Accelerator: j.accel, Network: j.network, Plan: s.Plan, Checkpoints: filepath.Join(j.dir, "checkpoints")}
	for _, o := range s.Objectives {
		config.Objectives = append(config.Objectives, experiment.Quantity(o))
		if f.objectives != "" {
			f.objectives += ","
		}
		f.objectives += o
	}
	for _, text := range s.Limits {
		l, err := experiment.ParseLimit(text)
		if err != nil {
			return err
		}
		config.Limits = append(config.Limits, l)
	}
	if s.Budget != "" {
		d, err := time.ParseDuration(s.Budget)
		if err != nil {
			return err
		}
		f.budget = d
	}
	f.accel, f.model, f.data, f.limits, f.evaluations = j.accel.Name, s.Model, s.Data, s.Limits, s.Evaluations
	f.floatEpochs, f.epochs = s.Plan.FloatEpochs, s.Plan.Epochs
	j.command = commandLine(f)
	var err error
	j.experiment, err = experiment.New(config)
	return err
}

// saved reads the results that were saved last, those of a complete study if it is one.
func (k *kept) saved() (r reports.Results, err error) {
	path := filepath.Join(k.dir, reports.JSONFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, input(fmt.Errorf("%s: %w; remove the file to see the study without accuracies on the test set", path, err))
	}
	return r, nil
}

// soFar are the results of a study without any of its own.
func (k *kept) soFar() (reports.Results, error) {
	r, err := k.job.results(context.Background(), search.State{Results: k.trials, Front: search.Front(k.trials, k.experiment.Goals())}, nil, false)
	if err != nil {
		return reports.Results{}, err
	}
	return *r, nil
}

func (k *kept) page() (page.Study, error) { return k.job.page(k.results, k.trials) }

// page gathers what the page shows of a study.
func (j *job) page(r reports.Results, trials []search.Result) (page.Study, error) {
	s := page.Study{Results: r, Genomes: map[int]page.Genome{}, Images: map[int]int64{}, Chip: anatomy.Chip(j.accel), Repeat: j.repeat(trials, r.Command)}
	shown := map[int]bool{}
	for _, d := range r.Front {
		shown[d.ID] = true
	}
	for _, d := range r.Baselines {
		shown[d.ID] = true
	}
	simulator, err := sim.New(j.accel, j.network)
	if err != nil {
		return s, err
	}
	for _, t := range trials {
		if t.Trial.Kind == search.DesignTrial {
			s.Genomes[t.Trial.ID] = genomeOf(t.Trial.Genome)
		}
		if t.Outcome.Failed {
			continue
		}
		rec, err := experiment.ParseRecord(t.Outcome)
		if err != nil {
			return s, fmt.Errorf("trial %d: %w", t.Trial.ID, err)
		}
		s.Images[t.Trial.ID] = rec.Images
		if !shown[t.Trial.ID] || rec.Precision == nil {
			continue
		}
		cost, err := simulator.Run(rec.Precision)
		if err != nil {
			return s, fmt.Errorf("trial %d: %w", t.Trial.ID, err)
		}
		a := anatomy.Of(j.accel, j.network, rec.Precision, cost)
		a.ID = t.Trial.ID
		for _, p := range rec.Phases {
			a.Phases = append(a.Phases, page.Phase{
				Name: p.Name, Steps: p.Steps, Loss: p.Loss, Accuracy: 100 * p.TrainAccuracy, WeightBits: p.WeightBits, ActivationBits: p.ActivationBits,
			})
		}
		s.Anatomies = append(s.Anatomies, a)
	}
	return s, nil
}

func genomeOf(g search.Genome) page.Genome {
	out := page.Genome{WeightBits: g.WeightBits.Float(), ActivationBits: g.ActivationBits.Float()}
	for _, b := range g.Budgets {
		out.Budgets = append(out.Budgets, page.Budget{Name: b.Name, Fraction: b.Fraction.Float()})
	}
	return out
}

// repeat returns the command that makes the study anew. Where the clock ended it, designs are counted instead,
// in a folder of its own, for a study does not go on under other settings.
func (j *job) repeat(trials []search.Result, command string) page.Repeat {
	if j.settings.Budget == "" {
		return page.Repeat{Command: command, Exact: true}
	}
	f := *j.flags
	f.budget, f.evaluations, f.study = 0, 0, filepath.Join("studies", "repeated")
	for _, t := range trials {
		if t.Trial.Kind == search.DesignTrial {
			f.evaluations++
		}
	}
	return page.Repeat{Command: commandLine(&f)}
}
