package event

import (
	"runtime"
	"time"

	"dse/accel"
	"dse/models"
	"dse/sim"
)

// Speed is how fast an engine played a network.
type Speed struct {
	Network, Accelerator string
	// Events taken from the queue, and changes of state within the DRAM (0 for a pipe), of all plays
	// together.
	Events, DRAMEvents int64
	Duration           time.Duration
	// Allocations on the heap during the plays, by the whole process.
	Allocations int64
}

// EventsPerSecond returns the rate of all events.
func (s Speed) EventsPerSecond() float64 {
	return float64(s.Events+s.DRAMEvents) / s.Duration.Seconds()
}

// AllocationsPerEvent returns the share of events that allocated.
func (s Speed) AllocationsPerEvent() float64 {
	return float64(s.Allocations) / float64(s.Events+s.DRAMEvents)
}

// Measure plays a network at 8 bits again and again, on one thread, until a time has passed. The first
// play, in which the engine's storage grows, is not counted.
func Measure(a *accel.Accelerator, n *models.Network, atLeast time.Duration) (Speed, error) {
	s, err := sim.New(a, n)
	if err != nil {
		return Speed{}, err
	}
	plan, err := s.Schedule(n.Uniform(n.PerTensor(), 8, 8))
	if err != nil {
		return Speed{}, err
	}
	e, err := New(a)
	if err != nil {
		return Speed{}, err
	}
	e.run(plan)
	speed := Speed{Network: n.Name, Accelerator: a.Name}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for speed.Duration < atLeast || speed.Events == 0 {
		e.run(plan)
		speed.Events += e.stats.Events
		speed.DRAMEvents += e.stats.DRAMEvents
		speed.Duration = time.Since(begin)
	}
	runtime.ReadMemStats(&after)
	speed.Allocations = int64(after.Mallocs - before.Mallocs)
	return speed, nil
}
