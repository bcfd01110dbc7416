package core

import "time"

// LinkState says whether a link syncs.
type LinkState string

// Link states. Parked and closed links keep their rows, so that nothing is
// re-created for a partner that was merged away or deleted.
const (
	LinkActive LinkState = "active"
	LinkParked LinkState = "parked" // a partner was merged away or privacy-deleted: a person or a rule decides
	LinkClosed LinkState = "closed" // a partner was deleted, or a person unlinked
)

// Link is a pair of Refs that are the same thing: one-to-one, pinned by id.
type Link struct {
	ID    int64 // zero until stored
	Pair  Pair
	Refs  [2]Ref
	State LinkState
	// Origin is the side the record came from when we created its partner;
	// blank when both existed before we linked them.
	Origin string
	// How is the requirement id of the rule that made the link (DEDUP-7, ACC-3 …).
	How    string
	Base   Base
	Stamps [2]time.Time // modification stamps last observed
	// Keyed says, per side, whether our key field is known to stand on that record.
	Keyed   [2]bool
	Created time.Time
}

// Partner is the ref on the other side of the given one.
func (l *Link) Partner(side Side) Ref { return l.Refs[side.Other()] }

// Reasons is the set of causes for which a record is looked at again.
type Reasons uint16

// Reasons of a dirty entry. A sweep never counts as an edit.
const (
	ReasonEdit   Reasons = 1 << iota // a change event or a poll saw a change of a mapped field
	ReasonCreate                     // the record was created
	ReasonDelete                     // a delete, undelete, merge or privacy event
	ReasonImport                     // an import named the record
	ReasonPerson                     // a person asked (resync, link, retry)
	ReasonSweep                      // a sweep saw an unknown version
	ReasonParent                     // a parent, child or association changed
	ReasonSchema                     // a mapping, setting or schema changed
	ReasonRetry                      // an issue or a transient failure is due again
	ReasonGap                        // an event said that something was lost
	// ReasonOwn is an event that carries our own mark. Alone it asks for nothing
	// that the settling of our own write does not already know.
	ReasonOwn
	ReasonListed // the record joined the inclusion list (TRIG-8)
	// ReasonField goes with an edit of a person of which an event named a field that
	// changed, other than that of an opt-out.
	ReasonField
	// ReasonConsent is an edit that brought an opt-out and nothing else that is known.
	ReasonConsent
	ReasonUndo // an undo is to put back what a run wrote to the record
)

var reasonNames = [...]string{"edit", "create", "delete", "import", "person", "sweep", "parent", "schema", "retry", "gap", "own", "listed", "field", "consent", "undo"}

// Has reports whether any of the given reasons is in r.
func (r Reasons) Has(given Reasons) bool { return r&given != 0 }

// Names lists the reasons in a fixed order.
func (r Reasons) Names() []string {
	var out []string
	for i, name := range reasonNames {
		if r&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// Dirty says "look at this Ref again". It is durable and coalesced; settling
// removes it only at the generation that was claimed.
type Dirty struct {
	Ref        Ref
	Pair       Pair
	Generation int64
	Reasons    Reasons
	NotBefore  time.Time
	Tries      int   // consecutive transient failures
	Run        int64 // the import, resync or backfill that named it last; 0 for none
}
