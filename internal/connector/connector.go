// Package connector is the seam between the engine and one side: what a side
// can read, write, announce and administer, and how its errors are classified.
//
// A connector classifies and paces, it never retries: the one owner of retries
// is the engine. Implementations are internal/connector/salesforce and
// internal/connector/hubspot; connectortest runs one suite on both.
package connector

import (
	"context"
	"time"

	"tandem/internal/core"
)

// Connector is one side as the engine sees it. All methods are safe for
// concurrent use. Errors are *Error unless the context ended.
type Connector interface {
	Source
	Sink
	Feed
	Admin
}

// Source reads one side.
type Source interface {
	// Caps are constant for the life of the connector.
	Caps() Caps
	// Identity says who the credentials belong to; it is asked at every start,
	// because a changed org or portal id is a brake.
	Identity(ctx context.Context) (Identity, error)
	// Describe is the object's schema as this user sees it. A field hidden from
	// the user is not in it.
	Describe(ctx context.Context, object core.Object) (Schema, error)
	// Read answers for each value asked, strongly consistent. By id (By blank)
	// it returns exactly one record per id in the order asked, Absent where the
	// side returned nothing; a merged id comes back with the survivor's Ref and
	// the id asked in Aliases. By a field it returns every match, in id order.
	Read(ctx context.Context, q Query) ([]core.Record, error)
	// Scan streams records page by page in a stable order and calls yield for
	// each page; it stops at yield's error and returns it.
	Scan(ctx context.Context, s Scan, yield func(Page) error) error
}

// RecordType is a kind of account that an org tells apart.
type RecordType struct {
	ID   string
	Name string // the API name
}

// Query asks for records by id or by the values of one field.
type Query struct {
	Object  core.Object
	By      string   // field API name; blank means the record id
	Values  []string // any number: the connector splits into calls
	Fields  []string
	Related []core.Object // association targets wanted in Record.Related (HubSpot)
	Deleted bool          // also rows in the recycle bin, with Presence Deleted and MergedInto
	// Plain says that By is a field of numbers or of days, which Salesforce wants without
	// quotes. A value that is neither matches nothing.
	Plain bool
	// Or are more conditions beside By, which is not blank then: a record that meets any
	// of them is answered, once.
	Or []Match
}

// Match is one condition of a Query: a field has one of the values. Without values
// nothing meets it.
type Match struct {
	By     string
	Values []string
}

// Apart are the queries that ask for each condition by itself.
func (q Query) Apart() []Query {
	out := []Query{q}
	for _, m := range q.Or {
		one := q
		one.By, one.Values, one.Plain = m.By, m.Values, false
		out = append(out, one)
	}
	for i := range out {
		out[i].Or = nil
	}
	return out
}

// Scan asks for all records of an object, or those modified in a window.
type Scan struct {
	Object core.Object
	Fields []string
	// Since and Until bound the modification stamp: Since inclusive (zero means
	// everything), Until exclusive (zero means up to the side's safe edge: its
	// own clock less its visibility or index lag).
	Since, Until time.Time
	// After resumes behind a Page.Next of the same scan.
	After string
	// Deleted asks for deleted (archived) rows only.
	Deleted bool
	// True asks only for the records whose yes/no field of this name says yes, as the side's
	// index has them; it goes with no window and with no deleted rows, and covers no time.
	True    string
	Related []core.Object
}

// Page is one page of a Scan.
type Page struct {
	Records []core.Record
	// Next resumes behind this page; blank on the last one.
	Next string
	// Covered is the side's own time up to which the scan is complete once the
	// last page was delivered: the next scan's Since, less the overlap that the
	// caller adds.
	Covered time.Time
	// At is the side's own time when it answered this page, zero where it did not
	// tell.
	At time.Time
}

// Asker is a Source that answers several questions by fewer calls than one each.
type Asker interface {
	// ReadEach gives for each query what Read gives.
	ReadEach(ctx context.Context, questions []Query) ([][]core.Record, error)
}

