package conn

import (
	"strings"

	"tandem/internal/core"
)

// HowUnlinked is how a link ended that a person closed: the ids that still stand
// on its records do not join them again.
const HowUnlinked = "unlinked"

// MadeBy is the rule under which a link was made, or "person".
func MadeBy(l *core.Link) string {
	return strings.TrimSuffix(strings.TrimSuffix(l.How, " "+HowUnlinked), " "+HowDeleted)
}

// HowDeleted is how a link ended whose records were both deleted, the one for the other.
const HowDeleted = "deleted"

// DeletedWith reports a link that ended with a deletion which was passed on: a record of
// it that is there has come back, or never went.
func DeletedWith(l *core.Link) bool {
	return l.State == core.LinkClosed && strings.HasSuffix(l.How, " "+HowDeleted)
}

// Unlinked reports a link that a person closed.
func Unlinked(l *core.Link) bool { return strings.HasSuffix(l.How, HowUnlinked) }
