package reports

import (
	"slices"
	"strings"
)

// axes are the objectives that designs can be compared by. Each is a cost: less is better.
var axes = []struct {
	name string
	cost func(Design) Value
}{
	{"memory", func(d Design) Value { return d.MemoryKB }},
	{"accuracy", func(d Design) Value { return -d.Accuracy }},
	{"latency", func(d Design) Value { return d.LatencyMS }},
	{"energy", func(d Design) Value { return d.EnergyUJ }},
}

// comparison is what dominance is judged by: a list of costs and their names.
type comparison struct {
	names []string
	costs []func(Design) Value
}

// compareBy returns the comparison by the objectives given. "error" counts as accuracy, and a unit
// behind the name ("latency_ms") is ignored. Names that no column shows are left out; if none is
// left, the comparison is by memory and accuracy.
func compareBy(objectives []string) comparison {
	var c comparison
	for _, a := range axes {
		for _, o := range objectives {
			name, _, _ := strings.Cut(strings.ToLower(o), "_")
			if name == "error" {
				name = "accuracy"
			}
			if name == a.name {
				c.names, c.costs = append(c.names, a.name), append(c.costs, a.cost)
				break
			}
		}
	}
	if len(c.costs) == 0 {
		return compareBy([]string{"memory", "accuracy"})
	}
	return c
}

// dominates reports whether a is no worse than b in every cost and better in one. Unknown costs
// compare with nothing, so a design that has one neither dominates nor is dominated. Nor do accuracies
// on different images compare.
func (c comparison) dominates(a, b Design) bool {
	if a.AccuracySplit != b.AccuracySplit && slices.Contains(c.names, "accuracy") {
		return false
	}
	better := false
	for _, cost := range c.costs {
		x, y := cost(a), cost(b)
		if !x.Known() || !y.Known() || x > y {
			return false
		}
		better = better || x < y
	}
	return better
}

// dominated reports whether a design of the front dominates d.
func (c comparison) dominated(d Design, front []Design) bool {
	for _, f := range front {
		if c.dominates(f, d) {
			return true
		}
	}
	return false
}
