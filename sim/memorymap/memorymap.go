// Package memorymap says what lies where in the on-chip memories of an accelerator at each step of an
// inference, and gives everything an address.
//
// The simulator decides what stays on chip in amounts (sim.Simulator.Occupants); a chip needs addresses.
// Steps are gone through in order. What has ended gives up its space, and what begins takes the
// smallest gap that holds it (best fit), at its lower end; what lives for one step only takes it at the
// upper end of the highest gap that holds it, so that short-lived buffers do not cut up the space of
// tensors. Of what begins at one step the long-lived goes first, then the larger, then the first
// listed.
//
// Where no gap is large enough the block is cut into pieces, which is possible whenever the space is
// there at all: the map shows what fragmentation does, and how much, but it does not fail of it. Cut counts
// the blocks that had to be cut. A compiler would avoid cuts by moving a tensor or by keeping less of it.
package memorymap

import (
	"cmp"
	"fmt"
	"slices"

	"dse/accel"
	"dse/sim"
)

// Memory is the map of one memory. Sizes and addresses are in bits.
type Memory struct {
	Name     string
	Capacity int64
	// Peak is the most that is taken at one step, and PeakStep the first such step.
	Peak     int64
	PeakStep int
	// Used is the space taken at each step.
	Used []int64
	// Scattered is the most free space outside the largest gap at one step: what fragmentation keeps from
	// a single large block.
	Scattered int64
	// Cut is the number of blocks in several pieces.
	Cut    int
	Blocks []Block // by first step, then by address
}

// Block is an occupant with its place.
type Block struct {
	What        sim.OccupantKind
	Name        string
	First, Last int // steps
	Bits        int64
	Pieces      []Piece // one, if the memory was not too fragmented; in order of address
}

// Piece is a range of addresses.
type Piece struct{ Address, Bits int64 }

// end returns the first address behind the piece.
func (p Piece) end() int64 { return p.Address + p.Bits }

// short says whether the block lives for one step only.
func (b *Block) short() bool { return b.First == b.Last }

// New places occupants in the memories of an accelerator, for an inference of so many steps. It fails if
// some step has more occupants than a memory has space.
func New(a *accel.Accelerator, occupants []sim.Occupant, steps int) ([]Memory, error) {
	maps := make([]Memory, len(a.Memories))
	for m := range maps {
		maps[m] = Memory{Name: a.Memories[m].Name, Capacity: int64(a.Memories[m].Capacity.Bits()), Used: make([]int64, steps)}
	}
	for _, o := range occupants {
		if o.First < 0 || o.First > o.Last || o.Last >= steps || o.Bits < 1 {
			panic("memorymap: an occupant outside the inference, or without a size")
		}
		m := &maps[o.Memory]
		m.Blocks = append(m.Blocks, Block{What: o.What, Name: o.Name, First: o.First, Last: o.Last, Bits: o.Bits})
	}
	for m := range maps {
		if err := maps[m].place(); err != nil {
			return nil, fmt.Errorf("accelerator %s: %w", a.Name, err)
		}
	}
	return maps, nil
}

// place gives every block its address.
func (m *Memory) place() error {
	slices.SortStableFunc(m.Blocks, func(a, b Block) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(b.Last, a.Last), cmp.Compare(b.Bits, a.Bits))
	})
	var live []*Block
	next := 0
	for step := range m.Used {
		live = slices.DeleteFunc(live, func(b *Block) bool { return b.Last < step })
		for ; next < len(m.Blocks) && m.Blocks[next].First == step; next++ {
			b := &m.Blocks[next]
			if left := b.take(m.gaps(live)); left > 0 {
				return fmt.Errorf("memory %s has %d bits, step %d needs %d more for the %v of %s: enlarge the memory or keep less on chip",
					m.Name, m.Capacity, step, left, b.What, b.Name)
			}
			live = append(live, b)
			if len(b.Pieces) > 1 {
				m.Cut++
			}
		}
		free, largest := int64(0), int64(0)
		for _, g := range m.gaps(live) {
			free += g.Bits
			largest = max(largest, g.Bits)
		}
		m.Scattered = max(m.Scattered, free-largest)
		for _, b := range live {
			m.Used[step] += b.Bits
		}
		if m.Used[step] > m.Peak {
			m.Peak, m.PeakStep = m.Used[step], step
		}
	}
	slices.SortStableFunc(m.Blocks, func(a, b Block) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Pieces[0].Address, b.Pieces[0].Address))
	})
	return nil
}

