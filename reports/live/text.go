package live

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// chip returns the accelerator with the word that says how far its figures can be trusted.
func (i Info) chip() string {
	if i.AcceleratorStatus == "" {
		return oneLine(i.Accelerator)
	}
	return oneLine(i.Accelerator + " (" + i.AcceleratorStatus + ")")
}

// headline says in one line what runs: "mobilenetv2-micro on edge-npu (estimated), data ...".
func (i Info) headline() string {
	text := oneLine(i.Network) + " on " + i.chip()
	for _, part := range [][2]string{{"data ", i.Data}, {"study in ", i.Study}, {"", i.Plan}} {
		if part[1] != "" {
			text += ", " + part[0] + oneLine(part[1])
		}
	}
	return text
}

// where returns the place of a trial: "mixed 2/3, epoch 0.13 of 0.30".
func (s Step) where() string {
	text := oneLine(s.Phase)
	if s.Phases > 1 {
		text += fmt.Sprintf(" %d/%d", s.PhaseIndex+1, s.Phases)
	}
	return text + fmt.Sprintf(", epoch %.2f of %.2f", s.Epoch, s.Epochs)
}

// doneLine says how a trial ended.
func doneLine(name, summary string, failed bool) string {
	if failed {
		return oneLine(name) + " failed: " + oneLine(summary)
	}
	return oneLine(name) + ": " + oneLine(summary)
}

// bestText lists the front from the most accurate design to the smallest. If that is wider than
// width, designs are left out evenly between the two ends, and counted.
func bestText(front []Point, width int) string {
	points := slices.Clone(front)
	slices.SortFunc(points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(b.Accuracy, a.Accuracy), cmp.Compare(a.MemoryKB, b.MemoryKB))
	})
	for n := len(points); n > 0; n-- {
		parts := make([]string, n)
		for i := range parts {
			at := 0
			if n > 1 {
				at = i * (len(points) - 1) / (n - 1)
			}
			parts[i] = fmt.Sprintf("%.1f %% @ %.1f kB", points[at].Accuracy, points[at].MemoryKB)
		}
		text := strings.Join(parts, " · ")
		if n < len(points) {
			text += fmt.Sprintf(" (+%d more)", len(points)-n)
		}
		if n == 1 || displayWidth(text) <= width {
			return text
		}
	}
	return "none yet"
}

// leftText returns the time that is left, or says that nobody knows.
func leftText(left time.Duration, known bool) string {
	if !known || left < 0 {
		return "time left unknown"
	}
	return clockText(left) + " left"
}

// clockText returns d as 7:29 or 1:02:03.
func clockText(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// percent returns a fraction as "54 %", rounded down so that 100 % means done.
func percent(fraction float64) string {
	return fmt.Sprintf("%d %%", int(math.Floor(clamp(fraction)*100)))
}

// clamp returns the fraction within 0 to 1, and 0 for what is no number.
func clamp(fraction float64) float64 {
	if !(fraction > 0) {
		return 0
	}
	return math.Min(fraction, 1)
}

// displayWidth returns the columns of the terminal that s takes.
func displayWidth(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

// clip cuts s to width columns, with … at the cut.
func clip(s string, width int) string {
	if displayWidth(s) <= width {
		return s
	}
	end := 0
	for i := range s {
		if displayWidth(s[:i]) > width-1 {
			break
		}
		end = i
	}
	if width < 1 {
		return ""
	}
	return s[:end] + "…"
}

// pad fills s with blanks to width columns.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-displayWidth(s)))
}

// oneLine replaces control characters by blanks, so that text from elsewhere cannot move the cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
