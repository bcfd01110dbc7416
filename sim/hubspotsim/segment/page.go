package segment

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a membership page, by the Lists v3 documentation.
const (
	defaultPage = 100
	maxPage     = 250
)

// Member is one record in a list.
type Member struct {
	RecordID string
	JoinedAt time.Time
}

// Page selects a part of a membership listing. At most one cursor is set.
type Page struct {
	After  string // a cursor of an earlier answer; ascending from there
	Before string // a cursor of an earlier answer; descending from there
	Limit  int    // 1 to 250; 0 means 100
}

// MembersPage is one part of a membership listing. A cursor is empty when
// nothing is left in its direction.
type MembersPage struct {
	Members []Member
	Total   int
	After   string // for Page.After
	Before  string // for Page.Before
}

// entry is a member with the key that its listing is sorted by.
type entry struct {
	key    uint64
	record uint64
}

// ByRecordID lists members by record id. Errors: ErrNotFound, ErrBadPage.
func (s *Store) ByRecordID(id string, p Page) (MembersPage, error) {
	l, ok := s.live(id)
	if !ok {
		return MembersPage{}, ErrNotFound
	}
	ids := l.sorted()
	return l.page(p, len(ids), func(i int) entry { return entry{ids[i], ids[i]} })
}

// ByJoinOrder lists members by the time they joined. Errors: ErrNotFound, ErrBadPage.
func (s *Store) ByJoinOrder(id string, p Page) (MembersPage, error) {
	l, ok := s.live(id)
	if !ok {
		return MembersPage{}, ErrNotFound
	}
	l.compact()
	return l.page(p, len(l.joined), func(i int) entry { return entry{l.joined[i].seq, l.joined[i].record} })
}

func (l *list) sorted() []uint64 {
	if l.byID == nil {
		l.byID = make([]uint64, 0, l.Size)
		for _, j := range l.joined {
			if l.current(j) {
				l.byID = append(l.byID, j.record)
			}
		}
		slices.Sort(l.byID)
	}
	return l.byID
}

func (l *list) compact() {
	if len(l.joined) > l.Size {
		l.joined = slices.DeleteFunc(l.joined, func(j joining) bool { return !l.current(j) })
	}
}

func (l *list) current(j joining) bool { return l.members[j.record].seq == j.seq }

// page cuts one page out of n entries sorted by key.
func (l *list) page(p Page, n int, at func(int) entry) (MembersPage, error) {
	limit := cmp.Or(p.Limit, defaultPage)
	if limit < 1 || limit > maxPage || p.After != "" && p.Before != "" {
		return MembersPage{}, ErrBadPage
	}
	from, to := 0, min(limit, n)
	if cursor := p.After + p.Before; cursor != "" {
		key, ok := readCursor(cursor)
		if !ok {
			return MembersPage{}, ErrBadPage
		}
		from, to = window(p, key, limit, n, at)
	}
	out := MembersPage{Total: n, Members: make([]Member, 0, to-from)}
	for i := from; i < to; i++ {
		e := at(i)
		out.Members = append(out.Members, Member{formatID(e.record), l.members[e.record].last})
	}
	if to < n && to > from {
		out.After = cursorOf(at(to - 1).key)
	}
	if from > 0 && to > from {
		out.Before = cursorOf(at(from).key)
	}
	if p.Before != "" {
		slices.Reverse(out.Members)
	}
	return out, nil
}

// cursorOf is a place in a list as it is handed out: nothing that looks like an id.
func cursorOf(key uint64) string {
	return base64.URLEncoding.EncodeToString(append([]byte("key="), strconv.FormatUint(key, 10)...))
}

func readCursor(cursor string) (key uint64, ok bool) {
	text, err := base64.URLEncoding.DecodeString(cursor)
	digits, named := strings.CutPrefix(string(text), "key=")
	key, wrong := strconv.ParseUint(digits, 10, 64)
	return key, err == nil && named && wrong == nil
}

// window is the range of entries after or before key.
func window(p Page, key uint64, limit, n int, at func(int) entry) (from, to int) {
	first := searchKey(n, key, at)
	if p.Before != "" {
		return max(0, first-limit), first
	}
	if first < n && at(first).key == key {
		first++
	}
	return first, min(n, first+limit)
}

// searchKey is the index of the first entry whose key is at least key.
func searchKey(n int, key uint64, at func(int) entry) int {
	low, high := 0, n
	for low < high {
		if mid := (low + high) / 2; at(mid).key < key {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func formatID(id uint64) string { return strconv.FormatUint(id, 10) }

func parseID(id string) (uint64, bool) {
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil
}
