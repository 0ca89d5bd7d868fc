package dram

import "math/bits"

// channel is one bus with its banks and its controller. Within an instant the order is: a refresh
// becomes due, at most one command is sent, at most one request is sorted to its bank.
type channel struct {
	policy  Policy
	n       *Timing
	rules   *spacing
	banks   []bank
	perRank int // banks

	reads, writes intake
	waiters       []waiter
	seen          [1024]uint16 // pending requests by the hash of their burst
	room          uint64       // banks whose queue has room
	busy          uint64       // banks whose queue is not empty
	drain         int          // writes still to be sorted in this batch; 0: it is the reads' turn
	flush         bool         // no more requests come: do not keep writes back
	sort          bool         // sorting may succeed
	open          uint64       // banks with an open row
	turn          int          // the bank that was served last
	ready         []Clocks     // per bank, the next instant of a command; never if none is wanted or a refresh goes before
	nextCommand   Clocks       // the earliest of these

	refresh   refresher
	openBanks []int    // per rank
	openSince []Clocks // per rank, if any is open

	number   int // of the channel
	hooks    Hooks
	landing  timeline // instants at which accepted reads have their data
	lastData Clocks   // end of the last burst on the bus
	stats    Stats
}

func newChannel(d *Device, number int, hooks Hooks) *channel {
	c := &channel{
		policy: d.Policy, n: &d.Timing, rules: newSpacing(d), perRank: d.Banks(),
		banks: make([]bank, d.Ranks*d.Banks()), ready: make([]Clocks, d.Ranks*d.Banks()),
		reads: intake{fifo: newFIFO(d.Policy.ReadQueue)}, writes: intake{fifo: newFIFO(d.Policy.WriteBuffer)},
		openBanks: make([]int, d.Ranks), openSince: make([]Clocks, d.Ranks),
		number: number, hooks: hooks,
	}
	for i := range c.banks {
		c.banks[i].queue = newFIFO(d.Policy.BankQueue)
	}
	c.reset()
	return c
}

// reset returns to the state after power-up: all banks closed, all queues empty, the first refresh
// due after a full interval.
func (c *channel) reset() {
	for i := range c.banks {
		c.banks[i].clear()
		c.ready[i] = never
	}
	c.rules.reset()
	c.reads.clear()
	c.writes.clear()
	c.waiters = c.waiters[:0]
	clear(c.seen[:])
	c.room, c.busy, c.open = 1<<len(c.banks)-1, 0, 0
	c.drain, c.flush, c.sort = 0, false, false
	c.turn, c.nextCommand = len(c.banks)-1, never
	c.refresh.reset(c.n[NREFI], len(c.openBanks))
	clear(c.openBanks)
	clear(c.openSince)
	c.landing.reset()
	c.lastData = 0
	c.stats = Stats{}
}

// next returns the first instant, not before t, whose tick can change anything.
func (c *channel) next(t Clocks) Clocks {
	if c.sort {
		return t
	}
	return max(t, min(c.nextCommand, c.refresh.ready, c.refresh.due))
}

// tick does all that happens at t.
func (c *channel) tick(t Clocks) {
	if t >= c.refresh.due {
		c.refresh.becomeDue()
		c.retime(c.busy)
	}
	if t >= c.refresh.ready {
		c.sendRefresh(t)
	} else if t >= c.nextCommand {
		c.serve(t)
	}
	if c.sort {
		c.sortOne()
	}
}

// settled reports that no request will be served any more: none waits but writes that are kept back.
// Refreshes go on for ever and do not count.
func (c *channel) settled() bool {
	return c.busy == 0 && c.reads.n == 0 && (c.writes.n == 0 || c.drain == 0 && !c.drainNow())
}

// serve sends a command to the first bank that is ready, beginning after the one served last.
func (c *channel) serve(t Clocks) {
	from := c.turn + 1
	for _, mask := range [2]uint64{c.busy >> from << from, c.busy & (1<<from - 1)} {
		for ; mask != 0; mask &= mask - 1 {
			k := bits.TrailingZeros64(mask)
			if c.ready[k] > t {
				continue
			}
			c.turn = k
			cmd, i := c.banks[k].choose(&c.rules.bank[k], &c.rules.group[c.rules.within[k].group], c.policy.HitLimit, t)
			switch cmd {
			case ACT:
				c.activate(k, t)
			case PRE:
				c.precharge(k, t)
			default:
				c.burst(k, i, t)
			}
			return
		}
	}
	panic("dram: no bank is ready at the instant of the next command")
}

