// Package dram models DRAM: what a stream of bursts costs in time and energy, given banks, open
// rows, refresh, and a bus that turns around.
//
// There are two models of the same devices.
//
// Memory is event-driven and follows every command. A device is a set of tables: sizes, timing
// parameters, currents, the fields of an address, queue lengths (Device, parts.go), and a list of
// rules (scope, before, after, latency, window) for its standard (Rule, rule.go). One loop (spacing)
// enforces the rules; a new kind of memory is a new table. Time is in whole memory clocks, and
// only those are visited at which something can happen.
//
// Estimator is a closed form for the analytical path. It follows a bounded sample of a load's
// requests through one recurrence per request. With t_i the instant at which request i reaches the
// queue of its bank, V the clock of each resource, and w the work the request brings to it:
//
//	V <- max(V, t_i) + w                     bus: nBL; bank group: nCCD_L; ACT: max(nRRD, nFAW/4)
//	hit:   c_i = max(V_bus, V_group, c_bank + nCCD)
//	miss:  c_i = max(V_bus, V_group, V_act + nRCD, pre + nRP + nRCD)
//	       pre = max(t_i, c_bank + nRTP or nWL+nBL+nWR, act_bank + nRAS)
//	t_i  = max(t_{i-1} + 1, the first instant at which a place in the queues and in flight is free)
//	write batches between reads cost the bus nRL + nRTRS + nWTR more
//	each refresh costs nRTP + nRP + nRFC + nRCD
//
// where c_i is the instant of the RD or WR, and V the values before the update. A row that is about
// to be closed serves the requests for it that come in time.
//
// # The controller
//
// Open page. Requests are accepted into a read queue or a write buffer and sorted, one per clock,
// into one queue per bank. Every clock one command may be sent: the banks are visited round robin,
// and in a bank's queue the first request that can go goes, so that hits overtake. A row is closed
// for the oldest request of its bank when nothing in the queue hits the row, or after four bursts.
// Reads are sorted before writes; writes are sorted in batches when their buffer is full, or holds
// more than eight while all bank queues are empty. A read of a burst that waits to be written is
// answered from the buffer, and reads or writes of the same burst merge. Refresh is of all banks of a
// rank, every nREFI, before everything else.
//
// # Sources
//
// The rules are those of JESD79-3F (DDR3), JESD79-4B (DDR4), JESD209-3C (LPDDR3) and JESD209-4B
// (LPDDR4). The parameters of each part name their own source. The scheduling is that of DRAMsim3
// (Li, Yang, Reddy, Srivastava, Jacob, IEEE CAL 2020), with which Memory agrees to the clock on all
// rows of the reference data; see Validate and the tests for today's figures. It is that simulator
// that is matched, not silicon. Energies follow Micron TN-41-01.
//
// # Left out
//
// Power-down and self-refresh; per-bank refresh; refresh that is postponed or pulled in; temperature;
// read and write with auto-precharge; burst chop and on-the-fly burst lengths; the two clocks it
// takes to send an LPDDR4 command; tDQSCK, ODT and ZQ calibration; ECC; I/O, PHY and controller
// energy. A read and a write of the same burst keep their order; where a write that must wait ends a
// batch, a read is sorted in the same clock, a case that the reference data does not hold.
package dram
