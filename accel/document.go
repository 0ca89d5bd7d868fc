package accel

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxText bounds the size of an accelerator file in bytes. A real one has a few kB; the bound
// keeps a wrong path, such as a disk image, from being parsed.
const maxText = 256 << 10

// maxDepth bounds the nesting of flow collections, and maxIndicators the block collections that
// one line can open, as the YAML parser follows both by recursion. The schema nests four deep.
const (
	maxDepth      = 32
	maxIndicators = 1024
)

// document is a file as YAML, before anyone asks what it means.
type document struct {
	file     string
	lines    []string
	comments map[int]string // line -> words of the comment that follows content on that line
	body     ast.Node       // nil where findings say why
	findings Findings
}

// parseDocument reads the YAML of a file. It reports what keeps the text from being one YAML
// document: encoding, tabs, syntax, several documents, no content.
func parseDocument(file string, text []byte) *document {
	d := &document{file: file, comments: map[int]string{}}
	source := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	source = strings.ReplaceAll(source, "\r", "\n")
	d.lines = strings.Split(source, "\n")
	if len(text) > maxText {
		d.report(place{1, 1, 1}, problem{fmt.Sprintf("the file has %d bytes, more than an accelerator file can need", len(text)),
			fmt.Sprintf("give a YAML file of at most %d bytes", maxText)})
		return d
	}
	if !d.checkEncoding(source) || !d.checkTabs() || !d.checkDepth() {
		return d
	}
	tokens := lexer.Tokenize(source)
	d.collectComments(tokens)
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.reportSyntax(err)
		return d
	}
	d.takeBody(parsed)
	return d
}

// checkEncoding reports the first byte that is not UTF-8 text. NUL bytes are legal UTF-8, yet
// only binary files and UTF-16 have them.
func (d *document) checkEncoding(source string) bool {
	if utf8.ValidString(source) && !strings.Contains(source, "\x00") {
		return true
	}
	for i, line := range d.lines {
		column := 1
		for len(line) > 0 {
			r, size := utf8.DecodeRuneInString(line)
			if r == utf8.RuneError && size == 1 || r == 0 {
				d.report(place{i + 1, column, 1}, problem{fmt.Sprintf("byte 0x%02x is not UTF-8 text", line[0]),
					"save the file as UTF-8"})
				return false
			}
			line, column = line[size:], column+1
		}
	}
	return true
}

// checkTabs reports every line that is indented with a tab, which YAML forbids.
func (d *document) checkTabs() bool {
	for i, line := range d.lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && len(indent) < len(line) {
			d.report(place{i + 1, at + 1, 1}, problem{"a tab indents this line", "YAML is indented with spaces"})
		}
	}
	return len(d.findings) == 0
}

// checkDepth reports nesting that no accelerator file has. It counts every opening bracket, in
// text and comments too: what is refused is far beyond any of those.
func (d *document) checkDepth() bool {
	depth := 0
	for i, line := range d.lines {
		indicators := 0
		for j, r := range line {
			switch r {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			case '-', '?', ':':
				indicators++
			}
			if depth > maxDepth || indicators > maxIndicators {
				d.report(place{i + 1, utf8.RuneCountInString(line[:j]) + 1, 1}, problem{"the file nests too deeply",
					fmt.Sprintf("an accelerator file needs at most %d levels", maxDepth)})
				return false
			}
		}
	}
	return true
}

// collectComments keeps the words of each comment that stands behind content on its line.
func (d *document) collectComments(tokens token.Tokens) {
	content := map[int]bool{}
	for _, t := range tokens {
		if t.Type != token.CommentType {
			content[t.Position.Line] = true
			continue
		}
		if words := strings.TrimSpace(strings.TrimLeft(t.Value, "#")); words != "" && content[t.Position.Line] {
			d.comments[t.Position.Line] = words
		}
	}
}

// reportSyntax turns the parser's error into a finding.
func (d *document) reportSyntax(err error) {
	at := place{1, 1, 1}
	message := err.Error()
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		message = syntax.GetMessage()
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			at = placeOf(t)
		}
	}
	d.report(at, problem{"not YAML here: " + message, "see docs/accelerator.md for a complete example"})
}

// takeBody keeps the one document of the file.
func (d *document) takeBody(parsed *ast.File) {
	for _, doc := range parsed.Docs {
		switch {
		case doc.Body == nil:
		case d.body == nil:
			d.body = doc.Body
		default:
			d.report(firstPlace(doc.Body, place{1, 1, 1}), problem{"a second YAML document begins here",
				"one file describes one accelerator: write the second into a file of its own"})
			return
		}
	}
	if d.body == nil {
		d.report(place{1, 1, 1}, problem{"the file is empty", "start from the text of a preset: " + orList(Presets(), "")})
	}
}

// report adds a finding with the line it is about.
func (d *document) report(at place, p problem) {
	f := Finding{File: d.file, Line: at.line, Column: at.column, Width: at.width, Message: p.message, Way: p.way}
	if 1 <= at.line && at.line <= len(d.lines) {
		f.Excerpt = strings.ToValidUTF8(d.lines[at.line-1], "\ufffd")
	}
	d.findings = append(d.findings, f)
}

// placeOf returns where a token stands and how wide it is.
func placeOf(t *token.Token) place {
	written := strings.TrimSpace(t.Origin)
	if end := strings.IndexByte(written, '\n'); end >= 0 {
		written = written[:end]
	}
	return place{max(1, t.Position.Line), max(1, t.Position.Column), max(1, utf8.RuneCountInString(written))}
}
