package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dse/reports"
	"dse/search"
	"dse/search/experiment"
	"dse/search/pareto"
)

// comparedStudy is a study in a comparison, as JSON.
type comparedStudy struct {
	Study       string        `json:"study"`
	Algorithm   string        `json:"algorithm"`
	Seed        uint64        `json:"seed"`
	Designs     int           `json:"designs"` // trained to the end
	Stopped     int           `json:"stopped"`
	Images      int64         `json:"images"`
	Front       int           `json:"front"`
	Hypervolume float64       `json:"hypervolume"`
	AtEqual     float64       `json:"hypervolume_at_equal_images"`
	Homogeneous float64       `json:"hypervolume_of_homogeneous"`
	Course      []search.Step `json:"course"`
}

// comparison is the result of dse study compare.
type comparison struct {
	Objectives  []string        `json:"objectives"`
	Reference   []float64       `json:"reference_point"`
	EqualImages int64           `json:"equal_images"` // the least that one of the studies spent
	Studies     []comparedStudy `json:"studies"`
}

func newStudyCompareCommand() *cobra.Command {
	asJSON, reference := false, ""
	c := &cobra.Command{
		Use: "compare STUDY...", Short: "Compare the hypervolume of studies, and how it grew with the images trained", Args: cobra.MinimumNArgs(1),
		Long: `Prints the hypervolume that the front of each study covers, by held-out accuracy: at its end, at the number
of training images that every study reached, and as a course over images. Float and homogeneous trials count as
cost; the volume of the homogeneous networks alone is given for comparison. Without --reference the worst corner
lies a tenth of the range behind the worst values of all fronts.`,
		Example: "  dse study compare studies/mine\n  dse study compare studies/a studies/b --reference 80,30 --json",
		RunE: func(c *cobra.Command, args []string) error {
			var studies []*loadedStudy
			for _, dir := range args {
				s, err := loadStudy(dir)
				if err != nil {
					return err
				}
				if len(studies) > 0 && !slices.Equal(s.Settings.Objectives, studies[0].Settings.Objectives) {
					return input(fmt.Errorf("%s has the objectives %v, %s %v; studies compare only in the same ones",
						args[0], studies[0].Settings.Objectives, dir, s.Settings.Objectives))
				}
				studies = append(studies, s)
			}
			ref, err := referencePoint(reference, studies)
			if err != nil {
				return input(err)
			}
			r := compareStudies(studies, ref)
			if asJSON {
				return writeJSON(c.OutOrStdout(), r)
			}
			return r.print(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&reference, "reference", "", "worst value of each objective, in the order of the studies' objectives, such as 80,30")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// imagesOf returns the training images of a trial; a failed one leaves no record of them.
func imagesOf(r search.Result) int64 {
	if r.Outcome.Failed {
		return 0
	}
	rec, err := experiment.ParseRecord(r.Outcome)
	if err != nil {
		return 0
	}
	return rec.Images
}

// referencePoint reads the worst corner, or finds one behind all fronts.
func referencePoint(text string, studies []*loadedStudy) ([]float64, error) {
	names := studies[0].Settings.Objectives
	if text != "" {
		var ref []float64
		for _, s := range strings.Split(text, ",") {
			v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("--reference: %q is not a number", s)
			}
			ref = append(ref, v)
		}
		if len(ref) != len(names) {
			return nil, fmt.Errorf("--reference: %d values for the %d objectives %s", len(ref), len(names), strings.Join(names, ", "))
		}
		return ref, nil
	}
	best, worst := make([]float64, len(names)), make([]float64, len(names))
	for k := range names {
		best[k], worst[k] = math.Inf(1), math.Inf(-1)
	}
	for _, s := range studies {
		for _, p := range search.Points(s.front(), s.goals()) {
			for k, v := range p {
				best[k], worst[k] = min(best[k], v), max(worst[k], v)
			}
		}
	}
	for k := range worst {
		if math.IsInf(worst[k], -1) {
			return nil, fmt.Errorf("none of the studies has a design yet that was trained to its end within all limits")
		}
		worst[k] += 0.1 * (worst[k] - best[k])
	}
	return worst, nil
}

func compareStudies(studies []*loadedStudy, ref []float64) comparison {
	r := comparison{Objectives: studies[0].Settings.Objectives, Reference: ref, EqualImages: math.MaxInt64}
	for _, s := range studies {
		c := comparedStudy{
			Study: s.Folder, Algorithm: s.Settings.Search.Algorithm, Seed: s.Seed, Front: len(s.front()),
			Course: search.Course(s.Results, s.goals(), ref, imagesOf),
		}
		c.Designs, c.Stopped, _ = s.count()
		if n := len(c.Course); n > 0 {
			c.Images, c.Hypervolume = c.Course[n-1].Images, c.Course[n-1].Hypervolume
		}
		var homogeneous []search.Result
		for _, t := range s.Results {
			if t.Trial.Kind == search.BaselineTrial {
				homogeneous = append(homogeneous, t)
			}
		}
		c.Homogeneous = pareto.Hypervolume(search.Points(homogeneous, s.goals()), ref)
		r.EqualImages = min(r.EqualImages, c.Images)
		r.Studies = append(r.Studies, c)
	}
	for i := range r.Studies {
		r.Studies[i].AtEqual = r.Studies[i].at(r.EqualImages)
	}
	return r
}

// at returns the hypervolume after so many images.
func (c *comparedStudy) at(images int64) float64 {
	v := 0.0
	for _, step := range c.Course {
		if step.Images > images {
			break
		}
		v = step.Hypervolume
	}
	return v
}

func (r *comparison) print(w io.Writer) error {
	var corner []string
	for k, name := range r.Objectives {
		corner = append(corner, fmt.Sprintf("%s %.4g %s", name, r.Reference[k], experiment.Quantity(name).Unit()))
	}
	t := reports.Sheet{
		Heading: []string{"hypervolume better than " + strings.Join(corner, ", ")},
		Columns: []reports.Heading{
			{Head: "study", Text: true}, {Head: "algorithm", Text: true}, {Head: "seed"}, {Head: "designs"}, {Head: "stopped"}, {Head: "images"}, {Head: "front"},
			{Head: "hyper-\nvolume"}, {Head: "of homo-\ngeneous"}, {Head: "at equal\nimages"},
		},
		Notes: []string{fmt.Sprintf("equal images: %d", r.EqualImages)},
	}
	shares := []int64{25, 50, 75}
	for _, s := range shares {
		t.Columns = append(t.Columns, reports.Heading{Head: fmt.Sprintf("at %d %%\nof them", s)})
	}
	for _, s := range r.Studies {
		row := []string{
			s.Study, s.Algorithm, fmt.Sprint(s.Seed), fmt.Sprint(s.Designs), fmt.Sprint(s.Stopped), fmt.Sprint(s.Images), fmt.Sprint(s.Front),
			fmt.Sprintf("%.5g", s.Hypervolume), fmt.Sprintf("%.5g", s.Homogeneous), fmt.Sprintf("%.5g", s.AtEqual),
		}
		for _, share := range shares {
			row = append(row, fmt.Sprintf("%.5g", s.at(r.EqualImages*share/100)))
		}
		t.Rows = append(t.Rows, row)
	}
	return reports.WriteSheet(w, t, tableOptions(w))
}
