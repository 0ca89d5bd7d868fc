package kernel

// sumBlock is the largest number of rows over which the assembly adds in float32 before it adds to
// float64: 31 additions, whose error is below 2e-6 of the sum of magnitudes at worst and ten times less
// in practice.
const sumBlock = 32

// sumRows is the number of rows of a block for c channels. A column of eight channels touches one cache
// line in each row of up to three matrices. With many channels these lines fall into few sets of L1,
// which would lose them before the next column uses their other half.
func sumRows(c int) int {
	if c > 64 {
		return sumBlock / 2
	}
	return sumBlock
}

// Moments adds, for each channel of rows rows of x, the sums of x-shift and of (x-shift)^2 to sum and
// sumSq. The number of channels c is len(shift). A shift near the mean keeps the variance
//
//	sumSq/rows - (sum/rows)^2
//
// from cancelling when the mean is large compared with the spread.
func Moments(x []float32, rows int, shift []float32, sum, sumSq []float64) {
	c := len(shift)
	if c < 1 || rows < 0 || len(sum) != c || len(sumSq) != c {
		panic("kernel: Moments: bad number of channels or rows")
	}
	if len(x) < rows*c {
		panic("kernel: Moments: slice is too short")
	}
	vec := vectorChannels(c)
	block := sumRows(c)
	for r := 0; r < rows; r += block {
		n := min(block, rows-r)
		if vec > 0 {
			active.moments(x[r*c:], shift, sum, sumSq, n, vec, c)
		}
		if vec < c {
			momentsGeneric(x[r*c+vec:], shift[vec:], sum[vec:], sumSq[vec:], n, c-vec, c)
		}
	}
}

// NormBackwardApply computes dx = k1[c]*g1 + k2[c]*x + k3[c] for rows rows of len(k1) channels. The
// gradient of a batch normalisation has this form once the sums over the batch are known. dx may be g1
// or x.
func NormBackwardApply(dx, g1, x, k1, k2, k3 []float32, rows int) {
	c := len(k1)
	if c < 1 || rows < 0 || len(k2) != c || len(k3) != c {
		panic("kernel: NormBackwardApply: bad number of channels or rows")
	}
	if min(len(dx), len(g1), len(x)) < rows*c {
		panic("kernel: NormBackwardApply: slice is too short")
	}
	if rows == 0 {
		return
	}
	vec := vectorChannels(c)
	if vec > 0 {
		active.normApply(dx, g1, x, k1, k2, k3, rows, vec, c)
	}
	if vec < c {
		normApplyGeneric(dx[vec:], g1[vec:], x[vec:], k1[vec:], k2[vec:], k3[vec:], rows, c-vec, c)
	}
}

func momentsGeneric(x, shift []float32, sum, sumSq []float64, rows, cols, ld int) {
	for r := range rows {
		row := x[r*ld:][:cols]
		for c, v := range row {
			d := float64(v - shift[c])
			sum[c] += d
			sumSq[c] += d * d
		}
	}
}

func normApplyGeneric(dx, g1, x, k1, k2, k3 []float32, rows, cols, ld int) {
	for r := range rows {
		for c := range cols {
			i := r*ld + c
			dx[i] = k1[c]*g1[i] + (k2[c]*x[i] + k3[c])
		}
	}
}
