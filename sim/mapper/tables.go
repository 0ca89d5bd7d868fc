package mapper

// Dim is a dimension that a mapping cuts.
type Dim uint8

// The dimensions. In depthwise layers C stands for all channels and K has size 1.
const (
	K Dim = iota // output channels
	C            // input channels
	Q            // output rows
	P            // output columns
	dims
)

// String returns the letter.
func (d Dim) String() string { return "KCQP"[d : d+1] }

// entry is what one dimension contributes to the traffic of one operand, cut by one step.
type entry struct {
	first float64 // size of the first piece
	all   float64 // sum of sizes
	next  float64 // all - first
	kept  float64 // what each piece shares with the one before, summed
	again float64 // what the first piece shares with the last
}

// cut is a dimension cut into pieces of a step, the last one smaller where the step does not divide.
type cut struct {
	step, n, last int
	as            [3]entry  // by role
	blocks        float64   // K, or C in depthwise layers: column tiles of the array, summed over pieces
	folds         []float64 // C: passes that a column tile takes in each mode, summed over pieces
	sums          []float64 // C: additions to each partial sum in each mode
	most          float64   // Q, P: inputs under the largest piece
	steps         float64   // Q, P: steps of positions, summed over pieces
	full, rest    int       // Q, P: pieces of size step, and the size of a smaller last one (or 0)
}

// Roles of a dimension in an operand.
const (
	unused = iota // the operand is the same along it
	index         // an axis of the operand
	window        // an axis of the input, with halo
)

// roles of each dimension, by operand, for layers that are not and that are depthwise.
var roles = [2][operands][dims]uint8{
	{
		weights: {K: index, C: index},
		inputs:  {C: index, Q: window, P: window},
		outputs: {K: index, Q: index, P: index},
	},
	{
		weights: {C: index},
		inputs:  {C: index, Q: window, P: window},
		outputs: {C: index, Q: index, P: index},
	},
}

// newCut returns the pieces of a dimension of size n; axis is nil where there is no halo.
func newCut(n, step int, axis *Axis) cut {
	count := (n + step - 1) / step
	c := cut{step: step, n: count, last: n - (count-1)*step, full: n / step, rest: n % step}
	c.as[unused] = entry{first: 1, all: float64(count), next: float64(count - 1), kept: float64(count - 1), again: 1}
	c.as[index] = entry{first: float64(step), all: float64(n), next: float64(n - step)}
	if count == 1 {
		c.as[index].again = float64(n)
	}
	if axis == nil {
		return c
	}
	var w entry
	for i := range count {
		lo, hi := i*step, min((i+1)*step, n)
		_, size := axis.read(lo, hi)
		w.all += float64(size)
		c.most = max(c.most, float64(size))
		if i == 0 {
			w.first = float64(size)
			continue
		}
		w.kept += float64(axis.shared(lo-step, lo, lo, hi))
	}
	w.next = w.all - w.first
	w.again = float64(axis.shared(0, min(step, n), (count-1)*step, n))
	c.as[window] = w
	return c
}

// entered returns the elements of an operand that tiles fetch over the whole run of the loops. See the
// package comment for the formula.
func entered(role *[dims]uint8, order *[dims]Dim, cuts *[dims]*cut) float64 {
	e0 := &cuts[order[0]].as[role[order[0]]]
	e1 := &cuts[order[1]].as[role[order[1]]]
	e2 := &cuts[order[2]].as[role[order[2]]]
	e3 := &cuts[order[3]].as[role[order[3]]]
	new3, kept3 := e3.first, e3.again
	new2, kept2 := new3*e2.first, kept3*e2.again
	new1, kept1 := new2*e1.first, kept2*e1.again
	total := e0.first * new1
	total += e0.next*new1 - e0.kept*kept1
	out := e0.all
	total += out * (e1.next*new2 - e1.kept*kept2)
	out *= e1.all
	total += out * (e2.next*new3 - e2.kept*kept3)
	out *= e2.all
	return total + out*(e3.next-e3.kept)
}

// loads returns how often a tile of an operand is replaced by another, the first one included: the
// number of transfers.
func loads(role *[dims]uint8, order *[dims]Dim, cuts *[dims]*cut) float64 {
	inner := len(order) - 1 // the innermost loop with several steps over a dimension of the operand
	for inner >= 0 && (role[order[inner]] == unused || cuts[order[inner]].n == 1) {
		inner--
	}
	n := 1.0
	for i := 0; i <= inner; i++ {
		n *= float64(cuts[order[i]].n)
	}
	return n
}
