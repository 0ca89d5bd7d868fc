package event

// kind says what happens at an event.
type kind uint8

const (
	beatEnds  kind = iota // the array has finished a beat
	arrives               // a burst has arrived on chip; arg is the flow
	busFree               // the data bus of a pipe can take the next burst
	dramTicks             // the memory of a device can do something
	wakes                 // a transfer has been set up
)

// entry is an event that is to come. Events at one time happen in the order in which they were
// scheduled, which is what makes runs repeatable.
type entry struct {
	at  int64  // cycles
	key uint64 // sequence number, kind and argument
}

const (
	argBits  = 4
	kindBits = 4
)

func (e entry) kind() kind { return kind(e.key >> argBits & (1<<kindBits - 1)) }
func (e entry) arg() int   { return int(e.key & (1<<argBits - 1)) }

func (e entry) before(f entry) bool { return e.at < f.at || e.at == f.at && e.key < f.key }

// queue is a heap with four children per node in one slice: half the levels of a binary heap, and the
// children of a node share a cache line. The few events that are pending at a time (one for each
// resource, and the bursts under way) make it shallow.
type queue struct {
	heap []entry
	seq  uint64
}

func (q *queue) reset() { q.heap, q.seq = q.heap[:0], 0 }

// push schedules an event.
func (q *queue) push(at int64, k kind, arg int) {
	q.seq++
	e := entry{at, q.seq<<(argBits+kindBits) | uint64(k)<<argBits | uint64(arg)}
	q.heap = append(q.heap, e)
	h, i := q.heap, len(q.heap)-1
	for i > 0 {
		up := (i - 1) / 4
		if !e.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
}

// pop removes the next event. The queue must not be empty.
func (q *queue) pop() entry {
	h := q.heap
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	q.heap = h
	if len(h) == 0 {
		return top
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if !h[least].before(last) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = last
	return top
}
