package core

import "time"

// Presence says what a read told about a record's existence. Absence is never
// evidence of deletion: both vendors answer the same for gone and for
// invisible.
type Presence uint8

// What a read can tell.
const (
	Live    Presence = iota // returned with values
	Absent                  // not returned: gone, never there, or hidden from us
	Deleted                 // positive evidence: IsDeleted row, archived=true, delete event
)

// Record is what one side answered for one Ref.
type Record struct {
	Ref      Ref
	Presence Presence
	// Values are the side's own values as text by field API name: "" is blank,
	// a field that the side did not answer is absent from the map (no
	// permission, or dropped), which is not the same as blank.
	Values map[string]string
	// Stamp is the side's own modification stamp (SystemModstamp, one-second
	// granularity; hs_lastmodifieddate or lastmodifieddate, milliseconds).
	Stamp time.Time
	// Created is the side's creation time.
	Created time.Time
	// ModifiedBy is the Salesforce user id of the last modification, or blank.
	ModifiedBy string
	// MergedInto is the id of the survivor where the side says this record was
	// merged away.
	MergedInto string
	// Aliases are ids that were merged into this record and still name it.
	Aliases []string
	// Related are the associated records by object type, where asked for.
	Related map[Object][]Relation
}

// Relation is one association of a record.
type Relation struct {
	ID      string
	Primary bool
	// Labels are the texts of the association's labels, where a side tells them.
	Labels []string
}

// Get is the value of a field and whether the side answered it.
func (r *Record) Get(field string) (string, bool) {
	v, ok := r.Values[field]
	return v, ok
}
