// Package rowstationary maps convolutions on an array of PEs each of which keeps a row of a filter, and
// counts passes, cycles and words moved.
//
// A PE slides one row of a filter along one row of the input and makes a row of partial sums. S rows of
// PEs, one for each filter row, pass their sums up a column, and e columns make e output rows: an S x e
// set. Where e exceeds the array's columns the set is folded over several groups of S rows. Sets that fit
// beside one another on the array share the work:
//
//	r  sets take different input channels, and add up
//	t  sets take different filters
//
// Within a PE rows are interleaved: p filters and q channels, whose filter rows stay in its scratchpads
// during a pass. A pass makes the partial sums of n images, p*t filters and e output rows over q*r
// channels. Then come the next filters, until the sums of m filters wait in the buffer; then the next
// channels; the next strip of e rows; the next images.
//
// # Words moved
//
//	inputs into the array   once per pass: the span of e output rows, padding included
//	sums                    out of the array and, for the next channels, back into it; the last time out to
//	                        DRAM: one writing and one reading for each group of q*r channels
//	filters from DRAM       once for each strip of each group of n images
//	inputs from DRAM        once for each m filters; the rows that strips share are fetched again
//
// # Time of a pass
//
// Each output position takes q*S multiply-accumulates for each of p filters, and one more cycle per filter to
// add the sums from below. The bus brings one group's inputs in the same time; whichever is longer counts.
// Every pass costs a fixed overhead to load, start and drain. Sums cross the buffer's port, which the simulator
// accounts for.
//
// # Sources
//
// Chen, Krishna, Emer, Sze, "Eyeriss: An Energy-Efficient Reconfigurable Accelerator for Deep Convolutional
// Neural Networks", JSSC 52(1), 2017, for the dataflow and the names of its parameters. The rule that
// chooses them (Choose) is inferred from what the paper measures of AlexNet and VGG-16: active PEs, traffic of
// the global buffer and of DRAM.
package rowstationary
