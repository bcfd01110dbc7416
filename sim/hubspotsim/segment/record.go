package segment

import (
	"iter"
	"time"
)

// Record is one CRM record as a filter sees it.
type Record interface {
	// ID is the record's id, unique within its object type.
	ID() string
	// Property gives the wire value of a property, and whether one is set.
	// An empty value counts as not set.
	Property(name string) (string, bool)
}

// AssociationType names one association label, keyed as the wire does by
// category and number. The zero value means any label.
type AssociationType struct {
	Category string // HUBSPOT_DEFINED, USER_DEFINED, INTEGRATOR_DEFINED
	ID       int
}

// Env is what a filter may ask about besides the record itself. Nil functions
// answer "none" and "no".
type Env struct {
	// Now is the moment relative dates refer to.
	Now time.Time
	// Zone is the portal's time zone; nil means UTC.
	Zone *time.Location
	// Associated gives the live records of another type tied to r by via.
	Associated func(r Record, toObjectTypeID string, via AssociationType) []Record
	// InList says whether r is a member of a list.
	InList func(r Record, listID string) bool
}

// World is the portal's record store as list evaluation needs it. Its methods
// are called only from within Store methods, on the caller's goroutine.
type World interface {
	// Record gives a live record; false when it is archived, merged away or unknown.
	Record(objectTypeID, id string) (Record, bool)
	// Records walks all live records of a type in a stable order.
	Records(objectTypeID string) iter.Seq[Record]
	// Associated gives the live records of toObjectTypeID tied to r (of
	// objectTypeID) by via, in a stable order; the zero via means any label.
	Associated(objectTypeID string, r Record, toObjectTypeID string, via AssociationType) []Record
}
