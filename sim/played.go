package sim

import "dse/accel/unit"

// Played is what a step took when its schedule was played.
type Played struct {
	Time TimeParts // exposed, summing to the duration
	Busy TimeParts
	// Bursts moved between DRAM and the chip.
	Bursts [Flows]int64
	// Activates are the rows opened for them, where Banks says that the banks of the DRAM were followed.
	Activates int64
	Banks     bool
}

// Played returns the result of playing the schedule, step by step: the analytical result with the
// times and the off-chip traffic as played, and what follows from them. Energy per access is that of
// the accelerator in both fidelities; what is switched on takes energy as long as it was. Rows are opened
// as often as the banks were seen to, or else as often as the traffic fills them.
func (s *Schedule) Played(steps []Played) *Result {
	r := *s.Result
	a := s.Accelerator
	burst := unit.Bits(max(1, a.DRAM.Burst.Bits()))
	r.Layers = append([]LayerResult(nil), r.Layers...)
	r.Memories = append([]MemoryUse(nil), r.Memories...)
	r.Time = TimeParts{Host: r.Time.Host}
	r.DRAM = Traffic{}
	r.Energy = s.start
	for m := range r.Memories {
		r.Memories[m].Traffic = Traffic{}
	}
	for i := range r.Layers {
		l, p := &r.Layers[i], &steps[i]
		l.Ports = append([]Traffic(nil), l.Ports...)
		was := max(l.Cycles, 1e-9) // a step without set-up may take nothing
		l.Time, l.Busy, l.Bound = p.Time, p.Busy, bound(&p.Busy)
		l.Cycles = l.Time.Total()
		if l.Cycles > 0 {
			l.Utilisation *= float64(was / l.Cycles)
		}
		e := &l.Energy
		e.DRAMBackground *= unit.Picojoule(l.Cycles / was)
		e.Leakage *= unit.Picojoule(l.Cycles / was)
		e.Running *= unit.Picojoule(l.Cycles / was)
		for f := range Flows {
			l.move(f, s.Steps[i].Flows[f].Path[0], unit.Bits(p.Bursts[f])*burst)
		}
		e.offChip(l.DRAM.Total(), &a.DRAM)
		if p.Banks {
			e.DRAMActivate = unit.Picojoule(p.Activates) * a.DRAM.Activate
		}
		r.Time.add(&l.Time)
		r.DRAM.add(l.DRAM.Total())
		r.Energy.add(e)
		for m := range r.Memories {
			r.Memories[m].Traffic.add(l.Ports[m])
		}
	}
	r.Cycles = r.Time.Total()
	r.Latency = r.Cycles.At(a.Clock)
	return &r
}

// move replaces what a flow moves off chip by bits. What is read goes into the memory called home.
func (l *LayerResult) move(f Flow, home int, bits unit.Bits) {
	if f == OutputFlow {
		l.DRAM.Outputs.Write = bits
		return
	}
	dram, sram := &l.DRAM.Inputs, &l.SRAM.Inputs
	switch f {
	case WeightFlow:
		// Metadata comes with the weights; what the two moved apart is known from the price.
		dram, sram = &l.DRAM.Weights, &l.SRAM.Weights
		bits -= l.DRAM.Metadata.Read
	case ResidualFlow:
		dram, sram = &l.DRAM.Residual, &l.SRAM.Residual
	}
	more := bits - dram.Read
	dram.Read += more
	sram.Write += more
	l.Ports[home].Write += more
}
