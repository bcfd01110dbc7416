package core

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestX18_NoForeignLetterBecomesAPlainOne(t *testing.T) {
	for in, want := range map[string]string{
		" Ada@Edge.COM\t":  "ada@edge.com",
		"JÖRG@EDGE.COM":    "jörg@edge.com",
		"\u212a@edge.com":  "\u212a@edge.com", // the Kelvin sign
		"\u0130da@edge.co": "\u0130da@edge.co",
		"аda@edge.com":     "аda@edge.com", // a Cyrillic letter
		"":                 "",
	} {
		if got := FoldAddress(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if folded := FoldAddress("a" + string(r) + "b"); len(folded) == 3 && utf8.ValidRune(r) {
			t.Errorf("%U folds into %q", r, folded)
		}
	}
}
