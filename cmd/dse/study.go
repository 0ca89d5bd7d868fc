package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/reports"
	"dse/search"
	"dse/search/study"
)

func newStudyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "study",
		Short: "List, show, compare and export studies",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newStudyListCommand(), newStudyShowCommand(), newStudyFrontCommand(), newStudyCompareCommand(), newStudyExportCommand())
	return c
}

// loadedStudy is a study as it is on disk, also while a search writes it.
type loadedStudy struct {
	Folder      string
	Settings    settings
	Accelerator *accel.Accelerator
	Seed        uint64
	Spent       time.Duration
	Results     []search.Result // of the trials that ended
	Pending     int
}

func loadStudy(dir string) (*loadedStudy, error) {
	st, err := study.Load(dir)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	s := &loadedStudy{Folder: dir, Seed: st.Seed()}
	if err := json.Unmarshal(st.Program(), &s.Settings); err != nil {
		return nil, input(fmt.Errorf("study %s: its settings are not those of dse run: %w", st.Path(), err))
	}
	if s.Accelerator, err = accel.Parse(st.Path(), []byte(st.Accelerator())); err != nil {
		return nil, input(fmt.Errorf("study %s: its accelerator: %w", st.Path(), err))
	}
	if s.Spent, err = st.Spent(); err != nil {
		return nil, err
	}
	rows, err := st.Trials()
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Status == study.Pending {
			s.Pending++
		}
	}
	s.Results, err = search.Results(st)
	return s, err
}

// goals returns what the study optimises; dse run minimises everything.
func (s *loadedStudy) goals() []search.Goal {
	var goals []search.Goal
	for _, name := range s.Settings.Objectives {
		goals = append(goals, search.Goal{Name: name})
	}
	return goals
}

func (s *loadedStudy) front() []search.Result { return search.Front(s.Results, s.goals()) }

// count returns how many trials were trained to the end, stopped early and failed.
func (s *loadedStudy) count() (designs, stopped, failed int) {
	for _, r := range lastRungs(s.Results) {
		switch {
		case compared(r.Trial):
		case r.Outcome.Failed:
			failed++
		case r.Trial.Kind == search.ProbeTrial:
			stopped++
		default:
			designs++
		}
	}
	return designs, stopped, failed
}

func newStudyListCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "list [FOLDER]", Short: "List the studies in a folder (default studies)", Args: cobra.MaximumNArgs(1),
		Example: "  dse study list\n  dse study list /data/studies --json",
		RunE: func(c *cobra.Command, args []string) error {
			root := "studies"
			if len(args) == 1 {
				root = args[0]
			}
			folders, err := os.ReadDir(root)
			if err != nil {
				return input(fmt.Errorf("cannot list studies: %w; name the folder that holds them", err))
			}
			type entry struct {
				Study       string  `json:"study"`
				Accelerator string  `json:"accelerator"`
				Model       string  `json:"model"`
				Data        string  `json:"data"`
				Seed        uint64  `json:"seed"`
				Designs     int     `json:"designs"`
				Stopped     int     `json:"stopped"`
				Failed      int     `json:"failed"`
				Pending     int     `json:"pending"`
				Front       int     `json:"front"`
				Seconds     float64 `json:"seconds"`
			}
			entries, damaged := []entry{}, []error{}
			for _, f := range folders {
				dir := filepath.Join(root, f.Name())
				if !study.Exists(dir) {
					continue
				}
				s, err := loadStudy(dir)
				if err != nil {
					damaged = append(damaged, err) // the others are still worth listing
					continue
				}
				e := entry{
					Study: dir, Accelerator: s.Accelerator.Name, Model: s.Settings.Model, Data: s.Settings.Data, Seed: s.Seed, Pending: s.Pending,
					Front: len(s.front()), Seconds: s.Spent.Seconds(),
				}
				e.Designs, e.Stopped, e.Failed = s.count()
				entries = append(entries, e)
			}
			if asJSON {
				if err := writeJSON(c.OutOrStdout(), entries); err != nil {
					return err
				}
				return errors.Join(damaged...)
			}
			t := reports.Sheet{Columns: []reports.Heading{
				{Head: "study", Text: true}, {Head: "model", Text: true}, {Head: "data", Text: true}, {Head: "designs"}, {Head: "stopped"}, {Head: "failed"},
				{Head: "pending"}, {Head: "front"}, {Head: "time"},
			}}
			for _, e := range entries {
				t.Rows = append(t.Rows, []string{
					e.Study, e.Model, e.Data, fmt.Sprint(e.Designs), fmt.Sprint(e.Stopped), fmt.Sprint(e.Failed), fmt.Sprint(e.Pending), fmt.Sprint(e.Front),
					time.Duration(e.Seconds * float64(time.Second)).Round(time.Second).String(),
				})
			}
			if err := reports.WriteSheet(c.OutOrStdout(), t, tableOptions(c.OutOrStdout())); err != nil {
				return err
			}
			return errors.Join(damaged...)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func newStudyShowCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "show STUDY", Short: "Show a study's settings and every trial", Args: cobra.ExactArgs(1),
		Example: "  dse study show studies/edge-npu-mobilenetv2-micro-fashion-mnist-seed1",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := loadStudy(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), s.export())
			}
			return s.print(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (s *loadedStudy) print(w io.Writer) error {
	program, err := json.Marshal(s.Settings)
	if err != nil {
		return err
	}
	designs, stopped, failed := s.count()
	t := s.sheet(lastRungs(s.Results))
	t.Heading = []string{
		fmt.Sprintf("%s on %s, %s, seed %d: %d designs trained to the end, %d stopped early, %d failed, %d pending, in %v",
			s.Settings.Model, s.Accelerator.Name, s.Settings.Data, s.Seed, designs, stopped, failed, s.Pending, s.Spent.Round(time.Second)),
		"settings: " + string(program),
	}
	for _, m := range search.Misses(s.Results) {
		t.Notes = append(t.Notes, fmt.Sprintf("no design met the limits: the closest, design %d, exceeds %s by %.1f %%", m.Trial, m.Limit, 100*m.Excess))
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}

// sheet is a table of trials with the values of the objectives.
func (s *loadedStudy) sheet(results []search.Result) reports.Sheet {
	t := reports.Sheet{Columns: []reports.Heading{{Head: "trial"}, {Head: "kind", Text: true}}}
	for _, q := range s.Settings.Objectives {
		t.Columns = append(t.Columns, reports.Heading{Head: q})
	}
	t.Columns = append(t.Columns, reports.Heading{Head: "images"}, reports.Heading{Head: "s"}, reports.Heading{Head: "design", Text: true})
	for _, r := range results {
		row := []string{fmt.Sprint(r.Trial.ID), r.Trial.Kind.String()}
		for _, q := range s.Settings.Objectives {
			cell := ""
			if v, ok := r.Outcome.Value(q); ok && !r.Outcome.Failed {
				cell = fmt.Sprintf("%.4g", v)
			}
			row = append(row, cell)
		}
		text := r.Trial.Text()
		switch {
		case r.Outcome.Failed:
			text += ": failed, " + r.Outcome.Reason
		case r.Outcome.Violation() > 0:
			text += fmt.Sprintf(": exceeds a limit by %.1f %%", 100*r.Outcome.Violation())
		}
		t.Rows = append(t.Rows, append(row, fmt.Sprint(imagesOf(r)), fmt.Sprintf("%.1f", r.Took.Seconds()), text))
	}
	return t
}

func newStudyFrontCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "front STUDY", Short: "Show the designs that no other beats, by held-out accuracy", Args: cobra.ExactArgs(1),
		Example: "  dse study front studies/edge-npu-mobilenetv2-micro-fashion-mnist-seed1 --json",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := loadStudy(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), s.trials(s.front()))
			}
			t := s.sheet(s.front())
			if len(t.Rows) == 0 {
				t.Notes = []string{"no design has been trained to its end within all limits yet"}
			}
			return reports.WriteSheet(c.OutOrStdout(), t, tableOptions(c.OutOrStdout()))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func newStudyExportCommand() *cobra.Command {
	asCSV := false
	c := &cobra.Command{
		Use: "export STUDY", Short: "Write all that a study holds as JSON, or its trials as CSV", Args: cobra.ExactArgs(1),
		Example: "  dse study export studies/mine > mine.json\n  dse study export studies/mine --csv > mine.csv",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := loadStudy(args[0])
			if err != nil {
				return err
			}
			if asCSV {
				return s.writeCSV(c.OutOrStdout())
			}
			return writeJSON(c.OutOrStdout(), s.export())
		},
	}
	c.Flags().BoolVar(&asCSV, "csv", false, "write the trials as CSV")
	return c
}

