package nest

// Dim is a dimension of the layer, hence of a loop over it.
type Dim uint8

// The dimensions, by the field's letters.
const (
	N       Dim = iota // batch
	C                  // input channels; channels of a depthwise layer
	K                  // output channels
	Q                  // output rows
	P                  // output columns
	S                  // filter rows
	R                  // filter columns
	NumDims = iota
)

// String returns the letter.
func (d Dim) String() string { return "NCKQPSR"[d : d+1] }

// Operand is a tensor of the layer.
type Operand uint8

// The operands.
const (
	Weights Operand = iota
	Inputs
	Outputs
	NumOperands = iota
)

// String returns the operand's name.
func (o Operand) String() string { return [...]string{"weights", "inputs", "outputs"}[o] }

// Layer is one group of a convolution, or a matrix product where Q, P, S and R are 1.
//
//	O[n][k][q][p] += W[k][c][s][r] * I[n][c][q*StrideH+s][p*StrideW+r]
//
// Padding is part of the input: it has (Q-1)*StrideH + S rows.
type Layer struct {
	Size             [NumDims]int
	StrideH, StrideW int
	// Depthwise layers have no K (its size is 1): W[c][s][r], O[n][c][q][p].
	Depthwise bool
}

// MACs returns the multiply-accumulates.
func (l *Layer) MACs() int64 {
	macs := int64(1)
	for _, n := range l.Size {
		macs *= int64(n)
	}
	return macs
}

// outputs returns the elements of the output tensor.
func (l *Layer) outputs() int64 {
	n := int64(1)
	for d := range Dim(NumDims) {
		if l.role(Outputs, d) == index {
			n *= int64(l.Size[d])
		}
	}
	return n
}

// role is what a dimension is to an operand.
type role uint8

const (
	unused role = iota // the operand is the same along the dimension
	index              // the dimension is an axis of the tensor
	window             // the dimension and its partner make an axis: row = q*StrideH + s
)

var roles = [2][NumOperands][NumDims]role{
	{
		Weights: {C: index, K: index, S: index, R: index},
		Inputs:  {N: index, C: index, Q: window, P: window, S: window, R: window},
		Outputs: {N: index, K: index, Q: index, P: index},
	},
	{
		Weights: {C: index, S: index, R: index},
		Inputs:  {N: index, C: index, Q: window, P: window, S: window, R: window},
		Outputs: {N: index, C: index, Q: index, P: index},
	},
}

func (l *Layer) roles() *[NumOperands][NumDims]role {
	if l.Depthwise {
		return &roles[1]
	}
	return &roles[0]
}

func (l *Layer) role(o Operand, d Dim) role { return l.roles()[o][d] }

// Uses says whether an operand differs along a dimension.
func (l *Layer) Uses(o Operand, d Dim) bool { return l.role(o, d) != unused }

// tileElements returns the elements of an operand in a tile of the given sizes.
func (l *Layer) tileElements(o Operand, tile [NumDims]int, boxed bool) int64 {
	n := int64(1)
	for d := range Dim(NumDims) {
		if l.role(o, d) == index {
			n *= int64(tile[d])
		}
	}
	if o != Inputs {
		return n
	}
	for _, a := range l.axes(boxed) {
		n *= int64(a.size(slide{span{0, tile[a.out]}, span{0, tile[a.filter]}}))
	}
	return n
}
