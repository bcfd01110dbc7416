package core

import "fmt"

// BrakeKind is what made a brake halt.
type BrakeKind string

// The brakes of the guard stage. The last two are found by the engine itself,
// which alone knows its cursors and its store.
const (
	BrakeDeletes  BrakeKind = "deletes"  // too large a share of deletes
	BrakeEmptied  BrakeKind = "emptied"  // a side shows nothing any more
	BrakeChanged  BrakeKind = "changed"  // every record changed at once
	BrakeIdentity BrakeKind = "identity" // the credentials belong to another org or portal
	BrakeScope    BrakeKind = "scope"    // a filter change drops most of the scope
	BrakeCursor   BrakeKind = "cursor"   // a feed position expired
	BrakeStore    BrakeKind = "store"    // the store was restored from an older copy
)

// Brake is a visible halt that a person must release.
type Brake struct {
	Kind   BrakeKind `json:"kind"`
	Reason string    `json:"reason"` // what was seen
	Mend   string    `json:"mend"`   // what a person can do
}

// BrakeLimits are the settings of the delete brake: it halts above the larger of
// AtLeast records and Share (0…1) of all.
type BrakeLimits struct {
	AtLeast int
	Share   float64
}

// DefaultBrakeLimits are those of the settings.
var DefaultBrakeLimits = BrakeLimits{AtLeast: 10, Share: 0.05}

// The two brakes without settings look away below these counts, where a person
// easily changes everything on purpose.
const (
	changedAtLeast = 20
	droppedAtLeast = 10
)

// CheckDeletes halts when more deletes are due than the limits allow for total
// linked records. It returns nil when all is well, as all checks do.
func CheckDeletes(total, deletes int, limits BrakeLimits) *Brake {
	allowed := max(limits.AtLeast, int(limits.Share*float64(total)))
	if deletes <= allowed {
		return nil
	}
	return &Brake{Kind: BrakeDeletes,
		Reason: fmt.Sprintf("%d of %d linked records would be deleted or archived; the limit is %d", deletes, total, allowed),
		Mend:   "look at the deleted records on the other side; release the brake if they are meant, or restore them there"}
}

// CheckEmptied halts when a side on which known records were linked lists none.
func CheckEmptied(known, listed int) *Brake {
	if known == 0 || listed > 0 {
		return nil
	}
	return &Brake{Kind: BrakeEmptied,
		Reason: fmt.Sprintf("%d records were linked and the side lists none of them", known),
		Mend:   "check the permissions of the integration user and that this is the right account, then release the brake"}
}

// CheckChanged halts when each of total linked records shows a change at once,
// as after a wrong mass update or a changed number format. Fewer than 20 records
// never halt.
func CheckChanged(total, changed int) *Brake {
	if total < changedAtLeast || changed < total {
		return nil
	}
	return &Brake{Kind: BrakeChanged,
		Reason: fmt.Sprintf("all %d linked records changed at once", total),
		Mend:   "look at a few of the changes in a plan; release the brake if the mass change is meant"}
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

// CheckScope halts when a change of filters drops more than half of the linked
// records. Fewer than 10 dropped records never halt.
func CheckScope(linked, dropped int) *Brake {
	if dropped < droppedAtLeast || 2*dropped <= linked {
		return nil
	}
	return &Brake{Kind: BrakeScope,
		Reason: fmt.Sprintf("the changed filter drops %d of %d linked records from the sync", dropped, linked),
		Mend:   "check the filter with a plan; release the brake if the smaller scope is meant"}
}
