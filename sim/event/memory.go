package event

import "dse/accel"

// memory is an on-chip memory: banks that each move one word per cycle. Neighbouring words lie in
// neighbouring banks.
//
// A requester asks for a run of words at once; each bank serves them after what it was asked before.
// Two requesters that want the same banks thus wait for each other, and a run of fewer words than
// there are banks leaves banks idle: these are the conflicts that a total of bits over a total of
// ports does not see.
//
// What the array reads goes first. Results wait behind it, in the accumulators or the vector unit, and
// words of the DMA behind these, until banks have nothing else to do.
type memory struct {
	width   int64   // bits of a word
	free    []int64 // by bank, the time from which it has nothing to do
	results int64   // words of results that wait
	posted  int64   // words that wait in the DMA
	busy    int64   // words asked for
	before  int64   // of these, before the step
}

func newMemory(m *accel.Memory) memory {
	return memory{width: int64(m.PortWidth), free: make([]int64, m.Banks)}
}

func (m *memory) reset() {
	clear(m.free)
	m.results, m.posted, m.busy, m.before = 0, 0, 0, 0
}

// settle lets idle banks serve what waits, up to a time.
func (m *memory) settle(at int64) {
	idle := int64(0)
	for b, f := range m.free {
		if f < at {
			idle += at - f
			m.free[b] = at
		}
	}
	served := min(idle, m.results)
	m.results -= served
	m.posted = max(0, m.posted-(idle-served))
}

// access moves words from bank `first` on, asked for at a time, and returns when the last has moved.
func (m *memory) access(at int64, first int, words int64) int64 {
	m.settle(at)
	m.busy += words
	banks := len(m.free)
	each, more := words/int64(banks), int(words%int64(banks))
	done := at
	if each > 0 {
		for b, f := range m.free {
			f += each
			m.free[b] = f
			done = max(done, f)
		}
	}
	for range more {
		m.free[first]++
		done = max(done, m.free[first])
		if first++; first == banks {
			first = 0
		}
	}
	return done
}

// dmaWords is the words per bank that the DMA holds for the memory, a beat's worth since the array asks for
// a beat's at a time. When there are more it moves nothing
// until the banks have caught up.
const dmaWords = beatCycles

// post hands words to the DMA at a time. It returns when the DMA can take more, as far as can be seen.
func (m *memory) post(at, words int64) int64 {
	m.settle(at)
	m.busy += words
	m.posted += words
	if m.posted <= dmaWords*int64(len(m.free)) {
		return at
	}
	return m.through(at, m.results+m.posted) - dmaWords
}

// write lets words of results wait from a time on. It returns when they will have moved at the earliest.
func (m *memory) write(at, words int64) int64 {
	m.settle(at)
	m.busy += words
	m.results += words
	return m.through(at, m.results)
}

// through returns when the banks will be through with what they were asked and with some that waits, seen
// from a time to which they are settled.
func (m *memory) through(at, waiting int64) int64 {
	last := at
	for _, f := range m.free {
		waiting += f - at
		last = max(last, f)
	}
	banks := int64(len(m.free))
	return max(last, at+(waiting+banks-1)/banks)
}

// finish lets the banks get through with all they were asked and returns when they are.
func (m *memory) finish(at int64) int64 {
	m.settle(at)
	done := m.through(at, m.results+m.posted)
	m.results, m.posted = 0, 0
	for b := range m.free {
		m.free[b] = done
	}
	return done
}

// port is a requester's place in a memory: where its next word lies, and the bits that it was asked to
// move but that do not fill a word yet.
type port struct {
	bank int
	bits int64
}

// words takes bits of a stream and returns the words that they fill.
func (p *port) words(m *memory, bits int64) int64 {
	p.bits += bits
	words := p.bits / m.width
	p.bits -= words * m.width
	return words
}

// move asks for bits of a stream at a time and returns when they have moved.
func (p *port) move(m *memory, at, bits int64) int64 {
	words := p.words(m, bits)
	if words == 0 {
		return at
	}
	done := m.access(at, p.bank, words)
	p.bank = int((int64(p.bank) + words) % int64(len(m.free)))
	return done
}

// write lets bits of results wait from a time on and returns when they will have moved at the earliest.
func (p *port) write(m *memory, at, bits int64) int64 {
	words := p.words(m, bits)
	if words == 0 {
		return at
	}
	return m.write(at, words)
}

// post hands bits of a stream to the DMA at a time and returns when it can take more.
func (p *port) post(m *memory, at, bits int64) int64 {
	words := p.words(m, bits)
	if words == 0 {
		return at
	}
	return m.post(at, words)
}
