package sim

import (
	"math"

	"dse/accel"
	"dse/models"
)

// geometry is everything about a step that follows from the layer's shape and the array, and not
// from widths: how it is cut, and how many elements each part has.
type geometry struct {
	layer *models.Layer
	index int // of layer in the network
	add   int // index of the Add in the output stage, or -1

	pixels, window, filters          int     // output positions; MACs per output; output channels
	taps                             int     // positions of the window
	groups                           int     // of the convolution
	growth                           float64 // stored bits of a weight per bit of its width
	codedIn, codedResidual, codedOut float64 // shares of the tensors that are coded in DRAM
	rows                             *rows   // nil unless the array is row-stationary and the layer runs on it
	weights, inputs                  float64 // elements, inputs being those that are read at least once
	inputTensor, outputs             float64 // elements
	residual                         float64 // elements of the second operand of an Add or Multiply, 0 without
	metadata                         float64 // bits, the slices' share excluded

	// tiles are the output tiles in order of size, largest first. The first is what the
	// accumulators can take; the others serve memories too small for its buffers.
	tiles []tile
	// rowGroups are the ways to go through the output map in groups of tile rows.
	rowGroups []rowGroup
	// reads is how often a streamed input is read for each group of the convolution: once per
	// column tile (weight and output stationary) or per set of filters (input stationary).
	reads int
	// channelGroups are the ways to split those reads into rounds.
	channelGroups []int

	tileInputs  int     // input channels in the streaming buffer
	tileOutputs int     // output channels that share one reading of the inputs
	described   int     // output channels whose metadata is in the buffer at a time
	weightTile  float64 // elements of one array-full of weights
	firstInputs float64 // elements that the first output row of the first tile waits for
	lastOutputs float64 // elements of the last output row of the last tile

	units  []columns
	shapes []unitShape // of units, without repetition
	modes  *modeChoice
	mac    grid // pJ per MAC
	slot   grid // multiply-accumulate slots of the native array per MAC

	arrayInputs  float64 // input elements that enter the array, or the vector unit
	vectorOps    float64 // element operations on the vector unit
	vectorCycles float64 // time that it takes beside the array
	addCycles    float64 // time that it takes for an Add that runs after the layer
}

// tile is one size of output tile, with what its buffers hold.
type tile struct {
	rows, cols int
	count      float64 // tiles that cover the map
	folds      float64 // times that the array's pixel dimension is filled
	stream     float64 // steps of the array per reduction step and pass over the map
	weights    float64 // elements of the weight buffer
	inputs     float64 // elements of the streaming buffer, halo included
	outputs    float64 // elements of the output buffer
	residual   float64 // elements of the buffer for the tensor that is added
	// streamed is the number of input elements that one pass over the map fetches when each tile
	// fetches its halo again.
	streamed float64
	// weightReads is how often one pass over the map fetches each weight.
	weightReads float64
}

// rowGroup is one way to go through the map in rounds.
type rowGroup struct {
	rounds int
	inputs float64 // elements of the largest round, all channels, halo included
}

// columns are the output channels [lo, hi) that share a column tile, hence the finest change unit.
type columns struct {
	lo, hi int
	shape  int // index into geometry.shapes
}

func newGeometry(c *chip, n *models.Network, i int, modes *modeChoice) (*geometry, error) {
	l := &n.Layers[i]
	g := &geometry{
		layer: l, index: i, add: -1, modes: modes,
		pixels: l.Out.H * l.Out.W, window: l.Fanin(), taps: 1, filters: l.Out.C, groups: 1,
		growth:      c.growth(l),
		weights:     float64(l.WeightElements()),
		inputTensor: float64(l.In.Elements()),
		outputs:     float64(l.Out.Elements()),
	}
	if l.Norm {
		g.metadata += 2 * models.NormBits * float64(l.Out.C)
	}
	if l.Bias {
		g.metadata += models.BiasBits * float64(l.Out.C)
	}
	if n.ActivationSiteOf(i) >= 0 {
		g.metadata += models.ScaleBits + models.FieldBits + models.ClipBits
	}
	if n.FusedIntoAdd(i) {
		g.add = i + 1
		g.addOutputs(c)
		g.residual = g.outputs
		if n.ActivationSiteOf(g.add) >= 0 {
			g.metadata += models.ScaleBits + models.FieldBits + models.ClipBits
		}
	}
	if l.Weighted() && c.Vector.Outputs {
		g.vectorOps += g.outputs
		g.vectorCycles += g.outputs / c.lanes()
	}
	if l.Kind == models.Add || l.Kind == models.Multiply {
		g.residual = float64(n.Layers[l.Inputs[1]].Out.Elements())
	}
	s := newSliding(l)
	if c.Array.StrideExtension {
		s.rows.kernel, s.cols.kernel = wholeStrides(s.rows.kernel, s.rows.stride), wholeStrides(s.cols.kernel, s.cols.stride)
	}
	g.inputs = float64(s.channels) * s.rows.touched(s.out.H) * s.cols.touched(s.out.W)
	if l.Weighted() {
		g.taps = tapsOf(l)
		if l.Kind != models.Dense {
			g.groups = l.Groups
		}
		if c.Array.Dataflow == accel.RowStationary {
			return g, g.layRows(c, n, s)
		}
		g.cutColumns(c, s)
		g.cutTiles(c, s)
		return g, nil
	}
	g.streamOnly(c, s)
	return g, nil
}

