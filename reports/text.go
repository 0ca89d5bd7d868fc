package reports

import (
	"io"
	"strings"
	"unicode"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// displayWidth returns the columns of the terminal that s takes. Characters of ambiguous width count
// as narrow whatever the locale, so that files do not depend on it.
func displayWidth(s string) int {
	return twwidth.WidthWithOptions(s, twwidth.Options{})
}

// lineWidth returns the width of the widest line of s.
func lineWidth(s string) int {
	widest := 0
	for l := range strings.SplitSeq(s, "\n") {
		widest = max(widest, displayWidth(l))
	}
	return widest
}

// fold breaks text into lines no wider than width: at blanks, and inside words that are wider than a
// line. Lines that fit stay as they are. There is at least one line.
func fold(text string, width int) []string {
	var lines []string
	for l := range strings.SplitSeq(text, "\n") {
		lines = append(lines, foldLine(l, width)...)
	}
	return lines
}

func foldLine(line string, width int) []string {
	if displayWidth(line) <= width {
		return []string{line}
	}
	var lines []string
	open := ""
	for word := range strings.FieldsSeq(line) {
		if open != "" && displayWidth(open)+1+displayWidth(word) <= width {
			open += " " + word
			continue
		}
		if open != "" {
			lines = append(lines, open)
		}
		open = word
		for displayWidth(open) > width {
			head := fitting(open, width)
			lines, open = append(lines, open[:head]), open[head:]
		}
	}
	if open != "" || len(lines) == 0 {
		lines = append(lines, open)
	}
	return lines
}

// fitting returns the length in bytes of the longest beginning of s that is no wider than width, and
// at least of its first character.
func fitting(s string, width int) int {
	fit := 0
	for end := range s {
		if fit > 0 && displayWidth(s[:end]) > width {
			return fit
		}
		fit = end
	}
	if fit > 0 && displayWidth(s) > width {
		return fit
	}
	return len(s)
}

// oneLine replaces line breaks and other control characters by blanks, so that text from elsewhere
// cannot break a table or drive the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// writeProse writes paragraphs, each folded to width and with further lines indented.
func writeProse(w io.Writer, width int, paragraphs ...string) error {
	const indent = "  "
	for _, p := range paragraphs {
		lines := []string{p}
		if displayWidth(p) > width {
			lines = fold(p, width-len(indent))
		}
		if _, err := io.WriteString(w, strings.Join(lines, "\n"+indent)+"\n"); err != nil {
			return err
		}
	}
	return nil
}
