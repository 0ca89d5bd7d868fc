package sim

import (
	"fmt"
	"math"

	"dse/accel"
	"dse/models"
)

// modeChoice says in which mode the array multiplies each pair of whole widths.
type modeChoice struct {
	modes                    []accel.Mode
	maxWeight, maxActivation int
	index                    []int // by (weight-1)*maxActivation + activation-1
	// narrower gives, for each weight width, the widest width below it at which some mode becomes
	// available; 0 where there is none. Widths in between gain nothing by themselves.
	narrower []int
}

// newModeChoice picks for each pair of widths, among the modes at least as wide in both operands,
// the one with the highest throughput, then the lowest energy, then the first. In the tables that
// accel accepts a narrower mode is never slower or dearer, so that the pick can only improve when
// a width shrinks.
func newModeChoice(modes []accel.Mode) modeChoice {
	c := modeChoice{modes: modes}
	for _, m := range modes {
		c.maxWeight, c.maxActivation = max(c.maxWeight, m.Weight), max(c.maxActivation, m.Activation)
	}
	c.index = make([]int, c.maxWeight*c.maxActivation)
	for w := 1; w <= c.maxWeight; w++ {
		for a := 1; a <= c.maxActivation; a++ {
			c.index[(w-1)*c.maxActivation+a-1] = pick(modes, w, a)
		}
	}
	c.narrower = make([]int, c.maxWeight+1)
	for w := range c.narrower {
		for _, m := range modes {
			if m.Weight < w {
				c.narrower[w] = max(c.narrower[w], m.Weight)
			}
		}
	}
	return c
}

// pick returns the index of the mode for a pair of whole widths, or -1.
func pick(modes []accel.Mode, weight, activation int) int {
	best := -1
	for i, m := range modes {
		if m.Weight < weight || m.Activation < activation {
			continue
		}
		if best >= 0 {
			b := modes[best]
			if m.Throughput < b.Throughput || m.Throughput == b.Throughput && m.Energy >= b.Energy {
				continue
			}
		}
		best = i
	}
	return best
}

// at returns the mode of a pair of whole widths.
func (c *modeChoice) at(weight, activation int) (accel.Mode, bool) {
	i := c.index[(weight-1)*c.maxActivation+activation-1]
	if i < 0 {
		return accel.Mode{}, false
	}
	return c.modes[i], true
}

// check returns an error unless some mode covers the widths.
func (c *modeChoice) check(layer *models.Layer, weight, activation float64) error {
	w, a := int(math.Ceil(weight)), int(math.Ceil(activation))
	if w <= c.maxWeight && a <= c.maxActivation {
		if _, ok := c.at(w, a); ok {
			return nil
		}
	}
	return fmt.Errorf("layer %s: no mode of the array multiplies %d-bit weights by %d-bit activations (the widest are %d and %d bit); narrow the layer or add a mode",
		layer.Name, w, a, c.maxWeight, c.maxActivation)
}

// operatorOf returns the kind under which a weighted layer's modes are listed.
func operatorOf(l *models.Layer) accel.OperatorKind {
	switch {
	case l.Depthwise():
		return accel.DepthwiseOperator
	case l.Kind == models.Conv && l.Groups == 1 && l.Kernel == (models.Window{H: 1, W: 1}):
		return accel.PointwiseOperator
	case l.Kind == models.Conv || l.Kind == models.Deconv:
		return accel.ConvOperator
	}
	return accel.DenseOperator
}

// cell is a pair of widths between the whole widths around it.
type cell struct {
	w0, w1, a0, a1 int // 0-based indices of whole widths
	fw, fa         float64
	wLeft, aLeft   int // index of the whole width at the upper end of the segment to the left
}

func newCell(w, a float64) cell {
	w0, w1, fw := bracket(w)
	a0, a1, fa := bracket(a)
	return cell{w0, w1, a0, a1, fw, fa, int(math.Ceil(w)) - 1, int(math.Ceil(a)) - 1}
}