// addOutputs counts the addition of a residual to every output.
func (g *geometry) addOutputs(c *chip) {
	ops := g.outputs * float64(max(1, c.Vector.AddOperations))
	g.vectorOps += ops
	if c.Vector.SeparateAdd && g.layer.Weighted() {
		g.addCycles = ops / c.lanes()
		return
	}
	g.vectorCycles += ops / c.lanes()
}

// cutColumns splits the output channels into column tiles, none of which straddles two groups
// unless it holds whole groups only.
func (g *geometry) cutColumns(c *chip, s sliding) {
	perGroup := g.filters / g.groups
	step, end := c.array.Cols, perGroup
	if perGroup <= c.array.Cols {
		step, end = c.array.Cols/perGroup*perGroup, g.filters
	}
	for first := 0; first < g.filters; first += end {
		for lo := first; lo < first+end; lo += step {
			hi := min(lo+step, first+end)
			g.units = append(g.units, columns{lo, hi, g.shapeOf(c, hi-lo, perGroup)})
		}
	}
	multiplications := 1.0
	if c.winograd(g.layer) {
		multiplications = winogradTaps / float64(g.taps)
	}
	g.prices(c, multiplications)
	for _, u := range g.units {
		g.arrayInputs += float64(ceilDiv(u.hi-u.lo, perGroup)*g.window/g.taps) * s.patches(c.Array.Positions)
	}
	if c.Array.Dataflow == accel.InputStationary {
		g.arrayInputs = float64(g.groups * g.window * g.pixels * ceilDiv(perGroup, c.sumsPerColumn()))
	}
}

// prices tabulates energy and slots of a MAC that takes a number of multiplications.
func (g *geometry) prices(c *chip, multiplications float64) {
	g.mac = newGrid(g.modes, func(m accel.Mode) float64 { return float64(m.Energy) * multiplications })
	g.slot = newGrid(g.modes, func(m accel.Mode) float64 {
		if c.Array.Dataflow == accel.OutputStationary {
			return 1 / m.Throughput
		}
		if ownLanes(c, g) {
			return float64(c.array.Rows) * reductionSteps(c, g, m) / float64(g.window)
		}
		return float64(c.array.Rows) / float64(reductionRows(c, m)) * multiplications
	})
}

// shapeOf returns the index of the shape of a column tile with that many channels.
func (g *geometry) shapeOf(c *chip, channels, perGroup int) int {
	for i, s := range g.shapes {
		if s.channels == channels {
			return i
		}
	}
	g.shapes = append(g.shapes, newUnitShape(c, g, channels, perGroup))
	return len(g.shapes) - 1
}

