// Package technology estimates what the parts of an accelerator cost in a process node: energy per
// multiply-accumulate, per bit read from and written to an SRAM, area, leakage. It serves where a
// description of a chip gives no number of its own.
//
// Every formula is made for 45 nm, the node for which most figures are published, and brought to
// other nodes by one rule (At). The figures that fix its constants are listed beside it; others,
// which were not used, are compared in dse/sim/silicon/energy.
//
// Published figures for the same thing differ by factors: for a 32-bit multiplication between 3 and
// 13 pJ, for a bit of leaking SRAM by more than ten. A derived number is good for comparing
// designs of one process, and no substitute for the numbers of a synthesis.
//
// DRAM is not here: its energies follow from the currents in a device's datasheet (dse/sim/dram).
package technology
