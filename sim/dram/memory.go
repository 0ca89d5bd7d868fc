package dram

// Memory is a DRAM system in operation: a controller and banks for each channel. Its instant starts
// at 0, with all banks closed and all queues empty.
//
// A requester offers requests at the present instant and then advances it. All that happens at an
// instant happens after the offers at it, and depends on nothing but the offers so far.
type Memory struct {
	device  Device
	decode  decoder
	chans   []*channel
	now     Clocks
	flights int // reads accepted whose data is not there yet

	buf [128]Request // of Play
}

// New returns the memory of a device, which must pass Check.
func New(d *Device, hooks Hooks) *Memory {
	if d.Check() != nil {
		panic("dram: New of a device that fails Check")
	}
	m := &Memory{device: *d}
	m.decode, _ = newDecoder(d)
	for i := range d.Channels {
		m.chans = append(m.chans, newChannel(&m.device, i, hooks))
	}
	return m
}

// Reset returns the memory to instant 0 and keeps its storage.
func (m *Memory) Reset() {
	for _, c := range m.chans {
		c.reset()
	}
	m.now, m.flights = 0, 0
}

// Device returns what the memory was made of.
func (m *Memory) Device() *Device { return &m.device }

// Now returns the present instant.
func (m *Memory) Now() Clocks { return m.now }

// InFlight returns the reads that were accepted and whose data was not complete before Now.
func (m *Memory) InFlight() int { return m.flights }

// Offer hands over a request at the present instant. It returns false when the queue of its
// channel is full; offer it again at a later instant.
func (m *Memory) Offer(r Request) bool {
	p := m.decode.place(r.Addr)
	return m.offer(&r, &p)
}

func (m *Memory) offer(r *Request, p *place) bool {
	if !m.chans[p.channel].offer(r, p, m.now) {
		return false
	}
	if !r.Write {
		m.flights++
	}
	return true
}

// Next returns the first instant, not before Now, at which anything can happen without further
// offers. A refresh may be all.
func (m *Memory) Next() Clocks {
	t := never
	for _, c := range m.chans {
		t = min(t, c.next(m.now))
	}
	return t
}

// Advance lets everything happen before instant t, which becomes the present one.
func (m *Memory) Advance(t Clocks) {
	if t < m.now {
		panic("dram: Advance to an instant that has passed")
	}
	for _, c := range m.chans {
		for at := c.next(m.now); at < t; at = c.next(at + 1) {
			c.tick(at)
		}
	}
	m.land(t)
}

// land makes t the present instant and counts the reads whose data has come.
func (m *Memory) land(t Clocks) {
	m.now = t
	for _, c := range m.chans {
		m.flights -= c.landing.pass(t)
	}
}

// Drain serves all requests, buffered writes included, and returns the instant at which the last
// data has moved, which becomes the present one.
func (m *Memory) Drain() Clocks { return m.settle(true) }

// Settle serves what the controller serves without being told that no more requests come: up to
// Policy.WriteLow writes per channel may stay in the buffer.
func (m *Memory) Settle() Clocks { return m.settle(false) }

// settle has each channel work until it is settled, and then all of them up to the same instant.
func (m *Memory) settle(flush bool) Clocks {
	end := m.now
	for _, c := range m.chans {
		c.flush, c.sort = flush, true
		for at := c.next(m.now); !c.settled(); at = c.next(at + 1) {
			c.tick(at)
		}
		c.flush = false
		end = max(end, c.lastData)
	}
	m.Advance(end)
	m.land(end + 1)
	m.now = end
	return end
}

// Stats returns the counts up to the present instant.
func (m *Memory) Stats() Stats {
	var s Stats
	for _, c := range m.chans {
		s.add(&c.stats)
		s.Clocks = max(s.Clocks, c.lastData)
		for rank, n := range c.openBanks {
			if n > 0 {
				s.ActiveClocks += m.now - c.openSince[rank]
			}
		}
	}
	s.IdleClocks = Clocks(len(m.chans)*m.device.Ranks)*m.now - s.ActiveClocks
	return s
}
