package reports

import (
	"slices"
	"strings"
)

// designColumn is a column of a table of designs.
type designColumn struct {
	column
	cell func(Design) string
}

// Groups of columns that belong together when a table is divided.
const (
	groupMemory = "memory"
	groupCost   = "cost"
	groupMaking = "making"
)

// designColumns returns the columns for the designs shown; the designs decide on the decimals, so
// that all rows of a column have the same. The first column holds name(d).
func designColumns(shown []Design, name func(Design) string) []designColumn {
	// figure makes a column of a figure.
	figure := func(head, group string, value func(Design) Value) designColumn {
		n := decimals(mapped(shown, value))
		return designColumn{column{head: head, right: true, group: group},
			func(d Design) string { return value(d).fixed(n) }}
	}
	// The parts of the memory have the decimals of the whole, so that they can be added up.
	size := func(head string, value func(Design) Value) designColumn {
		n := decimals(mapped(shown, func(d Design) Value { return d.MemoryKB }))
		return designColumn{column{head: head, right: true, group: groupMemory},
			func(d Design) string { return value(d).fixed(n) }}
	}
	bits := func(head string, value func(Design) Value) designColumn {
		return designColumn{column{head: head, right: true, group: groupMaking},
			func(d Design) string { return value(d).fixed(2) }}
	}
	split := commonSplit(shown)
	return []designColumn{
		{column{head: "design"}, name},
		{column{head: "accuracy\n%", right: true}, func(d Design) string { return accuracyText(d, split) }},
		size("memory\nkB", func(d Design) Value { return d.MemoryKB }),
		size("weights\nkB", func(d Design) Value { return d.WeightsKB }),
		size("act.\nkB", func(d Design) Value { return d.ActivationsKB }),
		size("meta\nkB", func(d Design) Value { return d.MetadataKB }),
		figure("latency\nms", groupCost, func(d Design) Value { return d.LatencyMS }),
		figure("energy\nuJ", groupCost, func(d Design) Value { return d.EnergyUJ }),
		bits("W\nbits", func(d Design) Value { return d.WeightBits }),
		bits("A\nbits", func(d Design) Value { return d.ActivationBits }),
		{column{head: "granularity", group: groupMaking}, func(d Design) string { return granularityText(d.Granularity) }},
		{column{head: "phases\nepochs", group: groupMaking}, phaseText},
	}
}

// accuracyDecimals shows hundredths of a percent: one image of a test set of 10,000.
const accuracyDecimals = 2

// heldOutMark follows accuracies of held-out images in a table of test accuracies.
const heldOutMark = "‡"

// accuracyText returns "88.31 ± 0.32", marked if it is not of the split that the others are of.
func accuracyText(d Design, common string) string {
	if !d.Accuracy.Known() {
		return dash
	}
	text := d.Accuracy.fixed(accuracyDecimals)
	if d.AccuracySE.Known() {
		text += " ± " + d.AccuracySE.fixed(accuracyDecimals)
	}
	if d.AccuracySplit != common {
		text += " " + heldOutMark
	}
	return text
}

// commonSplit returns the split that accuracies are taken to be of: "test" if any is.
func commonSplit(designs []Design) string {
	if slices.ContainsFunc(designs, func(d Design) bool { return d.Accuracy.Known() && d.AccuracySplit == "test" }) {
		return "test"
	}
	for _, d := range designs {
		if d.Accuracy.Known() {
			return d.AccuracySplit
		}
	}
	return ""
}

// phaseText returns the epochs of the phases: "0.20+0.30+0.20".
func phaseText(d Design) string {
	if len(d.Phases) == 0 {
		return dash
	}
	return strings.Join(mapped(d.Phases, func(p Phase) string { return p.Epochs.fixed(2) }), "+")
}
