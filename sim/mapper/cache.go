package mapper

import (
	"encoding/binary"
	"math"
	"sync"
)

// Cache remembers what Search found on one machine for one objective, by layer shape, widths and modes. It
// may be used by several goroutines.
type Cache struct {
	machine   *Machine
	objective Objective

	mu    sync.Mutex
	found map[string]Result
}

// NewCache returns an empty cache.
func NewCache(m *Machine, o Objective) *Cache {
	return &Cache{machine: m, objective: o, found: map[string]Result{}}
}

// Objective returns what the cache's searches minimise.
func (c *Cache) Objective() Objective { return c.objective }

// Search is the package's Search, remembered.
func (c *Cache) Search(p *Problem) (Result, error) {
	var buffer [512]byte
	key := p.key(buffer[:0])
	c.mu.Lock()
	r, ok := c.found[string(key)]
	c.mu.Unlock()
	if ok {
		return r, nil
	}
	r, err := Search(c.machine, p, c.objective)
	if err != nil {
		return r, err
	}
	c.mu.Lock()
	c.found[string(key)] = r
	c.mu.Unlock()
	return r, nil
}

// Len returns the number of problems solved.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.found)
}

// key appends everything that a search depends on, besides the machine.
func (p *Problem) key(b []byte) []byte {
	number := func(x float64) { b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x)) }
	whole := func(xs ...int) {
		for _, x := range xs {
			b = binary.AppendVarint(b, int64(x))
		}
	}
	l := &p.Layer
	whole(l.Groups, l.K, l.C, l.Rows.Out, l.Rows.Taps, l.Rows.Stride, l.Rows.Pad, l.Rows.In,
		l.Cols.Out, l.Cols.Taps, l.Cols.Stride, l.Cols.Pad, l.Cols.In, len(p.Modes))
	if l.Depthwise {
		whole(1)
	}
	for i := range p.Modes {
		s := &p.Modes[i]
		whole(s.Mode.Weight, s.Mode.Activation, int(s.Mode.Operator), s.Channels)
		number(s.Mode.Throughput)
		number(float64(s.Mode.Energy))
	}
	w, h := &p.Widths, &p.Present
	for _, x := range [...]float64{
		w.Weight, w.Input, w.Output, w.Residual, w.Partial, w.Metadata, h.Weights, h.Inputs, h.Outputs, h.Residual, p.VectorOps, p.VectorCycles,
	} {
		number(x)
	}
	for _, x := range p.Reserved {
		number(x)
	}
	return b
}
