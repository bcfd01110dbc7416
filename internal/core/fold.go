package core

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldAddress is the form in which e-mail addresses are compared: without the space
// around it, in lower case. A foreign letter whose lower case is an ASCII one (the
// Kelvin sign, the dotted capital I) stays as it is: whoever has it in the address is
// not whom the address with the plain letter belongs to.
func FoldAddress(address string) string {
	return strings.Map(func(r rune) rune {
		low := unicode.ToLower(r)
		if low < utf8.RuneSelf && r >= utf8.RuneSelf {
			return r
		}
		return low
	}, strings.TrimSpace(address))
}
