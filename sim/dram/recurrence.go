package dram

// recurrence follows requests through a memory in the order in which they are made, without
// events: every bus, bank group, rank and bank has a clock of its own up to which it is taken, and a
// request moves those that it needs. Buses, groups and ranks are fluids, whose clock runs on by the
// work of a request from when the request came; it does not matter to them in which order the
// controller serves what it has, which is what makes one step per request enough. Banks keep
// their rows, so that hits and misses are counted exactly but for reordering.
type recurrence struct {
	device *Device
	decode decoder
	gaps   gaps
	pace   Pace

	banks  []bankClock
	queues []Clocks // per bank, a ring of the last column commands as long as the bank's queue
	groups []groupClock
	ranks  []fluid // activates
	buses  []bus

	inFlight      earliest // places for reads in flight, as the requester has them
	reads, writes earliest // places in the queues before the banks
	batch         []place  // writes kept back

	now     Clocks // instant at which the last request was accepted
	credit  int    // requests still to be accepted at now
	end     Clocks // end of the last data
	counted tally  // but clocks
}

// fluid is the clock of what serves one request at a time in any order.
type fluid Clocks

// take adds work that came at t and returns when it would begin in the order of coming.
func (f *fluid) take(t, work Clocks) Clocks {
	begin := max(Clocks(*f), t)
	*f = fluid(begin + work)
	return begin
}

// groupClock is a bank group: its column commands and its activates.
type groupClock struct{ columns, activates fluid }

// bus is a data bus and the direction in which it has moved data.
type bus struct {
	data  fluid
	reads bool // since the last batch of writes
	rank  int  // of the last request
}

// bankClock is a bank.
type bankClock struct {
	row    int32
	wrote  bool
	next   int32  // where the bank's ring of column commands goes on
	opened Clocks // ACT
	last   Clocks // last RD or WR
	before [2]visit
}

// visit is a row that was open earlier, and up to when a request for it would still have found it
// so.
type visit struct {
	row  int32
	shut Clocks
}

// gaps are the spacings of a device's rules as the recurrence needs them.
type gaps struct {
	burst, column            Clocks // between bursts on a bus, and in a bank group
	activate, activateGroup  Clocks // mean distance of ACT in a rank, and in a bank group
	rcd, rp, ras             Clocks // bank: ACT to RD or WR, PRE to ACT, ACT to PRE
	readToPre, writeToPre    Clocks
	turn                     Clocks // lost on the bus by a batch of writes between reads
	otherRank                Clocks // lost on the bus when the rank changes
	readLatency, writeLength Clocks // RD to the last beat, WR to the last beat
}

// longest returns the largest spacing per command that rules of a scope set between two commands.
func (d *Device) longest(scope Scope, before, after Command) Clocks {
	var most Clocks
	for _, r := range d.Standard.Rules {
		if r.Scope == scope && r.Before == before && r.After == after {
			w := Clocks(r.Window)
			most = max(most, (r.Latency.In(&d.Timing)+w-1)/w)
		}
	}
	return most
}

func newGaps(d *Device) gaps {
	g := gaps{
		burst:         max(d.longest(SameChannel, RD, RD), d.longest(SameRank, RD, RD)),
		activate:      d.longest(SameRank, ACT, ACT),
		activateGroup: d.longest(SameGroup, ACT, ACT),
		rcd:           d.longest(SameBank, ACT, RD),
		rp:            d.longest(SameBank, PRE, ACT),
		ras:           d.longest(SameBank, ACT, PRE),
		readToPre:     d.longest(SameBank, RD, PRE),
		writeToPre:    d.longest(SameBank, WR, PRE),
		readLatency:   d.Timing[NRL] + d.Timing[NBL],
		writeLength:   d.Timing[NWL] + d.Timing[NBL],
	}
	g.column = max(g.burst, d.longest(SameGroup, RD, RD))
	g.turn = d.longest(SameChannel, RD, WR) - g.burst + d.longest(SameRank, WR, RD) - g.burst
	if d.Ranks > 1 {
		g.otherRank = d.longest(OtherRank, RD, RD) - g.burst
	}
	return g
}

func newRecurrence(d *Device) *recurrence {
	decode, err := newDecoder(d)
	if err != nil {
		panic("dram: a recurrence of a device that fails Check")
	}
	banks := d.Channels * d.Ranks * d.Banks()
	return &recurrence{
		device: d, decode: decode, gaps: newGaps(d),
		banks:  make([]bankClock, banks),
		queues: make([]Clocks, banks*d.Policy.BankQueue),
		groups: make([]groupClock, d.Channels*d.Ranks*d.Groups),
		ranks:  make([]fluid, d.Channels*d.Ranks),
		buses:  make([]bus, d.Channels),
	}
}

