package dram

import "math/bits"

// Request is one burst to read or write.
type Request struct {
	Addr  uint64 // byte address; the burst that holds it is moved
	Write bool
	Tag   uint32 // handed back when the request is finished; the memory does not look at it
}

// Hooks are called as a memory works. Each may be nil.
type Hooks struct {
	// Finished reports that the data of a request has left or entered the memory at the instant at.
	// It is called as soon as that is known, which is before at.
	Finished func(tag uint32, write bool, at Clocks)
	// Command reports that a command is sent to a bank of a channel (for REF: to the rank of that
	// bank). row is the row that ACT opens, and the open row for RD and WR.
	Command func(channel int, c Command, bank int, row int32, at Clocks)
}

// pending is a request that waits in a queue.
type pending struct {
	burst    uint64 // address in bursts
	accepted Clocks
	row      int32
	tag      uint32
	bank     uint8
	write    bool
	merged   bool // others wait for the same burst
}

// waiter is a read, or a write, that an earlier one for the same burst will finish.
type waiter struct {
	burst    uint64
	accepted Clocks
	tag      uint32
	write    bool
}

// fifo is a queue of bounded length from whose middle entries may be taken.
type fifo struct {
	buf   []pending
	first int
	n     int
	limit int
}

// newFIFO returns a queue for limit entries. The buffer is longer, so that the entries move up in
// it and are copied to its start only now and then.
func newFIFO(limit int) fifo { return fifo{buf: make([]pending, 4*limit), limit: limit} }

func (q *fifo) full() bool         { return q.n == q.limit }
func (q *fifo) entries() []pending { return q.buf[q.first : q.first+q.n] }
func (q *fifo) clear()             { q.first, q.n = 0, 0 }

// push appends. The queue is not full.
func (q *fifo) push(p *pending) {
	if q.first+q.n == len(q.buf) {
		copy(q.buf, q.entries())
		q.first = 0
	}
	q.buf[q.first+q.n] = *p
	q.n++
}

// remove takes entry i away and keeps the order of the others.
func (q *fifo) remove(i int) {
	if i > 0 {
		e := q.entries()
		copy(e[1:i+1], e[:i])
	}
	q.first++
	q.n--
}

// intake is a queue of accepted requests that are not yet sorted to banks. It knows for which banks
// any are waiting.
type intake struct {
	fifo
	waiting uint64 // banks
	count   [maxBanks]int32
}

// push appends. The queue is not full.
func (q *intake) push(p *pending) {
	q.fifo.push(p)
	q.count[p.bank]++
	q.waiting |= 1 << p.bank
}

// remove takes entry i away.
func (q *intake) remove(i int) {
	b := q.entries()[i].bank
	if q.count[b]--; q.count[b] == 0 {
		q.waiting &^= 1 << b
	}
	q.fifo.remove(i)
}

// firstFor returns the position of the first entry for one of the banks, or -1.
func (q *intake) firstFor(banks uint64) int {
	if q.waiting&banks == 0 {
		return -1
	}
	for i := range q.entries() {
		if banks>>q.entries()[i].bank&1 != 0 {
			return i
		}
	}
	panic("dram: an intake has lost a request")
}

func (q *intake) clear() {
	q.fifo.clear()
	q.waiting, q.count = 0, [maxBanks]int32{}
}

// without takes bit i out of a mask and moves the higher bits down, as positions move in a queue
// from which entry i is taken.
func without(mask uint64, i int) uint64 {
	below := uint64(1)<<i - 1
	return mask&below | mask>>1&^below
}

// firstOf returns the position of the lowest bit, or -1.
func firstOf(mask uint64) int {
	if mask == 0 {
		return -1
	}
	return bits.TrailingZeros64(mask)
}
