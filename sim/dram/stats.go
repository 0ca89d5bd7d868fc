package dram

import "dse/accel/unit"

// Stats counts what a memory has done since New or Reset, all channels together.
type Stats struct {
	// Clocks from instant 0 to the end of the last burst on a data bus.
	Clocks Clocks

	// Requests accepted. Each is served once: by a command of its own, by an earlier request for the
	// same burst (Merged), or out of the write buffer (Forwarded).
	Requests, Merged, Forwarded int64

	// Commands issued. ReadHits and WriteHits found their row open through an earlier burst.
	Activates, Precharges, Reads, Writes, Refreshes int64
	ReadHits, WriteHits                             int64

	// LatencySum adds up the clocks from acceptance to the last beat of data over all reads that
	// have finished, ReadsDone. Merged and forwarded ones count.
	LatencySum Clocks
	ReadsDone  int64

	// ActiveClocks counts clocks with a row open and IdleClocks those without, over all ranks.
	ActiveClocks, IdleClocks Clocks

	// Sorted counts requests moved to the queue of their bank.
	Sorted int64
}

// Events returns the changes of state that were simulated: requests accepted, sorted to banks and
// finished, and commands issued.
func (s *Stats) Events() int64 {
	return s.Requests + s.Sorted + s.ReadsDone + s.Activates + s.Precharges + s.Reads + s.Writes + s.Refreshes
}

// HitRate returns the share of bursts that found their row open, or 0 without bursts.
func (s *Stats) HitRate() float64 {
	if s.Reads+s.Writes == 0 {
		return 0
	}
	return float64(s.ReadHits+s.WriteHits) / float64(s.Reads+s.Writes)
}

// MeanReadLatency returns the mean clocks from acceptance to data, or 0 without reads.
func (s *Stats) MeanReadLatency() float64 {
	if s.ReadsDone == 0 {
		return 0
	}
	return float64(s.LatencySum) / float64(s.ReadsDone)
}

// add sums up the counts of a channel; the clocks of the run are not a sum.
func (s *Stats) add(c *Stats) {
	s.Requests += c.Requests
	s.Merged += c.Merged
	s.Forwarded += c.Forwarded
	s.Activates += c.Activates
	s.Precharges += c.Precharges
	s.Reads += c.Reads
	s.Writes += c.Writes
	s.Refreshes += c.Refreshes
	s.ReadHits += c.ReadHits
	s.WriteHits += c.WriteHits
	s.LatencySum += c.LatencySum
	s.ReadsDone += c.ReadsDone
	s.ActiveClocks += c.ActiveClocks
	s.IdleClocks += c.IdleClocks
	s.Sorted += c.Sorted
}

// Energy is what a run has cost, by cause.
type Energy struct {
	Activate, Read, Write, Refresh unit.Picojoule
	Active, Idle                   unit.Picojoule // background with a row open, and without
}

// Total returns the sum of the parts.
func (e Energy) Total() unit.Picojoule {
	return e.Activate + e.Read + e.Write + e.Refresh + e.Active + e.Idle
}

// Energy prices the counts with the energies of a device.
func (s *Stats) Energy(of EnergyOf) Energy {
	return Energy{
		Activate: unit.Picojoule(s.Activates) * of.Activate,
		Read:     unit.Picojoule(s.Reads) * of.Read,
		Write:    unit.Picojoule(s.Writes) * of.Write,
		Refresh:  unit.Picojoule(s.Refreshes) * of.Refresh,
		Active:   unit.Picojoule(s.ActiveClocks) * of.ActiveClock,
		Idle:     unit.Picojoule(s.IdleClocks) * of.IdleClock,
	}
}
