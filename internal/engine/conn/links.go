package conn

import (
	"strings"

	"tandem/internal/core"
)

// HowUnlinked is how a link ended that a person closed: the ids that still stand
// on its records do not join them again.
const HowUnlinked = "unlinked"

// MadeBy is the rule under which a link was made, or "person".
func MadeBy(l *core.Link) string { return strings.TrimSuffix(l.How, " "+HowUnlinked) }

// Unlinked reports a link that a person closed.
func Unlinked(l *core.Link) bool { return strings.HasSuffix(l.How, HowUnlinked) }
