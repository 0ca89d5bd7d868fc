package accel

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const docs = "../docs/accelerator.md"

// TestDocumentedKeys holds the table of docs/accelerator.md to the schema. DSE_UPDATE=1 rewrites it.
func TestDocumentedKeys(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- keys: begin -->\n", "<!-- keys: end -->"
	before, rest, ok1 := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s lacks the markers of the key table", docs)
	}
	var want strings.Builder
	want.WriteString("| key | value | default | meaning |\n|---|---|---|---|\n")
	for _, k := range Keys() {
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", k.Path, k.Form, k.Default, k.Meaning)
	}
	if table == want.String() {
		return
	}
	if os.Getenv("DSE_UPDATE") == "1" {
		if err := os.WriteFile(docs, []byte(before+begin+want.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: the key table differs from the schema; run the test with DSE_UPDATE=1 (-documented +schema):\n%s",
		docs, cmp.Diff(table, want.String()))
}

// TestDocumentedExample wants the example of the documentation to be a legal file that names
// every key worth naming.
func TestDocumentedExample(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatalf("%s has no example", docs)
	}
	a, err := Parse("example.yaml", block[1])
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Precision.For(DepthwiseOperator)) != 1 || len(a.Precision.For(ConvOperator)) != 3 {
		t.Errorf("modes of the example: %+v", a.Precision.Modes)
	}
	for _, k := range Keys() {
		_, last, _ := cutLast(k.Path)
		if !strings.Contains(string(block[1]), last+":") && k.Default == required {
			t.Errorf("the example does not show %s", k.Path)
		}
	}
}

// TestDocumentedPresets wants each preset in the documentation with its status.
func TestDocumentedPresets(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Presets() {
		a, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(name) + "` \\| .* \\| " + a.Status.String() + " \\|$")
		if !row.Match(text) {
			t.Errorf("%s has no row for preset %s with status %v", docs, name, a.Status)
		}
	}
}
