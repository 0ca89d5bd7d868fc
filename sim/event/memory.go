package event

import "dse/accel"

// memory is an on-chip memory: banks that each move one word per cycle. Neighbouring words lie in
// neighbouring banks.
//
// A requester asks for a run of words at once; each bank serves them after what it was asked before.
// Two requesters that want the same banks thus wait for each other, and a run of fewer words than
// there are banks leaves banks idle: these are the conflicts that a total of bits over a total of
// ports does not see.
type memory struct {
	width int64   // bits of a word
	free  []int64 // by bank, the time from which it has nothing to do
	busy  int64   // words moved
	// before is busy at the start of the step.
	before int64
}

func newMemory(m *accel.Memory) memory {
	return memory{width: int64(m.PortWidth), free: make([]int64, m.Banks)}
}

func (m *memory) reset() {
	clear(m.free)
	m.busy, m.before = 0, 0
}

// access moves words from bank `first` on, asked for at a time, and returns when the last has moved.
func (m *memory) access(at int64, first int, words int64) int64 {
	m.busy += words
	banks := len(m.free)
	each, more := words/int64(banks), int(words%int64(banks))
	done := at
	if each > 0 {
		for b, f := range m.free {
			f = max(f, at) + each
			m.free[b] = f
			done = max(done, f)
		}
	}
	for range more {
		f := max(m.free[first], at) + 1
		m.free[first] = f
		done = max(done, f)
		if first++; first == banks {
			first = 0
		}
	}
	return done
}

// port is a requester's place in a memory: where its next word lies, and the bits that it was asked to
// move but that do not fill a word yet.
type port struct {
	bank int
	bits int64
}

// move asks for bits of a stream at a time and returns when they have moved.
func (p *port) move(m *memory, at, bits int64) int64 {
	p.bits += bits
	words := p.bits / m.width
	if words == 0 {
		return at
	}
	p.bits -= words * m.width
	done := m.access(at, p.bank, words)
	p.bank = int((int64(p.bank) + words) % int64(len(m.free)))
	return done
}
