package sim

import (
	"math"

	"dse/accel"
	"dse/models"
)

// gradient adds the price of each width to grad: what one bit less is worth, seen from the given
// widths. It is not the derivative of Price, which at a whole width has two and between the widths
// of two modes has none that could teach anything. Each width acts in two ways, and the sum of both
// is added.
//
// Through stored bits, which move traffic, space and residency: the price of a tensor's bits is the
// difference between the cost now and the cost with one bit per element less, with modes as they are.
// Everything that follows from it is in the difference, also what happens to other layers because
// the memory's plan changes. Slices share the difference by their elements. Packing in powers of two
// counts as if it were exact: its staircase has the diagonal as its lower convex envelope.
//
// Through the mode of multiplication: array cycles, accumulator accesses and MAC energy are
// functions of the width of each column tile and of the input, known at whole widths. Their price is
// the slope, to the left, of the lower convex envelope of these points (see envelopeSlopes). Cycles
// of the array count only as far as they shorten the step: if DRAM is what the step waits for, a
// faster mode is worth nothing, and the price says so. The slices of a column tile that are wider than
// the next narrower mode share its slope equally: all of them must shrink for the tile to reach it.
func (c *Cost) gradient(st *state, p, grad *models.Precision) {
	s := c.simulator
	c.modeGradient(st, p, grad)
	base := s.baseline(c, st)
	other := s.scratch.Get().(*state)
	defer s.scratch.Put(other)
	for i := range s.network.Weights {
		k := s.stepOf[i]
		copy(other.widths, st.widths)
		copy(other.size, st.size)
		other.widths[k].weight -= s.steps[k].growth
		gain := c.gain(st, other, base)
		site := s.network.Weights[i]
		w := &grad.Weights[i]
		for j := range w.Widths {
			w.Widths[j] += models.Width(gain * float64(site.SliceElements(w.Group, j)) / float64(site.Elements()))
		}
	}
	for i, site := range s.network.Activations {
		copy(other.widths, st.widths)
		copy(other.size, st.size)
		spread := s.spread[site.Layer]
		other.size[site.Layer] -= float64(site.Elements) * spread
		for k := range s.steps {
			s.steps[k].narrow(site.Layer, spread, &other.widths[k])
		}
		grad.Activations[i] += models.Width(c.gain(st, other, base))
	}
}

// narrow takes one bit per element, as stored, from the tensor of a layer.
func (k *step) narrow(layer int, bit float64, w *widths) {
	for _, q := range k.in {
		if q.layer == layer {
			w.in -= q.share * bit
		}
	}
	if k.out == layer {
		w.out -= bit
	}
	for _, q := range k.residual {
		if q.layer == layer {
			w.residual -= q.share * bit
		}
	}
}

// baseline returns the price of each step of st, in scratch of st.
func (s *Simulator) baseline(c *Cost, st *state) []float64 {
	for i := range s.steps {
		s.price(st, i)
		st.prices[i] = c.ofStep(&st.out)
	}
	return st.prices
}

// ofStep extracts the quantity of one step.
func (c *Cost) ofStep(o *outcome) float64 {
	return c.of(&totals{o.time, o.energy})
}

// gain returns how much the network with the widths of other, and the modes of st, costs less than st.
func (c *Cost) gain(st, other *state, base []float64) float64 {
	s := c.simulator
	if s.allot(other, &other.plan) >= 0 {
		panic("sim: a narrower network does not fit")
	}
	gain := 0.0
	for i := range s.steps {
		a, b := &st.plan.steps[i], &other.plan.steps[i]
		if st.widths[i] == other.widths[i] && a.place == b.place && a.free == b.free && a.tile == b.tile {
			continue
		}
		s.chip.run(s.steps[i].geometry, &b.tile, &other.widths[i], &b.place, &st.work[i], b.free, &other.out)
		gain += base[i] - c.ofStep(&other.out)
	}
	return gain
}

// modeGradient adds the price of widths that act through modes.
func (c *Cost) modeGradient(st *state, p, grad *models.Precision) {
	s := c.simulator
	for i := range s.steps {
		k := &s.steps[i]
		if k.site < 0 {
			continue
		}
		var byWeight, byInput slope
		for j := range k.units {
			w, a := k.unitSlopes(s.chip, j, &st.units[i][j], &st.plan.steps[i].tile)
			byWeight.add(w)
			byInput.add(a)
		}
		if s.chip.Precision.ChangeUnit == accel.ChangePerChannel {
			byInput.mac = k.ownInputSlope(s.network.Weights[k.site], &p.Weights[k.site], s.network.TensorWidth(k.input, p))
		}
		perCycle := c.perCycle(st, i, byWeight.cycles)
		c.shareOut(st, i, perCycle, p, &grad.Weights[k.site])
		c.shareInput(st, i, byInput, p, grad)
	}
}

// shareInput adds the price of the input width of step i to the tensors that decide it: the widest of
// those that make up the input, in equal parts.
func (c *Cost) shareInput(st *state, i int, byInput slope, p, grad *models.Precision) {
	n, k := c.simulator.network, &c.simulator.steps[i]
	widest := n.TensorWidth(k.input, p)
	decide := 0
	for _, q := range k.in {
		if n.TensorWidth(q.layer, p) == widest {
			decide++
		}
	}
	price := models.Width(c.worth(byInput, c.perCycle(st, i, byInput.cycles)) / float64(decide))
	for _, q := range k.in {
		if site := n.ActivationSiteOf(q.layer); site >= 0 && n.TensorWidth(q.layer, p) == widest {
			grad.Activations[site] += price
		}
	}
}

