package event

import (
	"fmt"
	"math"

	"dse/accel"
	"dse/sim/dram"
)

// device is a DRAM whose banks and commands are followed (sim/dram). It has a clock of its own.
type device struct {
	memory *dram.Memory
	// clocks per core cycle, and cycles per memory clock.
	clocks, cycles ratio
	// latency of controller and interconnect, in cycles: what the accelerator's latency holds beyond an
	// access to a bank with another row open.
	latency  int64
	perCycle int   // requests that may be offered per core cycle
	nBL      int64 // clocks of a burst on the bus

	opened   int64 // rows, up to the last step
	ticksAt  int64 // when a dramTicks event is pending; others are void
	tickedAt int64 // when the last was
}

// newDevice returns the device named by dram.timing.
func newDevice(a *accel.Accelerator, finished func(tag uint32, write bool, at dram.Clocks)) (*device, error) {
	of, err := dram.Lookup(a.DRAM.Timing)
	if err != nil {
		return nil, fmt.Errorf("accelerator %s: dram.timing: %w", a.Name, err)
	}
	if of.BurstBytes() != a.DRAM.Burst {
		return nil, fmt.Errorf("accelerator %s: dram.burst is %v, a burst of dram.timing %s moves %v; write that, or name another device",
			a.Name, a.DRAM.Burst, of.Name, of.BurstBytes())
	}
	if peak := float64(of.Peak()); math.Abs(float64(a.DRAM.Bandwidth)-peak) > 0.01*peak {
		return nil, fmt.Errorf("accelerator %s: dram.bandwidth is %v, dram.timing %s has %v; write that, or name another device",
			a.Name, a.DRAM.Bandwidth, of.Name, of.Peak())
	}
	if row := of.RowBytes(); a.DRAM.Activate > 0 && row != a.DRAM.Row {
		return nil, fmt.Errorf("accelerator %s: dram.activate is for rows of %v, a row of dram.timing %s has %v; write that as dram.row with its energy, or name another device",
			a.Name, a.DRAM.Row, of.Name, row)
	}
	clock := uint64(math.Round(float64(a.Clock)))
	// A core cycle takes 1e12/clock ps, a memory clock of.Clock ps.
	perCycle := newRatio(1e12, clock*uint64(of.Clock))
	closed := float64(of.Nanoseconds(of.Timing[dram.NRP] + of.Timing[dram.NRCD] + of.Timing[dram.NRL]))
	d := &device{
		memory: dram.New(&of, dram.Hooks{Finished: finished}),
		clocks: perCycle, cycles: perCycle.inverse(),
		latency:  max(0, int64(math.Ceil((float64(a.DRAM.Latency)-closed)*1e-9*float64(a.Clock)-1e-9))),
		perCycle: int(perCycle.ceil(1)) * of.Channels, nBL: int64(of.Timing[dram.NBL]),
		ticksAt: never,
	}
	return d, nil
}

func (d *device) reset() {
	d.memory.Reset()
	d.ticksAt, d.tickedAt, d.opened = never, -1, 0
}
