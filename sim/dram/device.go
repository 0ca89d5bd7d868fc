package dram

import (
	"fmt"
	"strings"

	"dse/accel/unit"
)

// Picoseconds is a time on the wall. The memory clock of every device is a whole number of them.
type Picoseconds int64

// Device is a DRAM system: identical channels of one kind of chip, and the policy of their
// controllers.
type Device struct {
	Name     string
	Source   string // of the numbers
	Standard *Standard

	Channels      int // independent, each with its own bus and controller
	Ranks         int // per channel
	Groups        int // bank groups per rank; 1 where the standard has none
	BanksPerGroup int
	Rows          int // per bank
	Columns       int // chip words per row
	ChipWidth     int // data bits of one chip
	BusWidth      int // data bits of one channel; BusWidth/ChipWidth chips work in lockstep
	BurstLength   int // beats per RD or WR

	Clock   Picoseconds // memory clock period
	Timing  Timing
	Mapping string // fields of an address, see newDecoder
	Current Current
	Policy  Policy
}

// Current holds what a chip draws, in mA at the given voltage, by the conditions of the datasheets'
// IDD tables.
type Current struct {
	Volts float64
	IDD0  float64 // one bank cycling ACT-PRE at tRC
	IDD2N float64 // all banks closed
	IDD3N float64 // a row open
	IDD4R float64 // reading without gaps
	IDD4W float64 // writing without gaps
	IDD5  float64 // refreshing without gaps (IDD5AB of the low-power parts)
}

// Policy is how the controller of a channel queues and schedules.
type Policy struct {
	ReadQueue   int // reads accepted and not yet sorted to banks
	WriteBuffer int // writes accepted and not yet sorted to banks
	BankQueue   int // requests waiting for one bank
	// WriteLow is the number of buffered writes up to which they wait while there is nothing else
	// to do. More than that are drained when all bank queues are empty; a full buffer always is.
	WriteLow int
	// HitLimit is the number of bursts after which an open row is closed for the request at the
	// head of the bank's queue although later requests still hit it.
	HitLimit int
}

// DefaultPolicy is that of the reference simulator's stock configurations.
var DefaultPolicy = Policy{ReadQueue: 32, WriteBuffer: 32, BankQueue: 8, WriteLow: 8, HitLimit: 4}

// maxBanks bounds the banks of a channel, which the controller keeps in the bits of a word.
const maxBanks = 64

// Banks returns the banks of a rank.
func (d *Device) Banks() int { return d.Groups * d.BanksPerGroup }

// BurstBytes returns what one RD or WR moves.
func (d *Device) BurstBytes() unit.Bytes { return unit.Bytes(d.BusWidth / 8 * d.BurstLength) }

// BurstsPerRow returns the bursts in the row of one bank.
func (d *Device) BurstsPerRow() int { return d.Columns / d.BurstLength }

// RowBytes returns the size of a row of one bank, all chips of the channel together.
func (d *Device) RowBytes() unit.Bytes { return unit.Bytes(d.BurstsPerRow()) * d.BurstBytes() }

// Capacity returns the size of all channels.
func (d *Device) Capacity() unit.Bytes {
	return unit.Bytes(d.Channels*d.Ranks*d.Banks()*d.Rows) * d.RowBytes()
}

// Peak returns the bandwidth of all data buses without a gap.
func (d *Device) Peak() unit.BytesPerSecond {
	perBurst := float64(d.Timing[NBL]) * float64(d.Clock) * 1e-12
	return unit.BytesPerSecond(float64(d.Channels) * float64(d.BurstBytes()) / perBurst)
}

// Nanoseconds converts clocks of the device.
func (d *Device) Nanoseconds(n Clocks) unit.Nanosecond {
	return unit.Nanosecond(float64(n) * float64(d.Clock) / 1000)
}