// slope is what one bit more adds to a step's work.
type slope struct {
	cycles float64 // of the array
	sums   float64 // accesses to accumulators
	mac    float64 // pJ
}

func (s *slope) add(t slope) {
	s.cycles += t.cycles
	s.sums += t.sums
	s.mac += t.mac
}

// unitSlopes returns the slopes of column tile j along weight and input width.
func (g *geometry) unitSlopes(c *chip, j int, u *unitWidth, t *tile) (weight, input slope) {
	shape := &g.shapes[g.units[j].shape]
	stream := g.streamFactor() * t.streamScale(g)
	fill, sums := g.fillFactor(c)*t.folds/g.tiles[0].folds, float64(g.pixels)
	mac := float64((g.units[j].hi - g.units[j].lo) * g.window * g.pixels)
	weight = slope{
		stream*shape.stream.alongWeight(&u.cell) + fill*shape.fill.alongWeight(&u.cell),
		sums * shape.sums.alongWeight(&u.cell), mac * g.mac.alongWeight(&u.cell),
	}
	input = slope{
		stream*shape.stream.alongActivation(&u.cell) + fill*shape.fill.alongActivation(&u.cell),
		sums * shape.sums.alongActivation(&u.cell), mac * g.mac.alongActivation(&u.cell),
	}
	return weight, input
}

// worth prices a slope, given the price of a cycle of the array.
func (c *Cost) worth(s slope, perCycle float64) float64 {
	w := s.cycles * perCycle
	if c.quantity == Energy {
		a := c.simulator.chip.Array.Accumulator
		w += (s.sums*float64(a.Width)*float64(a.Energy) + s.mac) / 1e6
	}
	return w
}

// perCycle returns the price of one cycle of the array in step i when it works so many fewer.
func (c *Cost) perCycle(st *state, i int, fewer float64) float64 {
	if fewer <= 0 {
		return 0
	}
	s := c.simulator
	sp, k := &st.plan.steps[i], st.work[i]
	k.stream -= min(fewer, k.stream)
	s.chip.run(s.steps[i].geometry, &sp.tile, &st.widths[i], &sp.place, &k, sp.free, &st.out)
	less := c.ofStep(&st.out)
	s.price(st, i)
	return (c.ofStep(&st.out) - less) / min(fewer, st.work[i].stream)
}

// shareOut adds the price of the weight widths of step i to the slices that decide them.
func (c *Cost) shareOut(st *state, i int, perCycle float64, p *models.Precision, grad *models.SlicedWidths) {
	s := c.simulator
	k, w := &s.steps[i], &p.Weights[s.steps[i].site]
	own := s.chip.Precision.ChangeUnit == accel.ChangePerChannel
	st.runs = s.chip.cutWidths(k.geometry, s.network.Weights[k.site], w, st.units[i], st.runs)
	first, end := 0, st.runs[0].channels // runs[first] is the one with the tile's first channel
	var whole slope
	for j, u := range k.units {
		slope, _ := k.unitSlopes(s.chip, j, &st.units[i][j], &st.plan.steps[i].tile)
		if own {
			slope.mac = 0
		}
		if s.chip.Precision.ChangeUnit == accel.ChangePerLayer {
			whole.add(slope)
			continue
		}
		for end <= u.lo {
			first++
			end += st.runs[first].channels
		}
		last, to := first, end
		for to < u.hi {
			last++
			to += st.runs[last].channels
		}
		share(st.runs[first:last+1], k.modes, st.units[i][j].width, c.worth(slope, perCycle), grad)
	}
	if s.chip.Precision.ChangeUnit == accel.ChangePerLayer {
		share(st.runs, k.modes, st.units[i][0].width, c.worth(whole, perCycle), grad)
	}
	if own {
		c.ownEnergy(k, s.network.TensorWidth(k.input, p), w, grad)
	}
}

// share divides the price of a change unit of the given width among the slices that are wider than the
// next narrower mode.
func share(runs []channelRun, modes *modeChoice, width, price float64, grad *models.SlicedWidths) {
	below := float64(modes.narrower[int(math.Ceil(width))])
	n := 0
	for _, r := range runs {
		if r.width > below {
			n++
		}
	}
	for _, r := range runs {
		if r.width > below {
			grad.Widths[r.slice] += models.Width(price / float64(n))
		}
	}
}

// ownEnergy adds the price of MAC energy where each channel spends it at its own width.
func (c *Cost) ownEnergy(k *step, input models.Width, w, grad *models.SlicedWidths) {
	site := c.simulator.network.Weights[k.site]
	for j, b := range w.Widths {
		lo, hi := site.SliceChannels(w.Group, j)
		at := newCell(float64(b), float64(input))
		mac := k.mac.alongWeight(&at) * float64((hi-lo)*k.window*k.pixels)
		grad.Widths[j] += models.Width(c.worth(slope{mac: mac}, 0))
	}
}

// ownInputSlope returns the slope of MAC energy along the input width where each channel runs at its
// own weight width.
func (g *geometry) ownInputSlope(site models.WeightSite, w *models.SlicedWidths, input models.Width) float64 {
	sum := 0.0
	for j, b := range w.Widths {
		lo, hi := site.SliceChannels(w.Group, j)
		at := newCell(float64(b), float64(input))
		sum += g.mac.alongActivation(&at) * float64((hi-lo)*g.window*g.pixels)
	}
	return sum
}
