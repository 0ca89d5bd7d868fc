package timeloop

import (
	"fmt"
	"math"

	"dse/accel/unit"
	"dse/sim/nest"
)

func caseError(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("timeloop case %s: %w", id, err)
}

// perUnit returns the accesses of one instance. All instances that are used do the same.
func perUnit(c nest.Count) (reads, updates, fills int64) {
	if c.Units == 0 {
		return 0, 0, 0
	}
	return c.Reads / c.Units, c.Updates / c.Units, c.Fills / c.Units
}

// cyclesOf returns the latency that follows from access counts: that of the loops, stretched by the
// level whose bandwidth falls short most.
//
//	slowdown = min(1, bandwidth / (accesses / compute cycles))    for each bounded port
//	cycles   = ceil(compute cycles / slowdown)
//
// The order of the floating-point operations is part of the rule: it decides whether a quotient that
// is whole is rounded up.
func (e *experiment) cyclesOf(counts [][nest.NumOperands]nest.Count) unit.Cycles {
	compute := float64(e.steps())
	slowest := compute
	for i, m := range e.machine.memories {
		var reads, writes float64
		for o := range nest.Operand(nest.NumOperands) {
			r, u, f := perUnit(counts[i][o])
			reads += float64(r) / compute
			writes += float64(u+f) / compute
		}
		slowdown := 1.0
		for _, port := range []struct{ bandwidth, demand float64 }{{m.readBW, reads}, {m.writeBW, writes}, {m.sharedBW, reads + writes}} {
			if port.bandwidth > 0 && port.demand > port.bandwidth {
				slowdown = min(slowdown, port.bandwidth/port.demand)
			}
		}
		slowest = max(slowest, math.Ceil(compute/slowdown))
	}
	return unit.Cycles(slowest)
}

// steps returns the cycles of the loops: one multiply-accumulate per multiplier and cycle.
func (e *experiment) steps() int64 {
	steps := int64(1)
	for _, f := range e.factors {
		if !f.Spatial {
			steps *= int64(f.Count)
		}
	}
	return steps
}

// energyOf returns the energy that follows from access counts. Each kind of access of an instance is
// packed into vectors of its own; drains are not charged.
func (e *experiment) energyOf(counts [][nest.NumOperands]nest.Count) unit.Picojoule {
	total := unit.Picojoule(e.layer.MACs()) * e.machine.mac
	for i, m := range e.machine.memories {
		for _, c := range counts[i] {
			reads, updates, fills := perUnit(c)
			vectors := ceilDiv(reads, m.vector) + ceilDiv(updates, m.vector) + ceilDiv(fills, m.vector)
			total += unit.Picojoule(vectors*c.Units) * m.access
		}
	}
	return total
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
