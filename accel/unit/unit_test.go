package unit

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	check(t, "256 KiB", Bytes(262144))
	check(t, "256KiB", Bytes(262144))
	check(t, " 256   KiB ", Bytes(262144))
	check(t, "1 kB", Bytes(1000))
	check(t, "1.5 MiB", Bytes(1572864))
	check(t, "12.8 GB", Bytes(12_800_000_000))
	check(t, "0 B", Bytes(0))
	check(t, "8589934591 GiB", Bytes(8589934591<<30)) // the largest GiB below 2^63 bytes
	check(t, "128 bit", Bits(128))
	check(t, "128 bits", Bits(128))
	check(t, "20 cycles", Cycles(20))
	check(t, "1 cycle", Cycles(1))
	check(t, "1e3 cycles", Cycles(1000))
	check(t, "800 MHz", Hertz(8e8))
	check(t, "0.8 GHz", Hertz(8e8))
	check(t, "12.8 GB/s", BytesPerSecond(12.8e9))
	check(t, "12.8 Gbit/s", BytesPerSecond(1.6e9))
	check(t, "1 GiB/s", BytesPerSecond(1<<30))
	check(t, "0.2 pJ", Picojoule(0.2))
	check(t, "200 fJ", Picojoule(0.2))
	check(t, "1 µJ", Picojoule(1e6))
	check(t, "0.43 pJ/bit", PicojoulePerBit(0.43))
	check(t, "8 pJ/B", PicojoulePerBit(1))
	check(t, "5 mW", Milliwatt(5))
	check(t, "5000 uW", Milliwatt(5))
	check(t, "100 ns", Nanosecond(100))
	check(t, "+1.5 us", Nanosecond(1500))
	check(t, "650 mV", Volt(0.65))
	check(t, "1.5 mm²", SquareMillimetre(1.5))
	check(t, "22 nm", Nanometre(22))
}

func check[T Quantity](t *testing.T, text string, want T) {
	t.Helper()
	if got, err := Parse[T](text); err != nil || got != want {
		t.Errorf("Parse(%q) = %v, %v, want %v", text, got, err, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		parse   func(string) error
		text    string
		problem string
		way     string
	}{
		{"empty", refuse[Bytes], "", `no number in ""`, "KiB"},
		{"words", refuse[Bytes], "large", `no number in "large"`, "KiB"},
		{"not a number", refuse[Hertz], "NaN MHz", "no number", "GHz"},
		{"infinite", refuse[Hertz], "inf MHz", "no number", "GHz"},
		{"unit alone", refuse[Hertz], "MHz", "no number", "GHz, MHz, kHz or Hz"},
		{"no unit", refuse[Bytes], "256", `"256" lacks a unit`, "KiB, TB, GB, MB, kB or B"},
		{"negative", refuse[Bytes], "-1 B", "a size cannot be negative", "zero or more"},
		{"case", refuse[Bytes], "1 Kb", `unknown unit "Kb"`, "did you mean kB?"},
		{"case of a binary prefix", refuse[Bytes], "1 kib", `unknown unit "kib"`, "did you mean KiB?"},
		{"other dimension", refuse[Hertz], "5 ns", `unknown unit "ns"`, "a frequency is written in"},
		{"decimal comma", refuse[BytesPerSecond], "12,8 GB/s", "not a number with a unit", "12.8"},
		{"two points", refuse[BytesPerSecond], "12.8.1 GB/s", "not a number with a unit", "decimal point"},
		{"separator", refuse[Cycles], "1_000 cycles", "not a number with a unit", "separators"},
		{"half a byte", refuse[Bytes], "0.5 B", "not a whole number of B", "1 B"},
		{"half a cycle", refuse[Cycles], "1.5 cycles", "not a whole number of cycles", "1 cycles"},
		{"too many bytes", refuse[Bytes], "8589934592 GiB", "too large", "2^63"},
		{"too much", refuse[Picojoule], "1e308 J", "too large", "1e308"},
		{"huge exponent", refuse[Picojoule], "1e999999999 pJ", "too long", "exponent"},
		{"huge digits", refuse[Picojoule], strings.Repeat("9", 1000) + " pJ", "too long", "40"},
		{"exponent without digits", refuse[Picojoule], "1e pJ", `unknown unit "e pJ"`, "pJ"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.parse(c.text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse(%q) error = %v, want an *Error", c.text, err)
			}
			if !strings.Contains(e.Problem, c.problem) || !strings.Contains(e.Way, c.way) || e.Text != c.text {
				t.Errorf("Parse(%q) = %+v, want problem %q and way %q", c.text, e, c.problem, c.way)
			}
		})
	}
}

