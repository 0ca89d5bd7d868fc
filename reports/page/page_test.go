package page_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dse/reports"
	"dse/reports/page"
)

func render(t *testing.T, s page.Study) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// inside returns the data inside a page.
func inside(t *testing.T, text string) (d struct {
	Columns   []string
	Trials    [][]any
	Course    struct{ Points [][3]float64 }
	Anatomies map[string]page.Anatomy
	Data      string
}) {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("no data in the page")
	}
	if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The page's data, results.json and results.csv have the same figures to the last digit.
func TestPageEqualsJSONAndCSV(t *testing.T) {
	s := sample(t, 40)
	d := inside(t, render(t, s))
	var buffer bytes.Buffer
	if err := reports.WriteJSON(&buffer, s.Results); err != nil {
		t.Fatal(err)
	}
	var file struct{ Trials, Front, Baselines []map[string]any }
	if err := json.Unmarshal(buffer.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	buffer.Reset()
	if err := reports.WriteCSV(&buffer, s.Results); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&buffer).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]map[string]string{} // by id
	for _, row := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			line[name] = row[i]
		}
		lines[line["id"]] = line
	}
	if len(d.Trials) != len(file.Trials) || len(d.Trials) != len(lines) {
		t.Fatalf("%d trials in the page, %d in the JSON, %d in the CSV", len(d.Trials), len(file.Trials), len(lines))
	}
	sets := map[string]int{}
	compared := 0
	for i, cells := range d.Trials {
		line := lines[fmt.Sprint(cells[0])]
		for k, name := range d.Columns {
			if want, ok := file.Trials[i][name]; ok && name != "phases" {
				if diff := cmp.Diff(want, cells[k]); diff != "" {
					t.Errorf("trial %v, %s: JSON and page differ:\n%s", cells[0], name, diff)
				}
				compared++
			}
			switch v := cells[k].(type) {
			case float64:
				if got, ok := line[name]; ok && got != reports.Value(v).String() {
					t.Errorf("trial %v, %s: %q in the CSV, %v in the page", cells[0], name, got, v)
				}
			case string:
				if got, ok := line[name]; ok && got != v {
					t.Errorf("trial %v, %s: %q in the CSV, %q in the page", cells[0], name, got, v)
				}
				if name == "set" {
					sets[v]++
				}
			}
		}
	}
	if sets["front"] != len(file.Front) || sets["baseline"] != len(file.Baselines) || compared < 15*len(d.Trials) {
		t.Errorf("sets %v, %d figures compared", sets, compared)
	}
}

// The cells of the page's table are those of the terminal's.
func TestPageEqualsTable(t *testing.T) {
	s := sample(t, 40)
	text := render(t, s)
	var table bytes.Buffer
	if err := reports.WriteTable(&table, s.Results, reports.Options{Width: 250}); err != nil {
		t.Fatal(err)
	}
	apart := regexp.MustCompile(` {2,}`)
	terminal := map[string][]string{}
	for line := range strings.Lines(table.String()) {
		if parts := apart.Split(strings.TrimSpace(line), -1); len(parts) > 8 {
			terminal[parts[0]] = parts
		}
	}
	rows := regexp.MustCompile(`(?s)<tr data-id="\d+".*?</tr>`).FindAllString(text, -1)
	if want := len(s.Results.Front) + len(s.Results.Baselines); len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	cell := regexp.MustCompile(`<t[hd][^>]*>(.*?)</t[hd]>`)
	for _, row := range rows {
		var cells []string
		for _, m := range cell.FindAllStringSubmatch(row, -1) {
			cells = append(cells, html.UnescapeString(m[1]))
		}
		if diff := cmp.Diff(terminal[cells[0]], cells); diff != "" {
			t.Errorf("%s (-terminal +page):\n%s", cells[0], diff)
		}
	}
}

// What comes from outside cannot break out of its place in the page, and the page is the same each time.
func TestPageIsSafeAndFixed(t *testing.T) {
	s := sample(t, 5)
	s.Results.Data = `</script><script>alert(1)</script>`
	s.Results.Trials[3].Name = `"><img src=x>`
	text := render(t, s)
	if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img") {
		t.Error("markup came through")
	}
	if got := inside(t, text).Data; got != s.Results.Data {
		t.Errorf("data %q in the page, want %q", got, s.Results.Data)
	}
	if render(t, s) != text {
		t.Error("a second page differs")
	}
	for _, scheme := range []string{"http://", "https://"} {
		for _, m := range regexp.MustCompile(scheme+`[^"' ]+`).FindAllString(text, -1) {
			if m != "http://www.w3.org/2000/svg" {
				t.Errorf("the page names %s", m)
			}
		}
	}
}

// A study without any design has a page too.
func TestPageOfEmptyStudy(t *testing.T) {
	text := render(t, page.Study{Results: reports.Results{Network: "n", Accelerator: "a", AcceleratorStatus: "estimated"}})
	if !strings.Contains(text, "No design has been trained yet") {
		t.Error("the page does not say that there is nothing")
	}
}

// The hypervolume of four designs, by hand. Memory spans 10 to 30 kB, errors 10 to 30 %, so the box has sides of 20. The
// first design lies in the corner of the best memory and the worst error: no volume. The second, (20, 20), adds a
// quarter; the third, dominated, does not move the front; the fourth, (30, 10), lies in the other corner.
func TestCourse(t *testing.T) {
	design := func(id int, memory, errors reports.Value) reports.Design {
		return reports.Design{ID: id, MemoryKB: memory, HeldAccuracy: 100 - errors, Feasible: true}
	}
	over := design(5, 1, 1)
	over.Feasible = false
	s := page.Study{
		Results: reports.Results{
			Objectives: []string{"memory", "error"}, Baselines: []reports.Design{design(0, 99, 99)},
			Trials: []reports.Design{design(0, 99, 99), design(1, 10, 30), design(2, 20, 20), design(3, 25, 25), design(4, 30, 10), over},
		},
		Images: map[int]int64{0: 1e6, 1: 2e6, 2: 2e6, 3: 2e6, 4: 2e6, 5: 2e6},
	}
	want := [][3]float64{{3, 0, 1}, {5, 25, 2}, {9, 25, 4}}
	if diff := cmp.Diff(want, inside(t, render(t, s)).Course.Points); diff != "" {
		t.Errorf("course (-want +got):\n%s", diff)
	}
}
