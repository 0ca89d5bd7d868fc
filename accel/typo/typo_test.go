package typo

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"rows", "cols", "dataflow", "weight_double_buffered"}
	for _, c := range []struct{ word, want string }{
		{"row", "rows"}, {"rwos", "rows"}, {"Rows", "rows"}, {"data-flow", "dataflow"},
		{"weight_doublebuffered", "weight_double_buffered"}, {"colour", ""}, {"x", ""}, {"", ""}, {"zebra", ""},
	} {
		if got := Nearest(c.word, words); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}
