package gemmini

import (
	"fmt"
	"strconv"
	"strings"

	"dse/sim/nest"
)

// mapping is what a mapping in Timeloop's notation says to the programs that were run: the size of a
// tile in the scratchpad, how far it is spread over the array, and the order of the loops over tiles.
// Loops inside a tile are those of Gemmini's hardware, whatever order the notation gives.
type mapping struct {
	tile    [nest.NumDims]int
	spatial [nest.NumDims]int
	order   []nest.Dim // of the loops over tiles, innermost first
}

// parseMapping reads "L3[WIO] K2 C8 - L2[WI] K10X - L1[O] K50 C16 C16X - L0[W] N1": levels from DRAM
// inward, each with the numbers of steps of its loops, outermost first; X marks loops over the array.
func parseMapping(text string) (*mapping, error) {
	m := &mapping{}
	for d := range m.tile {
		m.tile[d], m.spatial[d] = 1, 1
	}
	levels := strings.Split(text, " - ")
	if len(levels) != 4 {
		return nil, fmt.Errorf("the mapping %q has %d levels; want L3, L2, L1 and L0, joined by \" - \"", text, len(levels))
	}
	for i, level := range levels {
		words := strings.Fields(level)
		if name := fmt.Sprintf("L%d[", 3-i); len(words) == 0 || !strings.HasPrefix(words[0], name) {
			return nil, fmt.Errorf("the mapping %q: level %d must begin with %s...]", text, i+1, name)
		}
		for _, word := range words[1:] {
			d, count, spatial, err := parseLoop(word)
			if err != nil {
				return nil, fmt.Errorf("the mapping %q: %w", text, err)
			}
			if i == 0 {
				m.order = append([]nest.Dim{d}, m.order...)
				continue
			}
			m.tile[d] *= count
			if spatial {
				m.spatial[d] *= count
			}
		}
	}
	for _, d := range defaultOrder { // dimensions without a loop go outside, where they have one step
		if !contains(m.order, d) {
			m.order = append(m.order, d)
		}
	}
	return m, nil
}

func parseLoop(word string) (d nest.Dim, count int, spatial bool, err error) {
	number, spatial := strings.CutSuffix(word, "X")
	for d = range nest.Dim(nest.NumDims) {
		if !strings.HasPrefix(word, d.String()) {
			continue
		}
		count, err = strconv.Atoi(number[1:])
		if err == nil && count >= 1 {
			return d, count, spatial, nil
		}
	}
	return 0, 0, false, fmt.Errorf("%q is no loop; want a dimension and its number of steps, such as K16 or C16X", word)
}

func contains(dims []nest.Dim, d nest.Dim) bool {
	for _, x := range dims {
		if x == d {
			return true
		}
	}
	return false
}

// defaultOrder is that of Gemmini's library for convolutions, innermost first.
var defaultOrder = []nest.Dim{nest.C, nest.R, nest.S, nest.K, nest.P, nest.Q, nest.N}
