package accel

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unicode"

	"dse/accel/typo"
	"dse/accel/unit"
)

// kind is a type of single value: how its text is read, written and described.
type kind[T any] struct {
	form  string // for the documentation: "size", "whole number"
	parse func(text string) (T, *problem)
	write func(T) string
}

// quantity is a number with a unit.
func quantity[T unit.Quantity](form string) kind[T] {
	return kind[T]{
		form: form,
		parse: func(text string) (T, *problem) {
			v, err := unit.Parse[T](text)
			var e *unit.Error
			if errors.As(err, &e) {
				return v, &problem{": " + e.Problem, e.Way}
			}
			return v, nil
		},
		write: func(v T) string { return fmt.Sprint(v) },
	}
}

// area is an area, or nothing where it is not known.
func area() kind[unit.SquareMillimetre] { return orNothing(quantity[unit.SquareMillimetre]("area")) }

// supply is a voltage, or nothing for the nominal one.
func supply() kind[unit.Volt] {
	k := orNothing(quantity[unit.Volt]("voltage"))
	given := k.parse
	k.parse = func(text string) (unit.Volt, *problem) {
		if text == "" {
			return 0, nil
		}
		return given(text)
	}
	return k
}

// orNothing writes zero as nothing.
func orNothing[T ~float64](k kind[T]) kind[T] {
	given := k.write
	k.write = func(v T) string {
		if v == 0 {
			return ""
		}
		return given(v)
	}
	return k
}

// width is a whole number of bits. It is an int in the types, since widths index tables.
func width() kind[int] {
	return kind[int]{
		form: "width",
		parse: func(text string) (int, *problem) {
			b, p := quantity[unit.Bits]("").parse(text)
			if p != nil {
				return 0, &problem{p.message, "write for example 8 bit"}
			}
			if float64(b) != math.Trunc(float64(b)) || b > math.MaxInt32 {
				return 0, &problem{fmt.Sprintf(" must be a whole number of bits, got %q", text), "write for example 8 bit"}
			}
			return int(b), nil
		},
		write: func(v int) string { return unit.Bits(v).String() },
	}
}

// node is a process node in nm.
func node() kind[int] {
	return kind[int]{
		form: "process node",
		parse: func(text string) (int, *problem) {
			n, p := quantity[unit.Nanometre]("").parse(text)
			return int(n), p
		},
		write: func(v int) string { return unit.Nanometre(v).String() },
	}
}

// count is a whole number without a unit.
func count() kind[int] {
	return kind[int]{
		form: "whole number",
		parse: func(text string) (int, *problem) {
			n, err := strconv.Atoi(text)
			if err != nil {
				return 0, &problem{fmt.Sprintf(" must be a whole number, got %q", text), "write digits only, for example 16"}
			}
			return n, nil
		},
		write: strconv.Itoa,
	}
}

// ratio is a number without a unit.
func ratio() kind[float64] {
	return kind[float64]{
		form: "number",
		parse: func(text string) (float64, *problem) {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, &problem{fmt.Sprintf(" must be a number without a unit, got %q", text), "write for example 0.8"}
			}
			return x, nil
		},
		write: func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) },
	}
}

// flag is true or false.
func flag() kind[bool] {
	return kind[bool]{
		form: "true or false",
		parse: func(text string) (bool, *problem) {
			switch text {
			case "true":
				return true, nil
			case "false":
				return false, nil
			}
			return false, &problem{fmt.Sprintf(" must be true or false, got %q", text), "write true or false"}
		},
		write: strconv.FormatBool,
	}
}

// words is text for people, on one line.
func words() kind[string] {
	return kind[string]{
		form: "text",
		parse: func(text string) (string, *problem) {
			for _, r := range text {
				if !unicode.IsPrint(r) {
					return "", &problem{fmt.Sprintf(" has the unprintable character %U", r), "write it as one line of plain text"}
				}
			}
			if strings.TrimSpace(text) != text {
				return "", &problem{" begins or ends with a space", "remove the space"}
			}
			return text, nil
		},
		write: func(s string) string { return s },
	}
}

// oneOf is an enumeration whose values are 0, 1, ... in the order of their names.
func oneOf[T ~uint8](names ...string) kind[T] {
	return kind[T]{
		form: orList(names, ""),
		parse: func(text string) (T, *problem) {
			for i, n := range names {
				if n == text {
					return T(i), nil
				}
			}
			return 0, unknownValue(text, names)
		},
		write: func(v T) string { return names[v] },
	}
}

// unknownValue words the finding about a name that is not among names.
func unknownValue(text string, names []string) *problem {
	way := "the values are " + orList(names, "")
	if near := typo.Nearest(text, names); near != "" {
		way = fmt.Sprintf("did you mean %s? ", near) + way
	}
	return &problem{fmt.Sprintf(" has the unknown value %q", text), way}
}

// limit says what is wrong with a value of the right type, or returns nil.
type limit[T any] func(v T, text string) *problem

// within accepts values from lo to hi.
func within[T cmp.Ordered](lo, hi T) limit[T] {
	return func(v T, text string) *problem {
		if v >= lo && v <= hi {
			return nil
		}
		return &problem{fmt.Sprintf(" must be from %v to %v, got %s", lo, hi, text), "write a value in this range"}
	}
}

// bitsWithin accepts widths from lo to hi bits.
func bitsWithin(lo, hi int) limit[int] {
	return func(v int, text string) *problem {
		return within(unit.Bits(lo), unit.Bits(hi))(unit.Bits(v), text)
	}
}

// positive accepts values above zero.
func positive[T cmp.Ordered](v T, text string) *problem {
	var zero T
	if v > zero {
		return nil
	}
	return &problem{" must be above zero, got " + text, "write a value above zero"}
}

// share accepts (0, 1].
func share(v float64, text string) *problem {
	if v > 0 && v <= 1 {
		return nil
	}
	return &problem{" must be above 0 and at most 1, got " + text, "write a share, for example 0.8 for 80 %"}
}

// powerOfTwo accepts 1, 2, 4, 8 ... and suggests the two around any other number.
func powerOfTwo[T ~int | ~int64](v T, text string) *problem {
	if v > 0 && v&(v-1) == 0 {
		return nil
	}
	p := problem{" must be a power of two, got " + text, "write 1, 2, 4, 8 and so on"}
	if v > 0 && v < 1<<40 {
		below := T(1) << (bits.Len64(uint64(v)) - 1)
		p.way = fmt.Sprintf("did you mean %v or %v?", below, 2*below)
	}
	return &p
}

// someText accepts text that is not empty.
func someText(v, _ string) *problem {
	if v != "" {
		return nil
	}
	return &problem{" must not be empty", "write a short text"}
}

// wholeBytes accepts widths that are a multiple of 8 bits.
func wholeBytes(v int, text string) *problem {
	if v%8 == 0 {
		return nil
	}
	return &problem{" must be a multiple of 8 bit, got " + text,
		fmt.Sprintf("did you mean %d bit or %d bit?", max(8, v/8*8), v/8*8+8)}
}
