package reports

import (
	"errors"
	"strings"
	"testing"
)

func TestWriteSheet(t *testing.T) {
	s := Sheet{
		Heading: []string{"what it is"},
		Columns: []Heading{{"name", true}, {"first\nfigure", false}, {"of", true}},
		Rows:    [][]string{{"a", "1.5", "x"}, {"longer\nname", "10.25"}},
		Notes:   []string{"a note"},
	}
	var out strings.Builder
	if err := WriteSheet(&out, s, Options{Width: 60}); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{"what it is\n\n", "\na               1.5  x\n", "\nlonger name   10.25\n", "\n\na note\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	full := errors.New("disk full")
	if err := WriteSheet(&failing{full}, s, Options{}); !errors.Is(err, full) {
		t.Errorf("error %v, want that of the writer", err)
	}
}
