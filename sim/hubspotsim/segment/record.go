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

// Historian is a Record that also knows earlier values. The HAS_EVER and
// HAS_NEVER operators ask it; of other records only the current value counts.
type Historian interface {
	// History gives every value the property has had, the current one included.
	History(name string) []string
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
	// Associated gives the live records of toObjectTypeID tied to r, which is of
	// objectTypeID, by via.
	Associated func(objectTypeID string, r Record, toObjectTypeID string, via AssociationType) []Record
	// InList says whether a record of the list's type is a member of the list.
	InList func(listID, recordID string) bool
}

func (e *Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

func (e *Env) associated(objectTypeID string, r Record, to string, via AssociationType) []Record {
	if e.Associated == nil {
		return nil
	}
	return e.Associated(objectTypeID, r, to, via)
}

func (e *Env) inList(listID, recordID string) bool {
	return e.InList != nil && e.InList(listID, recordID)
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
