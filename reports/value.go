package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// Value is a figure in the unit that its field states. NaN means that the figure is not known, for
// instance the accuracy of a trial that failed; infinities are shown in the same way, because neither
// is a measurement. Unknown figures are null in JSON, an empty cell in CSV and a dash in tables.
type Value float64

// Unknown is the Value of a figure that was never measured.
var Unknown = Value(math.NaN())

// Known reports whether v is a number.
func (v Value) Known() bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// MarshalJSON writes the shortest number that reads back as v, or null.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(v))
}

// UnmarshalJSON reads a number, or null as Unknown.
func (v *Value) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*v = Unknown
		return nil
	}
	return json.Unmarshal(b, (*float64)(v))
}

// exact writes v with the fewest digits that read back as v, or nothing if v is unknown.
func (v Value) exact() string {
	if !v.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(v), 'g', -1, 64)
}

// fixed writes v with a number of decimals, or a dash if v is unknown.
func (v Value) fixed(decimals int) string {
	if !v.Known() {
		return dash
	}
	return strconv.FormatFloat(float64(v), 'f', decimals, 64)
}

// dash stands for a figure that is not known.
const dash = "–"

// decimals returns the decimals that a column needs for three significant digits in its smallest
// figure other than 0, at most 4. All rows of a column use the same, so that the points stand below
// each other.
func decimals(column []Value) int {
	least := math.Inf(1)
	for _, v := range column {
		if v.Known() && v != 0 {
			least = math.Min(least, math.Abs(float64(v)))
		}
	}
	for d, limit := range [...]float64{100, 10, 1, 0.1} {
		if least >= limit {
			return d
		}
	}
	return 4
}

// String writes v as the CSV does: with the fewest digits that read back as v, or nothing if v is unknown.
func (v Value) String() string { return v.exact() }
