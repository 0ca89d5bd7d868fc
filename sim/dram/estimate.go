package dram

import "math"

// An Estimator is the closed form: it prices a load at an expense that does not grow with the
// length of the load. A sample of the requests is followed through a recurrence, one step for
// each, and what it counts is extended to all.
//
// It is not monotonic in the strict sense: two loads that differ little may be sampled at places
// that differ. It is not safe for use by several goroutines.
type Estimator struct {
	device Device
	x      *recurrence
	parts  []part
	buf    [64]Request
	total  tally
}

// The sample: of every part of a load in which the same streams take part, at most so many
// stretches of about so many requests each, after some that only bring the banks into a state as
// in the midst of the load. Twice the stretches take less than a tenth off the error against the
// reference data, longer ones nothing.
const (
	stretches     = 8
	stretchLength = 128
	warmUp        = 64
)

// NewEstimator returns an estimator of loads on a device, which must pass Check.
func NewEstimator(d *Device) *Estimator {
	if d.Check() != nil {
		panic("dram: NewEstimator of a device that fails Check")
	}
	e := &Estimator{device: *d}
	e.x = newRecurrence(&e.device)
	return e
}

// Estimate returns what a load costs, beginning with all banks closed: Clocks, Requests, the
// commands, and as ActiveClocks all clocks. The other counts are 0.
func (e *Estimator) Estimate(l *Load) Stats {
	d := &e.device
	pace := l.Pace(d)
	e.x.reset(pace)
	e.total = tally{}
	if l.Random != nil {
		e.random(l.Random)
	} else {
		e.streams(l.Streams)
	}
	since := e.x.tally()
	e.x.drain()
	e.total = e.total.plus(e.x.tally().minus(since))

	s := e.total.stats()
	e.count(l, &s)
	e.refresh(&s)
	if s.Requests > 0 {
		s.Clocks = max(s.Clocks, pace.due(s.Requests-1)+1+d.Timing[NRL]+d.Timing[NBL])
	}
	s.ActiveClocks = s.Clocks * Clocks(d.Channels*d.Ranks)
	return s
}

// count replaces the numbers of requests by the exact ones. Which blocks of a random load are
// written is not counted but estimated.
func (e *Estimator) count(l *Load, s *Stats) {
	offset := e.x.decode.offset
	if l.Random != nil {
		src := newRandomSource(&e.device, l.Random)
		s.Requests = int64(max(0, l.Random.Blocks)) * int64(src.size)
		s.Writes = min(s.Writes, s.Requests)
		s.Reads = s.Requests - s.Writes
		return
	}
	s.Requests, s.Reads, s.Writes = 0, 0, 0
	for i := range l.Streams {
		n := int64(l.Streams[i].bursts(offset))
		s.Requests += n
		if l.Streams[i].Write {
			s.Writes += n
		} else {
			s.Reads += n
		}
	}
}

// refresh adds the clocks that refreshes take: each waits for the bursts under way, closes the
// rows, lasts nRFC, and the rows are opened again.
func (e *Estimator) refresh(s *Stats) {
	n := &e.device.Timing
	lost := n[NRTP] + n[NRP] + n[NRFC] + n[NRCD]
	times := s.Clocks / (n[NREFI] - lost)
	s.Clocks += times * lost
	s.Refreshes = int64(times) * int64(e.device.Channels*e.device.Ranks)
}

// tally is what a recurrence counts. Whole counts up to 2^53 are exact.
type tally struct {
	clocks, requests, reads, writes, activates, precharges float64
}

func (t tally) plus(u tally) tally {
	return tally{t.clocks + u.clocks, t.requests + u.requests, t.reads + u.reads, t.writes + u.writes,
		t.activates + u.activates, t.precharges + u.precharges}
}

func (t tally) times(f float64) tally {
	return tally{t.clocks * f, t.requests * f, t.reads * f, t.writes * f, t.activates * f, t.precharges * f}
}

func (t tally) minus(u tally) tally { return t.plus(u.times(-1)) }

// stats rounds the counts.
func (t tally) stats() Stats {
	whole := func(v float64) int64 { return int64(math.Round(v)) }
	return Stats{
		Clocks: Clocks(whole(t.clocks)), Requests: whole(t.requests), Reads: whole(t.reads), Writes: whole(t.writes),
		Activates: whole(t.activates), Precharges: whole(t.precharges),
	}
}

// tally returns what has been counted so far.
func (x *recurrence) tally() tally {
	t := x.counted
	t.clocks = float64(x.end)
	return t
}
