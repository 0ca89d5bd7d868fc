package dram

import (
	"fmt"
	"slices"
	"strings"
)

// The chips. Times that a datasheet gives in ns are rounded up to clocks.

// lpddr4x3200 is one 8 Gb LPDDR4-3200 die of 16 bits. Timing: JESD209-4B as transcribed in DRAMSys,
// JEDEC_8Gb_LPDDR4-3200_16bit (tRP is the per-bank value, tDQSCK is left out). Currents: the same
// file, its three supplies folded into one of 1.1 V.
var lpddr4x3200 = Device{
	Source:   "JESD209-4B, LPDDR4-3200, 8 Gb x16",
	Standard: LPDDR4,
	Channels: 1, Ranks: 1, Groups: 1, BanksPerGroup: 8, Rows: 65536, Columns: 1024,
	ChipWidth: 16, BusWidth: 16, BurstLength: 16,
	Clock: 625,
	Timing: Timing{
		NRL: 28, NWL: 14, NBL: 8, NRCD: 29, NRP: 29, NRAS: 68, NRTP: 12, NWR: 29,
		NRRDS: 16, NRRDL: 16, NFAW: 64, NCCDS: 8, NCCDL: 8, NWTRS: 16, NWTRL: 16,
		NRTRS: 1, NPPD: 4, NRFC: 448, NREFI: 6246,
	},
	Mapping: "rochrababgco",
	Current: Current{Volts: 1.1, IDD0: 50.7273, IDD2N: 30.2727, IDD3N: 33.6818, IDD4R: 278.6818, IDD4W: 213.6818, IDD5: 106.3636},
	Policy:  DefaultPolicy,
}

// lpddr4x2400 is the LPDDR4_8Gb_x16_2400 of DRAMsim3. Its two bank groups, its currents and its
// refresh interval are those of a DDR4 part: trust its timing, not its energy.
var lpddr4x2400 = Device{
	Source:   "DRAMsim3 LPDDR4_8Gb_x16_2400",
	Standard: LPDDR4,
	Channels: 1, Ranks: 1, Groups: 2, BanksPerGroup: 4, Rows: 65536, Columns: 1024,
	ChipWidth: 16, BusWidth: 16, BurstLength: 16,
	Clock: 830,
	Timing: Timing{
		NRL: 17, NWL: 14, NBL: 8, NRCD: 15, NRP: 15, NRAS: 32, NRTP: 12, NWR: 30,
		NRRDS: 8, NRRDL: 8, NFAW: 32, NCCDS: 4, NCCDL: 6, NWTRS: 8, NWTRL: 16,
		NRTRS: 1, NPPD: 2, NRFC: 392, NREFI: 8660,
	},
	Mapping: "rochrababgco",
	Current: Current{Volts: 1.2, IDD0: 80, IDD2N: 34, IDD3N: 47, IDD4R: 243, IDD4W: 228, IDD5: 280},
	Policy:  DefaultPolicy,
}

// lpddr3x1600 is the LPDDR3_8Gb_x32_1600 of DRAMsim3 with its refresh interval of 3.9 us, which
// that file spells so that it has no effect.
var lpddr3x1600 = Device{
	Source:   "DRAMsim3 LPDDR3_8Gb_x32_1600, tREFI 3.9 us",
	Standard: LPDDR3,
	Channels: 1, Ranks: 1, Groups: 1, BanksPerGroup: 8, Rows: 32768, Columns: 1024,
	ChipWidth: 32, BusWidth: 32, BurstLength: 8,
	Clock: 1250,
	Timing: Timing{
		NRL: 12, NWL: 9, NBL: 4, NRCD: 15, NRP: 15, NRAS: 34, NRTP: 6, NWR: 12,
		NRRDS: 8, NRRDL: 8, NFAW: 40, NCCDS: 4, NCCDL: 4, NWTRS: 6, NWTRL: 6,
		NRTRS: 1, NRFC: 168, NREFI: 3120,
	},
	Mapping: "rochrababgco",
	Current: Current{Volts: 1.2, IDD0: 40, IDD2N: 20.5, IDD3N: 21, IDD4R: 250, IDD4W: 245, IDD5: 150},
	Policy:  DefaultPolicy,
}

