package dram

// refresher says when the ranks of a channel are refreshed. All banks of a rank are refreshed
// together; the ranks take turns at equal distances, so that each is refreshed every nREFI. Once
// due, a refresh goes before everything else: no bank of the rank is served, the open ones are
// closed as soon as they may be, and REF follows.
type refresher struct {
	interval Clocks
	ranks    int
	due      Clocks // the instant at which the next one becomes due
	owed     int    // due and not sent
	rank     int    // of the first that is owed, or that becomes due next
	ready    Clocks // the next command towards the first that is owed; never if none is
}

func (r *refresher) reset(nREFI Clocks, ranks int) {
	*r = refresher{interval: nREFI / Clocks(ranks), ranks: ranks, due: nREFI / Clocks(ranks), ready: never}
}

// becomeDue books the refresh that is due.
func (r *refresher) becomeDue() {
	r.due += r.interval
	r.owed++
}

// sent books a refresh that was sent.
func (r *refresher) sent() {
	r.owed--
	r.ready = never
	if r.rank++; r.rank == r.ranks {
		r.rank = 0
	}
}

// held returns the banks that wait for the first refresh owed.
func (r *refresher) held(perRank int) uint64 {
	return (1<<perRank - 1) << (r.rank * perRank)
}

// refreshReady returns the first instant of the next command towards the refresh that is owed: of
// closing a bank of the rank, or, once all are closed, of REF.
func (c *channel) refreshReady() Clocks {
	first := c.refresh.rank * c.perRank
	if c.openBanks[c.refresh.rank] == 0 {
		return c.rules.earliest(REF, first)
	}
	at := never
	for k := first; k < first+c.perRank; k++ {
		if c.banks[k].row != closed {
			at = min(at, c.rules.earliest(PRE, k))
		}
	}
	return at
}

// sendRefresh sends the next command towards the refresh that is owed.
func (c *channel) sendRefresh(t Clocks) {
	first := c.refresh.rank * c.perRank
	if c.openBanks[c.refresh.rank] == 0 {
		c.stats.Refreshes++
		c.refresh.sent()
		c.send(REF, first, t)
		return
	}
	for k := first; k < first+c.perRank; k++ {
		if c.banks[k].row != closed && c.rules.earliest(PRE, k) <= t {
			c.precharge(k, t)
			return
		}
	}
	panic("dram: no bank can be closed at the instant of the next command towards a refresh")
}
