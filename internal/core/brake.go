package core

import (
	"fmt"
	"time"
)

// BrakeKind is what made a brake halt.
type BrakeKind string

// The brakes of the guard stage. The last two are found by the engine itself,
// which alone knows its cursors and its store.
const (
	BrakeDeletes  BrakeKind = "deletes"  // too large a share of deletes
	BrakeEmptied  BrakeKind = "emptied"  // a side shows nothing any more
	BrakeChanged  BrakeKind = "changed"  // nearly every record changed at once
	BrakeIdentity BrakeKind = "identity" // the credentials belong to another org or portal
	BrakeScope    BrakeKind = "scope"    // a filter change drops most of the scope
	BrakeCursor   BrakeKind = "cursor"   // a feed position expired and the polls stopped as long ago
	BrakeStore    BrakeKind = "store"    // the store was restored from an older copy
)

// BrakeKinds lists all kinds.
var BrakeKinds = []BrakeKind{BrakeDeletes, BrakeEmptied, BrakeChanged, BrakeIdentity, BrakeScope, BrakeCursor, BrakeStore}

// Brake is a visible halt that a person must release.
type Brake struct {
	Kind   BrakeKind `json:"kind"`
	Reason string    `json:"reason"`           // what was seen
	Mend   string    `json:"mend"`             // what a person can do
	Object Object    `json:"object,omitempty"` // what alone it was seen at
}

// BrakeLimits are the settings of a brake: the larger of AtLeast records and
// Share (0…1) of all.
type BrakeLimits struct {
	AtLeast int
	Share   float64
}

// Of is the number of records that the limits stand for among total.
func (l BrakeLimits) Of(total int) int { return max(l.AtLeast, int(l.Share*float64(total))) }

// The limits of the settings that a person did not change. Fewer than AtLeast
// records are easily changed on purpose.
var (
	DefaultBrakeLimits   = BrakeLimits{AtLeast: 10, Share: 0.05}
	DefaultChangedLimits = BrakeLimits{AtLeast: 20, Share: 0.9}
	DefaultScopeLimits   = BrakeLimits{AtLeast: 10, Share: 0.5}
)

// CheckDeletes halts when more deletes are due than the limits allow for total
// linked records. It returns nil when all is well, as all checks do.
func CheckDeletes(total, deletes int, limits BrakeLimits) *Brake {
	allowed := limits.Of(total)
	if deletes <= allowed {
		return nil
	}
	return &Brake{Kind: BrakeDeletes,
		Reason: fmt.Sprintf("%d of %d linked records would be deleted or archived; the limit is %d", deletes, total, allowed),
		Mend:   "look at the deleted records on the other side; release the brake if they are meant, or restore them there"}
}

// CheckEmptied halts when a side on which known records of an object were linked lists none
// of that object, which a person calls title.
func CheckEmptied(side Side, object Object, title string, known, listed int) *Brake {
	if known == 0 || listed > 0 {
		return nil
	}
	return &Brake{Kind: BrakeEmptied, Object: object,
		Reason: fmt.Sprintf("%s lists no record of %s, and %d are linked", side.Label(), title, known),
		Mend: fmt.Sprintf("check what the integration user may see of %s and that this is the right account; release the brake if they are gone: "+
			"each is then looked at by itself, and what is not known to be deleted becomes an issue", title)}
}

// CheckChanged halts when as many of total linked records as the limits say
// were changed within an hour. Expected are the changes to reckon with beside those that were
// counted, among records that nobody has looked at yet.
func CheckChanged(total, counted, expected int, limits BrakeLimits) *Brake {
	changed := counted + expected
	if changed < limits.Of(total) || changed == 0 {
		return nil
	}
	seen := fmt.Sprintf("%d of %d linked records changed within an hour", counted, total)
	if expected > 0 {
		seen = fmt.Sprintf("an estimated %d of %d linked records changed within an hour (%d were seen; the rest is reckoned from the records that wait)", min(changed, total), total, counted)
	}
	return &Brake{Kind: BrakeChanged,
		Reason: fmt.Sprintf("%s; the limit is %d", seen, limits.Of(total)),
		Mend:   "look at a few of the changes with tandem plan --due; release the brake if the mass change is meant, or undo it on the side where it was made"}
}

