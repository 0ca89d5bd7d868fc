package pipeline

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
	room  float64 // lines that the sets which its rows map to can hold
}

// loop steps from tile to tile. share says how many steps in a row touch the same lines of each
// tensor: 1 where every step touches others, count where all touch the same.
type loop struct {
	count float64
	share [streams]float64
}

// missed returns the share of the lines that tiles touch which the cache does not hold, for each tensor.
// The loops are given innermost first.
func (m *Machine) missed(tile [streams]stream, loops []loop) [streams]float64 {
	missed := [streams]float64{1, 1, 1}
	for _, l := range loops {
		round := 0.0 // lines that all tensors touch in the loops inside
		for _, s := range tile {
			round += s.lines
		}
		for i := range tile {
			s := &tile[i]
			if l.share[i] > 1 && round <= m.cache && s.lines <= s.room {
				missed[i] /= l.share[i]
			}
			s.lines *= l.count / l.share[i]
		}
	}
	whole := 0.0
	for _, s := range tile {
		whole += s.lines
	}
	if whole <= m.cache {
		return [streams]float64{}
	}
	return missed
}

// room returns the lines that the cache can hold of a column of lines which lie a stride in bytes apart.
func (m *Machine) room(stride int) float64 {
	if stride%m.line != 0 {
		return m.cache
	}
	return min(m.cache, float64(m.sets/gcd(stride/m.line, m.sets)*m.ways))
}
