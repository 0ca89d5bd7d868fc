package reports

import (
	"strings"
	"testing"
)

func TestGranularityText(t *testing.T) {
	for _, c := range []struct{ name, stages, want string }{
		{"none", "", "–"},
		{"one for all", "tensor tensor tensor", "t"},
		{"runs", "tensor tensor tensor channel channel", "t*3 c*2"},
		{"run of one", "tensor column-tile column-tile", "t k*2"},
		{"too many runs", "tensor channel channel tensor tensor channel channel tensor tensor channel", "mixed (5t 5c)"},
		{"counts from coarse to fine", "channel channel tensor tensor column-tile column-tile channel channel tensor", "mixed (3t 2k 4c)"},
		{"unknown name", "tensor kernel kernel", "t kernel*2"},
	} {
		if got := granularityText(strings.Fields(c.stages)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestGranularityLegend(t *testing.T) {
	designs := []Design{{Granularity: []string{"channel", "kernel"}}, {Granularity: []string{"tensor"}}, {}}
	if got, want := granularityLegend(designs), "t tensor, c channel"; got != want {
		t.Errorf("legend %q, want %q", got, want)
	}
	if got := granularityLegend(nil); got != "" {
		t.Errorf("legend of nothing: %q", got)
	}
}
