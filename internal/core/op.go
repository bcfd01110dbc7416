package core

import "time"

// OpKind is what an Op does to its target.
type OpKind string

// Op kinds.
const (
	OpCreate    OpKind = "create"
	OpUpdate    OpKind = "update"
	OpArchive   OpKind = "archive"   // HubSpot archive, Salesforce delete: both keep a recycle bin
	OpAssociate OpKind = "associate" // HubSpot association; on Salesforce relations are fields
	// OpDissociate takes the labels in Labels away from a HubSpot association, or the
	// whole association where it names none.
	OpDissociate OpKind = "dissociate"
	// OpUnsubscribe opts the address in UniqueValue out of everything, in HubSpot, where
	// that belongs to the address and not to a record. Its outcome's Stamp is since when.
	OpUnsubscribe OpKind = "unsubscribe"
)

// Op is one intended write.
type Op struct {
	// Key is stable for the same intent and unique among open ones.
	Key  string `json:"key"`
	Kind OpKind `json:"kind"`
	Pair Pair   `json:"pair"`
	// Target is the record written; its ID is blank for a create.
	Target Ref `json:"target"`
	// Source is the record whose state is carried.
	Source Ref `json:"source"`
	// Fields are the values to write in the target side's own notation; "" clears.
	Fields map[string]string `json:"fields,omitempty"`
	// Before are the target's values that the decision saw, by the same names.
	Before map[string]string `json:"before,omitempty"`
	// Unmodified is the version of an update's target that the decision saw: a side
	// that can refuses the update as Stale where a later one stands. Zero asks for
	// no check.
	Unmodified time.Time `json:"-"`
	// Strict asks for that check whatever it costs, and for the version that Unmodified
	// names: a later look at the target does not renew it.
	Strict bool `json:"-"`
	// UniqueField and UniqueValue pin a create: our key field on the target side
	// and the value (the counterpart's id) that makes a second create fail. Of an
	// unsubscribe they are the address.
	UniqueField string `json:"unique_field,omitempty"`
	UniqueValue string `json:"unique_value,omitempty"`
	// Associate names the record to associate the target with.
	Associate Ref  `json:"associate,omitzero"`
	Primary   bool `json:"primary,omitempty"`
	// Beside are further records that a create with Associate is associated with.
	Beside []Ref `json:"beside,omitempty"`
	// Labels are the texts of labels that the association is to have beside those that
	// stand, or to lose.
	Labels []string `json:"labels,omitempty"`
	// Assign asks Salesforce to run assignment rules; batches are split by it.
	Assign bool `json:"assign,omitempty"`
	// Person is the record type of the person account that a create of a contact
	// makes; Salesforce makes the contact with it. Blank for any other contact.
	Person string `json:"person,omitempty"`
	// Rule is the requirement id that caused the Op.
	Rule string `json:"rule"`
}

// Status is what really happened to an Op.
type Status string

// Outcome statuses.
const (
	Applied  Status = "applied"
	Rejected Status = "rejected" // surely not applied; Class says whether trying again can help
	Stale    Status = "stale"    // the target changed since the decision, or is gone or merged
	Unknown  Status = "unknown"  // no answer: settled later by reading
)

// Class is how an error or a rejection behaves.
type Class string

// Classes. A connector classifies and paces; only the engine retries.
const (
	ClassNone      Class = ""
	ClassTransient Class = "transient" // try again at RetryAt or later
	ClassRejected  Class = "rejected"  // the record or field is refused until something changes
	ClassDuplicate Class = "duplicate" // another record holds the unique value: ExistingID
	ClassStale     Class = "stale"     // the record moved: merged, converted, changed
	ClassAuth      Class = "auth"      // credentials or permission of the whole side
	ClassGone      Class = "gone"      // the target is deleted or not visible
	ClassSchema    Class = "schema"    // a field or object of the mapping is missing or not writable
	ClassQuota     Class = "quota"     // the daily budget of the side is used up
)

// Outcome is what really happened to one Op.
type Outcome struct {
	Key    string
	Status Status
	Class  Class
	// ID of the record written; it differs from the target's where the side
	// answered for the survivor of a merge.
	ID string
	// Values are the stored values where the side returned them.
	Values map[string]string
	Stamp  time.Time
	// Existing is the id of the record that already holds a unique value.
	Existing string
	// Code is the vendor's error code or category, Message its text, Fields the
	// field API names it blames.
	Code    string
	Message string
	Fields  []string
	RetryAt time.Time
}

// Decision is what policy said for one record, with the requirement's id and
// the facts it saw.
type Decision struct {
	Rule    string            `json:"id"`
	Outcome string            `json:"outcome"` // create, link, update, none, wait, block, review …
	Facts   map[string]string `json:"facts,omitempty"`
}

// Category groups issues the way the original's Sync Health does (ERR-2).
type Category string

// Issue categories.
const (
	CategoryAssociation Category = "association"
	CategoryCustomCode  Category = "custom_code"
	CategoryDuplicate   Category = "duplicate"
	CategoryPermissions Category = "permissions"
	CategoryPicklist    Category = "picklist"
	CategoryMapping     Category = "property_mapping"
	CategoryValue       Category = "property_value"
	CategoryOther       Category = "other"
)

// Categories lists them in the order they are shown.
var Categories = []Category{CategoryAssociation, CategoryCustomCode, CategoryDuplicate, CategoryPermissions,
	CategoryPicklist, CategoryMapping, CategoryValue, CategoryOther}

// Issue is an open problem of one record, or of one field of it, that a person
// can see, retry and close.
type Issue struct {
	ID       int64     `json:"id"`
	Pair     Pair      `json:"pair"`
	Ref      Ref       `json:"ref"`
	Field    string    `json:"field,omitempty"` // target field API name; blank for a record issue
	Category Category  `json:"category"`
	Code     string    `json:"code"`
	Message  string    `json:"message"` // what happened, to which record
	Mend     string    `json:"mend"`    // what to do
	Rule     string    `json:"rule,omitempty"`
	Value    string    `json:"value,omitempty"` // digest of the source value refused, so that a change retries it
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Count    int       `json:"count"`
	// Candidates are the refs a person may choose from in a review.
	Candidates []Ref `json:"candidates,omitempty"`
	// Evidence says of each candidate what speaks for it, by the candidates' order;
	// empty where the message says it of all.
	Evidence []string `json:"evidence,omitempty"`
}
