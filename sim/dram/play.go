package dram

// Source yields the requests of a requester in order.
type Source interface {
	// Fill writes the next requests into buf and returns how many. Fewer than len(buf), or none,
	// may come at any time before the end; 0 is the end.
	Fill(buf []Request) int
}

// Pace says how fast a requester asks.
type Pace struct {
	// Outstanding is the number of reads in flight at most. If 0, there is no limit.
	Outstanding int
	// CountWrites makes a write count among the reads in flight until it is acknowledged, one clock
	// after it was accepted.
	CountWrites bool
	// PerClock is the number of requests offered per clock at most. If 0, 1 is used.
	PerClock int
	// RequestClocks / Per is the least distance of two requests in clocks: request i is offered no
	// earlier than floor(i * RequestClocks / Per). If Per is 0, there is no such limit.
	RequestClocks, Per int64
}

// due returns the first instant at which request i may be offered.
func (p Pace) due(i int64) Clocks {
	if p.Per == 0 {
		return 0
	}
	return Clocks(i * p.RequestClocks / p.Per)
}

// Play lets a requester offer all its requests, each held until it is accepted, and drains the
// memory. The first request is offered at the present instant. It returns the counts since
// New or Reset.
func (m *Memory) Play(src Source, pace Pace) Stats {
	m.offerAll(src, pace)
	m.Drain()
	return m.Stats()
}

// offerAll offers all requests of src, each as soon as it may be.
func (m *Memory) offerAll(src Source, pace Pace) {
	if pace.PerClock == 0 {
		pace.PerClock = 1
	}
	buf := m.buf[:]
	start := m.now
	offered := int64(0)
	have, used := src.Fill(buf), 0
	var at place
	decoded := false
	for have > 0 {
		wake := never // when the requester can go on, as far as it knows
		waits := forNothing
		for n := 0; ; n++ {
			if n == pace.PerClock {
				wake = m.now + 1
				break
			}
			if due := start + pace.due(offered); due > m.now {
				wake = due
				break
			}
			r := &buf[used]
			if (!r.Write || pace.CountWrites) && pace.Outstanding > 0 && m.flights >= pace.Outstanding {
				waits = forData
				break
			}
			if !decoded {
				at, decoded = m.decode.place(r.Addr), true
			}
			if !m.offer(r, &at) {
				waits = forRoom
				break
			}
			decoded = false
			if r.Write && pace.CountWrites {
				m.chans[at.channel].landing.push(m.now + 1)
				m.flights++
			}
			offered++
			if used++; used == have {
				if have, used = src.Fill(buf), 0; have == 0 {
					return
				}
			}
		}
		m.step(wake, waits)
	}
}

// wait is what keeps a requester from going on.
type wait uint8

const (
	forNothing wait = iota // but time
	forData                // of a read in flight
	forRoom                // in a queue
)

// step lets the events of the present instant happen and goes on to the next instant at which
// anything can happen, among them that the requester wakes or has got what it waits for.
func (m *Memory) step(wake Clocks, waits wait) {
	t := max(wake, m.now+1)
	for _, c := range m.chans {
		at := c.next(m.now)
		if at == m.now {
			sorted := c.stats.Sorted
			c.tick(at)
			at = c.next(m.now + 1)
			if waits == forRoom && c.stats.Sorted > sorted {
				at = m.now + 1
			}
		}
		t = min(t, at)
		if waits == forData {
			t = min(t, c.landing.next()+1)
		}
	}
	m.land(t)
}
