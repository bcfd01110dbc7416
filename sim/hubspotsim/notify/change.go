package notify

import "time"

// Kind is what happened to a record.
type Kind string

// The kinds of change that are told.
const (
	Creation          Kind = "creation"
	PropertyChange    Kind = "propertyChange"
	Deletion          Kind = "deletion"
	Merge             Kind = "merge"
	Restore           Kind = "restore"
	AssociationChange Kind = "associationChange"
	PrivacyDeletion   Kind = "privacyDeletion"
	ListMembership    Kind = "listMembership" // told by the journal only
)

// redacted stands for the value of a sensitive property.
const redacted = "REDACTED"

// Change is one thing that happened in the portal. A commit publishes the
// changes of one record together and in order: creation first, then its
// properties; a privacy deletion comes beside a deletion. One association change
// is published once, from either end; both directions are told.
type Change struct {
	PortalID     int64
	ObjectTypeID string // 0-1
	ObjectType   string // legacy name: contact, company, deal, ticket, product, line_item; empty for types that have none
	ObjectID     int64
	Kind         Kind

	Property  string // PropertyChange
	Value     string // PropertyChange; empty when cleared
	Sensitive bool   // PropertyChange of a sensitive property: its value is told as REDACTED

	Source     string // changeSource: CRM_UI, INTEGRATION, API, IMPORT, …
	SourceID   string // the app id, or userId:…
	OccurredAt time.Time

	Association Association // AssociationChange
	Merge       Merged      // Merge; ObjectID is the resulting record

	ListID    int64 // ListMembership
	ListAdded bool  // ListMembership: joined, else left
}

// Association is the detail of an association change, as seen from the
// change's own record.
type Association struct {
	ToObjectTypeID string
	ToObjectType   string // legacy name, may be empty
	ToObjectID     int64
	TypeID         int    // in the direction from the change's record
	ReverseTypeID  int    // in the other direction
	Category       string // HUBSPOT_DEFINED, …
	Removed        bool
	Primary        bool
}

// Merged is the detail of a merge.
type Merged struct {
	PrimaryID       int64   // the record the person chose to keep
	MergedIDs       []int64 // the absorbed side
	NewID           int64   // the resulting record; equals PrimaryID in the old mode
	PropertiesMoved int
}

// value is what is told of a property's new value.
func (c Change) value() string {
	if c.Sensitive {
		return redacted
	}
	return c.Value
}

// directions gives the change as each end sees it; other kinds have one.
func (c Change) directions() []Change {
	if c.Kind != AssociationChange {
		return []Change{c}
	}
	back, a := c, c.Association
	back.ObjectTypeID, back.ObjectType, back.ObjectID = a.ToObjectTypeID, a.ToObjectType, a.ToObjectID
	back.Association.ToObjectTypeID, back.Association.ToObjectType = c.ObjectTypeID, c.ObjectType
	back.Association.ToObjectID = c.ObjectID
	back.Association.TypeID, back.Association.ReverseTypeID = a.ReverseTypeID, a.TypeID
	return []Change{c, back}
}
