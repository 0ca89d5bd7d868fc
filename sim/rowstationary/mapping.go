package rowstationary

// Mapping is the parameters of a layer on an array, by the paper's letters.
type Mapping struct {
	M int // filters whose sums wait in the buffer
	N int // images of a pass
	E int // output rows of a pass
	P int // filters in a PE
	Q int // channels in a PE
	R int // sets on different channels
	T int // sets on different filters
	// Groups of the convolution that work side by side on sets that R and T leave free.
	Groups int
}

// Cost is what a layer takes on an array with a mapping, for all its images.
type Cost struct {
	Mapping Mapping
	Active  int // PEs at work in a pass of a whole strip
	Strips  int
	Passes  float64
	// Positions is the sum over passes of output columns times images: each takes P*Q*S products of a PE, and
	// P additions.
	Positions float64
	PieceCols int // S: filter columns that a PE takes at a time
	// Inputs is the words that enter the array.
	Inputs float64
	// Sums is the writings of partial sums into the buffer, and as many readings.
	Sums float64
	// Words read from DRAM.
	Filters, Fetched float64
	// Buffered is the input words of a pass, Waiting the sums: both are in the buffer at a time.
	Buffered, Waiting float64
}

// Cycles returns the cycles of all passes without their overhead, where a PE does throughput products per
// cycle and a product of a sum from below takes adds cycles.
func (c *Cost) Cycles(a *Array, throughput, adds float64) float64 {
	work := c.Positions * float64(c.Mapping.P) * (float64(c.Mapping.Q*c.PieceCols)/throughput + adds)
	return max(work, c.Inputs*a.InputWidth/a.InputBus)
}

// Evaluate counts the cost of a mapping, which must fit.
func Evaluate(l *Layer, a *Array, m Mapping) Cost {
	rows, cols, pieces := a.pieces(l)
	batches := ceilDiv(l.Images, m.N)
	sums := ceilDiv(l.Channels, m.Q*m.R) * pieces // passes that add to one sum
	filters := ceilDiv(l.Filters, m.P*m.T)
	side := ceilDiv(l.Groups, m.Groups)
	width, real := l.Cols.span(l.Cols.Out), l.Cols.fetched(0, l.Cols.Out)
	c := Cost{
		Mapping: m, PieceCols: cols,
		Active:  rows * m.E * m.R * m.T * m.Groups,
		Strips:  ceilDiv(l.Rows.Out, m.E),
		Filters: float64(l.Groups*l.Filters*l.Channels*l.Rows.Kernel*l.Cols.Kernel*batches) * float64(ceilDiv(l.Rows.Out, m.E)),
		Sums:    float64(l.Groups*l.Images*l.Filters*l.Rows.Out*l.Cols.Out) * float64(sums),
	}
	c.Passes = float64(c.Strips*batches*side) * float64(sums*filters)
	c.Positions = c.Passes * float64(l.Cols.Out*l.Images) / float64(batches)
	c.Buffered = float64(m.N * m.Q * m.R * m.Groups * l.Rows.span(m.E) * width)
	c.Waiting = float64(m.Groups * m.N * m.M * m.E * l.Cols.Out)
	perRow := float64(l.Groups * l.Images * l.Channels)
	for lo := 0; lo < l.Rows.Out; lo += m.E {
		hi := min(lo+m.E, l.Rows.Out)
		c.Inputs += perRow * float64(l.Rows.span(hi-lo)*width) * float64(filters*pieces)
		c.Fetched += perRow * float64(l.Rows.fetched(lo, hi)*real) * float64(ceilDiv(l.Filters, m.M))
	}
	return c
}
