package unit

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Error says why a text is no quantity.
type Error struct {
	Text    string // as it was given
	Problem string // "unknown unit \"Mhz\""
	Way     string // the way out: "did you mean MHz? a frequency is written in GHz, MHz, kHz or Hz"
}

func (e *Error) Error() string { return e.Problem + ": " + e.Way }

// maxNumber bounds the digits of a number, so that exact arithmetic on it stays cheap. The
// shortest form of any float64 fits with room to spare.
const maxNumber = 40

// maxExponent bounds the decimal exponent, for the same reason.
const maxExponent = 400

// Parse reads a quantity from its text: a decimal number, optional spaces and a unit, such as
// "256 KiB", "12.8 GB/s" or "1e3 cycles". Prefixes are literal: 1 kB is 1000 bytes and 1 KiB is 1024.
// The result is the float64 nearest to the decimal value; whole quantities are exact.
// Negative values, values without a unit and unknown units give an *Error.
func Parse[T Quantity](text string) (T, error) {
	f := familyOf[T]()
	number, symbol := split(strings.TrimSpace(text))
	fail := func(way, format string, args ...any) (T, error) {
		return 0, &Error{Text: text, Problem: fmt.Sprintf(format, args...), Way: way}
	}
	if number == "" {
		return fail(f.accepted(), "no number in %q", text)
	}
	if number[0] == '-' {
		return fail("write zero or more", "%s cannot be negative, got %q", f.noun, text)
	}
	if symbol == "" {
		return fail(f.accepted(), "%q lacks a unit", text)
	}
	if symbol[0] == ',' || symbol[0] == '_' || symbol[0] == '.' || symbol[0] == '\'' {
		return fail("write a decimal point and no thousands separators: 12.8", "%q is not a number with a unit", text)
	}
	s, known := f.find(symbol)
	if !known {
		way := f.accepted()
		if near := f.sameLetters(symbol); near != nil {
			way = "did you mean " + orList(near) + "? " + way
		}
		return fail(way, "unknown unit %q", symbol)
	}
	value, ok := exact(number)
	if !ok {
		return fail("write at most 40 characters and an exponent within 400", "the number in %q is too long", text)
	}
	value.Mul(value, big.NewRat(s.num, s.den))
	if f.whole {
		if !value.IsInt() {
			return fail(fmt.Sprintf("the smallest step is 1 %s", f.scales[f.base].symbol),
				"%q is not a whole number of %s", text, f.scales[f.base].symbol)
		}
		if !value.Num().IsInt64() {
			return fail("write less than 2^63", "%q is too large", text)
		}
		return T(value.Num().Int64()), nil
	}
	nearest, _ := value.Float64()
	if math.IsInf(nearest, 0) {
		return fail("write less than 1e308", "%q is too large", text)
	}
	return T(nearest), nil
}

// Accepted says in prose which units Parse reads for T.
func Accepted[T Quantity]() string { return familyOf[T]().accepted() }

// split cuts a text after the longest decimal number at its start. The number may carry a sign
// and an exponent; an "e" that no digit follows belongs to the unit.
func split(text string) (number, symbol string) {
	i := 0
	digits := func() bool {
		from := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		i++
	}
	found := digits()
	if i+1 < len(text) && text[i] == '.' && '0' <= text[i+1] && text[i+1] <= '9' {
		i++
		found = digits() || found
	}
	if !found {
		return "", text
	}
	if mark := i; i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '-' || text[i] == '+') {
			i++
		}
		if !digits() {
			i = mark
		}
	}
	return text[:i], strings.TrimSpace(text[i:])
}

// exact returns the value of a number that split found, without rounding.
func exact(number string) (*big.Rat, bool) {
	if len(number) > maxNumber {
		return nil, false
	}
	if e := strings.IndexAny(number, "eE"); e >= 0 {
		var exponent int
		if _, err := fmt.Sscanf(number[e+1:], "%d", &exponent); err != nil || exponent < -maxExponent || exponent > maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(number)
}
