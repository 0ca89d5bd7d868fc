package reports

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func table(t *testing.T, r Results, o Options) string {
	t.Helper()
	var out strings.Builder
	if err := WriteTable(&out, r, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTable(t *testing.T) {
	for _, width := range []int{60, 80, 120, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			got := table(t, sample(), Options{Width: width, Folder: "studies/edge-npu"})
			golden(t, fmt.Sprintf("table-%d.txt", width), got)
			for line := range strings.Lines(got) {
				if w := displayWidth(strings.TrimSuffix(line, "\n")); w > width {
					t.Errorf("%d columns: %q", w, line)
				}
			}
		})
	}
}

// interrupted is the sample before its test images were read for all designs.
func interrupted() Results {
	r := sample()
	r.Complete = false
	r.Front[1].AccuracySplit = "held-out"
	return r
}

func TestTableOfInterruptedStudy(t *testing.T) {
	golden(t, "table-interrupted.txt", table(t, interrupted(), Options{Width: 100}))
}

func TestTableWithoutFront(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Results)
		want string
	}{
		{"limits", func(*Results) {}, "The front is empty. None of the 9 designs tried meets the limits."},
		{"no limits", func(r *Results) { r.Limits = nil }, "None of the 9 designs could be trained."},
		{"nothing trained", func(r *Results) { r.Trials, r.Baselines = nil, nil }, "No design has been trained yet."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sample()
			r.Front = nil
			c.edit(&r)
			if got := table(t, r, Options{Width: 120}); !strings.Contains(got, c.want) {
				t.Errorf("table lacks %q:\n%s", c.want, got)
			}
		})
	}
}

// columnTexts returns the cells below each head of the table at a width that needs no second panel,
// by design. Columns are at least two blanks apart, cells have at most one blank inside.
func columnTexts(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	apart := regexp.MustCompile(` {2,}`)
	cells := make(map[string]map[string]string)
	var heads []string
	for line := range strings.Lines(text) {
		parts := apart.Split(strings.TrimSpace(line), -1)
		switch {
		case parts[0] == "design":
			heads = parts
		case heads != nil && len(parts) == len(heads):
			row := make(map[string]string)
			for i, h := range heads {
				row[h] = parts[i]
			}
			cells[parts[0]] = row
		}
	}
	return cells
}

// Figures of the table are those of the designs, rounded to the digits shown.
func TestTableShowsTheFigures(t *testing.T) {
	r := sample()
	rows := columnTexts(t, table(t, r, Options{Width: 200}))
	for _, d := range append(append([]Design{}, r.Front...), r.Baselines...) {
		row := rows[d.Name]
		if row == nil {
			row = rows[d.Name+" "+dominatedMark]
		}
		if row == nil {
			t.Errorf("%s is not in the table", d.Name)
			continue
		}
		for head, want := range map[string]Value{"memory": d.MemoryKB, "weights": d.WeightsKB, "act.": d.ActivationsKB,
			"meta": d.MetadataKB, "latency": d.LatencyMS, "energy": d.EnergyUJ, "W": d.WeightBits, "A": d.ActivationBits} {
			_, places, _ := strings.Cut(row[head], ".")
			if row[head] != want.fixed(len(places)) {
				t.Errorf("%s, %s: %q, want %v", d.Name, head, row[head], want)
			}
		}
		if want := fmt.Sprintf("%.2f ± %.2f", float64(d.Accuracy), float64(d.AccuracySE)); row["accuracy"] != want {
			t.Errorf("%s: accuracy %q, want %q", d.Name, row["accuracy"], want)
		}
		for i, epochs := range strings.Split(row["phases"], "+") {
			if got, err := strconv.ParseFloat(epochs, 64); err != nil || Value(got) != d.Phases[i].Epochs {
				t.Errorf("%s: phases %q, want %v", d.Name, row["phases"], d.Phases)
			}
		}
	}
}

func TestTableMarksExactlyTheDominated(t *testing.T) {
	got := table(t, sample(), Options{Width: 200})
	marked := regexp.MustCompile(`(?m)^(.*?) †  `).FindAllStringSubmatch(got, -1)
	names := mapped(marked, func(m []string) string { return m[1] })
	// 4 bit: 88.95 % at 37.2 kB is less than design 9's 89.40 % at 27.3 kB; 2 bit: 61.40 % at 19.1 kB is
	// less than design 5's 84.02 % at 17.7 kB; float and 8 bit are more accurate than all designs.
	if diff := cmp.Diff([]string{"homogeneous 4 bit", "homogeneous 2 bit"}, names); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
}

func TestTableTakesNoControlCharacters(t *testing.T) {
	r := sample()
	r.Front[0].Name, r.Trials[6].Reason, r.Data = "a\nb", "c\x1b[2J", "d\re"
	got := table(t, r, Options{Width: 120})
	if strings.ContainsAny(got, "\x1b\r") || !strings.Contains(got, "\na b") {
		t.Errorf("control characters came through:\n%q", got)
	}
}

func TestTableReportsWriteErrors(t *testing.T) {
	full := errors.New("no space left")
	for name, write := range map[string]func(w *failing) error{
		"table":    func(w *failing) error { return WriteTable(w, sample(), Options{}) },
		"markdown": func(w *failing) error { return WriteMarkdown(w, sample()) },
		"csv":      func(w *failing) error { return WriteCSV(w, sample()) },
		"json":     func(w *failing) error { return WriteJSON(w, sample()) },
		"svg":      func(w *failing) error { return WriteFrontSVG(w, sample()) },
		"png":      func(w *failing) error { return WriteFrontPNG(w, sample()) },
		"layers":   func(w *failing) error { return WriteLayers(w, sampleLayers(), Options{}) },
		"entries":  func(w *failing) error { return WriteEntries(w, nil, sampleEntries(), Options{}) },
	} {
		if err := write(&failing{full}); !errors.Is(err, full) {
			t.Errorf("%s: error %v, want %v", name, err, full)
		}
	}
}

// failing is a writer that always fails.
type failing struct{ err error }

func (f *failing) Write([]byte) (int, error) { return 0, f.err }

func TestOptionsDefaultWidth(t *testing.T) {
	if got, want := table(t, sample(), Options{}), table(t, sample(), Options{Width: 80}); got != want {
		t.Error("width 0 is not 80")
	}
}
