package pipeline

import "dse/sim/nest"

// Cost of a layer in cycles. Array, Memory and Host are busy times, which overlap; the other parts do not.
type Cost struct {
	Cycles float64
	Tiles  float64

	Array  float64 // passes
	Load   float64
	Store  float64
	Host   float64 // commands of tiles
	Setup  float64
	Tiling float64 // the host's search for the tile size
	Fill   float64 // first load
	Drain  float64 // last store
}

// Bound names the engine that is busy for longest.
func (c *Cost) Bound() string {
	switch longest := max(c.Array, c.Load+c.Store, c.Host); longest {
	case c.Array:
		return "array"
	case c.Host:
		return "host"
	}
	return "memory"
}

// Price returns the cost of a problem cut into tiles. The error says what is wrong with the tiling.
func (m *Machine) Price(p *Problem, t *Tiling) (Cost, error) {
	if err := p.Check(t); err != nil {
		return Cost{}, err
	}
	l := m.layer(p, t)
	c := Cost{Setup: m.setup, Tiling: m.tiling * float64(t.Tried)}
	host := m.tile
	if p.Product {
		host = m.product
	}
	for i := range l.tiles {
		n, w := l.tiles[i].count, &l.tiles[i].tile
		array := m.coupled(w.steps, w.passes*m.issue)
		load := w.zeros
		for s, f := range w.loads {
			load += l.loading[s].time(m, f)
		}
		store := w.stores * l.storing
		c.Cycles += n * m.coupled(array, load+store, host)
		c.Tiles += n
		c.Array += n * array
		c.Load += n * load
		c.Store += n * store
		c.Host += n * host
		c.Fill, c.Drain = max(c.Fill, load), max(c.Drain, store)
	}
	c.Cycles += c.Setup + c.Tiling + c.Fill + c.Drain
	return c, nil
}

// layer is a problem cut into tiles, with what tells how fast their bytes move.
type layer struct {
	tiles   []counted
	loading [2]loading
	storing float64 // cycles per row
}

type counted struct {
	tile
	count float64
}

// loading says how lines of one tensor arrive.
type loading struct {
	missed float64 // share that the cache does not hold
	late   float64 // cycles for each of those
}

func (l loading) time(m *Machine, f fetch) float64 {
	held := max(f.beats*m.beat, f.lines*m.hit)
	return (1-l.missed)*held + l.missed*max(held, f.lines*l.late)
}

func (m *Machine) layer(p *Problem, t *Tiling) layer {
	var l layer
	rows := spans(p.Out.H, p.In.H, p.Kernel.H, p.Stride, p.Pad.H, t.Size[nest.Q], t.Size[nest.S])
	cols := spans(p.Out.W, p.In.W, p.Kernel.W, p.Stride, p.Pad.W, t.Size[nest.P], t.Size[nest.R])
	filters, channels := pieces(p.Filters, t.Size[nest.K], m.line), pieces(p.Channels, t.Size[nest.C], m.line)
	var mean [streams]stream
	total := 0.0
	for i := range rows {
		for j := range cols {
			for k := range filters {
				for c := range channels {
					w, results := m.tileOf(p, &rows[i], &cols[j], &filters[k], &channels[c])
					n := rows[i].count * cols[j].count * filters[k].count * channels[c].count
					l.tiles = append(l.tiles, counted{w, n})
					mean[inputs].lines += n * w.loads[inputs].lines
					mean[weights].lines += n * w.loads[weights].lines
					mean[outputs].lines += n * results
					total += n
				}
			}
		}
	}
	for s, bytes := range [streams]int{
		inputs:  p.In.H * p.In.W * p.Channels,
		weights: p.Kernel.H * p.Kernel.W * p.Channels * p.Filters,
		outputs: p.Out.H * p.Out.W * p.Filters,
	} {
		mean[s].whole = m.lines(bytes)
		mean[s].lines = min(mean[s].whole, mean[s].lines/total)
		mean[s].room = m.cache
	}
	mean[weights].room = m.room(p.Filters)
	missed := m.missed(mean, m.loops(p, t))
	l.loading[inputs] = loading{missed[inputs], m.miss + m.jump/m.run(t.Size[nest.C], p.Channels)}
	l.loading[weights] = loading{missed[weights], m.miss + m.jump/m.run(t.Size[nest.K], p.Filters)}

	perRow := 1.0 // lines of a stored row that the row before did not touch
	if !p.Product {
		perRow = min(1, float64(p.Filters)/float64(m.line))
	}
	l.storing = m.write + (1-perRow)*m.conflict
	if mean[outputs].whole > m.cache {
		l.storing += perRow * m.writeMiss
	}
	return l
}

func (m *Machine) lines(bytes int) float64 { return float64(bytes) / float64(m.line) }

// run returns the lines side by side that a tile fetches of rows of so many channels, of all of which it
// takes part. Whole rows follow one another; a page of them is as good as an endless run.
func (m *Machine) run(part, all int) float64 {
	const page = 16 // lines
	if part >= all {
		return page
	}
	return max(1, m.lines(part))
}
