package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"dse/reports"
)

//go:embed assets
var assets embed.FS

// scripts in the order in which the page runs them: each uses what those before it define.
var scripts = []string{"chart.js", "front.js", "course.js", "genomes.js", "bits.js", "steps.js", "roofline.js", "memory.js", "design.js", "main.js"}

var layout = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"lines": func(s string) string { return strings.ReplaceAll(s, "\n", " ") },
}).ParseFS(assets, "assets/page.html"))

// content is what the layout is filled with.
type content struct {
	Title  string
	Table  reports.Cells
	Facts  []fact
	Data   template.JS
	Style  template.CSS
	Script template.JS
}

// fact is a line of the page's head.
type fact struct{ Name, Text string }

// Write writes the page.
func Write(w io.Writer, s Study) error {
	data, err := json.Marshal(newDocument(s))
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	table := reports.Tabulate(s.Results)
	c := content{Title: table.Title, Table: table, Facts: facts(s.Results), Data: template.JS(data)}
	style, err := assets.ReadFile("assets/style.css")
	if err != nil {
		return err
	}
	c.Style = template.CSS(style)
	var script bytes.Buffer
	for _, name := range scripts {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		script.Write(text)
	}
	c.Script = template.JS(script.String())
	return layout.Execute(w, c)
}

// facts says what was studied.
func facts(r reports.Results) []fact {
	status := map[bool]string{true: "complete", false: "not complete: figures so far, on held-out images"}[r.Complete]
	all := []fact{
		{"network", r.Network}, {"accelerator", r.Accelerator + " (" + r.AcceleratorStatus + ")"}, {"data", r.Data},
		{"objectives", strings.Join(r.Objectives, ", ")}, {"limits", strings.Join(r.Limits, ", ")},
		{"trials", fmt.Sprint(len(r.Trials))}, {"seed", fmt.Sprint(r.Seed)}, {"state", status},
	}
	var given []fact
	for _, f := range all {
		if f.Text != "" {
			given = append(given, f)
		}
	}
	return given
}