// reset begins with all banks closed at instant 0.
func (x *recurrence) reset(pace Pace) {
	x.pace = pace
	for i := range x.banks {
		x.banks[i] = bankClock{row: closed, opened: -never, last: -never, before: [2]visit{{row: closed}, {row: closed}}}
	}
	clear(x.queues)
	clear(x.groups)
	clear(x.ranks)
	for i := range x.buses {
		x.buses[i] = bus{data: fluid(1 + x.gaps.rcd)} // no data moves before a row is open
	}
	outstanding := pace.Outstanding
	if outstanding == 0 {
		outstanding = len(x.queues) + len(x.buses)*x.device.Policy.ReadQueue
	}
	x.inFlight.reset(outstanding)
	x.reads.reset(len(x.buses) * x.device.Policy.ReadQueue)
	x.writes.reset(len(x.buses) * x.device.Policy.WriteBuffer)
	x.batch = x.batch[:0]
	x.now, x.credit, x.end = 0, max(1, pace.PerClock), 0
	x.counted = tally{}
}

// request follows one request.
func (x *recurrence) request(r *Request) {
	if x.credit--; x.credit < 0 {
		x.now++
		x.credit = max(1, x.pace.PerClock) - 1
	}
	x.counted.requests++
	p := x.decode.place(r.Addr)
	if r.Write {
		if x.writes.full() {
			x.await(x.writes.pop())
		}
		if x.batch = append(x.batch, p); len(x.batch) == x.writes.limit {
			x.drain()
		}
		return
	}
	if x.inFlight.full() {
		x.await(x.inFlight.pop() + 1)
	}
	if x.reads.full() {
		x.await(x.reads.pop() + 1)
	}
	sorted, column := x.serve(&p, false)
	x.buses[p.channel].reads = true
	x.reads.push(sorted)
	x.inFlight.push(column + x.gaps.readLatency)
	x.end = max(x.end, column+x.gaps.readLatency)
	x.counted.reads++
}

// await puts off the acceptance of a request.
func (x *recurrence) await(t Clocks) {
	if t > x.now {
		x.now, x.credit = t, max(1, x.pace.PerClock)-1
	}
}

// drain follows the writes that were kept back.
func (x *recurrence) drain() {
	for i := range x.buses {
		if b := &x.buses[i]; b.reads && len(x.batch) > 0 {
			b.data.take(x.now, x.gaps.turn)
			b.reads = false
		}
	}
	for i := range x.batch {
		sorted, column := x.serve(&x.batch[i], true)
		x.writes.push(sorted)
		x.end = max(x.end, column+x.gaps.writeLength)
	}
	x.counted.writes += float64(len(x.batch))
	x.batch = x.batch[:0]
}

// serve moves the clocks of what a request needs. It returns when the request reaches the queue of
// its bank and when its RD or WR is sent.
func (x *recurrence) serve(p *place, write bool) (sorted, column Clocks) {
	g, d := &x.gaps, x.device
	perRank := d.Banks()
	bank := p.channel*d.Ranks*perRank + p.bank
	rank := bank / perRank
	b, group := &x.banks[bank], &x.groups[bank/d.BanksPerGroup]

	queue := x.queues[bank*d.Policy.BankQueue:][:d.Policy.BankQueue]
	sorted = max(x.now+1, queue[b.next])

	data := &x.buses[p.channel]
	work := g.burst
	if rank != data.rank {
		work += g.otherRank
		data.rank = rank
	}
	column = max(data.data.take(sorted, work), group.columns.take(sorted, g.column))
	column = x.row(b, group, &x.ranks[rank], p.row, write, sorted, column)

	queue[b.next] = column
	if b.next++; int(b.next) == len(queue) {
		b.next = 0
	}
	return sorted, column
}

// row returns when a request's RD or WR can be sent, given the state of its bank, and brings
// that state forward.
func (x *recurrence) row(b *bankClock, group *groupClock, rank *fluid, row int32, write bool, sorted, column Clocks) Clocks {
	g := &x.gaps
	if row == b.row {
		column = max(column, b.last+g.column)
		b.last, b.wrote = column, write
		return column
	}
	// A request that comes before the row is closed keeps it open, and all that follows in the bank
	// comes later. The hit limit is left out, as it seldom binds: hits in a row are closer than nRTP,
	// so that PRE is not ready between them.
	for i := range b.before {
		v := &b.before[i]
		if v.row == row && sorted < v.shut {
			column = max(column, v.shut-g.readToPre)
			v.shut += g.column
			b.last += g.column
			b.opened += g.column
			return column
		}
	}
	open := sorted
	if b.row != closed {
		gap := g.readToPre
		if b.wrote {
			gap = g.writeToPre
		}
		shut := max(sorted, b.last+gap, b.opened+g.ras)
		open = shut + g.rp
		b.before[1] = b.before[0]
		b.before[0] = visit{row: b.row, shut: shut}
		x.counted.precharges++
	}
	open = max(open, rank.take(sorted, g.activate), group.activates.take(sorted, g.activateGroup))
	column = max(column, open+g.rcd)
	b.row, b.opened, b.last, b.wrote = row, open, column, write
	x.counted.activates++
	return column
}