// Sink writes one side.
type Sink interface {
	// Write sends ops of one object and one kind (and, on Salesforce, one Assign
	// value, and of persons or of others), any number, and returns one Outcome per op in the order given. The
	// error is for what concerns all of them before anything was sent
	// (credentials, budget, network down); everything later is in the outcomes.
	Write(ctx context.Context, ops []core.Op) ([]core.Outcome, error)
}

// Feed announces changes.
type Feed interface {
	// Listen delivers events from the position (blank: from now) until ctx ends
	// or the feed breaks. emit stores the events and the position in one
	// transaction; its error ends Listen. It calls emit with no events for a
	// keepalive position. *Error with Code CodePositionLost says that events
	// between the position and now may be missing.
	Listen(ctx context.Context, position string, emit func(context.Context, Events) error) error
}

// Events is one delivery of a feed.
type Events struct {
	Events   []Event
	Position string
	// Clock is the side's own time of the delivery, for the lag shown.
	Clock time.Time
}

// Announcer is a side whose feed may leave objects out: Salesforce, where each object is
// selected for it. Selected lists those that are.
type Announcer interface {
	Selected(ctx context.Context) ([]core.Object, error)
}

// EventKind is what an event announces.
type EventKind string

// Event kinds.
const (
	EventCreate    EventKind = "create"
	EventUpdate    EventKind = "update"
	EventDelete    EventKind = "delete"
	EventUndelete  EventKind = "undelete"
	EventMerge     EventKind = "merge"
	EventAssociate EventKind = "associate" // an association was added or removed
	EventPrivacy   EventKind = "privacy"   // erased on request: never to come back
	EventGap       EventKind = "gap"       // something happened to this record, unknown what
	EventOverflow  EventKind = "overflow"  // something happened to any record of the object: sweep it
)

// Event is one change as announced. Its values are hints: only reads are truth.
type Event struct {
	Kind EventKind
	Ref  core.Ref // ID blank for an overflow
	// Changed are the new values of the changed fields by API name; nil where
	// the feed does not say which.
	Changed map[string]string
	// Into is the survivor of a merge; Related the other end of an association, Removed
	// that it ended.
	Into    core.Ref
	Related core.Ref
	Removed bool
	At      time.Time
	// Own reports that the change carries this connection's own mark (client id,
	// app id); it alone never proves an echo.
	Own bool
}

// Admin looks at and prepares the side's metadata.
type Admin interface {
	// Ensure creates missing fields and grants this user access to them. It
	// returns one result per spec; a missing right is a result, not an error.
	Ensure(ctx context.Context, object core.Object, specs []FieldSpec) ([]FieldResult, error)
	// Users lists the side's users or owners, inactive ones included.
	Users(ctx context.Context) ([]User, error)
	// Usage is the account's API use as last told by the side, without a call
	// where a recent answer carried it.
	Usage(ctx context.Context) (Usage, error)
	// Spent is how many calls were sent on our account's behalf in the last 24
	// hours and our configured daily share (0 for none). It makes no call.
	Spent() (calls, limit int)
	// List reads the definition of a list by id or name (HubSpot), which is expected to
	// hold records of the object; Salesforce answers Rejected.
	List(ctx context.Context, of core.Object, idOrName string) (List, error)
	// Members tells which of the given records are in the list now, and the
	// moment the list was last evaluated for each where known.
	Members(ctx context.Context, listID string, ids []string) (map[string]time.Time, error)
	// Memberships streams the members of a list page by page in the order they
	// joined, from the page that the cursor of an earlier one asks for; blank for
	// all. Whoever joins later is on the last page or behind it. It stops at
	// yield's error and returns it.
	Memberships(ctx context.Context, listID, cursor string, yield func(MemberPage) error) error
}

// Identity is the account behind the credentials.
type Identity struct {
	ID       string // org id (18) or portal id
	Name     string
	UserID   string // the integration user (Salesforce) or app id (HubSpot)
	Username string
	Edition  string // OrganizationType or account type
	Sandbox  bool
	TimeZone string
	Currency string
	Clock    time.Time // the side's own time now, by its last answer's Date header
	Versions []string  // API versions the side offers, where it lists them
}

