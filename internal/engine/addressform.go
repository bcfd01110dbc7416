package engine

import (
	"regexp"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// wellFormed is an address as RFC 5322 writes it without quotes, at a domain of at least
// two labels, in any script.
var wellFormed = regexp.MustCompile(`^[\pL\pN!#$%&'*+/=?^_{|}~\x60-]+(\.[\pL\pN!#$%&'*+/=?^_{|}~\x60-]+)*@([\pL\pN]([\pL\pN-]*[\pL\pN])?\.)+\pL[\pL\pN-]*$`)

// nameless reports a new person who would stand without the address although that is
// well-formed: a side that refuses it all the same may have erased whoever had it, and
// nobody could be matched with who is made (CON-6). A malformed one is a bad value as any
// other, and is left out alone.
func (b *batch) nameless(op *core.Op, dropped []string) bool {
	field := conn.AddressField[op.Target.Side]
	return b.pair == core.ContactPair && op.Kind == core.OpCreate && slices.Contains(dropped, field) && wellFormed.MatchString(strings.TrimSpace(op.Fields[field]))
}
