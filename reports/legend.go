package reports

import (
	"fmt"
	"slices"
	"strings"
)

// chip returns the accelerator with the word that says how far its figures can be trusted.
func chip(r Results) string {
	name := oneLine(r.Accelerator)
	if name == "" {
		name = "accelerator"
	}
	if r.AcceleratorStatus != "" {
		name += " (" + r.AcceleratorStatus + ")"
	}
	return name
}

// heading returns the lines above a table: what was studied, where, on which data.
func heading(r Results) []string {
	what := "Pareto front of " + oneLine(r.Network) + " on " + chip(r)
	if r.Data != "" {
		what += ", data " + oneLine(r.Data)
	}
	lines := []string{what + "."}
	if !r.Complete {
		lines = append(lines, "The study is not complete; this is the table so far."+again(r, " To go on: "))
	}
	if len(r.Front) == 0 {
		reason := "No design has been trained yet."
		if tried := len(r.designTrials()); tried > 0 {
			reason = fmt.Sprintf("None of the %d designs tried meets the limits.", tried)
			if len(r.Limits) == 0 {
				reason = fmt.Sprintf("None of the %d designs could be trained.", tried)
			}
		}
		lines = append(lines, "The front is empty. "+reason)
	}
	return lines
}

func again(r Results, lead string) string {
	if r.Command == "" {
		return ""
	}
	return lead + oneLine(r.Command)
}

// designTrials returns the trials that are not baselines.
func (r Results) designTrials() []Design {
	return slices.DeleteFunc(slices.Clone(r.Trials), func(d Design) bool {
		return slices.ContainsFunc(r.Baselines, func(b Design) bool { return b.ID == d.ID })
	})
}

// legend returns the lines below a table: what marks and figures mean, limits and failures.
func legend(r Results) []string {
	shown := slices.Concat(r.Front, r.Baselines)
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	compare := compareBy(r.Objectives)
	if slices.ContainsFunc(shown, func(d Design) bool { return compare.dominated(d, r.Front) }) {
		add("%s dominated in %s by a design of the front, going by these figures.", dominatedMark, and(compare.names))
	}
	if len(shown) > 0 {
		lines = append(lines, accuracyLegend(shown)...)
		add("Memory: weights + true peak of live activations + metadata (normalisation, biases, scales, widths); 1 kB = 8000 bits.")
		add("Latency, energy: one image on %s. W, A: average bits of weights, activations.", chip(r))
		lines = append(lines, makingLegend(r, shown)...)
	}
	if len(r.Limits) > 0 {
		add("Limits: %s.", strings.Join(mapped(r.Limits, oneLine), ", "))
	}
	return append(lines, failures(r)...)
}

// accuracyLegend says which images the accuracies are of and what stands behind the ±.
func accuracyLegend(shown []Design) []string {
	split := commonSplit(shown)
	line := "Accuracy: % of the " + split + " images ± one standard error of that sample (not the spread between training runs)"
	if split == "test" {
		line += "; the study chose by held-out training images"
	}
	lines := []string{line + "."}
	if slices.ContainsFunc(shown, func(d Design) bool { return d.Accuracy.Known() && d.AccuracySplit != split }) {
		lines = append(lines, heldOutMark+" accuracy on held-out training images, the test images not yet read.")
	}
	return lines
}

// makingLegend explains the columns granularity and phases, as far as there is something in them.
func makingLegend(r Results, shown []Design) []string {
	var lines []string
	if letters := granularityLegend(shown); letters != "" {
		line := "Granularity of weight bits by stage"
		if len(r.Stages) > 0 {
			line += " (" + strings.Join(r.Stages, ", ") + ")"
		}
		lines = append(lines, line+": "+letters+"; t*3: three stages in a row.")
	}
	var longest []Phase
	for _, d := range shown {
		if len(d.Phases) > len(longest) {
			longest = d.Phases
		}
	}
	if len(longest) > 1 {
		lines = append(lines, "Phases: epochs of "+strings.Join(mapped(longest, func(p Phase) string { return p.Name }), " + ")+".")
	}
	return lines
}

// mostFailures is how many failed trials are named.
const mostFailures = 3

// failures says how many trials failed, and why.
func failures(r Results) []string {
	var failed []Design
	for _, d := range r.Trials {
		if d.Failed {
			failed = append(failed, d)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %d trials failed", len(failed), len(r.Trials))
	for i, d := range failed {
		if i == mostFailures {
			text += fmt.Sprintf("; %d more", len(failed)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		text += sep + oneLine(d.Name) + ": " + oneLine(d.Reason)
	}
	return []string{text + "."}
}

// and joins names as a sentence does: "memory, accuracy and latency".
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
