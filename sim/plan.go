package sim

import "dse/models"

// step is one thing the accelerator runs: a layer, with the Add behind it where that is fused.
type step struct {
	*geometry
	site int // of weights, or -1
	// in and residual are the stored tensors that are read; residual is empty where there is none.
	in, residual []part
	input        int // layer that gives the input, be it a view
	out          int // layer that produces the output
	// live are the tensors that may stay on chip and are alive while the step runs.
	live []int
}

// part is a stored tensor's share of the elements of an operand.
type part struct {
	layer int
	share float64
}

// partsOf returns the stored tensors behind the output of a layer.
func partsOf(n *models.Network, layer int) []part {
	whole := float64(n.Layers[layer].Out.Elements())
	var parts []part
	for _, p := range n.Parts(layer) {
		parts = append(parts, part{p.Layer, float64(p.Elements) / whole})
	}
	return parts
}

// newSteps lists the steps of a network in the order of execution.
func newSteps(c *chip, n *models.Network, modes map[*models.Layer]*modeChoice) ([]step, error) {
	var steps []step
	for i := 1; i < len(n.Layers); i++ {
		l := &n.Layers[i]
		if l.View() || l.Kind == models.Add && n.FusedIntoAdd(i-1) {
			continue
		}
		g, err := newGeometry(c, n, i, modes[l])
		if err != nil {
			return nil, err
		}
		s := step{geometry: g, site: n.WeightSiteOf(i), in: partsOf(n, l.Inputs[0]), input: l.Inputs[0], out: i}
		other := -1
		switch {
		case s.add >= 0:
			s.out = s.add
			other = otherInput(&n.Layers[s.add], i)
		case l.Kind == models.Add || l.Kind == models.Multiply:
			other = l.Inputs[1]
		}
		g.codedIn, g.codedOut = codedShare(n, l.Inputs[0]), codedShare(n, s.out)
		if other >= 0 {
			s.residual, g.codedResidual = partsOf(n, other), codedShare(n, other)
		}
		for _, t := range n.Live(i) {
			// The image comes from DRAM and the result goes there, unless the host puts them on chip.
			if c.Host.SharesMemory || t != 0 && !n.Result(t) {
				s.live = append(s.live, t)
			}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func otherInput(add *models.Layer, i int) int {
	if add.Inputs[0] == i {
		return add.Inputs[1]
	}
	return add.Inputs[0]
}

// plan is where tensors live during an inference.
type plan struct {
	resident []float64 // by layer: the share of its output that stays on chip until last used
	pinned   float64   // share of all weights and metadata that stays on chip for good
	steps    []stepPlan
}

// stepPlan is the use of memory during one step.
type stepPlan struct {
	tile  tile
	space buffers // streaming buffers
	held  buffers // resident tensors and pinned weights
	free  room    // for reuse
	place place
}

// allot decides what stays on chip.
//
// Each step first reserves its streaming buffers and the space for reuse that spares it every
// second reading of an operand. The rest is shared among the tensors alive at the step in
// proportion to their size: all keep the same share r of themselves. A tensor keeps the least of
// the shares along its life. What all steps leave over is filled with weights, step after step.
//
// The rule is not the best there is, but shares depend on nothing but the reserves and sizes at
// each step. So more capacity or fewer bits can only raise every share. A rule that serves tensors
// of overlapping lives one after another cannot promise that: a bit more for the first can cost the
// third dear. Where reserves do not fit the shares are 0, and fetch has the whole memory for reuse.
//
// It returns the first step that does not fit, or -1.
func (s *Simulator) allot(st *state, p *plan) int {
	c := s.chip
	for i := range p.resident {
		p.resident[i] = 0
		if c.resident >= 0 && s.keepable[i] {
			p.resident[i] = 1
		}
	}
	total, spare := 0.0, c.capacity[c.home(weights)]
	for i := range s.steps {
		k, sp := &s.steps[i], &p.steps[i]
		w := &st.widths[i]
		reserved := c.stream(k.geometry, &k.tiles[0], w)
		var ok bool
		if sp.tile, sp.space, ok = c.fitting(k.geometry, w, reserved); !ok {
			return i
		}
		total += k.weights*w.weight + w.metadata
		sp.free = room{
			inputs:  c.capacity[c.home(inputs)] - reserved[c.home(inputs)],
			weights: c.capacity[c.home(weights)] - reserved[c.home(weights)],
			shared:  c.shared,
		}
		if k.weights > 0 {
			in, weight := c.reuse(k.geometry, w.in, w.weight)
			reserved[c.home(inputs)] += in
			reserved[c.home(weights)] += weight
		}
		alive := 0.0
		if c.resident >= 0 {
			for _, t := range k.live {
				alive += st.size[t]
			}
			share := clamp((c.capacity[c.resident] - reserved[c.resident]) / alive)
			for _, t := range k.live {
				p.resident[t] = min(p.resident[t], share)
			}
		}
		left := c.capacity[c.home(weights)] - reserved[c.home(weights)]
		if c.resident == c.home(weights) {
			left -= alive
		}
		spare = min(spare, left)
	}
	spare = max(0, spare)
	if home := c.Memories[c.home(weights)]; home.Transient || home.Flushed {
		spare = 0
	}
	pinned := min(spare, total)
	p.pinned = clamp(pinned / total)
	for i := range s.steps {
		k, sp := &s.steps[i], &p.steps[i]
		bits := k.weights*st.widths[i].weight + st.widths[i].metadata
		sp.place = place{in: p.onChip(s, st, k.in), out: p.resident[k.out], weights: clamp(spare / bits)}
		spare = max(0, spare-bits)
		if len(k.residual) > 0 {
			sp.place.residual = p.onChip(s, st, k.residual)
		}
		s.settle(k, st, p, sp, pinned)
	}
	return -1
}

// settle works out the space that the network's plan takes during one step.
func (s *Simulator) settle(k *step, st *state, p *plan, sp *stepPlan, pinned float64) {
	c := s.chip
	sp.held = buffers{}
	sp.held[c.home(weights)] += pinned
	if c.resident >= 0 {
		for _, t := range k.live {
			sp.held[c.resident] += p.resident[t] * st.size[t]
		}
	}
	sp.free.inputs = max(0, sp.free.inputs-sp.held[c.home(inputs)])
	sp.free.weights = max(0, sp.free.weights-sp.held[c.home(weights)])
}

// onChip returns the share of an operand's bits that is on chip.
func (p *plan) onChip(s *Simulator, st *state, parts []part) float64 {
	if len(parts) == 1 {
		return p.resident[parts[0].layer]
	}
	here, all := 0.0, 0.0
	for _, q := range parts {
		bits := q.share * st.perElement(s, q.layer)
		all += bits
		here += bits * p.resident[q.layer]
	}
	return clamp(here / all)
}

// clamp limits x to [0, 1]; the quotient of 0 by 0 counts as 1.
func clamp(x float64) float64 {
	if !(x < 1) {
		return 1
	}
	return max(0, x)
}
