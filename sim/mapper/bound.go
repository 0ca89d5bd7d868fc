package mapper

// lower fills in a cost that no order of loops over the given tiles undercuts: every element is moved once,
// every tile takes a transfer, and no partial sum leaves the accumulators.
func (e *evaluator) lower(cuts *[dims]*cut, c *Cost) {
	e.compulsory(cuts, c)
	e.clock(cuts, c, true)
	e.energize(c)
}

// bound returns a cost that no mapping undercuts: that of the uncut layer, as if it fitted and all resources
// worked at the same time from the first cycle to the last.
func (s *search) bound() *Cost {
	var whole [dims]*cut
	for d := range whole {
		whole[d] = &s.candidate[d][0]
	}
	c := &Cost{}
	s.compulsory(&whole, c)
	s.clock(&whole, c, false)
	s.energize(c)
	return c
}

// compulsory counts as if every element were moved once.
func (e *evaluator) compulsory(cuts *[dims]*cut, c *Cost) {
	channels, maps := float64(e.channels(cuts).n), float64(cuts[Q].n*cuts[P].n)
	t := moved{weights: e.weights, inputs: e.touched, visits: e.outputs}
	t.loads[weights] = e.groups * float64(cuts[K].n*cuts[C].n)
	t.loads[inputs] = e.groups * float64(cuts[C].n) * maps
	t.loads[outputs] = e.groups * channels * maps
	e.count(&t, 0, cuts, c)
}
