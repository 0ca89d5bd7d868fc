package technology

import "dse/accel/unit"

// Devices is the flavour of transistors, which decides leakage and nothing else here.
type Devices uint8

const (
	// LowPower devices have high thresholds, as chips that run from batteries do.
	LowPower Devices = iota
	// HighPerformance devices leak ten times more in memories, most of it because the source has them hot.
	HighPerformance
)

// Leakage at 45 nm.
//
// Low power: 12 nW per um2 of logic and of SRAM alike. Source: the 32-bit multiplier in the 40 nm
// tables of Aladdin (Shao et al., ISCA 2014), 0.08 mW on 6350 um2, brought to 45 nm. That SRAM leaks as
// logic of the same area does is assumed.
//
// High performance: logic 31.5 nW per um2, the 8 x 8 bit PE of Bit Fusion's synthesis (16.11 uW on 511 um2);
// SRAM 0.21 uW per bit, CACTI 7 with ITRS high-performance cells at 360 K, the rows of 1 and 16 KiB
// that sram.go names.
const (
	lowPowerArea        = 12e-6   // mW per um2
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

// SRAMLeakage returns the static power of a memory of the given bits and area.
func (n Node) SRAMLeakage(bits float64, area unit.SquareMillimetre, d Devices) unit.Milliwatt {
	if d == HighPerformance {
		return unit.Milliwatt(bits * highPerformanceBit * n.energy)
	}
	return n.LogicLeakage(area, d)
}
