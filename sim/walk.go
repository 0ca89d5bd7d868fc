package sim

// Walk lists the tiles of a step in order. The loops around a tile are those of Mapping.Order:
//
//	inputs outer:  for round { for block { for column tile { for output tile of the round } } }
//	weights outer: for block { for round { for output tile { for column tile of the round } } }
//
// A block is a set of channels that reads inputs of its own: the whole layer, or for grouped
// convolutions a group, or a column tile that holds several.
type Walk struct {
	plan           *walkPlan
	round, block   int
	unit, position int // of the present tile
	started        bool
	demanded       [quantities]float64
	dealt          [quantities]int64
}

// Walk returns a walk that stands before the first tile.
func (k *StepSchedule) Walk() Walk { return Walk{plan: &k.walk} }

// positionsOf returns the output tiles of a round, inputs outer.
func (p *walkPlan) positionsOf(round int) (from, to int) {
	n := len(p.positions)
	return ceilDiv(round*n, p.rounds), ceilDiv((round+1)*n, p.rounds)
}

// unitsOf returns the column tiles of a round of a block, weights outer.
func (p *walkPlan) unitsOf(block, round int) (from, to int) {
	from = block * p.perBlock
	for from < len(p.units) && p.units[from].round < round {
		from++
	}
	to = from
	for to < min(len(p.units), (block+1)*p.perBlock) && p.units[to].round == round {
		to++
	}
	return from, to
}

// advance goes to the next tile and returns false after the last.
func (w *Walk) advance() bool {
	p := w.plan
	if !w.started {
		w.started = true
		return true
	}
	if p.order == InputsOuter {
		from, to := p.positionsOf(w.round)
		if w.position++; w.position < to {
			return true
		}
		w.position = from
		if w.unit++; w.unit < len(p.units) {
			return true
		}
		w.unit = 0
		w.round++
		w.position = to
		return w.round < p.rounds
	}
	from, to := p.unitsOf(w.block, w.round)
	if w.unit++; w.unit < to {
		return true
	}
	w.unit = from
	if w.position++; w.position < len(p.positions) {
		return true
	}
	w.position, w.unit = 0, to
	if w.round++; w.round == p.rounds {
		w.round = 0
		w.block++
	}
	return w.unit < len(p.units)
}

// demand returns the present tile's demand for each quantity, each in a unit of its own.
func (w *Walk) demand() (d [quantities]float64) {
	p := w.plan
	u := &p.units[w.unit]
	share := p.positions[w.position]
	part := u.channels * share
	if p.order == InputsOuter {
		from, _ := p.positionsOf(w.round)
		begins := w.position == from
		if begins && w.round == 0 {
			d[dealWeightsHeld] = p.heldWeights * u.channels
			d[dealMetadata] = u.channels
		}
		streamed := (1 - p.heldWeights) * u.channels
		switch {
		case p.weightReads > 1:
			d[dealWeights] = streamed * float64(p.rounds) * p.weightReads / float64(len(p.positions))
		case begins:
			d[dealWeights] = streamed
		}
		if u.first {
			d[dealInputs] = p.heldInputs * p.inputs * u.block * share
			if p.keepsInputs {
				d[dealInputsHeld] = d[dealInputs]
			}
		}
		d[dealInputs] += u.reads * (1 - p.heldInputs) * p.again * u.block * share
	} else {
		if w.position == 0 {
			d[dealWeightsHeld] = p.heldWeights * u.channels
			d[dealMetadata] = u.channels
		}
		d[dealWeights] = (1 - p.heldWeights) * u.channels * p.folds / float64(len(p.positions))
		if from, _ := p.unitsOf(w.block, w.round); w.unit == from {
			again := 1.0
			if w.round > 0 {
				again -= p.heldInputs
			}
			d[dealInputs] = p.heldRow * p.inputs * again * u.block * share
		}
		d[dealInputs] += u.reads * (1 - p.heldRow) * p.again * u.block * share
	}
	d[dealWeights] += d[dealWeightsHeld]
	d[dealResidual], d[dealOutputs], d[dealVector] = part, part, part
	d[dealStream], d[dealFill] = u.stream*share, u.fill
	d[dealEnter+quantity(WeightFlow)], d[dealPass+quantity(WeightFlow)] = u.channels, u.channels
	d[dealEnter+quantity(InputFlow)], d[dealPass+quantity(InputFlow)] = u.groups*share, u.reads*u.block*share
	for _, f := range [...]Flow{ResidualFlow, OutputFlow} {
		d[dealEnter+quantity(f)], d[dealPass+quantity(f)] = part, part
	}
	return d
}

// Next goes to the next tile and describes it; it returns false after the last.
func (w *Walk) Next(t *Tile) bool {
	if !w.advance() {
		return false
	}
	p := w.plan
	d := w.demand()
	var n [quantities]int64
	for q := range n {
		if p.total[q] == 0 {
			continue
		}
		w.demanded[q] += d[q]
		dealt := int64(float64(p.total[q])*(w.demanded[q]/p.sum[q]) + 0.5)
		n[q], w.dealt[q] = dealt-w.dealt[q], dealt
	}
	*t = Tile{
		Round: w.round, Passes: p.units[w.unit].passes,
		Stream: n[dealStream], Fill: n[dealFill], Vector: n[dealVector],
	}
	t.LastOfVisit, t.LastOfRound = w.ends()
	t.Held[WeightFlow], t.Held[InputFlow] = min(n[dealWeightsHeld], n[dealWeights]), min(n[dealInputsHeld], n[dealInputs])
	t.Streamed[WeightFlow] = n[dealWeights] - t.Held[WeightFlow] + n[dealMetadata]
	t.Streamed[InputFlow] = n[dealInputs] - t.Held[InputFlow]
	t.Streamed[ResidualFlow], t.Streamed[OutputFlow] = n[dealResidual], n[dealOutputs]
	copy(t.Enter[:], n[dealEnter:])
	copy(t.Pass[:], n[dealPass:])
	return true
}

// ends says whether the present tile is the last of its column tile's visit, and of its round.
func (w *Walk) ends() (visit, round bool) {
	p := w.plan
	if p.order == WeightsOuter {
		_, to := p.unitsOf(w.block, w.round)
		return true, w.unit == to-1 && w.position == len(p.positions)-1
	}
	_, to := p.positionsOf(w.round)
	visit = w.position == to-1
	return visit, visit && w.unit == len(p.units)-1
}