// bracket returns the indices of the whole widths around x >= 1 and the distance from the lower.
func bracket(x float64) (lo, hi int, f float64) {
	lo = int(math.Floor(x)) - 1
	hi = int(math.Ceil(x)) - 1
	return lo, hi, x - math.Floor(x)
}

// grid is a quantity known at whole widths of weight and activation.
type grid struct {
	activations int
	value       []float64
	// slopeW and slopeA are the slopes of the lower convex envelope along weight and activation
	// width, on the segment that ends at the entry; 0 at width 1.
	slopeW, slopeA []float64
}

// newGrid tabulates f over the pairs of c that have a mode.
func newGrid(c *modeChoice, f func(accel.Mode) float64) grid {
	n := c.maxWeight * c.maxActivation
	g := grid{c.maxActivation, make([]float64, n), make([]float64, n), make([]float64, n)}
	for i, m := range c.index {
		g.value[i] = math.Inf(1)
		if m >= 0 {
			g.value[i] = f(c.modes[m])
		}
	}
	line := make([]float64, max(c.maxWeight, c.maxActivation))
	for a := range c.maxActivation {
		for w := range c.maxWeight {
			line[w] = g.value[w*g.activations+a]
		}
		for w, s := range envelopeSlopes(line[:c.maxWeight]) {
			g.slopeW[w*g.activations+a] = s
		}
	}
	for w := range c.maxWeight {
		copy(g.slopeA[w*g.activations:], envelopeSlopes(g.value[w*g.activations:(w+1)*g.activations]))
	}
	return g
}

// at interpolates bilinearly; at whole widths it returns the entry itself.
func (g *grid) at(c *cell) float64 {
	lo := lerp(g.value[c.w0*g.activations+c.a0], g.value[c.w1*g.activations+c.a0], c.fw)
	if c.fa == 0 {
		return lo
	}
	hi := lerp(g.value[c.w0*g.activations+c.a1], g.value[c.w1*g.activations+c.a1], c.fw)
	return lerp(lo, hi, c.fa)
}

// alongWeight returns the slope of the envelope along the weight width, to the left.
func (g *grid) alongWeight(c *cell) float64 {
	return lerp(g.slopeW[c.wLeft*g.activations+c.a0], g.slopeW[c.wLeft*g.activations+c.a1], c.fa)
}

// alongActivation returns the slope of the envelope along the activation width, to the left.
func (g *grid) alongActivation(c *cell) float64 {
	return lerp(g.slopeA[c.w0*g.activations+c.aLeft], g.slopeA[c.w1*g.activations+c.aLeft], c.fw)
}

func lerp(a, b, f float64) float64 {
	if f == 0 {
		return a
	}
	return a + f*(b-a)
}

// envelopeSlopes returns, for points (1, v[0]), (2, v[1]), ..., the slopes of their lower convex
// envelope: entry k is the slope between k and k+1 of 1-based widths, entry 0 is 0. Infinite values
// may stand only at the end and have slope 0.
//
// A mode that changes between 8 and 4 bits makes a staircase, flat from 8 down to 5. Its own slope
// would tell a learner that a bit less is worth nothing; the envelope's slope is a quarter of what
// reaching 4 bits saves.
func envelopeSlopes(v []float64) []float64 {
	slopes := make([]float64, len(v))
	var hull []int
	for i, y := range v {
		if math.IsInf(y, 1) {
			break
		}
		for len(hull) >= 2 {
			a, b := hull[len(hull)-2], hull[len(hull)-1]
			if (v[b]-v[a])*float64(i-a) < (y-v[a])*float64(b-a) {
				break
			}
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, i)
	}
	for i := 1; i < len(hull); i++ {
		a, b := hull[i-1], hull[i]
		for k := a + 1; k <= b; k++ {
			slopes[k] = (v[b] - v[a]) / float64(b-a)
		}
	}
	return slopes
}