// gaps returns the free ranges between live blocks in order of address.
func (m *Memory) gaps(live []*Block) []Piece {
	var taken []Piece
	for _, b := range live {
		taken = append(taken, b.Pieces...)
	}
	slices.SortFunc(taken, func(a, b Piece) int { return cmp.Compare(a.Address, b.Address) })
	var gaps []Piece
	at := int64(0)
	for _, p := range append(taken, Piece{Address: m.Capacity}) {
		if p.Address > at {
			gaps = append(gaps, Piece{at, p.Address - at})
		}
		at = max(at, p.end())
	}
	return gaps
}

// take places the block in gaps and returns the bits that find no place.
func (b *Block) take(gaps []Piece) int64 {
	best := -1
	for i, g := range gaps {
		switch {
		case g.Bits < b.Bits:
		case b.short(), best < 0, g.Bits < gaps[best].Bits:
			best = i // the highest, or the tightest
		}
	}
	if best >= 0 {
		at := gaps[best].Address
		if b.short() {
			at = gaps[best].end() - b.Bits
		}
		b.Pieces = []Piece{{at, b.Bits}}
		return 0
	}
	// In pieces, of the largest gaps first.
	slices.SortStableFunc(gaps, func(a, b Piece) int { return cmp.Compare(b.Bits, a.Bits) })
	left := b.Bits
	for _, g := range gaps {
		if left == 0 {
			break
		}
		n := min(left, g.Bits)
		b.Pieces = append(b.Pieces, Piece{g.Address, n})
		left -= n
	}
	slices.SortFunc(b.Pieces, func(a, b Piece) int { return cmp.Compare(a.Address, b.Address) })
	return left
}

// Check verifies the map and returns the first breach: every block is in one place, whole and inside the
// memory, no two blocks overlap at a step, and the space taken is that of the blocks.
func (m *Memory) Check() error {
	used := make([]int64, len(m.Used))
	for i := range m.Blocks {
		b := &m.Blocks[i]
		sum, at := int64(0), int64(0)
		for _, p := range b.Pieces {
			if p.Bits < 1 || p.Address < at || p.end() > m.Capacity {
				return fmt.Errorf("memory %s: %v of %s has a piece at %d of %d bits", m.Name, b.What, b.Name, p.Address, p.Bits)
			}
			at = p.end()
			sum += p.Bits
		}
		if sum != b.Bits {
			return fmt.Errorf("memory %s: pieces of the %v of %s are %d bits, not %d", m.Name, b.What, b.Name, sum, b.Bits)
		}
		for j := range m.Blocks[:i] {
			if c := &m.Blocks[j]; c.First <= b.Last && b.First <= c.Last && overlap(b.Pieces, c.Pieces) {
				return fmt.Errorf("memory %s: %v of %s and %v of %s lie in one place", m.Name, b.What, b.Name, c.What, c.Name)
			}
		}
		for step := b.First; step <= b.Last; step++ {
			used[step] += b.Bits
		}
	}
	if !slices.Equal(used, m.Used) || slices.Max(used) != m.Peak || used[m.PeakStep] != m.Peak {
		return fmt.Errorf("memory %s: the space taken is not that of its blocks", m.Name)
	}
	return nil
}

// overlap says whether two sets of pieces, each in order of address, share any.
func overlap(a, b []Piece) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].end() <= b[0].Address:
			a = a[1:]
		case b[0].end() <= a[0].Address:
			b = b[1:]
		default:
			return true
		}
	}
	return false
}
