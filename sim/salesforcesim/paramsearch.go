package salesforcesim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// paramSearch is a search by parameters in place of SOSL (REST API Developer
// Guide, "Parameterized Search"). What tunes Knowledge articles, spelling and
// products is taken and does nothing.
type paramSearch struct {
	Q            string         `json:"q"`
	In           string         `json:"in"`
	Fields       []string       `json:"fields"`
	SObjects     []searchTarget `json:"sobjects"`
	DefaultLimit any            `json:"defaultLimit"`
	OverallLimit any            `json:"overallLimit"`
	Offset       any            `json:"offset"`
}

type searchTarget struct {
	Name    string   `json:"name"`
	Fields  []string `json:"fields"`
	Where   string   `json:"where"`
	OrderBy string   `json:"orderBy"`
	Limit   any      `json:"limit"`
}

// parameterizedSearch answers /parameterizedSearch, by GET or POST.
func (o *Org) parameterizedSearch(c *call) *answer {
	return c.methods(map[string]func() *answer{
		"GET": func() *answer { return o.searchBy(c, paramsOf(c.query)) },
		"POST": func() *answer {
			var p paramSearch
			if errs := c.decode(&p); errs != nil {
				return refusal(errs)
			}
			return o.searchBy(c, p)
		},
	})
}

func paramsOf(q url.Values) paramSearch {
	p := paramSearch{Q: q.Get("q"), In: q.Get("in"), Fields: splitList(q.Get("fields")), DefaultLimit: q.Get("defaultLimit"), OverallLimit: q.Get("overallLimit"), Offset: q.Get("offset")}
	for _, name := range q["sobject"] {
		p.SObjects = append(p.SObjects, searchTarget{Name: name, Fields: splitList(q.Get(name + ".fields")), Where: q.Get(name + ".where"),
			OrderBy: strings.NewReplacer("NULLS_", "NULLS ", "nulls_", "NULLS ", "Nulls_", "NULLS ").Replace(q.Get(name + ".orderBy")), Limit: q.Get(name + ".limit")})
	}
	return p
}

// searchScopes are the values of the parameter in.
var searchScopes = []string{"", "ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"}

func (o *Org) searchBy(c *call, p paramSearch) *answer {
	terms, scope := searchTerms(p.Q), strings.ToUpper(p.In)
	overall, most, errs := p.limits()
	switch {
	case errs != nil:
		return refusal(errs)
	case len(terms) == 0:
		return refusal(refuse("MALFORMED_SEARCH", "search term must be longer than one character: "+strings.TrimSpace(p.Q)))
	case !slices.Contains(searchScopes, scope):
		return refusal(refuse("MALFORMED_SEARCH", "unknown search scope: "+p.In))
	}
	page := newPage(c.version)
	page.skip, _, _ = bound(p.Offset, 0)
	c.read(func(a *access) {
		for _, part := range o.searched(a, p, most, page.skip) {
			if errs = o.searchOne(a, page, part, scope, terms, overall+page.skip-page.n); errs != nil {
				return
			}
		}
	})
	if errs != nil {
		return refusal(errs)
	}
	return jsonAnswer(200, append(append([]byte(`{"searchRecords":[`), page.rows...), ']', '}'))
}

// limits reads and checks the numbers.
func (p paramSearch) limits() (overall, each int, errs rowErrors) {
	overall, okOverall, _ := bound(p.OverallLimit, maxFound)
	each, okEach, _ := bound(p.DefaultLimit, maxFound)
	_, okOffset, offset := bound(p.Offset, 0)
	switch {
	case !okOverall || !okEach || !okOffset:
		return 0, 0, refuse("MALFORMED_SEARCH", "overallLimit, defaultLimit and offset are numbers from 0 to 2000")
	case offset && len(p.SObjects) != 1:
		return 0, 0, refuse("MALFORMED_SEARCH", "offset needs exactly one sobject")
	case len(p.SObjects) == 0 && len(p.Fields) > 0:
		return 0, 0, refuse("MALFORMED_SEARCH", "fields need at least one sobject")
	}
	return overall, each, nil
}

// bound reads a limit, which comes as a number or as text.
func bound(raw any, otherwise int) (n int, ok, given bool) {
	switch v := raw.(type) {
	case nil:
		return otherwise, true, false
	case string:
		if v == "" {
			return otherwise, true, false
		}
		n, err := strconv.Atoi(v)
		return n, err == nil && n >= 0 && n <= maxFound, true
	case interface{ String() string }: // a number of JSON
		return bound(v.String(), otherwise)
	}
	return 0, false, true
}

// searched writes the targets as the parts of a RETURNING clause; rows that are
// skipped do not count towards a limit.
func (o *Org) searched(a *access, p paramSearch, each, skip int) []string {
	if len(p.SObjects) == 0 {
		return o.returned(a, "")
	}
	var parts []string
	for _, t := range p.SObjects {
		fields := t.Fields
		if len(fields) == 0 {
			fields = p.Fields
		}
		if len(fields) == 0 {
			fields = []string{"Id"}
		}
		clause := strings.Join(fields, ",")
		if t.Where != "" {
			clause += " WHERE " + t.Where
		}
		if t.OrderBy != "" {
			clause += " ORDER BY " + t.OrderBy
		}
		most, ok, _ := bound(t.Limit, each)
		if !ok {
			most = each
		}
		parts = append(parts, t.Name+"("+clause+" LIMIT "+strconv.Itoa(most+skip)+")")
	}
	return parts
}
