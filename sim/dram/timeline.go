package dram

// timeline holds the coming instants at which reads have their data, in order.
type timeline struct {
	at    []Clocks // a ring, its length a power of two
	first int
	n     int
}

func (l *timeline) reset() { l.first, l.n = 0, 0 }

// push adds an instant. It is the latest almost always.
func (l *timeline) push(at Clocks) {
	if l.n == len(l.at) {
		l.grow()
	}
	mask := len(l.at) - 1
	i := l.n
	for ; i > 0; i-- {
		before := l.at[(l.first+i-1)&mask]
		if before <= at {
			break
		}
		l.at[(l.first+i)&mask] = before
	}
	l.at[(l.first+i)&mask] = at
	l.n++
}

// grow doubles the ring. It happens a few times in the life of a memory.
func (l *timeline) grow() {
	bigger := make([]Clocks, max(64, 2*len(l.at)))
	for i := range l.n {
		bigger[i] = l.at[(l.first+i)&(len(l.at)-1)]
	}
	l.at, l.first = bigger, 0
}

// next returns the first instant, or never.
func (l *timeline) next() Clocks {
	if l.n == 0 {
		return never
	}
	return l.at[l.first]
}

// pass forgets the instants before t and returns how many there were.
func (l *timeline) pass(t Clocks) int {
	passed := 0
	for l.n > 0 && l.at[l.first] < t {
		l.first = (l.first + 1) & (len(l.at) - 1)
		l.n--
		passed++
	}
	return passed
}
