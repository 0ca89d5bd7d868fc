package dram

import "strings"

// Param names a timing parameter of a datasheet, in memory clocks. As in the literature, the prefix
// n marks a time in clocks where the datasheet's own t may be nanoseconds.
type Param uint8

const (
	// NRL is the read latency: from RD to the first data beat (CAS latency plus additive latency).
	NRL Param = iota
	// NWL is the write latency: from WR to the first data beat.
	NWL
	// NBL is the time that one burst occupies the data bus.
	NBL
	// NRCD separates ACT from RD and WR of the bank.
	NRCD
	// NRP separates PRE from ACT of the bank and from REF of the rank.
	NRP
	// NRAS is the least time a row stays open.
	NRAS
	// NRTP separates RD from PRE of the bank.
	NRTP
	// NWR is the write recovery, from the last data beat to PRE of the bank.
	NWR
	// NRRDS separates two ACT of a rank.
	NRRDS
	// NRRDL separates two ACT of a bank group.
	NRRDL
	// NFAW holds at most four ACT of a rank.
	NFAW
	// NCCDS separates two RD, or two WR, of a rank.
	NCCDS
	// NCCDL separates two RD, or two WR, of a bank group.
	NCCDL
	// NWTRS separates the last written beat from RD of the rank.
	NWTRS
	// NWTRL separates the last written beat from RD of the bank group.
	NWTRL
	// NRTRS is the gap on the data bus when its driver changes.
	NRTRS
	// NPPD separates two PRE of a rank (LPDDR4).
	NPPD
	// NRFC is the duration of an all-bank refresh.
	NRFC
	// NREFI is the mean interval between two refreshes of a rank.
	NREFI

	params = iota
)

// String returns the name that rules are printed with.
func (p Param) String() string {
	return [params]string{"nRL", "nWL", "nBL", "nRCD", "nRP", "nRAS", "nRTP", "nWR", "nRRD_S", "nRRD_L", "nFAW",
		"nCCD_S", "nCCD_L", "nWTR_S", "nWTR_L", "nRTRS", "nPPD", "nRFC", "nREFI"}[p]
}

// Timing gives each parameter its value. A parameter that a standard does not have is 0.
type Timing [params]Clocks

// Latency is a sum of parameters, less others.
type Latency struct {
	Plus, Minus []Param
}

// sum is the latency that adds parameters.
func sum(plus ...Param) Latency { return Latency{Plus: plus} }

// less subtracts parameters from a latency.
func (l Latency) less(minus ...Param) Latency { return Latency{l.Plus, minus} }

// In evaluates the latency for a device.
func (l Latency) In(t *Timing) Clocks {
	var n Clocks
	for _, p := range l.Plus {
		n += t[p]
	}
	for _, p := range l.Minus {
		n -= t[p]
	}
	return n
}

// String writes the latency as a formula: "nRL+nBL+nRTRS-nWL".
func (l Latency) String() string {
	var b strings.Builder
	for i, p := range l.Plus {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(p.String())
	}
	for _, p := range l.Minus {
		b.WriteByte('-')
		b.WriteString(p.String())
	}
	return b.String()
}

// Rule is one spacing of a standard: within Scope, After may follow the Window-th last Before no
// sooner than Latency. With Window 1 that is the last one; with Window 4 at most four Before fit
// into any stretch of Latency.
type Rule struct {
	Scope         Scope
	Before, After Command
	Latency       Latency
	Window        int
}

// Standard is a family of devices with common rules. Where several rules bind the same pair of
// commands, the latest wins, so that max(nBL, nCCD_L) needs no maximum in the table.
type Standard struct {
	Name  string
	Rules []Rule
}

// core holds the rules that all standards share. Sources: JESD79-3F (DDR3), JESD79-4B (DDR4),
// JESD209-3C (LPDDR3) and JESD209-4B (LPDDR4), each in its table of core timing
// parameters; the spacings of commands that share the data bus follow from latency and burst
// length, with a gap nRTRS whenever the bus changes its driver.
var core = []Rule{
	{SameBank, ACT, RD, sum(NRCD), 1},
	{SameBank, ACT, WR, sum(NRCD), 1},
	{SameBank, ACT, PRE, sum(NRAS), 1},
	{SameBank, ACT, ACT, sum(NRAS, NRP), 1}, // tRC
	{SameBank, PRE, ACT, sum(NRP), 1},
	{SameBank, RD, PRE, sum(NRTP), 1},
	{SameBank, WR, PRE, sum(NWL, NBL, NWR), 1},

	{SameRank, ACT, ACT, sum(NRRDS), 1},
	{SameRank, ACT, ACT, sum(NFAW), 4},
	{SameRank, RD, RD, sum(NCCDS), 1},
	{SameRank, WR, WR, sum(NCCDS), 1},
	{SameRank, WR, RD, sum(NWL, NBL, NWTRS), 1},

	{SameRank, PRE, REF, sum(NRP), 1},
	{SameRank, REF, ACT, sum(NRFC), 1},
	{SameRank, REF, REF, sum(NRFC), 1},

	{SameChannel, RD, RD, sum(NBL), 1},
	{SameChannel, WR, WR, sum(NBL), 1},
	{SameChannel, RD, WR, sum(NRL, NBL, NRTRS).less(NWL), 1},
	{OtherRank, RD, RD, sum(NBL, NRTRS), 1},
	{OtherRank, WR, RD, sum(NWL, NBL, NRTRS).less(NRL), 1},
}

// grouped holds the longer spacings inside a bank group.
var grouped = []Rule{
	{SameGroup, ACT, ACT, sum(NRRDL), 1},
	{SameGroup, RD, RD, sum(NCCDL), 1},
	{SameGroup, WR, WR, sum(NCCDL), 1},
	{SameGroup, WR, RD, sum(NWL, NBL, NWTRL), 1},
}

// spacedPrecharges is LPDDR4's least distance of two PRE of a rank (JESD209-4B, tPPD).
var spacedPrecharges = []Rule{
	{SameRank, PRE, PRE, sum(NPPD), 1},
}

// The standards. One that is not here is added as a table.
var (
	DDR3   = &Standard{"DDR3", core}
	DDR4   = &Standard{"DDR4", join(core, grouped)}
	LPDDR3 = &Standard{"LPDDR3", core}
	LPDDR4 = &Standard{"LPDDR4", join(core, grouped, spacedPrecharges)}
)

// join makes one table of several.
func join(tables ...[]Rule) []Rule {
	var all []Rule
	for _, t := range tables {
		all = append(all, t...)
	}
	return all
}