// exportedStudy is a study as JSON.
type exportedStudy struct {
	Settings    settings        `json:"settings"`
	Accelerator string          `json:"accelerator"` // the YAML file
	Seed        uint64          `json:"seed"`
	Seconds     float64         `json:"seconds"`
	Pending     int             `json:"pending"`
	Trials      []exportedTrial `json:"trials"`
	Front       []int           `json:"front"` // ids
}

// exportedTrial is a trial as JSON.
type exportedTrial struct {
	ID         int                `json:"id"`
	Kind       string             `json:"kind"`
	Text       string             `json:"text"` // genome, or what else was trained
	Seed       uint64             `json:"seed"`
	Objectives []search.Objective `json:"objectives"`
	Violations []search.Violation `json:"violations"`
	Failed     bool               `json:"failed"`
	Reason     string             `json:"reason,omitempty"`
	Images     int64              `json:"images"`
	Seconds    float64            `json:"seconds"`
	Record     json.RawMessage    `json:"record,omitempty"`
}

func (s *loadedStudy) export() exportedStudy {
	e := exportedStudy{
		Settings: s.Settings, Accelerator: string(accel.Format(s.Accelerator)), Seed: s.Seed, Seconds: s.Spent.Seconds(), Pending: s.Pending,
		Trials: s.trials(s.Results), Front: []int{},
	}
	for _, r := range s.front() {
		e.Front = append(e.Front, r.Trial.ID)
	}
	return e
}

func (s *loadedStudy) trials(results []search.Result) []exportedTrial {
	trials := []exportedTrial{}
	for _, r := range results {
		t := exportedTrial{
			ID: r.Trial.ID, Kind: r.Trial.Kind.String(), Text: r.Trial.Text(), Seed: r.Trial.Seed, Objectives: r.Outcome.Objectives,
			Violations: r.Outcome.Violations, Failed: r.Outcome.Failed, Reason: r.Outcome.Reason, Images: imagesOf(r), Seconds: r.Took.Seconds(),
			Record: r.Outcome.Extra,
		}
		if t.Objectives == nil {
			t.Objectives = []search.Objective{}
		}
		if t.Violations == nil {
			t.Violations = []search.Violation{}
		}
		trials = append(trials, t)
	}
	return trials
}

func (s *loadedStudy) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(append(append([]string{"id", "kind"}, s.Settings.Objectives...), "violation", "images", "seconds", "failed", "reason", "text"))
	for _, r := range s.Results {
		row := []string{strconv.Itoa(r.Trial.ID), r.Trial.Kind.String()}
		for _, q := range s.Settings.Objectives {
			cell := ""
			if v, ok := r.Outcome.Value(q); ok {
				cell = strconv.FormatFloat(v, 'g', -1, 64)
			}
			row = append(row, cell)
		}
		violation := ""
		if !r.Outcome.Failed {
			violation = strconv.FormatFloat(r.Outcome.Violation(), 'g', -1, 64)
		}
		out.Write(append(row, violation, strconv.FormatInt(imagesOf(r), 10), strconv.FormatFloat(r.Took.Seconds(), 'f', 3, 64),
			strconv.FormatBool(r.Outcome.Failed), strings.TrimSpace(r.Outcome.Reason), r.Trial.Text()))
	}
	out.Flush()
	return out.Error()
}
