package dram

// maxQueue bounds the entries of a bank's queue, whose positions are the bits of a word.
const maxQueue = 64

// closed stands for the row of a bank without an open row.
const closed int32 = -1

// bank is the state of one bank and of the requests sorted to it.
//
// A bank without an open row opens that of the request at the head of its queue. A bank with an
// open row serves the oldest read and the oldest write that hit it, whichever may go first, so that
// hits overtake. The row is closed for the head only, and only when no request hits it or as many
// as the hit limit have.
type bank struct {
	queue fifo
	row   int32 // open row, or closed
	hits  int32 // RD and WR since the row was opened

	// Positions in the queue of requests that hit the open row, and of writes.
	hitting, writing uint64
}

// clear returns to a closed bank with nothing to do.
func (b *bank) clear() {
	b.queue.clear()
	b.row, b.hits, b.hitting, b.writing = closed, 0, 0, 0
}

// push appends a request.
func (b *bank) push(p *pending) {
	at := uint64(1) << b.queue.n
	if p.row == b.row {
		b.hitting |= at
	}
	if p.write {
		b.writing |= at
	}
	b.queue.push(p)
}

// take removes entry i.
func (b *bank) take(i int) pending {
	p := b.queue.entries()[i]
	b.queue.remove(i)
	b.hitting, b.writing = without(b.hitting, i), without(b.writing, i)
	return p
}

// open makes row the open one.
func (b *bank) open(row int32) {
	b.row, b.hits, b.hitting = row, 0, 0
	for i, p := range b.queue.entries() {
		if p.row == row {
			b.hitting |= 1 << i
		}
	}
}

// shut closes the open row.
func (b *bank) shut() { b.row, b.hitting = closed, 0 }

// mayClose reports that the head of the queue may have the open row closed.
func (b *bank) mayClose(hitLimit int) bool {
	return b.hitting&1 == 0 && (b.hitting == 0 || int(b.hits) >= hitLimit)
}

// ready returns the first instant at which the bank, whose queue is not empty, can be sent a
// command, from what the spacing rules say about it and about its group.
func (b *bank) ready(own, group *ready, hitLimit int) Clocks {
	if b.row == closed {
		return max(own[ACT], group[ACT])
	}
	at := never
	if b.hitting&^b.writing != 0 {
		at = max(own[RD], group[RD])
	}
	if b.hitting&b.writing != 0 {
		at = min(at, max(own[WR], group[WR]))
	}
	if b.mayClose(hitLimit) {
		at = min(at, max(own[PRE], group[PRE]))
	}
	return at
}

// choose returns what to send to the bank at t, which is not before ready, and for RD and WR the
// position of the request.
func (b *bank) choose(own, group *ready, hitLimit int, t Clocks) (Command, int) {
	if b.row == closed {
		return ACT, 0
	}
	// The head, for which alone the row is closed, comes before all that hit.
	if b.mayClose(hitLimit) && max(own[PRE], group[PRE]) <= t {
		return PRE, 0
	}
	read, write := firstOf(b.hitting&^b.writing), firstOf(b.hitting&b.writing)
	if max(own[RD], group[RD]) > t {
		read = -1
	}
	if max(own[WR], group[WR]) > t {
		write = -1
	}
	if read >= 0 && (write < 0 || read < write) {
		return RD, read
	}
	return WR, write
}
