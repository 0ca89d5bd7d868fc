package dram

// Requests are accepted into one of two queues, for reads and for writes, and from there sorted to
// the queues of the banks, one per clock. Reads go first. Writes are kept back until their buffer
// is full, or holds more than Policy.WriteLow while all bank queues are empty, and then sorted in
// one batch of as many as there are at that instant.

// hash gives a burst its place in channel.seen (Fibonacci hashing: Knuth, volume 3, 6.4).
func hash(burst uint64) uint64 { return burst * gamma >> 54 }

// offer takes a request at t, before the tick of t, unless its queue is full.
func (c *channel) offer(r *Request, at *place, t Clocks) bool {
	q := &c.reads
	if r.Write {
		q = &c.writes
	}
	if q.full() {
		return false
	}
	c.stats.Requests++
	h := hash(at.burst)
	if c.seen[h] != 0 && c.join(r, at, t) {
		return true
	}
	c.seen[h]++
	q.push(&pending{burst: at.burst, accepted: t, row: at.row, tag: r.Tag, bank: uint8(at.bank), write: r.Write})
	if r.Write || c.room>>at.bank&1 != 0 {
		c.sort = true
	}
	return true
}

// join lets a request be served by a pending one for the same burst: a read takes the data of a
// pending write at once or shares a pending read, and a write replaces the data of a pending write.
// It reports whether there is one.
func (c *channel) join(r *Request, at *place, t Clocks) bool {
	p := c.find(at.burst, at.bank, true)
	if p != nil && !r.Write {
		c.stats.Forwarded++
		c.land(r.Tag, t, t+1)
		return true
	}
	if p == nil && !r.Write {
		p = c.find(at.burst, at.bank, false)
	}
	if p == nil {
		return false
	}
	c.stats.Merged++
	p.merged = true
	c.waiters = append(c.waiters, waiter{burst: at.burst, accepted: t, tag: r.Tag, write: r.Write})
	return true
}

// find returns the pending read or write of a burst, or nil.
func (c *channel) find(burst uint64, bank int, write bool) *pending {
	q := &c.reads
	if write {
		q = &c.writes
	}
	for _, e := range [2][]pending{q.entries(), c.banks[bank].queue.entries()} {
		for i := range e {
			if e[i].burst == burst && e[i].write == write {
				return &e[i]
			}
		}
	}
	return nil
}

// release finishes the reads or writes that waited for that of a burst.
func (c *channel) release(burst uint64, write bool, end Clocks) {
	kept := c.waiters[:0]
	for _, w := range c.waiters {
		switch {
		case w.burst != burst || w.write != write:
			kept = append(kept, w)
		case write:
			c.finish(w.tag, true, end)
		default:
			c.land(w.tag, w.accepted, end)
		}
	}
	c.waiters = kept
}

// sortOne moves one request to the queue of its bank: the oldest read whose bank has room, or,
// while a batch of writes is being sorted, the oldest such write.
func (c *channel) sortOne() {
	if c.drain == 0 && c.drainNow() {
		c.drain = c.writes.n
	}
	if c.drain > 0 && c.overtakes() {
		c.drain = 0
	}
	q := &c.reads
	if c.drain > 0 {
		q = &c.writes
	}
	if i := q.firstFor(c.room); i >= 0 {
		if c.drain > 0 {
			c.drain--
		}
		c.sortEntry(q, i)
	}
	if c.drain > 0 {
		c.sort = c.writes.waiting&c.room != 0
	} else {
		c.sort = c.reads.waiting&c.room != 0 || c.drainNow()
	}
}

// drainNow reports that a batch of writes should begin.
func (c *channel) drainNow() bool {
	return c.writes.full() ||
		c.busy == 0 && c.writes.n > c.policy.WriteLow ||
		c.flush && c.reads.n == 0 && c.writes.n > 0
}

// overtakes reports that the next write of the batch would pass a pending read of the same burst,
// which ends the batch.
func (c *channel) overtakes() bool {
	i := c.writes.firstFor(c.room)
	if i < 0 {
		return false
	}
	p := &c.writes.entries()[i]
	return c.seen[hash(p.burst)] > 1 && c.find(p.burst, int(p.bank), false) != nil
}

// sortEntry moves entry i of q to the queue of its bank.
func (c *channel) sortEntry(q *intake, i int) {
	p := &q.entries()[i]
	k := int(p.bank)
	b := &c.banks[k]
	b.push(p)
	q.remove(i)
	if b.queue.full() {
		c.room &^= 1 << k
	}
	c.busy |= 1 << k
	c.stats.Sorted++
	if c.refresh.owed > 0 && c.refresh.held(c.perRank)>>k&1 != 0 {
		return
	}
	before := c.ready[k]
	c.retimeBank(k)
	if c.ready[k] > before {
		c.retime(0) // a new hit keeps a row open that was about to be closed
	} else {
		c.nextCommand = min(c.nextCommand, c.ready[k])
	}
}
