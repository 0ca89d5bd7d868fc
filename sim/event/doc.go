// Package event plays the schedule of a network on an accelerator, event by event: what the
// analytical model of package sim prices with closed forms, this package lets happen.
//
// Both have one front. sim.Simulator.Schedule hands out the mapping that sim.Simulator.Run priced:
// for each step its tiles in order, and for each tile the bursts to fetch, the passes of the array,
// the bits that cross the ports of the memories, and the bursts to write. Engine.Play returns a
// sim.Result with the same named parts. It decides nothing about the mapping, so that any difference
// between the two results is one of time.
//
// # Resources
//
// Time is in whole cycles of the core. Where something takes a fraction of a cycle (a burst on the
// bus, a memory clock) the fraction is kept as a rational number and rounded only when an event is
// scheduled. Events at one time happen in the order in which they were scheduled.
//
//   - Host. Starts the inference, then each step; a step begins when the one before has ended.
//   - DMA. Up to four transfers per step, for weights with metadata, inputs, residuals and results
//     (sim.Flow), each of chained descriptors that carry it through the step. A channel sets up one
//     transfer at a time. The DMA holds the bursts that cover the latency.
//   - DRAM. Where the accelerator names DRAM timing, the banks, commands and queues of package dram,
//     in a clock of their own; what the accelerator's latency holds beyond an access that closes and
//     opens a row is added as that of controller and interconnect. Elsewhere a pipe: bursts at
//     bandwidth times efficiency, each read a latency after it left the bus. Flows take turns by the
//     urgency of the tile they serve, burst by burst.
//   - On-chip memories. Banks of one word per cycle, words interleaved. A requester asks for the words
//     of a beat, or of a burst, at once; banks serve in the order of asking.
//   - Array. Tile after tile in passes (fill and skew, then stream) cut into beats of at most 32
//     cycles. A beat starts when its weights and inputs have come and there is room for its results,
//     and lasts longer when banks do. Inputs are used evenly over a tile's stream, weights pass by
//     pass, and results leave evenly in the last pass.
//   - Vector unit. Stands in the place of the array for layers without weights. Behind the array it
//     works on the results of a tile while the next is computed.
//
// A flow fetches ahead as far as its buffers have room: those of the mapping, and what is free in the
// memory. What a mapping keeps for further tiles has space of its own, given up at the end of a round.
// A flow of a memory with one buffer moves only while the array stands still.
//
// # What differs from the analytical model
//
// The analytical model takes the longest of array, vector unit, ports and DRAM as a step's time,
// beside the first fetch and the last write. The event-driven one knows in addition:
//
//   - Traffic is not even over the tiles of a step. The first visits fetch what later ones find on
//     chip; DRAM is what binds at first, and the array later, and both add up. (slower)
//   - Buffers bound how far ahead a flow can go, and a buffer smaller than bandwidth times latency does
//     not keep the bus busy. (slower)
//   - Bursts belong to a tile, and a result is written after it was computed. (slower)
//   - Runs of words that leave banks idle, and requesters that want the same bank. (slower)
//   - The array can start with a part of what the analytical model has it wait for, the first row of the
//     output, and the last write may be shorter than a row. (faster)
//   - DRAM timing in the place of an efficiency. (either)
//
// The tests state how far apart the two are.
//
// # Anomalies
//
// In a play more bandwidth can lengthen a step a little: a burst that comes earlier may go before one
// that is needed more, as in any list schedule (Graham, 1969). The tests state by how much.
//
// # Left out
//
// Overlap of steps; reading of instructions; refresh of on-chip memories; energy by command (energy per
// bit is that of the accelerator in both fidelities); where in a memory a tensor lies (package
// memorymap), so that conflicts between banks are those of running streams, not of addresses.
package event
