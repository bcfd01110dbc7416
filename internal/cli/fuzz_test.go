package cli

import (
	"strings"
	"testing"
	"unicode"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/fuzzseed"
)

// FuzzIDs demands that no file of ids stops its reader, and that only what has the shape
// of an id comes out of it: ids go into addresses and statements (X9).
func FuzzIDs(f *testing.F) {
	fuzzseed.Add(f, "Id,Name\n001000000000001AAA,\"a \"\"b\"\"\nc\"\n", "\ufeff\"Record ID\",x\n12345,1\n../../x?y=1,2\n", "001000000000001\n12\n", "' OR Id != '\n=1+1\n")
	f.Fuzz(func(t *testing.T, text string) {
		pairs := core.StandardPairs
		for _, p := range []core.Pair{core.CompanyPair, core.ContactPair} {
			refs, err := parseIDs(pairs, p, strings.NewReader(text))
			for _, r := range refs {
				if r.ID == "" || strings.ContainsFunc(r.ID, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
					t.Fatalf("%q names the id %q", text, r.ID)
				}
			}
			if err != nil && strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Fatalf("%q: the error moves the cursor: %q", text, err)
			}
		}
	})
}

// FuzzPrintable demands that nothing that is shown moves a cursor or turns the text
// around (X13, D5).
func FuzzPrintable(f *testing.F) {
	fuzzseed.Add(f, "Acme", "\x1b[31mred\x1b]0;title\a", "a\r\nb\u2028c\u0085d", "\u202egnp.exe", "\u2066x\u2069", "\x9b2J", "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467")
	f.Fuzz(func(t *testing.T, s string) {
		shown := printable(s)
		if i := strings.IndexFunc(shown, moves); i >= 0 {
			t.Fatalf("%q is shown as %q", s, shown)
		}
		if cells := engine.Harmless([]string{s}); cells[0] != "" && strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", []rune(cells[0])[0]) {
			t.Fatalf("%q is written as %q", s, cells[0])
		}
	})
}

// moves are the characters that a terminal obeys.
func moves(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
}