// cutTiles lists the output tiles and the loops around them.
func (g *geometry) cutTiles(c *chip, s sliding) {
	perGroup := g.filters / g.groups
	column := g.shapes[0].channels // filters whose weights one pass over the map needs
	g.tileOutputs = column
	g.reads = ceilDiv(perGroup, c.array.Cols)
	// Positions per tile: as many as the accumulators hold partial sums per column. Where results
	// stay in the array the tile is free; a square of the array's side keeps the buffers modest.
	most := c.sumsPerColumn()
	switch c.Array.Dataflow {
	case accel.OutputStationary:
		most = c.array.Rows * c.array.Rows
	case accel.InputStationary:
		column = min(perGroup, most)
		g.reads = ceilDiv(perGroup, most)
		most = c.array.Cols * c.array.Cols
	case accel.Unrolled:
		if perGroup > c.array.Cols && c.Array.BlockChannels > c.array.Cols {
			g.tileOutputs = g.blockChannels(c, s)
			column = g.tileOutputs
			g.reads = ceilDiv(perGroup, column)
			most = c.sums() / column
		}
	}
	g.weightTile = float64(min(g.window, c.array.Rows) * min(column, g.shapes[0].channels))

	positions := c.Array.Positions
	rows, cols := tileSize(c, s, most)
	g.tiles = []tile{g.newTile(c, s, rows, cols)}
	if t := g.tiles[0]; t.folds > 1 {
		// A column tile's weights stay for the whole pass where there is room, else each fold
		// fetches them.
		g.tiles[0].weights = float64(g.window * column)
		g.tiles[0].weightReads = 1
		g.tiles = append(g.tiles, t)
	}
	for rows > 1 || cols > 1 {
		if rows > 1 {
			rows = wholeSteps((rows+1)/2, s.out.H, positions.Height)
		} else {
			cols = wholeSteps((cols+1)/2, s.out.W, positions.Width)
		}
		g.tiles = append(g.tiles, g.newTile(c, s, rows, cols))
	}
	g.cutRounds(s)
	g.tileInputs, g.described = g.tileChannels(c, s), g.tileOutputs
	g.firstInputs = float64(g.tileInputs * s.rows.span(1) * s.cols.in)
	g.lastOutputs = float64(g.shapes[0].channels * s.out.W)
}

// tileSize returns the largest output tile of at most so many positions: whole rows where possible.
func tileSize(c *chip, s sliding, most int) (rows, cols int) {
	p := c.Array.Positions
	rows = wholeSteps(max(1, min(s.out.H, most/s.out.W)), s.out.H, p.Height)
	cols = wholeSteps(min(s.out.W, most), s.out.W, p.Width)
	return rows, cols
}

// blockChannels chooses how many output channels share one reading of the inputs: with more of them
// the inputs are read less often, but the accumulators hold fewer positions, and the weights are read
// again for each tile. The least number of elements read wins, the smaller block on a tie. Widths have
// no say, so that the choice does not jump while they are learned.
func (g *geometry) blockChannels(c *chip, s sliding) int {
	most := min(c.Array.BlockChannels, ceilDiv(g.filters/g.groups, c.array.Cols)*c.array.Cols, c.sums()/c.Array.Positions.Count())
	best, least := c.array.Cols, math.Inf(1)
	for block := c.array.Cols; block <= most; block += c.array.Cols {
		rows, cols := tileSize(c, s, c.sums()/block)
		t := g.newTile(c, s, rows, cols)
		read := t.streamed*float64(ceilDiv(g.filters/g.groups, block)) + g.weights*t.weightReads
		if read < least {
			best, least = block, read
		}
	}
	return best
}

// tileChannels returns the input channels in the streaming buffer: those that the array's rows
// take at a time, of every group that shares the column tile.
func (g *geometry) tileChannels(c *chip, s sliding) int {
	perGroup := s.channels / g.groups
	together := ceilDiv(g.shapes[0].channels, g.filters/g.groups)
	return together * min(perGroup, c.array.Rows)
}

// newTile returns a tile of the given size that holds no more weights than the array itself.
func (g *geometry) newTile(c *chip, s sliding, rows, cols int) tile {
	channels := g.tileChannels(c, s)
	t := tile{
		rows: rows, cols: cols,
		count:    float64(ceilDiv(s.out.H, rows) * ceilDiv(s.out.W, cols)),
		weights:  g.weightTile,
		inputs:   float64(channels * s.rows.span(rows) * s.cols.span(cols)),
		outputs:  float64(g.tileOutputs * rows * cols),
		streamed: float64(s.channels) * s.rows.fetched(s.out.H, rows) * s.cols.fetched(s.out.W, cols),
	}
	if cols == s.out.W && s.channels/g.groups <= c.array.Rows {
		// All channels of the window are in the buffer, so the next tile below finds its halo there.
		t.streamed = g.inputs
	}
	t.residual = t.outputs
	t.folds = t.count
	switch c.Array.Dataflow {
	case accel.OutputStationary:
		t.folds = max(t.count, float64(ceilDiv(g.pixels, c.array.Rows)))
	case accel.InputStationary:
		t.folds = max(t.count, float64(ceilDiv(g.pixels, c.array.Cols)))
	}
	t.weightReads = t.folds
	switch c.Array.Dataflow {
	case accel.WeightStationary:
		t.stream = float64(g.pixels)
	case accel.OutputStationary, accel.InputStationary:
		t.stream = t.folds
	case accel.Unrolled:
		t.stream = steps(s.out.H, rows, c.Array.Positions.Height) * steps(s.out.W, cols, c.Array.Positions.Width)
	}
	return t
}

