// Package unit holds the units of the project as types, so that a wrong mix fails to compile,
// together with the text forms that an accelerator file uses ("256 KiB", "12.8 GB/s").
//
// Sizes follow the IEC and SI prefixes literally: 1 kB = 1000 bytes = 8000 bits,
// 1 KiB = 1024 bytes = 8192 bits. Tables of the paper are in kB of 8000 bits.
package unit

// Bits is an amount of storage or traffic. It is a float64 because the size of a tensor whose
// bit-width is still being learned need not be whole; every whole value up to 2^53 is exact.
type Bits float64

// Bytes is a capacity.
type Bytes int64

// Cycles counts clock cycles of the accelerator's core clock.
type Cycles int64

// Hertz is a frequency.
type Hertz float64

// BytesPerSecond is a bandwidth.
type BytesPerSecond float64

// Picojoule is an energy.
type Picojoule float64

// PicojoulePerBit is the energy of moving one bit.
type PicojoulePerBit float64

// Milliwatt is a power.
type Milliwatt float64

// Nanosecond is a time. Event-driven models count integer picoseconds instead.
type Nanosecond float64

// Volt is a supply voltage.
type Volt float64

// SquareMillimetre is a silicon area.
type SquareMillimetre float64

// Nanometre is the name of a process node. It is a label, not a length on the chip.
type Nanometre int64

const (
	// BitsPerByte converts Bytes to Bits.
	BitsPerByte = 8
	// BitsPerKilobyte is the paper's kB: 1000 bytes.
	BitsPerKilobyte = 8000
	// BitsPerKibibyte is 1024 bytes.
	BitsPerKibibyte = 8192
)

// Bits returns the capacity in bits.
func (b Bytes) Bits() Bits { return Bits(b) * BitsPerByte }

// Kilobytes returns the size in kB of 8000 bits, the unit of the paper's tables.
func (b Bits) Kilobytes() float64 { return float64(b) / BitsPerKilobyte }

// At returns the time that c takes at clock f.
func (c Cycles) At(f Hertz) Nanosecond { return Nanosecond(float64(c) / float64(f) * 1e9) }

// Milliseconds converts to ms.
func (t Nanosecond) Milliseconds() float64 { return float64(t) / 1e6 }

// Microjoules converts to uJ.
func (e Picojoule) Microjoules() float64 { return float64(e) / 1e6 }
