package segment

import (
	"encoding/json"
	"errors"
	"time"
)

// Errors of a Store. A filter that is refused is a *FilterError instead.
var (
	// ErrNotFound: no live list has this id (404).
	ErrNotFound = errors.New("list not found")
	// ErrNameTaken: names are unique in a portal (400).
	ErrNameTaken = errors.New("a list with this name exists already; choose another name")
	// ErrBadList: name, object type or processing type is missing or unknown (400).
	ErrBadList = errors.New("list needs a name, an object type and a processing type of MANUAL, DYNAMIC or SNAPSHOT")
	// ErrNotManual: a DYNAMIC list has the members its filter says (400).
	ErrNotManual = errors.New("members of a DYNAMIC list follow its filter; only MANUAL and SNAPSHOT lists can be changed")
	// ErrNoFilter: a MANUAL list has none to change, a SNAPSHOT list no longer (400).
	ErrNoFilter = errors.New("only the filter of a DYNAMIC list can be changed")
	// ErrBadPage: the cursor or the limit is not valid (400).
	ErrBadPage = errors.New("paging needs a limit from 1 to 250 and a cursor of an earlier answer")
)

// How a list gets its members.
const (
	Manual   = "MANUAL"   // by hand or by API
	Dynamic  = "DYNAMIC"  // by filter, always; the product's "active" list
	Snapshot = "SNAPSHOT" // by filter once, then by hand
)

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
	ProcessingStatus string // PROCESSING until its filter was first evaluated, then COMPLETE
	Version          int    // counts changes of the definition, from 1
	// FilterBranch as the API answers it, with defaults filled in; empty for Manual.
	FilterBranch json.RawMessage
	CreatedAt    time.Time
	// UpdatedAt is of the definition: recorded portals do not move it when
	// members join or leave.
	UpdatedAt        time.Time
	FiltersUpdatedAt time.Time
	DeletedAt        time.Time // zero while the list is live
	CreatedByID      string
	UpdatedByID      string
	Size             int
	// References is how many other lists ask about this one.
	References int
	// LastRecordAddedAt is when the last member joined; zero when none ever did.
	LastRecordAddedAt time.Time
	// EvaluatedAt: the membership reflects every change that was queued up to
	// this moment. The wire does not carry it; a client cannot know it.
	EvaluatedAt time.Time
}

// MembershipChange is a record that joined or left a list.
type MembershipChange struct {
	ListID       string
	ObjectTypeID string
	RecordID     string
	Added        bool
	At           time.Time
}

// Membership is one list a record belongs to.
type Membership struct {
	ListID      string
	ListVersion int
	FirstAdded  time.Time // joined for the first time
	LastAdded   time.Time // joined for the time that lasts
}

// list is a List with what evaluates it and its members by numeric record id.
type list struct {
	List
	number  int
	filter  *Filter
	members map[uint64]*membership
	joined  []joining // in order of joining; some are out of date
	byID    []uint64  // ascending; nil when it must be built anew
	joins   uint64
}

// membership outlives its end, for the sake of first.
type membership struct {
	seq   uint64 // of the current joining; 0 when the record has left
	first time.Time
	last  time.Time
}

type joining struct {
	record uint64
	seq    uint64
}

// set makes a record a member or not and says whether that changed anything.
func (l *list) set(record uint64, in bool, now time.Time) bool {
	m := l.members[record]
	if (m != nil && m.seq != 0) == in {
		return false
	}
	l.byID = nil
	if !in {
		m.seq = 0
		l.Size--
		return true
	}
	if m == nil {
		m = &membership{first: now}
		l.members[record] = m
	}
	l.joins++
	m.seq, m.last = l.joins, now
	l.joined = append(l.joined, joining{record, m.seq})
	l.Size++
	l.LastRecordAddedAt = now
	return true
}

func (l *list) has(record uint64) bool {
	m := l.members[record]
	return m != nil && m.seq != 0
}
