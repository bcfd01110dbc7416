package segment

import "time"

// ManualResult says what a change by hand did, by record id in the order of the request.
type ManualResult struct {
	Added, Removed, Missing []string // Missing: no such live record
	Changes                 []MembershipChange
}

// Change adds and removes records of a MANUAL or SNAPSHOT list. Records that are
// already in or already out are passed over. Errors: ErrNotFound, ErrNotManual.
func (s *Store) Change(id string, add, remove []string) (ManualResult, error) {
	l, ok := s.live(id)
	if !ok {
		return ManualResult{}, ErrNotFound
	}
	if l.ProcessingType == Dynamic {
		return ManualResult{}, ErrNotManual
	}
	var out ManualResult
	now := s.opts.Now()
	for _, record := range add {
		if _, ok := s.opts.World.Record(l.ObjectTypeID, record); !ok {
			out.Missing = append(out.Missing, record)
		} else if s.set(l, record, true, now, &out.Changes) {
			out.Added = append(out.Added, record)
		}
	}
	for _, record := range remove {
		if _, ok := s.opts.World.Record(l.ObjectTypeID, record); !ok {
			out.Missing = append(out.Missing, record)
		} else if s.set(l, record, false, now, &out.Changes) {
			out.Removed = append(out.Removed, record)
		}
	}
	return out, nil
}

// set changes one membership by hand, notes the change and queues the lists that
// depend on it.
func (s *Store) set(l *list, record string, in bool, now time.Time, changes *[]MembershipChange) bool {
	number, ok := parseID(record)
	if !ok || !l.set(number, in, now) {
		return false
	}
	*changes = append(*changes, MembershipChange{ListID: l.ID, ObjectTypeID: l.ObjectTypeID,
		RecordID: record, Added: in, At: now})
	if s.references(l) > 0 {
		s.queue.add(job{objectTypeID: l.ObjectTypeID, record: number}, now)
	}
	return true
}

// ListsOf gives the live lists a record is a member of, by ascending list id.
func (s *Store) ListsOf(objectTypeID, recordID string) []Membership {
	number, _ := parseID(recordID)
	var out []Membership
	for _, l := range s.lists {
		if l.ObjectTypeID == objectTypeID && l.DeletedAt.IsZero() && l.has(number) {
			m := l.members[number]
			out = append(out, Membership{ListID: l.ID, ListVersion: l.Version, FirstAdded: m.first, LastAdded: m.last})
		}
	}
	return out
}

// IsMember says whether the record is in the live list now.
func (s *Store) IsMember(listID, recordID string) bool {
	l, ok := s.live(listID)
	number, numeric := parseID(recordID)
	return ok && numeric && l.has(number)
}

// Replace moves memberships of merged records in MANUAL and SNAPSHOT lists to the
// survivor, and queues all of them for the DYNAMIC ones.
func (s *Store) Replace(objectTypeID string, oldIDs []string, newID string) []MembershipChange {
	var changes []MembershipChange
	now := s.opts.Now()
	for _, l := range s.lists {
		if l.ObjectTypeID != objectTypeID || l.ProcessingType == Dynamic {
			continue
		}
		moved := false
		for _, old := range oldIDs {
			if old != newID && s.set(l, old, false, now, &changes) {
				moved = true
			}
		}
		if moved {
			s.set(l, newID, true, now, &changes)
		}
	}
	for _, id := range append(oldIDs[:len(oldIDs):len(oldIDs)], newID) {
		s.Queue(objectTypeID, id)
	}
	return changes
}

// Members gives the ids of all records of a list, ascending. Errors: ErrNotFound.
func (s *Store) Members(id string) ([]string, error) {
	l, ok := s.live(id)
	if !ok {
		return nil, ErrNotFound
	}
	var out []string
	for _, n := range l.sorted() {
		out = append(out, formatID(n))
	}
	return out, nil
}
