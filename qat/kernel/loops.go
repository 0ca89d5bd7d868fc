package kernel

// loops is one implementation of the inner loops. The functions above them check the arguments,
// choose blocks and treat edges; the loops run over full vectors.
//
// Strides and offsets count floats. Loops over channels take channels that are a multiple of
// laneCount; the remaining ones are passed to the implementation in Go, which takes any number.
type loops struct {
	name  string
	lanes int // float32 operations of the widest instruction

	// Of Gemm: 32, 16 and 8 columns. broad may be missing.
	broad, wide, narrow tiling

	peak func(rounds int)

	taps func(y, x, w []float32, y0, x0, w0, lines, pixels, channels, rows, cols, yLine, yPixel, xLine, xPixel, xRow, xCol, wRow, wCol int)
	dots func(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel int)
	// dots3 is dots for three neighbouring taps that share dy.
	dots3 func(dw, x, dy []float32, w0, x0, dy0, rows, pixels, channels, xRow, xPixel, dyRow, dyPixel, xCol, wCol int)

	moments          func(x, shift []float32, sum, sumSq []float64, rows, cols, ld int)
	epilogueForward  func(y, x, residual, scale, shift []float32, rows, cols, ld int, p Epilogue)
	epilogueBackward func(g1, dy, x, residual, scale, shift, mean []float32, sumG, sumGX []float64, rows, cols, ld int, p Epilogue) (dStep, dMax float64)
	normApply        func(dx, g1, x, k1, k2, k3 []float32, rows, cols, ld int)

	add func(dst, src []float32)
}

// laneCount is the number of float32 lanes of a vector in the assembly.
const laneCount = 8

// vectorChannels is the part of c channels that fills whole vectors.
func vectorChannels(c int) int { return c &^ (laneCount - 1) }

var generic = loops{
	name:  "go",
	lanes: 1,
	peak:  peakGeneric,

	wide: tiling{
		cols: wideCols,
		tall: 6, tallLoop: tilesGeneric(6, wideCols),
		short: 4, shortLoop: tilesGeneric(4, wideCols),
	},
	narrow: tiling{
		cols: narrowCols,
		tall: 12, tallLoop: tilesGeneric(12, narrowCols),
		short: 8, shortLoop: tilesGeneric(8, narrowCols),
	},

	taps:  tapsGeneric,
	dots:  dotsGeneric,
	dots3: dots3Generic,

	moments:          momentsGeneric,
	epilogueForward:  epilogueForwardGeneric,
	epilogueBackward: epilogueBackwardGeneric,
	normApply:        normApplyGeneric,

	add: addGeneric,
}

// panel returns the tiling for the panel that begins rest columns before the end of C: the widest that
// rest fills, or the narrowest that holds it.
func (l *loops) panel(rest int) *tiling {
	switch {
	case rest >= broadCols && l.broad.cols > 0:
		return &l.broad
	case rest > narrowCols:
		return &l.wide
	}
	return &l.narrow
}

// active is the implementation in use. It is set once, during initialisation, and by tests.
var active = generic
