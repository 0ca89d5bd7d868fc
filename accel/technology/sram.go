package technology

import (
	"math"

	"dse/accel/unit"
)

// RAM is a memory of one or several banks of SRAM, each with one port.
type RAM struct {
	Capacity float64 // bits of all banks together
	Banks    int     // 0 counts as 1
	Port     int     // bits that a bank moves per access
}

// Energy of an access at 45 nm, in pJ, for a bank of C bits, a port of W bits and subarrays of
// s = min(sqrt C, 512) rows and columns:
//
//	read   0.15 + 3.2e-5 max(W, s) s + 3.7e-4 W sqrt C
//	write  0.20 + 3.9e-4 W s         + 3.7e-4 W sqrt C
//
// The first term is decoding. A read swings the bitlines of every column of the selected row a
// little, also of those that the port does not take, and a write those of the port's columns fully:
// the second term. The third is the wires to the edge of the bank, whose side grows with sqrt C. A
// wider port thus costs less per bit until it takes the whole row, and nothing is saved beyond.
//
// Fitted by least relative squares to CACTI 7 at 45 nm with 32-bit words and one read and one write port
// (github.com/hsharma35/bitfusion, commit 04ec1c8, bitfusion/sram/cacti_sweep.csv: 128 B, 1, 4 and
// 16 KiB) and to the 64-bit cache reads of Horowitz, ISSCC 2014, of 32 KB and 1 MB. The limit of 512 on
// subarrays is assumed; it is what keeps the energy of 1 MB from growing in proportion to capacity.
//
// Where there are several banks, each bit also travels from its bank to the edge of the memory, half of what the
// memory's side is longer than the bank's on average: 3.7e-4 (sqrt(all bits) - sqrt C) / 2 per bit. The half
// is geometry, not fitted; the one published memory of many banks that it can be held against is the buffer
// of Eyeriss. Wires beyond the memory are not counted.
const (
	decode       = 0.15
	decodeWrite  = 0.20
	bitlineRead  = 3.2e-5
	bitlineWrite = 3.9e-4
	bankWire     = 3.7e-4
	subarray     = 512
)

// register is the energy of reading or writing a bit of a register, in pJ at 45 nm: 0.009 pJ at 40 nm
// in the tables of Aladdin (Shao et al., ISCA 2014; github.com/Accelergy-Project,
// accelergy-aladdin-plug-in), brought to 45 nm by At's rule.
const register = 0.0112

// Area at 45 nm, in um2: 0.78 C + 22 sqrt C, the bits and the circuits along two edges of them, fitted to
// the same CACTI rows (128 B and 16 KiB). Those have two ports and neither redundancy nor test logic; they are
// taken as they are for a bank with one port.
const (
	areaPerCell = 0.78
	areaPerEdge = 22
)

// Read returns the energy of reading one bit.
func (n Node) Read(m RAM) unit.PicojoulePerBit {
	if m.isRegister() {
		return n.perBit(register)
	}
	side, w := m.side(), float64(m.Port)
	s := min(side, subarray)
	return n.perBit((decode+bitlineRead*max(w, s)*s+bankWire*w*side)/w + m.wires())
}

// Write returns the energy of writing one bit.
func (n Node) Write(m RAM) unit.PicojoulePerBit {
	if m.isRegister() {
		return n.perBit(register)
	}
	side, w := m.side(), float64(m.Port)
	return n.perBit((decodeWrite+bitlineWrite*w*min(side, subarray)+bankWire*w*side)/w + m.wires())
}

// RAMArea returns the area of all banks.
func (n Node) RAMArea(m RAM) unit.SquareMillimetre {
	if m.isRegister() {
		return n.um2(areaPerBit * m.Capacity)
	}
	return n.um2(areaPerCell*m.Capacity + areaPerEdge*m.side()*m.banks())
}

func (m RAM) banks() float64 { return float64(max(1, m.Banks)) }

// side is that of a bank, in cells.
func (m RAM) side() float64 { return math.Sqrt(m.Capacity / m.banks()) }

// wires is the energy of a bit's way between its bank and the edge of the memory, in pJ at 45 nm.
func (m RAM) wires() float64 { return bankWire / 2 * (math.Sqrt(m.Capacity) - m.side()) }

// isRegister says whether banks are single words, which nobody would build as SRAM.
func (m RAM) isRegister() bool { return m.Capacity <= m.banks()*float64(m.Port) }

func (n Node) perBit(at45 float64) unit.PicojoulePerBit {
	return unit.PicojoulePerBit(n.pJ(at45))
}