// Check says what makes a device impossible, all findings in one error.
func (d *Device) Check() error {
	var found []string
	fail := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	if d.Standard == nil {
		fail("no standard is named: set one of DDR3, DDR4, LPDDR3, LPDDR4")
	}
	for _, s := range []struct {
		name string
		n    int
	}{
		{"channels", d.Channels}, {"ranks", d.Ranks}, {"bank groups", d.Groups}, {"banks per group", d.BanksPerGroup},
		{"rows", d.Rows}, {"columns", d.Columns}, {"chip width", d.ChipWidth}, {"bus width", d.BusWidth},
		{"burst length", d.BurstLength},
	} {
		if s.n < 1 || s.n&(s.n-1) != 0 {
			fail("%s must be a power of two, got %d", s.name, s.n)
		}
	}
	if len(found) == 0 {
		if d.BusWidth%8 != 0 || d.BusWidth < d.ChipWidth {
			fail("a bus of %d bits cannot be made of chips of %d bits: widen the bus or narrow the chips", d.BusWidth, d.ChipWidth)
		}
		if d.Columns < d.BurstLength {
			fail("a row of %d columns is shorter than a burst of %d beats", d.Columns, d.BurstLength)
		}
		if n := d.Ranks * d.Banks(); n > maxBanks {
			fail("%d banks per channel exceed the limit of %d: use fewer ranks", n, maxBanks)
		}
		if d.Rows > 1<<30 {
			fail("%d rows exceed the limit of %d", d.Rows, 1<<30)
		}
	}
	if d.Clock < 1 {
		fail("the clock period must be at least 1 ps, got %d", d.Clock)
	}
	for p, n := range d.Timing {
		if n < 0 || n > 1<<30 {
			fail("%v must lie between 0 and %d clocks, got %d", Param(p), 1<<30, n)
		}
	}
	if d.Timing[NBL] < 1 {
		fail("nBL must be at least one clock, got %d", d.Timing[NBL])
	}
	n := &d.Timing
	if busy := n[NRFC] + n[NRP] + n[NRCD] + n[NRAS] + n[NRTP] + n[NWL] + n[NBL] + n[NWR]; d.Ranks > 0 && n[NREFI]/Clocks(d.Ranks) <= busy {
		fail("a refresh every nREFI = %d clocks for each of %d ranks leaves no time beside the %d clocks that one takes with closing and opening a row",
			n[NREFI], d.Ranks, busy)
	}
	if p := d.Policy; p.ReadQueue < 1 || p.WriteBuffer < 1 || p.BankQueue < 1 || p.BankQueue > maxQueue || p.WriteLow < 0 || p.HitLimit < 1 {
		fail("queues must hold at least one request, bank queues at most %d: got %+v", maxQueue, p)
	}
	if len(found) == 0 {
		if _, err := newDecoder(d); err != nil {
			return err
		}
		return nil
	}
	return fmt.Errorf("dram: device %q: %s", d.Name, strings.Join(found, "; "))
}

// EnergyOf holds the energy of each command, and of one clock of a rank, in pJ for all chips of a
// rank together. Array and peripheral currents only: no I/O termination, no PHY, no controller.
//
// With U the voltage, t the clock period and the currents of one chip (Micron TN-41-01):
//
//	activate = U (IDD0 nRC - IDD3N nRAS - IDD2N nRP) t   including the precharge that follows
//	read     = U (IDD4R - IDD3N) nBL t
//	write    = U (IDD4W - IDD3N) nBL t
//	refresh  = U (IDD5 - IDD3N) nRFC t
//	active   = U IDD3N t    a clock with a row open
//	idle     = U IDD2N t    a clock with all rows closed
type EnergyOf struct {
	Activate, Read, Write, Refresh unit.Picojoule
	ActiveClock, IdleClock         unit.Picojoule
}

// Energy derives the energies from the currents.
func (d *Device) Energy() EnergyOf {
	n, c := &d.Timing, d.Current
	chips := float64(d.BusWidth / d.ChipWidth)
	charge := func(milliamps float64, clocks Clocks) unit.Picojoule { // 1 mA x 1 V x 1 ns = 1 pJ
		return unit.Picojoule(chips * c.Volts * milliamps * float64(clocks) * float64(d.Clock) / 1000)
	}
	return EnergyOf{
		Activate:    charge(c.IDD0, n[NRAS]+n[NRP]) - charge(c.IDD3N, n[NRAS]) - charge(c.IDD2N, n[NRP]),
		Read:        charge(c.IDD4R-c.IDD3N, n[NBL]),
		Write:       charge(c.IDD4W-c.IDD3N, n[NBL]),
		Refresh:     charge(c.IDD5-c.IDD3N, n[NRFC]),
		ActiveClock: charge(c.IDD3N, 1),
		IdleClock:   charge(c.IDD2N, 1),
	}
}