// activate opens the row of the request at the head of a bank's queue.
func (c *channel) activate(k int, t Clocks) {
	b := &c.banks[k]
	b.open(b.queue.entries()[0].row)
	c.open |= 1 << k
	rank := c.rules.within[k].rank
	if c.openBanks[rank]++; c.openBanks[rank] == 1 {
		c.openSince[rank] = t
	}
	c.stats.Activates++
	c.send(ACT, k, t)
}

// precharge closes the row of a bank.
func (c *channel) precharge(k int, t Clocks) {
	c.banks[k].shut()
	c.open &^= 1 << k
	rank := c.rules.within[k].rank
	if c.openBanks[rank]--; c.openBanks[rank] == 0 {
		c.stats.ActiveClocks += t - c.openSince[rank]
	}
	c.stats.Precharges++
	c.send(PRE, k, t)
}

// burst reads or writes the burst of entry i of a bank's queue.
func (c *channel) burst(k, i int, t Clocks) {
	b := &c.banks[k]
	p := b.take(i)
	c.room |= 1 << k
	if b.queue.n == 0 {
		c.busy &^= 1 << k
		c.ready[k] = never
	}
	c.seen[hash(p.burst)]--
	c.sort = c.reads.n > 0 || c.writes.n > 0
	var hit int64
	if b.hits > 0 {
		hit = 1
	}
	b.hits++
	if p.write {
		end := t + c.n[NWL] + c.n[NBL]
		c.lastData = max(c.lastData, end)
		c.stats.Writes++
		c.stats.WriteHits += hit
		c.finish(p.tag, true, end)
		if p.merged {
			c.release(p.burst, true, end)
		}
		c.send(WR, k, t)
		return
	}
	end := t + c.n[NRL] + c.n[NBL]
	c.lastData = max(c.lastData, end)
	c.stats.Reads++
	c.stats.ReadHits += hit
	c.land(p.tag, p.accepted, end)
	if p.merged {
		c.release(p.burst, false, end)
	}
	c.send(RD, k, t)
}

// land books the data of a read.
func (c *channel) land(tag uint32, accepted, end Clocks) {
	c.stats.ReadsDone++
	c.stats.LatencySum += end - accepted
	c.landing.push(end)
	c.finish(tag, false, end)
}

// finish tells the requester.
func (c *channel) finish(tag uint32, write bool, at Clocks) {
	if c.hooks.Finished != nil {
		c.hooks.Finished(tag, write, at)
	}
}

// send puts a command on the command bus and finds the next instant of one.
func (c *channel) send(cmd Command, k int, t Clocks) {
	if c.hooks.Command != nil {
		c.hooks.Command(c.number, cmd, k, c.banks[k].row, t)
	}
	c.rules.issue(cmd, k, t)
	if cmd == REF {
		c.retime(c.busy)
		return
	}
	moved := uint64(1) << k
	if c.rules.putsOff[cmd].closed {
		moved |= ^c.open
	}
	if c.rules.putsOff[cmd].open {
		moved |= c.open
	}
	c.retime(moved & c.busy)
}

// retime finds the next instant of a command, given that nothing has changed for banks other than
// moved.
func (c *channel) retime(moved uint64) {
	if c.refresh.owed > 0 {
		held := c.refresh.held(c.perRank)
		for mask := moved & held; mask != 0; mask &= mask - 1 {
			c.ready[bits.TrailingZeros64(mask)] = never
		}
		moved &^= held
		c.refresh.ready = c.refreshReady()
	}
	for ; moved != 0; moved &= moved - 1 {
		c.retimeBank(bits.TrailingZeros64(moved))
	}
	next := never
	for mask := c.busy; mask != 0; mask &= mask - 1 {
		next = min(next, c.ready[bits.TrailingZeros64(mask)])
	}
	c.nextCommand = next
}

// retimeBank finds the next instant of a command to a bank that wants one.
func (c *channel) retimeBank(k int) {
	c.ready[k] = c.banks[k].ready(&c.rules.bank[k], &c.rules.group[c.rules.within[k].group], c.policy.HitLimit)
}
