package accel

import (
	"fmt"
	"sort"
	"strings"
)

// Finding is one thing that is wrong with an accelerator file.
type Finding struct {
	File         string
	Line, Column int // from 1; the column counts characters
	Width        int // characters to underline, at least 1
	Message      string
	Way          string // the way out: a near name, the legal values, an example
	Excerpt      string // the line itself, empty where the file has no such line
}

// maxExcerpt is the number of characters of a line that a finding shows.
const maxExcerpt = 100

// String renders the finding as a compiler does:
//
//	edge-npu.yaml:14:10: error: memories[0].banks must be a power of two, got 12
//	   14 |   banks: 12
//	      |          ^^ did you mean 8 or 16?
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: error: %s", f.File, f.Line, f.Column, f.Message)
	if strings.TrimSpace(f.Excerpt) == "" {
		if f.Way != "" {
			fmt.Fprintf(&b, "\n      | %s", f.Way)
		}
		return b.String()
	}
	text, column := window([]rune(f.Excerpt), f.Column-1)
	width := max(1, min(f.Width, len([]rune(text))-column))
	fmt.Fprintf(&b, "\n%5d | %s\n", f.Line, text)
	fmt.Fprintf(&b, "      | %s%s", strings.Repeat(" ", column), strings.Repeat("^", width))
	if f.Way != "" {
		b.WriteString(" " + f.Way)
	}
	return b.String()
}

// window cuts a long line around a column, and replaces what would move the caret below it.
func window(line []rune, column int) (string, int) {
	out := make([]rune, 0, maxExcerpt)
	from := 0
	if column > maxExcerpt*3/4 {
		from = column - maxExcerpt/2
	}
	for i := from; i < len(line) && len(out) < maxExcerpt; i++ {
		r := line[i]
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			r = ' ' // a tab or a control character has no width of its own to count on
		}
		out = append(out, r)
	}
	return strings.TrimRight(string(out), " "), max(0, column-from)
}

// Findings is everything wrong with one file, in the order of the file. It is never empty when
// it is returned as an error.
type Findings []Finding

// Error renders all findings, one after another.
func (f Findings) Error() string {
	parts := make([]string, len(f))
	for i, one := range f {
		parts[i] = one.String()
	}
	return strings.Join(parts, "\n")
}

// sortByPlace puts the findings in the order of the file; those of one place keep their order.
func (f Findings) sortByPlace() {
	sort.SliceStable(f, func(i, j int) bool {
		if f[i].Line != f[j].Line {
			return f[i].Line < f[j].Line
		}
		return f[i].Column < f[j].Column
	})
}

// place is a stretch of one line of the file.
type place struct{ line, column, width int }

// problem is a finding that does not know its place yet.
type problem struct{ message, way string }
