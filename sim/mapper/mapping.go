package mapper

import (
	"fmt"
	"strconv"
	"strings"
)

// Mapping is a way to cut a layer: the steps of the four dimensions and the loops over their tiles, the
// outermost first. Its zero value is no mapping.
type Mapping struct {
	Step  [dims]int // by Dim
	Order [dims]Dim // outermost first; rows of the map come right before its columns
}

// Orders are the distinct nestings: of the output channels, the input channels and the map, whose rows and
// columns stay together. What the innermost loop does not use stays in place while it runs.
var Orders = [...][dims]Dim{
	{Q, P, K, C}, {K, Q, P, C}, // outputs stay until they are complete
	{K, C, Q, P}, {C, K, Q, P}, // weights stay while the map passes by
	{Q, P, C, K}, {C, Q, P, K}, // inputs stay while output channels pass by
}

// String writes the loops outermost first with their steps, such as "Q14 P56 K32 C64".
func (m Mapping) String() string {
	var b strings.Builder
	for i, d := range m.Order {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%v%d", d, m.Step[d])
	}
	return b.String()
}

// Parse reads the form that String writes: each of the four dimensions once, with its step.
func Parse(text string) (Mapping, error) {
	var m Mapping
	fields := strings.Fields(text)
	if len(fields) != int(dims) {
		return m, fmt.Errorf("mapping %q: want four loops such as \"Q14 P56 K32 C64\", outermost first, got %d", text, len(fields))
	}
	seen := [dims]bool{}
	for i, f := range fields {
		d := Dim(strings.IndexByte("KCQP", f[0]))
		if d >= dims {
			return m, fmt.Errorf("mapping %q: %q names no dimension; they are K and C (output and input channels), Q and P (output rows and columns)", text, f)
		}
		if seen[d] {
			return m, fmt.Errorf("mapping %q: there are two loops over %v; each dimension has one", text, d)
		}
		seen[d] = true
		n, err := strconv.Atoi(f[1:])
		if err != nil || n < 1 {
			return m, fmt.Errorf("mapping %q: %q has no step; write a whole number from 1 behind the dimension", text, f)
		}
		m.Step[d], m.Order[i] = n, d
	}
	return m, nil
}
