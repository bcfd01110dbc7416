package conn

import (
	"strings"

	"tandem/internal/core"
)

// HowUnlinked is how a link ended that a person closed: the ids that still stand
// on its records do not join them again.
const HowUnlinked = "unlinked"

// HowUndone is how a link ended that a person closed by undoing the run that made it, or
// that made a record of it.
const HowUndone = howUndo + " " + HowUnlinked

const howUndo = "undone"

// howTakenUp is how a link ended that an undo closed and of which an import has named a
// record since.
const howTakenUp = howUndo + " imported"

// ByPerson is how a link came to be that a person made.
const ByPerson = "person"

// MadeBy is the rule under which a link was made, or ByPerson.
func MadeBy(l *core.Link) string {
	how := strings.TrimSuffix(l.How, " "+howTakenUp)
	how = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(how, " "+HowUnlinked), " "+howUndo), " "+HowDeleted)
	return strings.TrimSuffix(how, " "+howAccount)
}

// HowDeleted is how a link ended whose records were both deleted, the one for the other.
const HowDeleted = "deleted"

// howAccount goes before HowDeleted where it was an account that we deleted.
const howAccount = "account"

// HowDeletedWith is how a link ends for whose gone record the other one is deleted.
func HowDeletedWith(deleted core.Ref) string {
	if deleted.Object == core.Account {
		return howAccount + " " + HowDeleted
	}
	return HowDeleted
}

// TookAlong reports a link that ended with our deleting its account: Salesforce deletes
// an account's contacts and opportunities along with it.
func TookAlong(l *core.Link) bool {
	return l.State == core.LinkClosed && strings.HasSuffix(l.How, " "+howAccount+" "+HowDeleted)
}

// DeletedWith reports a link that ended with a deletion which was passed on: a record of
// it that is there has come back, or never went.
func DeletedWith(l *core.Link) bool {
	return l.State == core.LinkClosed && strings.HasSuffix(l.How, " "+HowDeleted)
}

// Unlinked reports a link that a person closed.
func Unlinked(l *core.Link) bool { return strings.HasSuffix(l.How, HowUnlinked) }

// Undone reports a link that an undo closed.
func Undone(l *core.Link) bool { return strings.HasSuffix(l.How, HowUndone) }

// TakeUp lets the records of a link that an undo closed sync as though they had never had
// one: what was undone is done again where an import names it.
func TakeUp(l *core.Link) { l.How = strings.TrimSuffix(l.How, HowUndone) + howTakenUp }

// TakenUp reports a link that keeps its records from nothing any more.
func TakenUp(l *core.Link) bool {
	return l.State == core.LinkClosed && strings.HasSuffix(l.How, " "+howTakenUp)
}
