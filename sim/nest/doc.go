// Package nest counts, exactly and in closed form, what a mapped loop nest moves through each level
// of a memory hierarchy.
//
// A Mapping is a list of loops, each of which splits a dimension of the layer into pieces, in time or
// over units, and a list of levels, each of which holds, for each operand, the tile inside some number
// of loops. Loops may stand in any order, step sizes need not divide, operands may bypass levels, and
// operands may be cut at different loops.
//
// # What is counted
//
// At every step a unit holds its tile. When the tile changes, the unit keeps what the new tile shares
// with the last one, fetches the rest from the next level outside that holds the operand, and forgets
// the rest of the old. An element that several units inside one unit fetch at the same step is read
// once and multicast. Multipliers hold nothing: each takes its operands every cycle.
//
// Outputs go the other way. A unit opens a partial sum when the output enters its tile and drains it
// when it leaves; partial sums of units that reduce together are added on the way and arrive as one.
// An output that was summed before is read back into one of these units, and the others start from
// zero. Hence, at every level,
//
//	reads = updates - sums that start empty here,   sums that start empty = sums opened - fills.
//
// A unit that has nothing to do, because a step size does not divide, keeps its tile until it has
// something to do again; a sum is drained when that of the enclosing unit is.
//
// A tile of a strided or split input is the range from its first to its last row and column, less
// those that the layer never uses.
//
// # Method
//
// Steps are grouped by the temporal loop that advances: it goes forward by one, loops outside it stay
// where they are, and those inside it start again. A tile is a product of one set for each axis of
// the tensor, so for one step
//
//	fetched = prod |new_a| - prod |new_a and old_a|    over the axes a.
//
// The set of an axis depends only on the loops over its own dimensions (one, or two for a sliding
// axis of the input). So the sum over all steps of a group factors as well:
//
//	sum fetched = prod (sum |new_a|) - prod (sum |new_a and old_a|)
//
// where each sum runs over the values of the axis's own loops outside the advancing one; a dimension
// that the operand does not use contributes their number. A nest of n temporal loops thus takes n + 1
// evaluations of two products of a few numbers.
//
// Multicast factors too. Let units u = (u_1, u_2, ...) have tiles prod T_a(u_a) and had prod T'_a(u_a).
// An element is not fetched by any unit if each unit that needs it has it. Say e lies in the union of
// the tiles. If for every axis each u_a with e_a in T_a(u_a) has e_a in T'_a(u_a), no unit fetches e.
// If some u_a breaks this, complete it along the other axes by units whose sets contain e, which
// exist: that unit fetches e. So the fetched elements number
//
//	prod |union T_a| - prod |{e_a in the union: every u_a that needs it had it}|.
//
// What remains is one-dimensional. Pieces of a dimension come in few sizes: the step, and one rest for
// each loop around it; positions with pieces of the same sizes are counted together (sum, walkDown).
// A sliding axis has intervals {stride*q + s} of two pieces, or one interval for each used position
// of a stride where gaps remain (slide, axis).
//
// # Sources
//
// The vocabulary, and the rules that the type Rules names, are those of Parashar et al., "Timeloop: A
// Systematic Approach to DNN Accelerator Evaluation", ISPASS 2019. The grouping by advancing loop
// follows from the nest; the tests hold it against an oracle that walks every step with element sets.
// Packages nest/timeloop and nest/zigzag compare with the tools.
//
// # What is left out
//
// Time and energy; dilation; sparsity; forwarding between neighbouring units; tiles that keep more
// than the last one (line buffers larger than a tile); and inputs whose padding is known to be zero.
package nest