// ddr4x2400 is the DDR4_8Gb_x16_2400 of DRAMsim3 (JESD79-4B, DDR4-2400R), one chip wide.
var ddr4x2400 = Device{
	Source:   "DRAMsim3 DDR4_8Gb_x16_2400",
	Standard: DDR4,
	Channels: 1, Ranks: 1, Groups: 2, BanksPerGroup: 4, Rows: 65536, Columns: 1024,
	ChipWidth: 16, BusWidth: 16, BurstLength: 8,
	Clock: 830,
	Timing: Timing{
		NRL: 17, NWL: 12, NBL: 4, NRCD: 17, NRP: 17, NRAS: 39, NRTP: 9, NWR: 18,
		NRRDS: 7, NRRDL: 8, NFAW: 36, NCCDS: 4, NCCDL: 6, NWTRS: 3, NWTRL: 9,
		NRTRS: 1, NRFC: 420, NREFI: 9360,
	},
	Mapping: "rochrababgco",
	Current: Current{Volts: 1.2, IDD0: 80, IDD2N: 34, IDD3N: 47, IDD4R: 243, IDD4W: 228, IDD5: 280},
	Policy:  DefaultPolicy,
}

// ddr3x1600 is the DDR3_4Gb_x16_1600 of DRAMsim3, with its refresh interval of 7.8 us, which that
// file spells so that it has no effect.
var ddr3x1600 = Device{
	Source:   "DRAMsim3 DDR3_4Gb_x16_1600, tREFI 7.8 us",
	Standard: DDR3,
	Channels: 1, Ranks: 1, Groups: 1, BanksPerGroup: 8, Rows: 32768, Columns: 1024,
	ChipWidth: 16, BusWidth: 16, BurstLength: 8,
	Clock: 1250,
	Timing: Timing{
		NRL: 11, NWL: 8, NBL: 4, NRCD: 11, NRP: 11, NRAS: 28, NRTP: 6, NWR: 12,
		NRRDS: 5, NRRDL: 5, NFAW: 32, NCCDS: 4, NCCDL: 4, NWTRS: 6, NWTRL: 6,
		NRTRS: 1, NRFC: 208, NREFI: 6240,
	},
	Mapping: "rochrababgco",
	Current: Current{Volts: 1.35, IDD0: 66, IDD2N: 32, IDD3N: 47, IDD4R: 235, IDD4W: 171, IDD5: 235},
	Policy:  DefaultPolicy,
}

// variant names a system made of a chip.
func variant(chip Device, name string, change func(*Device)) Device {
	chip.Name = name
	if change != nil {
		change(&chip)
	}
	return chip
}

// catalogue lists the known systems.
var catalogue = []Device{
	variant(lpddr4x3200, "lpddr4_3200_x16", nil),
	variant(lpddr4x3200, "lpddr4_3200_2x16", func(d *Device) { d.Channels, d.Mapping = 2, "rorababgcoch" }),
	variant(lpddr4x2400, "lpddr4_2400_x16", nil),
	variant(lpddr4x2400, "lpddr4_2400_2x16", func(d *Device) { d.Channels, d.Mapping = 2, "rorababgcoch" }),
	variant(lpddr4x2400, "lpddr4_2400_x16_banklo", func(d *Device) { d.Mapping = "rochracobabg" }),
	variant(lpddr3x1600, "lpddr3_1600_x32", nil),
	variant(ddr4x2400, "ddr4_2400_x16_bghi", nil),
	variant(ddr4x2400, "ddr4_2400_x16_bglo", func(d *Device) { d.Mapping = "rochrabacobg" }),
	variant(ddr4x2400, "ddr4_2400_x64_2r_bghi", func(d *Device) { d.BusWidth, d.Ranks = 64, 2 }),
	variant(ddr4x2400, "ddr4_2400_x64_2r_bglo", func(d *Device) { d.BusWidth, d.Ranks, d.Mapping = 64, 2, "rochrabacobg" }),
	variant(ddr3x1600, "ddr3_1600_x32", func(d *Device) { d.BusWidth = 32 }),
}

// Names lists the systems that Lookup knows, in a fixed order.
func Names() []string {
	names := make([]string, len(catalogue))
	for i := range catalogue {
		names[i] = catalogue[i].Name
	}
	return names
}

// Lookup returns a known system by name.
func Lookup(name string) (Device, error) {
	i := slices.IndexFunc(catalogue, func(d Device) bool { return d.Name == name })
	if i < 0 {
		return Device{}, fmt.Errorf("dram: no device is called %q: known are %s", name, strings.Join(Names(), ", "))
	}
	return catalogue[i], nil
}