// CheckIdentity halts when the credentials answer for another org or portal than
// the one pinned at the first connection. A blank pin never halts.
func CheckIdentity(side Side, pinned, actual string) *Brake {
	if pinned == "" || sameAccount(pinned, actual) {
		return nil
	}
	return &Brake{Kind: BrakeIdentity,
		Reason: fmt.Sprintf("the %s credentials belong to account %s, but this connection is pinned to %s", side.Label(), actual, pinned),
		Mend:   "use credentials of the pinned account, or make a new connection for the other one"}
}

// sameAccount compares ids; an org id may be written with 15 or 18 characters,
// the last three of which are a checksum of the first 15.
func sameAccount(a, b string) bool {
	const short, long = 15, 18
	if len(a) == short && len(b) == long {
		return a == b[:short]
	}
	if len(a) == long && len(b) == short {
		return a[:short] == b
	}
	return a == b
}

// CheckScope halts when a change of filters drops more of the linked records than
// the limits allow, but not fewer than AtLeast. Records is the word for several of them, as
// in the settings.
func CheckScope(records string, d Drop, limits BrakeLimits) *Brake {
	if !d.exceeds(limits) {
		return nil
	}
	return &Brake{Kind: BrakeScope,
		Reason: fmt.Sprintf("the changed filter drops %d of %d linked %s from the sync", d.Dropped, d.Linked, records),
		Mend:   "check the filter of " + records + " in the settings; release the brake if the smaller scope is meant"}
}

// Drop counts the linked records that a change of a filter or a list drops, for every brake
// and for whatever foretells one.
type Drop struct{ Linked, Dropped int }

// Count takes in a linked record that was let pass before, or not, and is now, or not. One of
// which nobody can tell is let pass: it waits, and an issue says so.
func (d *Drop) Count(was, is bool) {
	if !was {
		return
	}
	d.Linked++
	if !is {
		d.Dropped++
	}
}

func (d *Drop) exceeds(limits BrakeLimits) bool {
	return d.Dropped >= limits.AtLeast && float64(d.Dropped) > limits.Share*float64(d.Linked)
}

// Add takes in what was counted of other records.
func (d *Drop) Add(more Drop) {
	d.Linked, d.Dropped = d.Linked+more.Linked, d.Dropped+more.Dropped
}

// CheckList halts when more of the linked records that were in scope are outside their
// inclusion list at once than the limits allow, but not fewer than AtLeast. Records is the
// word for several of them, key the setting that names the list.
func CheckList(records, key string, d Drop, limits BrakeLimits) *Brake {
	if !d.exceeds(limits) {
		return nil
	}
	return &Brake{Kind: BrakeScope,
		Reason: fmt.Sprintf("%d of %d linked %s in scope are no longer in the inclusion list", d.Dropped, d.Linked, records),
		Mend:   "check the list in HubSpot and " + key + "; release the brake if the smaller scope is meant"}
}

// CheckCursor halts when a side's feed cannot resume and nothing else has read
// the side for longer than it keeps its events. Until is the moment up to which
// the side was last read, as a person reads it.
func CheckCursor(side Side, unread, kept time.Duration, until string) *Brake {
	if unread <= kept {
		return nil
	}
	return &Brake{Kind: BrakeCursor,
		Reason: fmt.Sprintf("the changes of %s since %s are no longer announced: the place in its feed has expired", side.Label(), until),
		Mend:   "release the brake to compare every record: what was edited on both sides meanwhile is decided by the field rules, and the loser is in tandem conflicts"}
}

// StoreRestored is the brake of a store that is older than it once was.
func StoreRestored() *Brake {
	return &Brake{Kind: BrakeStore,
		Reason: "the store is an older copy of itself, as after a restored backup: what was synced since then is unknown to it",
		Mend:   "put the newest copy back if there is one; otherwise release the brake: every linked pair is compared as at a first meeting, and what differs is decided by the field rules"}
}