// Schema is an object's definition as this user sees it.
type Schema struct {
	Object     core.Object
	Label      string
	Creatable  bool
	Updatable  bool
	Deletable  bool
	Queryable  bool
	ViewAll    bool // may read all records whatever sharing says, where the side tells
	Fields     []Field
	UniqueName string // the field that names a record for a person (Name, name)
	Prefix     string // the characters that the object's ids begin with; blank where a side has none
}

// Field is one field or property.
type Field struct {
	Name       string
	Label      string
	Type       string // the side's own type: string, picklist, reference, currency … / string, enumeration, number …
	FieldType  string // HubSpot fieldType: text, textarea, select, radio, checkbox, booleancheckbox, number, date …
	Length     int    // in characters, 0 where unlimited or unknown
	Precision  int
	Scale      int
	Required   bool // must be given on create
	Creatable  bool
	Updatable  bool
	Calculated bool // formula, roll-up, auto-number, HubSpot calculated
	Unique     bool
	ExternalID bool
	Restricted bool // only listed options are accepted
	Rich       bool // the text is HTML
	Share      bool // the number is a share of one that people see in percent: 0.25 is 25 %
	Money      bool // the number is an amount in a currency
	Custom     bool
	Cascade    bool   // a reference: the record is deleted with the one that it names
	Default    string // what a new record gets that has no other value, where the side tells
	Computed   bool   // a formula makes such a value
	Created    string // when a custom field was made, in the side's words, where it tells
	Options    []Option
	References []core.Object // targets of a reference; {"User"} or {"OWNER"} for owners
}

// Option is one picklist value or property option.
type Option struct {
	Value  string
	Label  string
	Active bool
}

// FieldSpec is a field we need on a side.
type FieldSpec struct {
	Name        string // Salesforce: Foo__c; HubSpot: foo
	Label       string
	Type        string // "text", "datetime", "bool"; on HubSpot also "choices", several of a list that grows
	Length      int
	Unique      bool
	Description string
	Group       string // HubSpot property group, created when missing
}

// FieldResult says what became of one FieldSpec.
type FieldResult struct {
	Name    string
	State   string // "present", "created", "granted", "missing", "conflict"
	Message string // for missing and conflict: what an admin must do
}

// User is a Salesforce user or queue, or a HubSpot owner.
type User struct {
	ID     string
	Name   string
	Email  string
	Active bool
	Queue  bool
}

// Usage is API use of the whole account within its own window.
type Usage struct {
	Used, Max int       // calls in the side's 24 h window or day; Max 0 where not told
	Ours      int       // calls this process sent within the same window
	Limit     int       // our configured share, 0 for none
	Forecast  int       // ours of the day by midnight UTC, at the pace of now; 0 where nobody counts by the hour
	At        time.Time // when the side told it
}

// List is a HubSpot list (segment).
type List struct {
	ID      string
	Name    string
	Object  core.Object
	Active  bool   // dynamic
	Settled bool   // its members are those of its definition: no evaluation of it is under way
	Filters []byte // the filterBranch tree as JSON
}

// Member is a record in a list, and when it joined by the side's clock.
type Member struct {
	ID     string
	Joined time.Time
}

// MemberPage is a page of the members of a list.
type MemberPage struct {
	Members []Member
	Cursor  string // asks for this page again, with those who joined since behind it
	Next    string // asks for the page behind it; blank on the last one
	Total   int    // members of the list in all
}

// Caps are what a side can do that the engine's plans depend on.
type Caps struct {
	BatchSize   int           // ops per write call
	ReadSize    int           // ids per read call
	StampUnit   time.Duration // granularity of Record.Stamp
	ReturnsRow  bool          // a write answers with the stored values
	Overlap     time.Duration // how far behind a poll must re-read
	TracksField bool          // has per-property history
	ScanLag     time.Duration // how long after a write a Scan may still miss it (a search index)
}

// Version is one past value of a field, newest first where listed.
type Version struct {
	Value    string
	At       time.Time
	Source   string // the side's source type: CRM_UI, INTEGRATION, … (an open set)
	SourceID string
	Own      bool // our own app set it
	// Calculated says that the side worked the value out by itself, as it counts associations.
	Calculated bool
}
