package salesforcesim

import (
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// maxRecent is how many records of a user are remembered as viewed (REST API
// Developer Guide, "Recently Viewed Items").
const maxRecent = 200

// recentList remembers what each user viewed last, latest first. Only queries
// with FOR VIEW or FOR REFERENCE count as viewing.
type recentList struct {
	mu     sync.Mutex
	byUser map[string][]string
}

var forView = regexp.MustCompile(`(?i)\bFOR\s+(VIEW|REFERENCE)\b`)

func (l *recentList) note(user string, ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.byUser[user]
	for _, id := range ids {
		list = slices.DeleteFunc(list, func(have string) bool { return have == id })
		list = slices.Insert(list, 0, id)
	}
	l.byUser[user] = list[:min(len(list), maxRecent)]
}

func (l *recentList) of(user string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.byUser[user])
}

// recent answers /recent.
func (o *Org) recent(c *call) *answer {
	limit := maxRecent
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return refusal(refuse("NUMBER_OUTSIDE_VALID_RANGE", "The limit is not a number: "+text))
		}
		limit = min(n, maxRecent)
	}
	var body []byte
	c.read(func(a *access) { body = o.appendRecent(c, a, nil, limit) })
	return jsonAnswer(200, body)
}

// appendRecent lists the records that the user viewed and still sees, of one
// object or of all.
func (o *Org) appendRecent(c *call, a *access, of *object, limit int) []byte {
	out, n := []byte{'['}, 0
	for _, id := range o.viewed.of(c.by.userID) {
		r := o.find(id)
		if n == limit || r == nil || r.deleted || of != nil && r.object != of || o.hiddenFrom(a, id) || !a.may(r.object, mayRead) {
			continue
		}
		if n > 0 {
			out = append(out, ',')
		}
		n++
		out = o.appendFields(out, c.version, a, r, a.nameFields(r.object))
	}
	return append(out, ']')
}

func (a *access) nameFields(ob *object) []*field {
	out := []*field{ob.field("Id")}
	for _, f := range ob.fields {
		if f.nameField && a.seesField(f) {
			out = append(out, f)
		}
	}
	return out
}
