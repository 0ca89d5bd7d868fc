package accel

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// branch is a part of an accelerator as text: a key with a value, or with branches below it.
type branch struct {
	key      string
	text     string // of a single value
	plain    bool   // text is YAML already
	optional bool   // not written where text is empty
	taken    bool   // not written at all
	implied  bool   // text is the default, so that a compact line can do without it
	below    []branch
	list     bool // below are elements
	compact  bool // elements are written on one line each where their sources agree
}

// Format writes an accelerator as a file in canonical form: every key with its value, in the
// order of the schema, each with its source as a comment. Derived values are left out, and so are, in the
// one-line elements of precision.modes, defaults that nobody gave a source for. Parse reads it back to
// an equal value, provided that a came from Parse or would pass its checks.
func Format(a *Accelerator) []byte {
	var b bytes.Buffer
	for _, part := range stated(a) {
		writeBranch(&b, part, "", "", a.Sources)
	}
	return b.Bytes()
}

// stated returns the accelerator as text, with what is derived taken out.
func stated(a *Accelerator) []branch {
	tree := schema.tree(a)
	for path := range a.Derived {
		if part := find(tree, "", path); part != nil {
			part.taken = true
		}
	}
	return tree
}

// writeBranch writes one key and what is below it. The first line begins with lead, the following
// lines with as many spaces.
func writeBranch(b *bytes.Buffer, part branch, lead, owner string, sources map[string]string) {
	path := join(owner, part.key)
	switch {
	case part.taken:
	case part.list:
		fmt.Fprintf(b, "%s%s:\n", lead, part.key)
		indent := strings.Repeat(" ", len(lead)+2)
		for i, element := range part.below {
			at := fmt.Sprintf("%s[%d]", path, i)
			if source, ok := sharedSource(element, at, sources); ok && part.compact {
				fmt.Fprintf(b, "%s- {%s}%s\n", indent, flow(element, at, sources), comment(source))
				continue
			}
			writeElement(b, element, indent, at, sources)
		}
	case part.below != nil:
		fmt.Fprintf(b, "%s%s:\n", lead, part.key)
		for _, inner := range part.below {
			writeBranch(b, inner, strings.Repeat(" ", len(lead)+2), path, sources)
		}
	case part.text != "" || !part.optional:
		fmt.Fprintf(b, "%s%s: %s%s\n", lead, part.key, part.scalar(), comment(sources[path]))
	}
}

// writeElement writes one list element in block form.
func writeElement(b *bytes.Buffer, element branch, indent, path string, sources map[string]string) {
	lead := indent + "- "
	for _, inner := range element.below {
		writeBranch(b, inner, lead, path, sources)
		lead = indent + "  "
	}
}

// sharedSource returns the source of all keys of an element, if they share it. Keys that a compact
// line leaves out do not count.
func sharedSource(element branch, path string, sources map[string]string) (string, bool) {
	shared, first := "", true
	for _, inner := range element.below {
		source := sources[join(path, inner.key)]
		if inner.taken || inner.implied && source == "" {
			continue
		}
		if !first && source != shared {
			return "", false
		}
		shared, first = source, false
	}
	return shared, true
}

// flow writes the keys of an element on one line, without defaults that nobody gave a source for.
func flow(element branch, path string, sources map[string]string) string {
	var parts []string
	for _, inner := range element.below {
		if !inner.taken && (!inner.implied || sources[join(path, inner.key)] != "") {
			parts = append(parts, inner.key+": "+inner.scalar())
		}
	}
	return strings.Join(parts, ", ")
}

func comment(source string) string {
	if source == "" {
		return ""
	}
	return " # " + source
}

// plainText is text that YAML reads as it stands, in blocks and in flow collections.
var plainText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _./+()-]*$`)

// scalar writes the value so that YAML reads the same text.
func (p branch) scalar() string {
	if p.plain || plainText.MatchString(p.text) && !strings.EqualFold(p.text, "null") {
		return p.text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.text) + `"`
}

// Row is one line of a summary for people.
type Row struct{ Key, Value, Source string }

// Rows returns every key of the accelerator with its value and where the value is from, in the
// order of the file: a default for which the file gives no source is from "default", and a value that follows
// from others says so. Texts that are empty are left out.
func Rows(a *Accelerator) []Row {
	var rows []Row
	for _, part := range schema.tree(a) {
		rows = appendRows(rows, part, part.key, a.Sources)
	}
	for i := range rows {
		if how, ok := a.Derived[rows[i].Key]; ok {
			rows[i].Source = "derived: " + how
		}
	}
	return rows
}

func appendRows(rows []Row, part branch, path string, sources map[string]string) []Row {
	switch {
	case part.list:
		for i, element := range part.below {
			rows = appendRows(rows, element, fmt.Sprintf("%s[%d]", path, i), sources)
		}
	case part.below != nil:
		for _, inner := range part.below {
			rows = appendRows(rows, inner, join(path, inner.key), sources)
		}
	case part.text != "" || !part.optional:
		source := sources[path]
		if source == "" && part.implied {
			source = "default"
		}
		rows = append(rows, Row{path, part.text, source})
	}
	return rows
}
