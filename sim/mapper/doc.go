// Package mapper finds out how a layer is best cut into tiles on a given chip, and how far from the
// best conceivable that is.
//
// # The space
//
// A layer with K output channels, C input channels, Q x P output positions and an S x R window is cut
// into tiles of tK x tC x tQ x tP, which need not divide it. The window is never cut. A tile of each
// operand lies in the memory nearest DRAM that holds the operand (its home), twice where that memory is
// double-buffered. Four loops step from tile to tile; positions go row by row, so that what tells
// mappings apart is the order of K, C and the map: six stationarities, fewer where a loop has one
// step. Within a tile the array works through its columns of output channels, accumulator-fulls of
// positions, and folds of the reduction, in this order.
//
// # What a mapping costs
//
// Counts of what crosses the DRAM are exact, halos and padding included: when a tile replaces
// another, what both share stays. For each loop that advances, with those outside it anywhere and
// those inside it starting again,
//
//	fetched = prod all(outside) * (prod next(d) first(inside) - prod kept(d) again(inside))
//
// where, for each dimension of the operand, first is the size of the first piece, all the sum over
// pieces, next that without the first, kept what neighbouring pieces share, and again what the last piece
// shares with the first. The five numbers of each dimension and step are tabulated once, so that a mapping
// takes some dozen multiplications (tables.go). Package nest counts the same for any loop nest; the tests
// hold this package against it, and against a walk over single elements where there is padding.
//
// Partial sums leave the chip when a loop over C runs outside one over K or the map, and come back; they
// have their own width. If the loop over C is innermost and all sums of the tile fit into the
// accumulators they stay there; otherwise they pass through their home.
//
// Time is that of three resources that overlap where memories are double-buffered:
//
//	X = max(array, ports)            array: steps and fills of every tile, edges included
//	D = bits in whole bursts / rate + transfers * set-up / channels
//	cycles = layer set-up + first access + max(F + X + L, D)
//
// with F the fetch of the first tiles and L the writing of the last one. Without double buffers the
// operand's part of D is added in full.
//
// # The bound
//
// No mapping of this space, nor any other on the same array, moves less than each element once, or takes
// fewer steps than the uncut layer. Bound prices that: compulsory traffic and the roofline of array, ports
// and DRAM. The gap of a mapping is its distance to that, in percent of the bound. It is not always
// attainable, so the gap says how much at most was missed.
//
// # The search
//
// Search visits tiles in a fixed order and leaves out those that do not fit, those whose own lower bound
// is no better than the best so far, and orders that equal an earlier one. It is exhaustive up to that:
// the result is the best of the space, the first in order among equals, whatever the number of threads.
//
// Sources: Parashar et al., "Timeloop", ISPASS 2019 (loop nests, stationarity, compulsory traffic);
// Williams, Waterman, Patterson, "Roofline", CACM 2009.
package mapper
