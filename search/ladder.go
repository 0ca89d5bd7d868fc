package search

import (
	"math"
	"slices"

	"dse/search/pareto"
)

// ladder is what became of the designs on their rungs.
type ladder struct {
	// reached holds, for each rung but the last, the points of the designs that were there, in the order in
	// which they were proposed.
	reached [][]pareto.Point
	// gained sums, for each rung but the last, how the goals of the designs that were trained to the end
	// moved after it.
	gained []gain
}

func newLadder(rungs int) ladder {
	return ladder{reached: make([][]pareto.Point, rungs-1), gained: make([]gain, rungs-1)}
}

// gain is a sum of differences of goals.
type gain struct {
	values  []float64
	designs int
}

func (g *gain) add(before, after pareto.Point) {
	if math.IsInf(before.Violation, 1) || math.IsInf(after.Violation, 1) {
		return
	}
	if g.values == nil {
		g.values = make([]float64, len(after.Values))
	}
	for k, v := range after.Values {
		g.values[k] += v - before.Values[k]
	}
	g.designs++
}

// extrapolate returns where a point would have come to by the mean of the others.
func (g gain) extrapolate(p pareto.Point) pareto.Point {
	if g.designs == 0 || math.IsInf(p.Violation, 1) {
		return p
	}
	q := pareto.Point{Values: slices.Clone(p.Values), Violation: p.Violation}
	for k, v := range g.values {
		q.Values[k] += v / float64(g.designs)
	}
	return q
}

// evaluate runs the leading trials and as many of the designs as the limits allow, and returns how many
// designs, from the first on, have outcomes.
func (e *evolution) evaluate(leading []Trial, designs []*design) (int, error) {
	for _, t := range leading {
		e.images += e.settings.Cost(t)
	}
	evaluated := 0
	for e.stop == NotStopped && (len(leading) > 0 || evaluated < len(designs)) {
		admitted := designs[evaluated:]
		admitted = admitted[:e.admit(admitted)]
		for _, d := range admitted {
			d.trial = e.nextID
			e.nextID += e.settings.Rungs
		}
		n, err := e.climb(leading, admitted)
		if err != nil {
			return 0, err
		}
		evaluated += n
		switch leading = nil; {
		case e.stop != NotStopped:
			return evaluated, nil
		case e.settings.Evaluations > 0 && e.designs == e.settings.Evaluations:
			e.stop = AllEvaluated
		case n == 0:
			e.stop = ImagesSpent
			return evaluated, nil
		}
	}
	e.extrapolate(designs)
	e.runner.observe(Event{Kind: GenerationDone, Generation: e.generation})
	e.generation++
	return evaluated, nil
}

// extrapolate lets stopped designs compete for offspring as what they would probably have become. They stay
// off the front of the results, which knows only what was trained to the end.
func (e *evolution) extrapolate(designs []*design) {
	for _, d := range designs {
		if r := e.runner.result(d.trial); r.Trial.Kind == ProbeTrial {
			p := e.gained[r.Trial.Rung].extrapolate(*d.point)
			d.point = &p
		}
	}
}

// climb runs the leading trials and trains the designs rung by rung. It returns how many designs, from the
// first on, have outcomes: all, unless time runs out on the first rung.
func (e *evolution) climb(leading []Trial, designs []*design) (int, error) {
	alive := designs
	for rung := range e.settings.Rungs {
		trials := leading
		for _, d := range alive {
			trials = append(trials, e.designTrial(d, rung))
		}
		ended, err := e.runner.batch(e.ctx, trials, e.generation)
		if err != nil {
			return 0, err
		}
		climbed := max(0, ended-len(leading))
		for i, d := range alive[:climbed] {
			t := trials[len(leading)+i]
			e.images += e.settings.Cost(t)
			d.setOutcome(e.runner.result(t.ID), e.settings.Goals)
			if t.Kind == DesignTrial {
				e.sumGains(d)
			}
		}
		if ended < len(trials) {
			e.stop = BudgetSpent
			if rung == 0 {
				return climbed, nil
			}
			break
		}
		if rung < e.settings.Rungs-1 {
			alive = e.promote(alive, rung)
		}
		leading = nil
	}
	return len(designs), nil
}

// admit returns how many of the designs, from the first on, the limits on evaluations and images allow. Room
// is kept for the whole training of each; what stopping saves is there for the next designs.
func (e *evolution) admit(designs []*design) int {
	n := len(designs)
	if limit := e.settings.Evaluations; limit > 0 {
		n = min(n, limit-e.designs)
	}
	if e.settings.Images > 0 {
		images := e.images
		for i, d := range designs[:n] {
			for rung := range e.settings.Rungs {
				images += e.settings.Cost(e.designTrial(d, rung))
			}
			if images > e.settings.Images {
				n = i
				break
			}
		}
	}
	e.designs += n
	return n
}

// designTrial describes the training of a design on a rung. d.trial is the trial of the rung before, or the
// first ID of the design's block.
func (e *evolution) designTrial(d *design, rung int) Trial {
	t := Trial{ID: d.trial, Kind: DesignTrial, Genome: d.genome}
	if e.settings.Rungs > 1 {
		t.Rung, t.Rungs = rung, e.settings.Rungs
		if rung < e.settings.Rungs-1 {
			t.Kind = ProbeTrial
		}
	}
	switch {
	case rung > 0:
		t.ID, t.From = d.trial+1, d.trial
	case e.settings.Inherit:
		t.From = d.parent
	}
	if t.From > 0 {
		start := e.runner.result(t.From).Trial
		t.Start = &start
	}
	t.Seed = trialSeed(e.settings.Seed, t.ID)
	return t
}

// sumGains adds what a design gained since each of its rungs.
func (e *evolution) sumGains(d *design) {
	for rung := range e.gained {
		probe := e.runner.result(d.trial - len(e.gained) + rung)
		e.gained[rung].add(point(probe.Outcome, e.settings.Goals), *d.point)
	}
}

// promote returns the designs that go on to the next rung.
func (e *evolution) promote(designs []*design, rung int) []*design {
	var on []*design
	for _, d := range designs {
		if e.settings.Stopping.stops(e.reached[rung], *d.point) {
			r := e.runner.result(d.trial)
			if !r.Outcome.Failed {
				e.runner.observe(Event{Kind: TrialStopped, Trial: r.Trial, Outcome: r.Outcome, Took: r.Took, Generation: e.generation})
			}
		} else {
			on = append(on, d)
		}
		e.reached[rung] = append(e.reached[rung], *d.point)
	}
	return on
}