// wholeSteps rounds a tile's extent down to whole steps of an array that computes several positions
// at a time, unless the tile is the whole map or smaller than a step.
func wholeSteps(extent, map_, step int) int {
	if extent == map_ || extent < step || step < 2 {
		return extent
	}
	return extent / step * step
}

// steps returns the steps of at most size positions in which tiles of the given extent cover a line.
func steps(line, extent, size int) float64 {
	whole, rest := line/extent, line%extent
	return float64(whole*ceilDiv(extent, max(1, size)) + ceilDiv(rest, max(1, size)))
}

// cutRounds lists the distinct ways to form rounds of whole tile rows and of whole column tiles.
func (g *geometry) cutRounds(s sliding) {
	first := g.tiles[0]
	tileRows := ceilDiv(s.out.H, first.rows)
	for _, size := range groupSizes(tileRows) {
		n := ceilDiv(tileRows, size)
		elements := float64(s.channels * s.rows.span(min(s.out.H, size*first.rows)) * s.cols.in)
		if n == 1 {
			elements = g.inputs
		}
		g.rowGroups = append(g.rowGroups, rowGroup{n, elements})
	}
	for _, size := range groupSizes(g.reads) {
		g.channelGroups = append(g.channelGroups, ceilDiv(g.reads, size))
	}
}

// groupSizes returns the sizes, largest first, that split n things into distinct numbers of groups.
func groupSizes(n int) []int {
	var sizes []int
	last := 0
	for size := n; size >= 1; size-- {
		if k := ceilDiv(n, size); k != last {
			last = k
			// Among the sizes that make k groups the smallest needs the least space.
			sizes = append(sizes, ceilDiv(n, k))
		}
	}
	return sizes
}

// streamOnly describes a layer of the vector unit: each input is read once, in row order, from
// buffers that hold one channel's window rows and one row of results.
func (g *geometry) streamOnly(c *chip, s sliding) {
	g.weights, g.reads = 0, 1
	g.tileInputs, g.tileOutputs, g.described = 1, 1, 1
	g.tiles = []tile{{
		rows: 1, cols: s.out.W, count: float64(s.out.H), folds: float64(s.out.H), stream: float64(s.out.H),
		inputs: float64(s.rows.span(1) * s.cols.in), outputs: float64(s.out.W), residual: float64(s.out.W), streamed: g.inputs, weightReads: 1,
	}}
	g.rowGroups = []rowGroup{{1, g.inputs}}
	g.channelGroups = []int{1}
	g.firstInputs, g.lastOutputs = g.tiles[0].inputs, g.tiles[0].outputs
	g.arrayInputs = g.outputs * float64(vectorOps(g.layer))
	if g.layer.Kind == models.Add {
		g.addOutputs(c)
		return
	}
	g.vectorOps = g.arrayInputs
	g.vectorCycles = g.vectorOps / c.lanes()
	if pool := g.layer.Kind == models.AveragePool || g.layer.Kind == models.MaxPool; pool && c.Vector.PoolLanes > 0 {
		g.vectorCycles = g.vectorOps / float64(c.Vector.PoolLanes)
		if c.Vector.Outputs {
			g.vectorCycles = max(g.vectorCycles, g.outputs/c.lanes())
		}
	}
}

// vectorOps returns the element operations per output of a layer of the vector unit: those of a pool
// are the elements of its window, linear interpolation adds up four neighbours.
func vectorOps(l *models.Layer) int {
	switch {
	case l.Kind == models.AveragePool || l.Kind == models.MaxPool:
		return l.Kernel.H * l.Kernel.W
	case l.Kind == models.Resize && l.Bilinear:
		return 4
	}
	return 1
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
