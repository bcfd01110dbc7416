package segment

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// restorable is how long a deleted list can be brought back.
const restorable = 90 * 24 * time.Hour

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

// Store keeps lists and memberships. It is not safe for concurrent use: the
// portal's own lock covers it, so that evaluation sees one state of the records.
type Store struct {
	opts  Options
	lists []*list // by number, from 1
	queue queue
	next  time.Time // of lists that depend on the moment; zero when there are none
}

// NewStore makes an empty store.
func NewStore(o Options) *Store {
	return &Store{opts: o, queue: queue{waiting: map[job]bool{}}}
}

// ListQuery selects lists; empty fields do not limit.
type ListQuery struct {
	Text            string // substring of the name, any case
	ObjectTypeID    string
	ProcessingTypes []string
	IDs             []string
	Offset          int
	Count           int // 0 means 20; more than 500 counts as 500
}

// Create adds a list; a filter is evaluated after the lag. Errors: ErrBadList,
// ErrNameTaken, *FilterError.
func (s *Store) Create(n NewList) (List, error) {
	known := slices.Contains([]string{Manual, Dynamic, Snapshot}, n.ProcessingType)
	if strings.TrimSpace(n.Name) == "" || n.ObjectTypeID == "" || !known {
		return List{}, ErrBadList
	}
	if s.named(n.Name) != nil {
		return List{}, ErrNameTaken
	}
	now := s.opts.Now()
	l := &list{number: len(s.lists) + 1, members: map[uint64]*membership{}}
	l.List = List{ID: strconv.Itoa(l.number), Name: n.Name, ObjectTypeID: n.ObjectTypeID,
		ProcessingType: n.ProcessingType, ProcessingStatus: "COMPLETE", Version: 1, CreatedAt: now, UpdatedAt: now,
		FiltersUpdatedAt: now,
		CreatedByID:      n.CreatedByID, UpdatedByID: n.CreatedByID}
	if n.ProcessingType == Manual {
		s.lists = append(s.lists, l)
		return s.view(l), nil
	}
	f, err := s.check(l, n.FilterBranch)
	if err != nil {
		return List{}, err
	}
	s.lists = append(s.lists, l)
	s.adopt(l, f)
	return s.view(l), nil
}

// check parses a filter for a list and refuses lists it cannot ask about.
func (s *Store) check(l *list, raw json.RawMessage) (*Filter, error) {
	f, err := Parse(l.ObjectTypeID, raw)
	if err != nil {
		return nil, err
	}
	for _, id := range f.lists {
		asked, ok := s.live(id)
		if !ok {
			return nil, &FilterError{Message: "list " + id + " does not exist"}
		}
		if asked == l || s.asks(asked, l.ID) {
			return nil, &FilterError{Message: "list " + id + " depends on this list itself"}
		}
	}
	return f, nil
}

// adopt gives a list its checked filter and queues the evaluation.
func (s *Store) adopt(l *list, f *Filter) {
	now := s.opts.Now()
	l.filter, l.FilterBranch, l.FiltersUpdatedAt = f, f.JSON(), now
	l.ProcessingStatus = "PROCESSING"
	s.queue.add(job{list: l.number}, now)
	s.plan(now)
}

// asks says whether a list's filter depends on the list id, directly or not.
func (s *Store) asks(l *list, id string) bool {
	if l.filter == nil {
		return false
	}
	return slices.ContainsFunc(l.filter.lists, func(asked string) bool {
		other, ok := s.any(asked) // a deleted list may come back
		return asked == id || ok && s.asks(other, id)
	})
}

func (s *Store) live(id string) (*list, bool) {
	l, ok := s.any(id)
	return l, ok && l.DeletedAt.IsZero()
}

func (s *Store) any(id string) (*list, bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > len(s.lists) {
		return nil, false
	}
	return s.lists[n-1], true
}

func (s *Store) named(name string) *list {
	for _, l := range s.lists {
		if l.DeletedAt.IsZero() && l.Name == name {
			return l
		}
	}
	return nil
}

