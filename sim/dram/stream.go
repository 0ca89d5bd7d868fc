package dram

// Stream is a requester of one tile after another: row i of it covers the bytes
// [Base + i Stride, Base + i Stride + RowBytes) and is moved as all bursts that touch it, in
// ascending order. A burst that two rows share is moved for each. A sequential stream has one row.
type Stream struct {
	Write      bool
	Base       uint64
	RowBytes   uint64
	Stride     uint64
	Rows       int
	ChunkBytes uint64 // what Interleave takes at a time; at least one burst
}

// row returns the first and the last burst of row i.
func (s *Stream) row(i int, offset uint8) (first, last uint64) {
	at := s.Base + uint64(i)*s.Stride
	return at >> offset, (at + s.RowBytes - 1) >> offset
}

// cursor walks the bursts of a stream.
type cursor struct {
	s          *Stream
	offset     uint8
	i          int
	next, last uint64
	chunk      int // bursts per turn
}

func (c *cursor) done() bool { return c.i >= c.s.Rows }

// seek goes to about burst y of the n that the stream has.
func (c *cursor) seek(y, n uint64) {
	perRow := float64(n) / float64(c.s.Rows)
	c.i = min(int(float64(y)/perRow), c.s.Rows-1)
	c.next, c.last = c.s.row(c.i, c.offset)
	c.next = min(c.last, c.next+y-min(y, uint64(float64(c.i)*perRow)))
}

// take returns the present burst and goes on to the next.
func (c *cursor) take() uint64 {
	b := c.next
	if b == c.last {
		if c.i++; c.i < c.s.Rows {
			c.next, c.last = c.s.row(c.i, c.offset)
		}
		return b
	}
	c.next++
	return b
}

// Interleave merges streams round robin, ChunkBytes of each at a time, until all have ended. The
// tag of a request is the number of its stream.
type Interleave struct {
	cursors []cursor
	turn    int
	left    int // bursts of this turn
	offset  uint8
}

var _ Source = (*Interleave)(nil)

// NewInterleave returns the requests of the streams to a device.
func NewInterleave(d *Device, streams ...Stream) *Interleave {
	offset := log2(int(d.BurstBytes()))
	s := &Interleave{offset: offset, turn: -1}
	for i := range streams {
		c := cursor{s: &streams[i], offset: offset, chunk: max(1, int(streams[i].ChunkBytes>>offset))}
		if streams[i].RowBytes == 0 {
			c.i = streams[i].Rows
		}
		if !c.done() {
			c.next, c.last = c.s.row(0, offset)
		}
		s.cursors = append(s.cursors, c)
	}
	return s
}

// Fill implements Source.
func (s *Interleave) Fill(buf []Request) int {
	n := 0
	for n < len(buf) {
		if s.left == 0 && !s.rotate() {
			break
		}
		c := &s.cursors[s.turn]
		for s.left > 0 && n < len(buf) && !c.done() {
			buf[n] = Request{Addr: c.take() << s.offset, Write: c.s.Write, Tag: uint32(s.turn)}
			n++
			s.left--
		}
		if c.done() {
			s.left = 0
		}
	}
	return n
}

// rotate gives the turn to the next stream that has not ended.
func (s *Interleave) rotate() bool {
	for range s.cursors {
		if s.turn++; s.turn == len(s.cursors) {
			s.turn = 0
		}
		if c := &s.cursors[s.turn]; !c.done() {
			s.left = c.chunk
			return true
		}
	}
	return false
}
