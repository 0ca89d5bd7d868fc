package technology

import "dse/accel/unit"

// Devices is the flavour of transistors, which decides leakage and nothing else here.
type Devices uint8

const (
	// LowPower devices are those of chips that run from batteries: memories have high thresholds.
	LowPower Devices = iota
	// HighPerformance devices leak thousands of times more in memories.
	HighPerformance
)

// Leakage at 45 nm.
//
// High performance: logic 31.5 nW per um2, the 8 x 8 bit PE of Bit Fusion's synthesis (16.11 uW on 511 um2);
// SRAM 0.21 uW per bit, CACTI 7 with ITRS high-performance cells at 360 K, the rows of 1 and 16 KiB
// that sram.go names.
//
// Low power: logic 12 nW per um2, the 32-bit multiplier in the 40 nm tables of Aladdin (Shao et al., ISCA 2014:
// 0.08 mW on 6350 um2), brought to 45 nm. SRAM 0.05 nW per bit: that of the high-performance cell times the ratio
// of supply and leakage currents in the tables of CACTI 7 for 45 nm at 360 K (off and gate current of an
// n-channel device, 1.4e-10 A/um at 1.1 V for ITRS low standby power, 6.8e-7 A/um at 1.0 V for high performance).
// A 65 nm macro of the kind was measured at 12 uA/Mb in retention at 0.5 V, 0.006 nW per bit (Wang et al.,
// JSSC 43(1), 2008).
const (
	lowPowerArea        = 12e-6   // mW per um2
	lowPowerBit         = 5e-8    // mW per bit
	highPerformanceArea = 31.5e-6 // mW per um2
	highPerformanceBit  = 2.1e-4  // mW per bit
)

// LogicLeakage returns the static power of logic. A device's leakage scales like the energy of its switching,
// the rule of Accelergy's libraries (github.com/Accelergy-Project/hwcomponents).
func (n Node) LogicLeakage(area unit.SquareMillimetre, d Devices) unit.Milliwatt {
	perArea := lowPowerArea
	if d == HighPerformance {
		perArea = highPerformanceArea
	}
	return unit.Milliwatt(float64(area) * 1e6 / n.area * perArea * n.energy)
}

// SRAMLeakage returns the static power of a memory of the given bits.
func (n Node) SRAMLeakage(bits float64, d Devices) unit.Milliwatt {
	perBit := lowPowerBit
	if d == HighPerformance {
		perBit = highPerformanceBit
	}
	return unit.Milliwatt(bits * perBit * n.energy)
}
