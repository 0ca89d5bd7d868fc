package unit

import "strings"

// scale is one way to write a quantity: a symbol and how much of the base unit it stands for.
type scale struct {
	symbol string
	// num/den is the exact factor to the base unit: 8 bit per byte makes a bit/s 1/8 B/s.
	num, den int64
	// shown scales are the ones that String chooses from. The others are read only.
	shown bool
}

// family is the set of scales of one type.
type family struct {
	noun   string // with its article: "a size"
	whole  bool   // only whole multiples of the base unit exist
	base   int    // index of the scale with factor 1
	scales []scale
}

// Decimal powers of the SI prefixes and binary powers of the IEC prefixes.
const (
	kilo, mega, giga, tera = 1e3, 1e6, 1e9, 1e12
	kibi, mebi, gibi, tebi = 1 << 10, 1 << 20, 1 << 30, 1 << 40
)

// The scales of a family stand in the order in which String tries them: largest first, and for
// sizes the binary prefixes before the decimal ones, as memories come in powers of two.
var (
	sizes = family{noun: "a size", whole: true, base: 8, scales: []scale{
		{"TiB", tebi, 1, true}, {"GiB", gibi, 1, true}, {"MiB", mebi, 1, true}, {"KiB", kibi, 1, true},
		{"TB", tera, 1, true}, {"GB", giga, 1, true}, {"MB", mega, 1, true}, {"kB", kilo, 1, true},
		{"B", 1, 1, true},
	}}
	amounts = family{noun: "an amount of bits", base: 3, scales: []scale{
		{"Gbit", giga, 1, true}, {"Mbit", mega, 1, true}, {"kbit", kilo, 1, true},
		{"bit", 1, 1, true}, {"bits", 1, 1, false},
	}}
	cycles = family{noun: "a number of cycles", whole: true, base: 0, scales: []scale{
		{"cycles", 1, 1, true}, {"cycle", 1, 1, false},
	}}
	frequencies = family{noun: "a frequency", base: 3, scales: []scale{
		{"GHz", giga, 1, true}, {"MHz", mega, 1, true}, {"kHz", kilo, 1, true}, {"Hz", 1, 1, true},
	}}
	bandwidths = family{noun: "a bandwidth", base: 4, scales: []scale{
		{"TB/s", tera, 1, true}, {"GB/s", giga, 1, true}, {"MB/s", mega, 1, true}, {"kB/s", kilo, 1, true},
		{"B/s", 1, 1, true},
		{"GiB/s", gibi, 1, false}, {"MiB/s", mebi, 1, false}, {"KiB/s", kibi, 1, false},
		{"Gbit/s", giga, 8, false}, {"Mbit/s", mega, 8, false},
	}}
	energies = family{noun: "an energy", base: 3, scales: []scale{
		{"mJ", 1e9, 1, true}, {"uJ", 1e6, 1, true}, {"nJ", 1e3, 1, true}, {"pJ", 1, 1, true},
		{"fJ", 1, 1e3, false}, {"J", 1e12, 1, false},
	}}
	energiesPerBit = family{noun: "an energy per bit", base: 0, scales: []scale{
		{"pJ/bit", 1, 1, true}, {"fJ/bit", 1, 1e3, false}, {"nJ/bit", 1e3, 1, false}, {"pJ/B", 1, 8, false},
	}}
	powers = family{noun: "a power", base: 1, scales: []scale{
		{"W", 1e3, 1, true}, {"mW", 1, 1, true}, {"uW", 1, 1e3, true}, {"nW", 1, 1e6, false},
	}}
	times = family{noun: "a time", base: 3, scales: []scale{
		{"s", 1e9, 1, true}, {"ms", 1e6, 1, true}, {"us", 1e3, 1, true}, {"ns", 1, 1, true},
		{"ps", 1, 1e3, false},
	}}
	voltages = family{noun: "a voltage", base: 0, scales: []scale{
		{"V", 1, 1, true}, {"mV", 1, 1e3, false},
	}}
	areas = family{noun: "an area", base: 0, scales: []scale{
		{"mm2", 1, 1, true}, {"um2", 1, 1e6, false},
	}}
	lengths = family{noun: "a process node", whole: true, base: 0, scales: []scale{
		{"nm", 1, 1, true},
	}}
)

// Quantity is every type that has a text form.
type Quantity interface {
	Bits | Bytes | Cycles | Hertz | BytesPerSecond | Picojoule | PicojoulePerBit | Milliwatt |
		Nanosecond | Volt | SquareMillimetre | Nanometre
}

// familyOf returns the scales of T.
func familyOf[T Quantity]() *family {
	var zero T
	switch any(zero).(type) {
	case Bits:
		return &amounts
	case Bytes:
		return &sizes
	case Cycles:
		return &cycles
	case Hertz:
		return &frequencies
	case BytesPerSecond:
		return &bandwidths
	case Picojoule:
		return &energies
	case PicojoulePerBit:
		return &energiesPerBit
	case Milliwatt:
		return &powers
	case Nanosecond:
		return &times
	case Volt:
		return &voltages
	case SquareMillimetre:
		return &areas
	case Nanometre:
		return &lengths
	}
	panic("unit: quantity without a family")
}

// accepted lists the symbols of the family in prose: "a frequency is written in GHz, MHz, kHz or Hz".
func (f *family) accepted() string {
	symbols := make([]string, len(f.scales))
	for i, s := range f.scales {
		symbols[i] = s.symbol
	}
	return f.noun + " is written in " + orList(symbols)
}

// find returns the scale of a symbol. The micro sign and the Greek letter are both read as "u".
func (f *family) find(symbol string) (scale, bool) {
	symbol = strings.NewReplacer("µ", "u", "μ", "u", "²", "2").Replace(symbol)
	for _, s := range f.scales {
		if s.symbol == symbol {
			return s, true
		}
	}
	return scale{}, false
}

// sameLetters returns the symbols that differ from symbol in the case of letters only. Case
// carries meaning (mW and MW, Mb and MB), so a near miss is suggested, never taken.
func (f *family) sameLetters(symbol string) []string {
	var out []string
	for _, s := range f.scales {
		if strings.EqualFold(s.symbol, symbol) {
			out = append(out, s.symbol)
		}
	}
	return out
}

// orList joins words as "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
