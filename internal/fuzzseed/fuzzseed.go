// Package fuzzseed gives fuzz targets inputs to try in an ordinary test run: damaged
// forms of real ones, the same at every run. A fuzzer finds more; this finds again
// what an edit breaks, within a second.
package fuzzseed

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// mutants is how many damaged forms are made of each seed.
const mutants = 150

// tokens are pieces that decoders stumble over.
var tokens = []string{"", "\x00", "\xff\xfe", "\ufeff", "\\ud800", "\u202e", "\r\n", "\"", "'", "\\", "{", "}", "[", "]", "[[[[[[[[", ",", ":", ";", "null", "true", "-0", "1e999", "-1",
	"9007199254740993", "18446744073709551616", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "1969-12-31", "%", "%s%n", "../../", "<!--", "&amp;amp;", "=1+1", "\u212a", "*a", "&a ", "<<: *a", "!!binary "}

// Add gives a target its seeds and their damaged forms.
func Add(f *testing.F, seeds ...string) {
	f.Helper()
	dice := rand.New(rand.NewPCG(20, 26)) //nolint:gosec // repeatable on purpose
	for _, s := range seeds {
		f.Add(s)
		for range mutants {
			m := s
			for range 1 + dice.IntN(4) {
				m = damaged(dice, m, seeds)
			}
			f.Add(m)
		}
	}
}

// damaged is a text with one thing done to it.
func damaged(dice *rand.Rand, s string, others []string) string {
	from := dice.IntN(len(s) + 1)
	to := from + dice.IntN(len(s)-from+1)
	switch dice.IntN(7) {
	case 0:
		return s[:from]
	case 1:
		return s[:from] + s[to:]
	case 2:
		return s[:to] + s[from:]
	case 3:
		return s[:from] + string([]byte{byte(dice.IntN(256))}) + s[min(from+1, len(s)):]
	case 4:
		other := others[dice.IntN(len(others))]
		return s[:from] + other[dice.IntN(len(other)+1):]
	case 5:
		return s[:from] + strings.Repeat(tokens[dice.IntN(len(tokens))], 1+dice.IntN(40)) + s[from:]
	}
	return s[:from] + tokens[dice.IntN(len(tokens))] + s[to:]
}
