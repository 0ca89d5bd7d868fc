package adaptive

import (
	"math"

	"dse/search/pareto"
	"dse/search/surrogate"
)

// oracle predicts the points of designs from those evaluated.
type oracle struct {
	designs    *surrogate.Designs
	objectives []*surrogate.Model
	violation  *surrogate.Model // nil if every design is feasible
	// front holds the feasible points that none dominates, believed ones included; worst is the corner
	// of the hypervolume: the worst value of each objective so far.
	front [][]float64
	worst []float64
}

// newOracle returns nil if there is nothing to learn from yet.
func newOracle(evaluated []Solution) *oracle {
	var (
		x          [][]float64
		y          [][]float64 // by objective
		violations []float64
		violated   bool
		o          oracle
	)
	for _, s := range evaluated {
		p := s.Point()
		if math.IsInf(p.Violation, 1) {
			continue // failed designs have no values
		}
		if y == nil {
			y = make([][]float64, len(p.Values))
		}
		x = append(x, s.Features())
		for k, v := range p.Values {
			y[k] = append(y[k], v)
		}
		violations = append(violations, p.Violation)
		violated = violated || p.Violation > 0
		if p.Violation == 0 {
			o.front = append(o.front, p.Values)
		}
	}
	if len(x) < 2 {
		return nil
	}
	o.designs = surrogate.New(x)
	fit := func(y []float64) *surrogate.Model {
		m, err := o.designs.Fit(y)
		if err != nil {
			return nil
		}
		return m
	}
	for _, values := range y {
		m := fit(values)
		if m == nil {
			return nil
		}
		o.objectives = append(o.objectives, m)
		worst := values[0]
		for _, v := range values {
			worst = max(worst, v)
		}
		o.worst = append(o.worst, worst)
	}
	if violated {
		o.violation = fit(violations)
	}
	o.front = pareto.NonDominated(o.front)
	return &o
}

// optimistic returns the point that a design may well reach.
func (o *oracle) optimistic(features []float64) pareto.Point { return o.predict(features, optimism) }

func (o *oracle) predict(features []float64, optimism float64) pareto.Point {
	if o == nil {
		return pareto.Point{Values: []float64{0}}
	}
	o.designs.Relate(features)
	p := pareto.Point{Values: make([]float64, len(o.objectives))}
	for k, m := range o.objectives {
		mean, deviation := m.Predict()
		p.Values[k] = mean - optimism*deviation
	}
	if o.violation != nil {
		mean, deviation := o.violation.Predict()
		p.Violation = max(0, mean-optimism*deviation)
	}
	return p
}

// gain is what a point would add to the hypervolume; infeasible ones add less the more they violate.
func (o *oracle) gain(p pareto.Point) float64 {
	switch {
	case o == nil:
		return 0
	case p.Violation > 0:
		return -p.Violation
	}
	return pareto.Gain(o.front, p.Values, o.worst)
}

// believe takes the expected point of a chosen design for granted.
func (o *oracle) believe(features []float64) {
	if o == nil {
		return
	}
	if p := o.predict(features, 0); p.Violation == 0 {
		o.front = append(o.front, p.Values)
	}
}
