package unit

import "strconv"

// text writes v so that Parse returns v again: in the largest shown scale that does not exceed v
// and loses nothing, else in the base unit. Negative values are written, though Parse refuses them.
func text[T Quantity](v T) string {
	f := familyOf[T]()
	base := f.scales[f.base].symbol
	if f.whole {
		n := int64(v)
		for _, s := range f.scales {
			if s.shown && n >= s.num && n%s.num == 0 {
				return strconv.FormatInt(n/s.num, 10) + " " + s.symbol
			}
		}
		return strconv.FormatInt(n, 10) + " " + base
	}
	x := float64(v)
	for _, s := range f.scales {
		factor := float64(s.num) / float64(s.den)
		if !s.shown || x < factor {
			continue
		}
		written := decimal(x/factor) + " " + s.symbol
		if back, err := Parse[T](written); err == nil && back == v {
			return written
		}
	}
	return decimal(x) + " " + base
}

// decimal writes x in the fewest digits that read back as x, without an exponent where that is short.
func decimal(x float64) string {
	if x == 0 {
		return "0"
	}
	if x > -1e15 && x < 1e15 && (x >= 1e-6 || x <= -1e-6) {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'e', -1, 64)
}

// String returns the amount with its unit: "128 bit".
func (b Bits) String() string { return text(b) }

// String returns the size with its unit: "256 KiB".
func (b Bytes) String() string { return text(b) }

// String returns the count with its unit: "20 cycles".
func (c Cycles) String() string { return text(c) }

// String returns the frequency with its unit: "800 MHz".
func (f Hertz) String() string { return text(f) }

// String returns the bandwidth with its unit: "12.8 GB/s".
func (b BytesPerSecond) String() string { return text(b) }

// String returns the energy with its unit: "0.2 pJ".
func (e Picojoule) String() string { return text(e) }

// String returns the energy with its unit: "0.43 pJ/bit".
func (e PicojoulePerBit) String() string { return text(e) }

// String returns the power with its unit: "5 mW".
func (p Milliwatt) String() string { return text(p) }

// String returns the time with its unit: "100 ns".
func (t Nanosecond) String() string { return text(t) }

// String returns the voltage with its unit: "0.8 V".
func (v Volt) String() string { return text(v) }

// String returns the area with its unit: "1.5 mm2".
func (a SquareMillimetre) String() string { return text(a) }

// String returns the node with its unit: "22 nm".
func (n Nanometre) String() string { return text(n) }