func refuse[T Quantity](text string) error { _, err := Parse[T](text); return err }

func TestString(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Bytes(262144).String(), "256 KiB"},
		{Bytes(1 << 30).String(), "1 GiB"},
		{Bytes(1536 << 10).String(), "1536 KiB"},
		{Bytes(64000).String(), "64 kB"},
		{Bytes(32).String(), "32 B"},
		{Bytes(0).String(), "0 B"},
		{Bits(128).String(), "128 bit"},
		{Cycles(20).String(), "20 cycles"},
		{Hertz(8e8).String(), "800 MHz"},
		{Hertz(2.4e9).String(), "2.4 GHz"},
		{BytesPerSecond(12.8e9).String(), "12.8 GB/s"},
		{Picojoule(0.2).String(), "0.2 pJ"},
		{Picojoule(2.5e6).String(), "2.5 uJ"},
		{PicojoulePerBit(0.43).String(), "0.43 pJ/bit"},
		{Milliwatt(5).String(), "5 mW"},
		{Milliwatt(0.25).String(), "250 uW"},
		{Nanosecond(53.74).String(), "53.74 ns"},
		{Volt(0.8).String(), "0.8 V"},
		{SquareMillimetre(1.5).String(), "1.5 mm2"},
		{Nanometre(22).String(), "22 nm"},
	} {
		if c.got != c.want {
			t.Errorf("String() = %q, want %q", c.got, c.want)
		}
	}
}

// TestRoundTrip holds String to its promise over all values: nothing is lost.
func TestRoundTrip(t *testing.T) {
	roundTripFloat[Bits](t)
	roundTripFloat[Hertz](t)
	roundTripFloat[BytesPerSecond](t)
	roundTripFloat[Picojoule](t)
	roundTripFloat[PicojoulePerBit](t)
	roundTripFloat[Milliwatt](t)
	roundTripFloat[Nanosecond](t)
	roundTripFloat[Volt](t)
	roundTripFloat[SquareMillimetre](t)
	roundTripWhole[Bytes](t)
	roundTripWhole[Cycles](t)
	roundTripWhole[Nanometre](t)
}

type floating interface {
	Bits | Hertz | BytesPerSecond | Picojoule | PicojoulePerBit | Milliwatt | Nanosecond | Volt | SquareMillimetre
}

func roundTripFloat[T floating](t *testing.T) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(
			rapid.Float64Range(0, 1e4),
			rapid.Float64Range(0, math.MaxFloat64),
			rapid.Map(rapid.Uint64Range(0, math.Float64bits(math.MaxFloat64)), math.Float64frombits),
		).Draw(t, "x")
		back[T](t, T(x))
	})
}

func roundTripWhole[T Bytes | Cycles | Nanometre](t *testing.T) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n")
		shift := rapid.IntRange(0, 40).Draw(t, "zeros")
		back(t, T(n>>shift<<shift))
	})
}

func back[T Quantity](t *rapid.T, x T) {
	if got, err := Parse[T](text(x)); err != nil || got != x {
		t.Fatalf("%v is written %q and read back as %v, %v", float64(x), text(x), float64(got), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"256 KiB", "1e-3 B", "-.5e9 GB", "9.e4 kB", "é", "1µB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := Parse[Bytes](s); err == nil && v < 0 {
			t.Errorf("Parse(%q) = %d, want no negative size", s, v)
		}
		if v, err := Parse[Picojoule](s); err == nil && !(v >= 0 && float64(v) <= math.MaxFloat64) {
			t.Errorf("Parse(%q) = %v, want a finite energy", s, float64(v))
		}
	})
}
