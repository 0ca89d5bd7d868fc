package reports

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"fits", "two  words", 10, []string{"two  words"}},
		{"at blanks", "one two three", 8, []string{"one two", "three"}},
		{"inside a long word", "abcdefgh ij", 3, []string{"abc", "def", "gh", "ij"}},
		{"wide characters", "界界界", 4, []string{"界界", "界"}},
		{"keeps line breaks", "memory\nkB", 6, []string{"memory", "kB"}},
		{"nothing", "", 5, []string{""}},
	} {
		if diff := cmp.Diff(c.want, fold(c.text, c.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestFoldLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z±界 ]{0,60}`).Draw(t, "text")
		width := rapid.IntRange(2, 30).Draw(t, "width") // 2: the width of the widest character
		lines := fold(text, width)
		for _, l := range lines {
			if displayWidth(l) > width {
				t.Fatalf("line %q of %q is wider than %d", l, text, width)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Fatalf("fold(%q, %d) = %q", text, width, lines)
		}
	})
}

// drawGrid draws a grid of words and figures.
func drawGrid(t *rapid.T) grid {
	var g grid
	n := rapid.IntRange(1, 8).Draw(t, "columns")
	for range n {
		g.columns = append(g.columns, column{
			head:  rapid.StringMatching(`[a-z]{1,9}(\n[a-z%]{1,3})?`).Draw(t, "head"),
			right: rapid.Bool().Draw(t, "right"),
			group: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "group"),
			wrap:  rapid.SampledFrom([]int{0, 0, 6, 12}).Draw(t, "wrap"),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "rows") {
		r := row{kind: rowKind(rapid.IntRange(0, 2).Draw(t, "kind"))}
		for range rapid.IntRange(0, n).Draw(t, "cells") {
			r.cells = append(r.cells, rapid.StringMatching(`[a-z0-9.±– ]{0,30}`).Draw(t, "cell"))
		}
		g.rows = append(g.rows, r)
	}
	if rapid.Bool().Draw(t, "footer") {
		g.footer = make([]string, n)
		for i := range g.footer {
			g.footer[i] = rapid.StringMatching(`[0-9.]{0,8}`).Draw(t, "total")
		}
	}
	return g
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestGridFitsAnyWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrid(t)
		width := rapid.IntRange(leastWidth, 220).Draw(t, "width")
		var plain, colored strings.Builder
		if err := g.write(&plain, width, false); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plain.String()) {
			line = strings.TrimSuffix(line, "\n")
			if displayWidth(line) > width {
				t.Fatalf("width %d: line %q has %d\n%s", width, line, displayWidth(line), plain.String())
			}
			if strings.HasSuffix(line, " ") {
				t.Fatalf("line %q ends with a blank", line)
			}
		}
		if err := g.write(&colored, width, true); err != nil {
			t.Fatal(err)
		}
		bare := ansi.ReplaceAllString(colored.String(), "")
		if trimmed := regexp.MustCompile(` +\n`).ReplaceAllString(bare, "\n"); trimmed != plain.String() {
			t.Fatalf("with colour the text differs:\n%s\n%s", plain.String(), trimmed)
		}
	})
}

func TestPanelsShowEachColumnOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrid(t)
		width := rapid.IntRange(leastWidth, 220).Draw(t, "width")
		var shown []int
		for _, p := range g.panels(width) {
			if p.columns[0] != 0 {
				t.Fatalf("panel %v does not begin with the key", p)
			}
			if p.width() > width {
				t.Fatalf("panel %v is %d wide, more than %d", p, p.width(), width)
			}
			shown = append(shown, p.columns[1:]...)
		}
		for i, c := range shown {
			if c != i+1 {
				t.Fatalf("columns %v of %d are shown", shown, len(g.columns))
			}
		}
		if len(shown) != len(g.columns)-1 {
			t.Fatalf("columns %v of %d are shown", shown, len(g.columns))
		}
	})
}

func TestPanelsKeepGroupsTogether(t *testing.T) {
	cells := []string{"key", "12345678", "12345678", "12345678", "12345678"}
	g := grid{rows: []row{{cells: cells}}, columns: []column{{head: "k"}, {head: "a"}, {head: "b"},
		{head: "c", group: "g"}, {head: "d", group: "g"}}}
	for _, c := range []struct {
		width int
		want  [][]int
	}{
		{43, [][]int{{0, 1, 2, 3, 4}}}, // 3 + 4 * (2 + 8)
		{42, [][]int{{0, 1, 2}, {0, 3, 4}}},
		{24, [][]int{{0, 1, 2}, {0, 3, 4}}},
	} {
		got := mapped(g.panels(c.width), func(p panel) []int { return p.columns })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", c.width, diff)
		}
	}
}
