package nest

// Count is the traffic of one operand at one level over the whole run, in elements, summed over the
// level's units.
type Count struct {
	Tile  int64 // elements of the largest tile of one unit
	Units int64 // units that the spatial loops span; where they do not divide, some can be idle

	Reads   int64 // towards the multipliers; what several units inside share is read once
	Updates int64 // written from inside: outputs, after reduction over the units inside
	Fills   int64 // written from outside
	Drains  int64 // outputs read to be sent outside
	Adds    int64 // additions in space between the level inside and this one

	FinalUpdates, FinalDrains int64 // updates and drains that are complete results
}

// Counter counts mappings one after the other without allocating. It is not safe for concurrent use.
type Counter struct {
	layer   *Layer
	mapping *Mapping
	rules   Rules
	roles   *[NumOperands][NumDims]role

	loops  [NumDims][]dimLoop
	even   [NumDims]bool // all pieces of a loop over the dimension are equal
	steps  []timeStep    // temporal loops with more than one step, outermost first
	axes   [2]axis
	axisOf [NumDims]int // index of the dimension's axis; 2 if it has none

	// Scratch of entered.
	tables    [NumDims]table
	outside   [NumDims]int // temporal loops of the dimension outside the advancing one
	slides    [2]tally
	fresh     [3]bool
	slideHalo [2]bool
	parts     []part
	classes   []class
	walk      []class
	holds     []hold
	lanes     []lane
	groups    int
	united    int
	offsets   []int
	sizes     []int
	drains    []int // cuts of the levels that hold outputs, outermost first; none for other operands
	breaks    []int
	pairList  []pair
	all       []span
	fetched   []span

	counts [][NumOperands]Count
}

// timeStep is a temporal loop.
type timeStep struct {
	pos int
	dim Dim
}

// Count returns the traffic at each level of the mapping, by operand. The result is valid until the
// next call. The mapping must have passed Check.
func (c *Counter) Count(l *Layer, m *Mapping, rules Rules) [][NumOperands]Count {
	c.layer, c.mapping, c.rules = l, m, rules
	c.roles = l.roles()
	c.axes = l.axes(rules&BoundingBox != 0)
	c.axisOf = [NumDims]int{N: 2, C: 2, K: 2, Q: 0, S: 0, P: 1, R: 1}
	c.findLoops()
	if n := len(m.Levels); cap(c.counts) < n {
		c.counts = make([][NumOperands]Count, n)
	} else {
		c.counts = c.counts[:n]
		clear(c.counts)
	}
	for o := range Operand(NumOperands) {
		c.countOperand(o)
	}
	return c.counts
}

func (c *Counter) role(o Operand, d Dim) role { return c.roles[o][d] }

func (c *Counter) findLoops() {
	tile := c.layer.Size
	c.steps = c.steps[:0]
	for d := range c.loops {
		c.loops[d], c.even[d] = c.loops[d][:0], true
	}
	for pos, loop := range c.mapping.Loops {
		d, outer := loop.Dim, tile[loop.Dim]
		if outer < loop.Step || loop.Step < 1 {
			panic("nest: mapping was not checked")
		}
		tile[d] = loop.Step
		if outer == loop.Step {
			continue
		}
		c.loops[d] = append(c.loops[d], dimLoop{pos, loop.Step, ceilDiv(outer, loop.Step), loop.Spatial})
		c.even[d] = c.even[d] && outer%loop.Step == 0
		if !loop.Spatial {
			c.steps = append(c.steps, timeStep{pos, d})
		}
	}
	if tile != [NumDims]int{1, 1, 1, 1, 1, 1, 1} {
		panic("nest: mapping was not checked")
	}
}

// countOperand goes from the outermost level inward.
func (c *Counter) countOperand(o Operand) {
	m := c.mapping
	c.drains = c.drains[:0]
	for i := range m.Levels {
		if cut := m.Levels[i].Cut[o]; o == Outputs && cut != Bypass {
			c.drains = append(c.drains, cut)
		}
	}
	boxed := c.rules&BoundingBox != 0
	opened := c.layer.tileElements(o, c.layer.Size, boxed) // sums opened in the units of the level
	for i := 0; i < len(m.Levels); {
		cut := m.Levels[i].Cut[o]
		at := &c.counts[i][o]
		at.Tile = c.layer.tileElements(o, m.tile(c.layer, cut), boxed)
		at.Units = m.units(c.layer, cut)
		i = m.inside(o, i)
		var next *Count
		if i < len(m.Levels) {
			next = &c.counts[i][o]
		}
		sent, received := c.cross(o, cut, i)
		if o != Outputs {
			at.Reads = sent
			if next != nil {
				next.Fills = received
			}
			continue
		}
		at.Updates, at.Adds = sent, received-sent
		at.Reads = sent - (opened - at.Fills)
		if !m.reduces(c.layer, cut, true) {
			at.FinalUpdates = c.layer.outputs()
		}
		opened = received
		if next == nil {
			continue
		}
		next.Drains, next.Fills = received, at.Reads
		if c.rules&SpillToAll != 0 {
			next.Fills *= received / sent
		}
		if !m.reduces(c.layer, m.Levels[i].Cut[o], true) {
			next.FinalDrains = c.layer.outputs()
		}
	}
}

// cross returns the elements that pass from the units of a level with the given cut to those of an
// inner level, or to the multipliers if there is none: what units share counts once in sent, and for
// each of them in received. Outputs pass as often the other way.
func (c *Counter) cross(o Operand, cut, inner int) (sent, received int64) {
	if inner == len(c.mapping.Levels) {
		return c.used(o, cut), c.layer.MACs()
	}
	inside := c.mapping.Levels[inner].Cut[o]
	received = c.entered(o, inside, inside)
	if !c.mapping.spreads(c.layer, cut, inside) {
		return received, received
	}
	return c.entered(o, cut, inside), received
}
