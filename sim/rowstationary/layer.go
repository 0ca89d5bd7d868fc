package rowstationary

// Axis is one direction of a sliding window. The input lies on a grid with Up-1 empty places between
// neighbours; output o looks at the places o*Stride - Pad + k*Dilation.
type Axis struct{ In, Out, Kernel, Stride, Pad, Dilation, Up int }

// span returns the input positions under n neighbouring outputs, padding included.
func (a Axis) span(n int) int {
	return ceilDiv((n-1)*a.Stride+(a.Kernel-1)*a.Dilation+1, a.Up)
}

// fetched returns the input positions under the outputs [lo, hi), padding excluded.
func (a Axis) fetched(lo, hi int) int {
	first := lo*a.Stride - a.Pad
	last := (hi-1)*a.Stride - a.Pad + (a.Kernel-1)*a.Dilation
	return max(0, min(a.In, floorDiv(last, a.Up)+1)-max(0, ceilDiv(first, a.Up)))
}

// Layer is a convolution of a batch of images.
type Layer struct {
	Images            int
	Channels, Filters int // of one group
	Groups            int
	Rows, Cols        Axis
}

// Array is what the mapping must fit. Widths and the buffer are in bits.
type Array struct {
	Rows, Cols                        int
	FilterWords, InputWords, SumWords int     // scratchpads of a PE
	Buffer                            float64 // for inputs and sums
	InputWidth, SumWidth              float64
	// InputBus is the bits of inputs that enter the array per cycle, Port the bits that the buffer
	// moves per cycle in all.
	InputBus, Port float64
	// Coding is the share of an input's bits that is left when it crosses DRAM's bus coded.
	Coding float64
}

// pieces cuts a window that is larger than the array, or than a scratchpad, into equal parts that are
// accumulated one after another: rows and cols of a part, and their number.
func (a *Array) pieces(l *Layer) (rows, cols, count int) {
	down, along := ceilDiv(l.Rows.Kernel, a.Rows), ceilDiv(l.Cols.Kernel, min(a.InputWords, a.FilterWords))
	return ceilDiv(l.Rows.Kernel, down), ceilDiv(l.Cols.Kernel, along), down * along
}

// sets returns how many sets of e columns and the given rows fit on the array.
func (a *Array) sets(rows, e int) int {
	stacks := a.Rows / rows
	folds := ceilDiv(e, a.Cols)
	if folds > 1 {
		return stacks / folds
	}
	return stacks * (a.Cols / e)
}

func ceilDiv(a, b int) int { return -floorDiv(-a, b) }

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
