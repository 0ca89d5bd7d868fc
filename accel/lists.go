package accel

import "strings"

// orList joins words as "`a`, `b` or `c`", each between the given quotes.
func orList(words []string, quote string) string { return enumerate(words, quote, " or ") }

// andList joins words as "`a`, `b` and `c`", each between the given quotes.
func andList(words []string, quote string) string { return enumerate(words, quote, " and ") }

func enumerate(words []string, quote, last string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(last)
		default:
			b.WriteString(", ")
		}
		b.WriteString(quote + w + quote)
	}
	return b.String()
}
