package inference

import (
	"slices"
	"strings"
	"unicode"
)

// Names finds the network that a table's model name means. Tables spell names freely, so that entries
// list words; the first entry all of whose words a name has wins.
type Names []Name

// Name maps words to the name of a built-in network.
type Name struct {
	Words   string // in lower case, separated by spaces
	Network string // "" if no built-in network is meant, though a later entry's words match
}

// Find returns the network of a table's name, and false if no entry matches.
func (n Names) Find(model string) (string, bool) {
	have := words(model)
	for _, e := range n {
		if !slices.ContainsFunc(strings.Fields(e.Words), func(w string) bool { return !slices.Contains(have, w) }) {
			return e.Network, e.Network != ""
		}
	}
	return "", false
}

// words splits a name at everything but letters, digits and decimal points, and before a number at
// the end of a word, where a v belongs to the number: "MobileNetV2" gives mobilenet and v2.
func words(model string) []string {
	fields := strings.FieldsFunc(strings.ToLower(model), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
	})
	var out []string
	for _, f := range fields {
		name := strings.TrimRightFunc(f, func(r rune) bool { return unicode.IsDigit(r) || r == '.' })
		number := f[len(name):]
		if number == "" || name == "" || unicode.IsDigit(rune(f[0])) {
			out = append(out, f)
			continue
		}
		if short := strings.TrimSuffix(name, "v"); short != name {
			name, number = short, "v"+number
		}
		for _, w := range []string{name, number} {
			if w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}
