package hubspotsim

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
)

// Caps of a search (search guide).
const (
	searchGroups     = 5
	searchFilters    = 6
	searchAllFilters = 18
	searchLimit      = 200
	searchWindow     = 10_000
	searchBody       = 3000
	searchInValues   = 100
	queryLength      = 3000
)

type searchRequest struct {
	Groups     []filterGroup `json:"filterGroups"`
	Filters    []filterBody  `json:"filters"`
	Sorts      []sortBody    `json:"sorts"`
	Query      string        `json:"query"`
	Properties []string      `json:"properties"`
	Limit      text          `json:"limit"`
	After      text          `json:"after"`
}

type filterGroup struct {
	Filters []filterBody `json:"filters"`
}

type filterBody struct {
	Property string  `json:"propertyName"`
	Operator string  `json:"operator"`
	Value    *text   `json:"value"`
	High     *text   `json:"highValue"`
	Values   *[]text `json:"values"`
}

// sortBody is an object, or in short a name with an optional minus.
type sortBody struct {
	Property  string
	Direction string
}

// UnmarshalJSON accepts both forms of a sort.
func (s *sortBody) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var name string
		if err := json.Unmarshal(b, &name); err != nil {
			return err
		}
		s.Property, s.Direction = strings.TrimPrefix(name, "-"), "ASCENDING"
		if strings.HasPrefix(name, "-") {
			s.Direction = "DESCENDING"
		}
		return nil
	}
	var long struct {
		Property  string `json:"propertyName"`
		Direction string `json:"direction"`
	}
	if err := json.Unmarshal(b, &long); err != nil {
		return err
	}
	s.Property, s.Direction = long.Property, long.Direction
	return nil
}

func (p *Portal) searchRecords(c *call) (reply, *apiError) {
	var in searchRequest
	if e := c.decode(&in); e != nil {
		return reply{}, e
	}
	if e := checkSearch(&in, len(c.body)); e != nil {
		return reply{}, e
	}
	limit, e := in.Limit.integer(10)
	if e != nil {
		return reply{}, e
	}
	after, e := in.After.integer(0)
	if e != nil {
		return reply{}, e
	}
	if limit < 0 || limit > searchLimit {
		return reply{}, invalid("The limit must be between 0 and 200")
	}
	if after < 0 || after+limit > searchWindow {
		return reply{}, invalid(fmt.Sprintf("Paging through search results is limited to %d; narrow the filters", searchWindow))
	}
	groups, e := p.compile(c.t, in)
	if e != nil {
		return reply{}, e
	}
	hits := p.hits(c.t, groups, in)
	if e := p.sortHits(c.t, hits, in.Sorts); e != nil {
		return reply{}, e
	}
	names := in.Properties
	if len(names) == 0 {
		names = c.t.searched
	}
	return ok(p.appendHits(c.t, hits, c.t.selected(names, nil), after, limit))
}

// appendHits shows present values, whatever the index found the records by.
func (p *Portal) appendHits(t *table, hits []*record, s selection, after, limit int) []byte {
	b := append([]byte(`{"total":`), fmt.Sprint(len(hits))...)
	b = append(b, `,"results":[`...)
	end := min(after+limit, len(hits))
	for i := min(after, end); i < end; i++ {
		if i > after {
			b = append(b, ',')
		}
		b = p.appendRecord(b, p.see(t, hits[i]), s, "")
	}
	b = append(b, ']')
	if end < len(hits) {
		b = appendPaging(b, fmt.Sprint(end), "")
	}
	return append(b, '}')
}

func checkSearch(in *searchRequest, size int) *apiError {
	if len(in.Filters) > 0 {
		in.Groups = append(in.Groups, filterGroup{in.Filters})
	}
	total := 0
	for _, g := range in.Groups {
		total += len(g.Filters)
		if len(g.Filters) > searchFilters {
			return invalid(fmt.Sprintf("Too many filters in a filter group; at most %d are allowed", searchFilters))
		}
	}
	switch {
	case len(in.Groups) > searchGroups:
		return invalid(fmt.Sprintf("Too many filter groups; at most %d are allowed", searchGroups))
	case total > searchAllFilters:
		return invalid(fmt.Sprintf("Too many filters; at most %d are allowed in total", searchAllFilters))
	case len(in.Sorts) > 1:
		return invalid("Only one sort is allowed")
	case len(in.Query) > queryLength:
		return invalid(fmt.Sprintf("The query must be at most %d characters long", queryLength))
	case size > searchBody:
		return invalid(fmt.Sprintf("The request body is too long; at most %d characters are allowed", searchBody))
	}
	return nil
}

// hits are the records that the index shows and the filters take, by id.
func (p *Portal) hits(t *table, groups []compiled, in searchRequest) []*record {
	candidates := t.order
	if from, bounded := lowerBound(groups, t.modified); bounded {
		candidates = t.since(from)
	} else if from, bounded := lowerBound(groups, "hs_object_id"); bounded && from > 0 {
		candidates = t.order[t.from(uint64(from)):]
	}
	words := strings.Fields(strings.ToLower(in.Query))
	var out []*record
	for _, r := range candidates {
		if r.shown == nil || r.shown.archived != 0 {
			continue
		}
		w := view{p, t, r, r.shown}
		if takes(groups, w) && w.mentions(words) {
			out = append(out, r)
		}
	}
	return out
}

func takes(groups []compiled, w view) bool {
	for _, g := range groups {
		if g.takes(w) {
			return true
		}
	}
	return len(groups) == 0
}

// mentions looks for every word in the searchable properties.
func (w view) mentions(words []string) bool {
	for _, word := range words {
		found := false
		for _, name := range w.t.queried {
			if strings.Contains(strings.ToLower(w.get(name)), word) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// lowerBound is the least value of a property that any group can take, when
// every group sets one.
func lowerBound(groups []compiled, name string) (int64, bool) {
	lowest := int64(math.MaxInt64)
	for _, g := range groups {
		from, bounded := g.lowerBound(name)
		if !bounded {
			return 0, false
		}
		lowest = min(lowest, from)
	}
	return lowest, len(groups) > 0
}

// sortHits orders by one property; records are in id order before.
func (p *Portal) sortHits(t *table, hits []*record, sorts []sortBody) *apiError {
	if len(sorts) == 0 {
		return nil
	}
	d := t.schema.find(sorts[0].Property)
	if d == nil {
		return invalid("Property '" + sorts[0].Property + "' does not exist")
	}
	less, e := p.sortLess(t, d, sorts[0].Direction)
	if e != nil {
		return e
	}
	if d.name == "hs_object_id" && sorts[0].Direction != "DESCENDING" {
		return nil
	}
	sort.SliceStable(hits, func(i, j int) bool { return less(hits[i], hits[j]) })
	return nil
}

func (p *Portal) sortLess(t *table, d *property, direction string) (func(a, b *record) bool, *apiError) {
	order := func(a, b *record) int {
		return compareValues(d, view{p, t, a, a.shown}.of(d), view{p, t, b, b.shown}.of(d))
	}
	switch direction {
	case "", "ASCENDING":
		return func(a, b *record) bool { return order(a, b) < 0 }, nil
	case "DESCENDING":
		return func(a, b *record) bool { return order(a, b) > 0 }, nil
	}
	return nil, badJSON("Cannot deserialize value of type `SortDirection` from String \"" + direction + "\"")
}
