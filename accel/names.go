package accel

// The names that files use for enumerations, in the order of the constants.
var (
	statusNames     = []string{"estimated", "validated"}
	dataflowNames   = []string{"weight-stationary", "output-stationary", "input-stationary", "unrolled", "row-stationary"}
	reductionNames  = []string{"window", "channels"}
	changeUnitNames = []string{"layer", "column-tile", "channel"}
	operatorNames   = []string{"any", "conv", "depthwise", "dense", "pointwise"}
	operandNames    = []string{"weights", "inputs", "outputs"}
	packingNames    = []string{"exact", "power-of-two"}
	deviceNames     = []string{"low-power", "high-performance"}
)

// String returns the name that files use, such as "estimated".
func (s Status) String() string { return statusNames[s] }

// String returns the name that files use, such as "weight-stationary".
func (d Dataflow) String() string { return dataflowNames[d] }

// String returns the name that files use, such as "window".
func (r Reduction) String() string { return reductionNames[r] }

// String returns the name that files use, such as "column-tile".
func (c ChangeUnit) String() string { return changeUnitNames[c] }

// String returns the name that files use, such as "depthwise".
func (k OperatorKind) String() string { return operatorNames[k] }

// String returns the name that files use, such as "power-of-two".
func (p Packing) String() string { return packingNames[p] }

// String lists the operands as files do, such as "[weights, inputs]".
func (o Operand) String() string {
	out := "["
	for i, n := range operandNames {
		if o&(1<<i) != 0 {
			if len(out) > 1 {
				out += ", "
			}
			out += n
		}
	}
	return out + "]"
}

// Holding says whether the set contains all of what.
func (o Operand) Holding(what Operand) bool { return o&what == what }
