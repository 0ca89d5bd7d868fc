// Package pipeline prices a layer that runs as a loop over tiles on decoupled engines: one that loads
// tiles from memory, one that passes them through the array, one that stores results, and a host that
// issues the commands. accel.Engines holds the numbers of a chip.
//
// # The array
//
// A tile is worked through in blocks: one array-full of weights, which meets every position of the tile
// in passes of at most as many rows as the array has. The first pass of a block takes as long as the
// next weights take to move in, one cycle per row; others take their rows, but never less than
// LeastPass. Sums are written PassLatency plus the skew of the array (its rows and twice its columns)
// after the issue of a pass, and no more than PassesInFlight passes are under way. So the array takes
//
//	steps = sum over blocks of (rows + sum over other passes of max(length, LeastPass))
//	issue = passes * (PassLatency + rows + 2 cols) / PassesInFlight
//	X     = (steps^s + issue^s)^(1/s)
//
// with s the sharpness: issue and array are coupled by a short queue, and both lose time where neither
// is clearly the slower one.
//
// # Memory
//
// A row of a tile is fetched in requests that are powers of two of the bus's width, aligned to their
// size, at most a line long. Of their beats the bus moves BusEfficiency per cycle. Latency L with n
// requests in flight passes a request every L/n cycles (Little's law), so a line takes HitLatency/n if
// the cache holds it, and else (MissLatency + JumpLatency/run)/n, where run is the lines that lie side by
// side. Loading takes the longer of bus and latency; zeros (padding, fresh sums) are written one row per
// cycle by the same engine. A stored row takes WriteLatency/n, the lines of a map that does not fit the
// cache WriteMissLatency/n more, and a row in the same line as the one before WriteConflict more.
//
// # The cache
//
// Whether a line is still in the cache when it is wanted again follows from the loops over tiles: a tensor
// that a loop does not step through is wanted again after one round of the loops inside it. Under random
// replacement the share h that survives rounds over x times the cache is the smaller root of
//
//	h = exp(-x (1-h))
//
// (1 for x <= 1). What other tensors touch in the round counts by the size of the cache, a tensor's own lines by
// the sets they can lie in: rows of a column of a matrix lie a stride apart and hence in few. A layer is taken to have run once before, as in a
// series of inferences, so that what survives a whole round is not missed at all.
//
// # A layer
//
//	T(tile) = (X^s + (loads + stores)^s + host^s)^(1/s)
//	cycles  = set-up + first fill + sum of T + last drain
//
// Loads of the next tile and stores of the last one share the port to memory and overlap with
// the array, because a tile takes half of each buffer. The fill is the longest load, the drain the
// longest store.
//
// # Left out
//
// Conflicts of DMA and array for a bank; hazards between tiles that exceed half a buffer; the order of
// requests; DRAM banks (MissLatency and JumpLatency stand for them).
//
// Sources: Genc et al., "Gemmini", DAC 2021, and its RTL and C library for the order of the loops, the
// commands and queues; Little, "A Proof for the Queuing Formula L = lambda W", 1961.
package pipeline
