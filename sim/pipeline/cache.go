package pipeline

import "math"

// Streams of a layer through the cache.
const (
	inputs = iota
	weights
	outputs
	streams
)

// stream is a tensor as the cache sees it.
type stream struct {
	lines float64 // that one tile touches
	whole float64 // lines of the tensor
	room  float64 // lines that the sets which its rows map to can hold
}

// loop steps from tile to tile. share says how many steps in a row touch the same lines of each
// tensor: 1 where every step touches others, count where all touch the same.
type loop struct {
	count float64
	share [streams]float64
}

// missed returns the share of the lines that tiles touch which the cache does not hold, for each tensor.
// The loops are given innermost first. What the layer touches as a whole is taken to have been touched
// once before.
func (m *Machine) missed(tile [streams]stream, loops []loop) [streams]float64 {
	missed := [streams]float64{1, 1, 1}
	for _, l := range loops {
		round := total(&tile) // of the loops inside
		for i := range tile {
			s := &tile[i]
			if l.share[i] > 1 {
				// The sets of the tensor's own lines hold their share of the other tensors' lines, too.
				kept := survive(s.lines/s.room + (round-s.lines)/m.cache)
				missed[i] *= 1 - kept + kept/l.share[i]
			}
			// Neighbouring tiles share halos and lines at their edges.
			s.lines = min(s.whole, s.lines*l.count/l.share[i])
		}
	}
	kept := survive(total(&tile) / m.cache)
	for i := range missed {
		missed[i] *= 1 - kept
	}
	return missed
}

func total(tile *[streams]stream) float64 {
	sum := 0.0
	for i := range tile {
		sum += tile[i].lines
	}
	return sum
}

// survive returns the share of lines that a cache of random replacement still holds when as many lines
// as it has places, times x, are touched in turn over and over. A line survives a round if none of its
// misses replaces it:
//
//	h = (1 - 1/places)^(x places (1-h)) = exp(-x (1-h))
//
// For x <= 1 all lines find a place in the end, h = 1. Beyond, Newton's method finds the other root.
func survive(x float64) float64 {
	if x <= 1 {
		return 1
	}
	h := 0.0 // the function is convex, so that the iteration rises to the root from below
	for range 50 {
		e := math.Exp(-x * (1 - h))
		step := (e - h) / (1 - x*e)
		h += step
		if step < 1e-12 {
			break
		}
	}
	return h
}

// room returns the lines that the cache can hold of a column of lines which lie a stride in bytes apart.
func (m *Machine) room(stride int) float64 {
	if stride%m.line != 0 {
		return m.cache
	}
	return min(m.cache, float64(m.sets/gcd(stride/m.line, m.sets)*m.ways))
}
