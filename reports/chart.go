package reports

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
)

// chart is what the drawing of a study shows, in data coordinates: memory in kB to the right,
// accuracy in percent upwards.
type chart struct {
	front     []mark
	baselines []mark
	trials    []mark
	// levels are baselines too large for the axis, shown as a line at their accuracy.
	levels []mark
	// sunken are baselines too inaccurate for the axis, shown at its lower edge.
	sunken []mark
	// stairs is the best accuracy of the front within each memory.
	stairs plotter.XYs
	// The axes: memory from 0 to right, accuracy from bottom to top.
	right, bottom, top float64
}

// mark is a point with a name and the standard error of y.
type mark struct {
	x, y, se float64
	name     string
}

const (
	// farMemory is how many times as large as the front's largest design a baseline may be to be
	// drawn as a point. The float network usually is not and would squeeze all else to the left.
	farMemory = 2
	// deepAccuracy is how many times the front's range of accuracies the axis reaches down.
	deepAccuracy = 3
	// leastRange in percent keeps the axis readable when all designs are equally accurate.
	leastRange = 2
	// margin is the part of an axis left free beyond the outermost point.
	margin = 0.08
)

// newChart decides what is shown where. Designs of unknown memory or accuracy are left out.
func newChart(r Results) chart {
	c := chart{front: marks(byMemory(r.Front)), trials: marks(r.otherTrials())}
	baselines := marks(r.Baselines)

	for _, m := range c.front {
		c.right = math.Max(c.right, m.x)
	}
	far := farMemory * c.right
	if len(c.front) == 0 {
		far = math.Inf(1)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range c.front {
		low, high = math.Min(low, m.y), math.Max(high, m.y)
	}
	for _, m := range baselines {
		high = math.Max(high, m.y)
		if len(c.front) == 0 {
			low = math.Min(low, m.y)
		}
	}
	if low > high { // nothing to show
		c.right, c.bottom, c.top = 1, 0, 100
		c.trials = nil
		return c
	}
	reach := math.Max(high-low, leastRange)
	floor := high - deepAccuracy*reach
	bottom := low
	for _, m := range baselines {
		switch {
		case m.x > far:
			c.levels = append(c.levels, m)
		case m.y < floor:
			c.sunken = append(c.sunken, m)
			c.right, bottom = math.Max(c.right, m.x), math.Min(bottom, floor)
		default:
			c.baselines = append(c.baselines, m)
			c.right, bottom = math.Max(c.right, m.x), math.Min(bottom, m.y)
		}
	}
	space := margin * math.Max(high-bottom, leastRange)
	c.right *= 1 + margin
	c.bottom, c.top = math.Max(0, bottom-space), math.Min(100, high+space)
	c.stairs = stairs(c.front, c.right)
	return c
}

// marks returns the designs that can be drawn.
func marks(designs []Design) []mark {
	var out []mark
	for _, d := range designs {
		if !d.MemoryKB.Known() || !d.Accuracy.Known() {
			continue
		}
		m := mark{x: float64(d.MemoryKB), y: float64(d.Accuracy), name: oneLine(d.Name)}
		if d.AccuracySE.Known() {
			m.se = float64(d.AccuracySE)
		}
		out = append(out, m)
	}
	return out
}

// stairs returns the corners of the best accuracy that the front, sorted by memory, reaches within
// each memory, up to the right edge of the chart.
func stairs(front []mark, right float64) plotter.XYs {
	var line plotter.XYs
	best := math.Inf(-1)
	for _, m := range front {
		if m.y <= best {
			continue
		}
		if len(line) > 0 {
			line = append(line, plotter.XY{X: m.x, Y: best})
		}
		line = append(line, plotter.XY{X: m.x, Y: m.y})
		best = m.y
	}
	if len(line) > 0 {
		line = append(line, plotter.XY{X: right, Y: best})
	}
	return line
}

// empty reports whether there is neither a front nor a baseline.
func (c chart) empty() bool {
	return len(c.front)+len(c.baselines)+len(c.levels)+len(c.sunken) == 0
}

// inside returns the marks that lie within the axes.
func (c chart) inside(ms []mark) []mark {
	var out []mark
	for _, m := range ms {
		if m.x <= c.right && m.y >= c.bottom && m.y <= c.top {
			out = append(out, m)
		}
	}
	return out
}

// levelText names a baseline beside its line.
func levelText(m mark) string { return fmt.Sprintf("%s: %.2f %%, %.0f kB", m.name, m.y, m.x) }

// sunkenText names a baseline at the lower edge.
func sunkenText(m mark) string { return fmt.Sprintf("%s: %.1f %%", m.name, m.y) }