func (s *Store) view(l *list) List {
	out := l.List
	out.EvaluatedAt = s.opts.Now()
	if first, ok := s.queue.first(); ok {
		out.EvaluatedAt = first.Add(-time.Millisecond)
	}
	out.References = s.references(l)
	return out
}

// references counts the lists that ask about l.
func (s *Store) references(l *list) int {
	n := 0
	for _, other := range s.lists {
		if other.filter != nil && other.DeletedAt.IsZero() && slices.Contains(other.filter.lists, l.ID) {
			n++
		}
	}
	return n
}

// Get gives a live list.
func (s *Store) Get(id string) (List, bool) {
	l, ok := s.live(id)
	if !ok {
		return List{}, false
	}
	return s.view(l), true
}

// ByName gives a live list by object type and exact name.
func (s *Store) ByName(objectTypeID, name string) (List, bool) {
	l := s.named(name)
	if l == nil || l.ObjectTypeID != objectTypeID {
		return List{}, false
	}
	return s.view(l), true
}

// Search gives one page of live lists by ascending id, and how many match in all.
func (s *Store) Search(q ListQuery) (page []List, total int) {
	count := min(cmp.Or(q.Count, 20), 500)
	for _, l := range s.lists {
		if !q.selects(l) {
			continue
		}
		if total >= q.Offset && len(page) < count {
			page = append(page, s.view(l))
		}
		total++
	}
	return page, total
}

func (q ListQuery) selects(l *list) bool {
	return l.DeletedAt.IsZero() &&
		(q.ObjectTypeID == "" || q.ObjectTypeID == l.ObjectTypeID) &&
		(len(q.ProcessingTypes) == 0 || slices.Contains(q.ProcessingTypes, l.ProcessingType)) &&
		(len(q.IDs) == 0 || slices.Contains(q.IDs, l.ID)) &&
		strings.Contains(strings.ToLower(l.Name), strings.ToLower(q.Text))
}

// Rename gives a list a new name. Errors: ErrNotFound, ErrBadList, ErrNameTaken.
func (s *Store) Rename(id, name, by string) (List, error) {
	l, ok := s.live(id)
	if !ok {
		return List{}, ErrNotFound
	}
	if strings.TrimSpace(name) == "" {
		return List{}, ErrBadList
	}
	if other := s.named(name); other != nil && other != l {
		return List{}, ErrNameTaken
	}
	l.Name = name
	s.touch(l, by)
	return s.view(l), nil
}

// SetFilter replaces the filter of a DYNAMIC list, whose members follow after
// the lag. Errors: ErrNotFound, ErrNoFilter, *FilterError.
func (s *Store) SetFilter(id string, raw json.RawMessage, by string) (List, error) {
	l, ok := s.live(id)
	if !ok {
		return List{}, ErrNotFound
	}
	if l.ProcessingType != Dynamic {
		return List{}, ErrNoFilter
	}
	f, err := s.check(l, raw)
	if err != nil {
		return List{}, err
	}
	s.adopt(l, f)
	s.touch(l, by)
	return s.view(l), nil
}

func (s *Store) touch(l *list, by string) {
	l.Version++
	l.UpdatedAt, l.UpdatedByID = s.opts.Now(), by
}

// Delete hides a list. Error: ErrNotFound.
func (s *Store) Delete(id string) error {
	l, ok := s.live(id)
	if !ok {
		return ErrNotFound
	}
	l.DeletedAt = s.opts.Now()
	return nil
}

// Restore brings back a list deleted within the last 90 days; what happened to
// its records meanwhile shows after the lag. Errors: ErrNotFound, ErrNameTaken.
func (s *Store) Restore(id string) error {
	l, ok := s.any(id)
	now := s.opts.Now()
	if !ok || l.DeletedAt.IsZero() || now.Sub(l.DeletedAt) > restorable {
		return ErrNotFound
	}
	if s.named(l.Name) != nil {
		return ErrNameTaken
	}
	l.DeletedAt = time.Time{}
	s.queue.add(job{list: l.number}, now)
	s.plan(now)
	return nil
}
