package dram

// Load is a whole demand on a memory: what is asked and how fast. It is what both the event-driven
// model (Play) and the closed form (Estimate) are given.
type Load struct {
	// Streams are interleaved as by NewInterleave. Random, if set, stands instead of them.
	Streams []Stream
	Random  *Random
	// Outstanding is the number of reads in flight at most. If 0, there is no limit.
	Outstanding int
	// RatePercent limits the requests to this share of the peak of all channels. If 0, there is no
	// limit.
	RatePercent int
	// CountWrites is as in Pace.
	CountWrites bool
	// PerChannel lets the requester offer as many bursts per clock as there are channels, rather
	// than one.
	PerChannel bool
}

// Source returns the requests of the load to a device.
func (l *Load) Source(d *Device) Source {
	if l.Random != nil {
		src := newRandomSource(d, l.Random)
		return &src
	}
	return NewInterleave(d, l.Streams...)
}

// Pace returns how fast the load asks a device.
func (l *Load) Pace(d *Device) Pace {
	p := Pace{Outstanding: l.Outstanding, CountWrites: l.CountWrites, PerClock: 1}
	if l.PerChannel {
		p.PerClock = d.Channels
	}
	if l.RatePercent > 0 {
		p.RequestClocks = int64(d.Timing[NBL]) * 100
		p.Per = int64(d.Channels) * int64(l.RatePercent)
	}
	return p
}
