package quant

import (
	"math"
	"math/bits"
	"slices"
)

// quantile returns the p-quantile (0 <= p <= 1) of x, interpolated linearly between the order
// statistics around rank p*(len(x)-1), and permutes x. x must hold no NaN.
func quantile(x []float32, p float64) float64 {
	rank := p * float64(len(x)-1)
	k := int(math.Floor(rank))
	low := float64(selectKth(x, k))
	if frac := rank - float64(k); frac > 0 {
		// Everything right of k is at least low, so the next order statistic is the least of it.
		return low + frac*(float64(slices.Min(x[k+1:]))-low)
	}
	return low
}

// selectKth permutes x so that x[k] is what sorting would put there, with nothing greater before
// and nothing less after it, and returns it. It is Hoare's quickselect with the median of three as
// pivot, in expected linear time; input on which the pivots stay poor is sorted instead. Runs of
// equal values, such as the zeros after a ReLU, are split evenly since both scans stop at the pivot.
func selectKth(x []float32, k int) float32 {
	lo, hi := 0, len(x)-1
	for rounds := 4 * bits.Len(uint(len(x))); lo < hi; rounds-- {
		if rounds == 0 {
			slices.Sort(x[lo : hi+1])
			break
		}
		i, j := partition(x, lo, hi)
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k] // between the parts stands the pivot
		}
	}
	return x[k]
}

// partition splits x[lo..hi], lo < hi, such that x[lo..j] <= pivot <= x[i..hi] with j < i, both
// parts shorter than the whole, and whatever stands between them equal to the pivot.
func partition(x []float32, lo, hi int) (i, j int) {
	mid := lo + (hi-lo)/2
	a, b, c := x[lo], x[mid], x[hi]
	pivot := max(min(a, b), min(max(a, b), c))
	i, j = lo, hi
	for i <= j {
		for x[i] < pivot {
			i++
		}
		for x[j] > pivot {
			j--
		}
		if i <= j {
			x[i], x[j] = x[j], x[i]
			i++
			j--
		}
	}
	return i, j
}
