package segment

import (
	"encoding/json"
	"time"
)

// How a list gets its members.
const (
	Manual   = "MANUAL"   // by hand or by API
	Dynamic  = "DYNAMIC"  // by filter, always; the product's "active" list
	Snapshot = "SNAPSHOT" // by filter once, then by hand
)

// Options of a Store.
type Options struct {
	// World is the portal's records; required.
	World World
	// Now is the portal's clock; required.
	Now func() time.Time
	// Lag is the time between a record's change and the evaluation of its lists.
	Lag time.Duration
	// Zone is the portal's time zone; nil means UTC.
	Zone *time.Location
}

// NewList describes a list to create.
type NewList struct {
	Name           string
	ObjectTypeID   string
	ProcessingType string          // Manual, Dynamic or Snapshot
	FilterBranch   json.RawMessage // required for Dynamic and Snapshot
	CreatedByID    string
}

// List is one list's definition and the summary of its membership.
type List struct {
	ID               string
	Name             string
	ObjectTypeID     string
	ProcessingType   string
	ProcessingStatus string // PROCESSING until the first evaluation, then COMPLETE
	Version          int    // counts changes of the definition, from 1
	FilterBranch     json.RawMessage
	CreatedAt        time.Time
	UpdatedAt        time.Time // of the definition; recorded portals do not move it with the members
	FiltersUpdatedAt time.Time
	DeletedAt        time.Time // zero while the list is live
	CreatedByID      string
	UpdatedByID      string
	Size             int
	// LastRecordAddedAt is when the last member joined; zero when none ever did.
	LastRecordAddedAt time.Time
	// EvaluatedAt: the membership reflects every change made up to this moment.
	EvaluatedAt time.Time
}

// Member is one record in a list.
type Member struct {
	RecordID string
	JoinedAt time.Time
}

// MembershipChange is a record that joined or left a list.
type MembershipChange struct {
	ListID       string
	ObjectTypeID string
	RecordID     string
	Added        bool
	At           time.Time
}

// Page selects a part of a membership listing.
type Page struct {
	After, Before string // opaque cursors of an earlier answer; Before walks descending
	Limit         int    // 1 to 250; 0 means 100
}

// MembersPage is one part of a membership listing; a cursor is empty when
// nothing follows.
type MembersPage struct {
	Members    []Member
	Total      int
	NextAfter  string
	PrevBefore string
}

// ListQuery selects lists; empty fields do not limit.
type ListQuery struct {
	Text            string // substring of the name, any case
	ObjectTypeID    string
	ProcessingTypes []string
	IDs             []string
	Offset, Count   int // Count 0 means 20, at most 500
}

// ManualResult says what a change of membership by hand did.
type ManualResult struct {
	Added, Removed, Missing []string
	Changes                 []MembershipChange
}

// Store keeps lists and memberships. It is not safe for concurrent use: the
// portal's own lock covers it, so that evaluation sees one state of the records.
type Store struct {
	opts Options
}

// NewStore makes an empty store.
func NewStore(o Options) *Store { return &Store{opts: o} }

// Create adds a list. Errors: *FilterError, ErrNameTaken, ErrBadList.
func (s *Store) Create(n NewList) (List, error) { return List{}, nil }

// Get gives a live list.
func (s *Store) Get(id string) (List, bool) { return List{}, false }

// ByName gives a live list by object type and exact name.
func (s *Store) ByName(objectTypeID, name string) (List, bool) { return List{}, false }

// Search gives one page of lists by ascending id and the number of all that match.
func (s *Store) Search(q ListQuery) (page []List, total int) { return nil, 0 }

// Rename gives a list a new name. Errors: ErrNotFound, ErrNameTaken.
func (s *Store) Rename(id, name, by string) (List, error) { return List{}, nil }

// SetFilter replaces the filter of a dynamic list and evaluates all records anew.
func (s *Store) SetFilter(id string, raw json.RawMessage, by string) (List, error) {
	return List{}, nil
}

// Delete hides a list; Restore brings it back within 90 days.
func (s *Store) Delete(id string) error { return nil }

// Restore brings a deleted list back.
func (s *Store) Restore(id string) error { return nil }

// ByRecordID lists members by ascending record id.
func (s *Store) ByRecordID(id string, p Page) (MembersPage, error) { return MembersPage{}, nil }

// ByJoinOrder lists members by the time they joined, oldest first.
func (s *Store) ByJoinOrder(id string, p Page) (MembersPage, error) { return MembersPage{}, nil }

// Change adds and removes records of a MANUAL or SNAPSHOT list.
func (s *Store) Change(id string, add, remove []string) (ManualResult, error) {
	return ManualResult{}, nil
}

// ListsOf gives the lists a record is a member of, by ascending list id.
func (s *Store) ListsOf(objectTypeID, recordID string) []Membership { return nil }

// Membership is one list a record belongs to.
type Membership struct {
	ListID      string
	ListVersion int
	FirstAdded  time.Time
	LastAdded   time.Time
}

// IsMember says whether the record is in the list now.
func (s *Store) IsMember(listID, recordID string) bool { return false }

// Queue notes that a record changed: created, edited, archived, restored,
// associated. Cheap when no list depends on its type.
func (s *Store) Queue(objectTypeID, recordID string) {}

// Replace moves memberships in MANUAL and SNAPSHOT lists from merged records to
// the survivor and queues all of them.
func (s *Store) Replace(objectTypeID string, oldIDs []string, newID string) []MembershipChange {
	return nil
}

// NextDue is when Advance has work to do; false when nothing is queued.
func (s *Store) NextDue() (time.Time, bool) { return time.Time{}, false }

// Advance evaluates all records queued at least Lag before now, as they are now,
// and gives the changes of membership in order.
func (s *Store) Advance(now time.Time) []MembershipChange { return nil }
