package hubspotsim

import (
	"cmp"
	"strconv"
	"strings"
)

// compiled is a checked filter group: all its filters must take a record.
type compiled []filter

// filter is one checked condition.
type filter struct {
	d         *property
	operator  string
	value     string
	high      string
	values    map[string]bool
	ot        *table // of the pseudo property associations.{type}
	at, until int64  // value and high as time, number or id, for quick comparison
}

func (g compiled) takes(w view) bool {
	for i := range g {
		if !g[i].takes(w) {
			return false
		}
	}
	return true
}

// lowerBound is the least value of a property the group can take.
func (g compiled) lowerBound(name string) (int64, bool) {
	for _, f := range g {
		if f.d == nil || f.d.name != name {
			continue
		}
		switch f.operator {
		case "GT", "GTE", "EQ", "BETWEEN":
			return f.at, true
		}
	}
	return 0, false
}

const hsObjectID = "hs_object_id"

func (p *Portal) compile(t *table, in searchRequest) ([]compiled, *apiError) {
	var out []compiled
	for _, g := range in.Groups {
		var group compiled
		for _, f := range g.Filters {
			one, e := p.compileOne(t, f)
			if e != nil {
				return nil, e
			}
			group = append(group, one)
		}
		out = append(out, group)
	}
	return out, nil
}

var operators = map[string]bool{"EQ": true, "NEQ": true, "LT": true, "LTE": true, "GT": true, "GTE": true, "BETWEEN": true,
	"IN": true, "NOT_IN": true, "HAS_PROPERTY": true, "NOT_HAS_PROPERTY": true, "CONTAINS_TOKEN": true, "NOT_CONTAINS_TOKEN": true}

func (p *Portal) compileOne(t *table, in filterBody) (filter, *apiError) {
	if e := checkFilter(in); e != nil {
		return filter{}, e
	}
	f := filter{operator: in.Operator}
	if other, pseudo := strings.CutPrefix(in.Property, "associations."); pseudo && !t.custom() {
		var e *apiError
		f.ot, e = p.table(other)
		if e != nil {
			return f, e
		}
	} else if f.d = t.schema.find(in.Property); f.d == nil || f.d.name == "hs_body_preview_html" || f.d.name == "hs_email_html" {
		e := invalid("There was a problem with the request: property '" + in.Property + "' does not exist or cannot be filtered")
		return f, e
	}
	if in.Value != nil {
		f.value = string(*in.Value)
	}
	if in.High != nil {
		f.high = string(*in.High)
	}
	return f, f.prepare(in.Values)
}

// checkFilter words what is missing as the vendor's JSON reader does.
func checkFilter(in filterBody) *apiError {
	if in.Property == "" || in.Operator == "" {
		return badJSON("Cannot build Filter, some of required attributes are not set [propertyName, operator]")
	}
	if !operators[in.Operator] {
		return badJSON("Cannot deserialize value of type `FilterOperator` from String \"" + in.Operator + "\": not one of the values accepted")
	}
	problem := ""
	switch in.Operator {
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		return nil
	case "IN", "NOT_IN":
		if in.Values == nil || len(*in.Values) == 0 {
			problem = "requires values"
		}
	case "BETWEEN":
		if in.High == nil {
			problem = "requires a highValue"
		} else if in.Value == nil {
			problem = "requires a value"
		}
	default:
		if in.Value == nil {
			problem = "requires a value"
		}
	}
	if problem == "" {
		return nil
	}
	return badJSON("Cannot construct instance of `Filter`, problem: operator " + in.Operator + " " + problem)
}

// prepare reads values once. IN compares texts as they are sent: the index
// holds lower case, so a value in upper case finds nothing.
func (f *filter) prepare(values *[]text) *apiError {
	if values != nil {
		f.values = make(map[string]bool, len(*values))
		for _, v := range *values {
			f.values[string(v)] = true
		}
	}
	if f.d == nil {
		return nil
	}
	switch f.d.kind {
	case typeDate, typeDatetime:
		return f.prepareTimes()
	case typeNumber:
		return f.prepareNumbers()
	case typeEnumeration:
		return nil
	}
	f.value, f.high = strings.ToLower(f.value), strings.ToLower(f.high)
	return nil
}

func (f *filter) prepareTimes() *apiError {
	for _, side := range []struct {
		text string
		to   *int64
	}{{f.value, &f.at}, {f.high, &f.until}} {
		if side.text == "" {
			continue
		}
		ms, ok := parseMS(side.text)
		if !ok {
			return invalid("Invalid date value for property " + f.d.name + ": " + side.text)
		}
		*side.to = ms
	}
	return nil
}

func (f *filter) prepareNumbers() *apiError {
	for _, side := range []struct {
		text string
		to   *int64
	}{{f.value, &f.at}, {f.high, &f.until}} {
		if side.text == "" {
			continue
		}
		x, err := strconv.ParseFloat(side.text, 64)
		if err != nil {
			return invalid("Invalid number value for property " + f.d.name + ": " + side.text)
		}
		*side.to = int64(x)
	}
	return nil
}

func (f *filter) takes(w view) bool {
	if f.ot != nil {
		return f.takesLink(w)
	}
	if n, quick := f.whole(w); quick {
		return f.compare(cmp.Compare(n, f.at), cmp.Compare(n, f.until))
	}
	return f.takesText(w.of(f.d))
}

// whole gives ids and stamps without going through text.
func (f *filter) whole(w view) (int64, bool) {
	switch f.operator {
	case "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN":
	default:
		return 0, false
	}
	switch f.d.name {
	case w.t.modified:
		return w.v.updated, true
	case hsObjectID:
		return int64(w.r.id), true
	}
	return 0, false
}

func (f *filter) compare(low, high int) bool {
	switch f.operator {
	case "EQ":
		return low == 0
	case "NEQ":
		return low != 0
	case "LT":
		return low < 0
	case "LTE":
		return low <= 0
	case "GT":
		return low > 0
	case "GTE":
		return low >= 0
	}
	return low >= 0 && high <= 0
}

func (f *filter) takesText(have string) bool {
	folded := f.fold(have)
	switch f.operator {
	case "HAS_PROPERTY":
		return have != ""
	case "NOT_HAS_PROPERTY":
		return have == ""
	case "IN":
		return have != "" && f.anyIn(folded)
	case "NOT_IN":
		return have != "" && !f.anyIn(folded)
	case "CONTAINS_TOKEN":
		return have != "" && containsToken(folded, strings.ToLower(f.value))
	case "NOT_CONTAINS_TOKEN":
		return have != "" && !containsToken(folded, strings.ToLower(f.value))
	case "NEQ":
		return have != "" && !f.equals(folded)
	case "EQ":
		return have != "" && f.equals(folded)
	}
	return have != "" && f.compare(compareValues(f.d, folded, f.value), compareValues(f.d, folded, f.high))
}

// fold: enumerations are compared with their case, all else without.
func (f *filter) fold(s string) string {
	if f.d.kind == typeEnumeration {
		return s
	}
	return strings.ToLower(s)
}

func (f *filter) equals(have string) bool {
	if f.d.multiple() {
		return contains(splitList(have), f.value)
	}
	return compareValues(f.d, have, f.value) == 0
}

func (f *filter) anyIn(have string) bool {
	if !f.d.multiple() {
		return f.values[have]
	}
	for _, item := range splitList(have) {
		if f.values[item] {
			return true
		}
	}
	return false
}

// takesLink compares the ids of associated records.
func (f *filter) takesLink(w view) bool {
	links := w.r.linksTo(f.ot.n)
	switch f.operator {
	case "HAS_PROPERTY":
		return len(links) > 0
	case "NOT_HAS_PROPERTY":
		return len(links) == 0
	}
	found := false
	for _, l := range links {
		id := formatID(l.to)
		found = found || id == f.value || f.values[id]
	}
	return found == (f.operator == "EQ" || f.operator == "IN")
}

// compareValues orders two values of a property by its type; empty comes first.
func compareValues(d *property, a, b string) int {
	switch d.kind {
	case typeNumber:
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	case typeDate, typeDatetime:
		x, okX := parseMS(strings.ToUpper(a))
		y, okY := parseMS(strings.ToUpper(b))
		if okX && okY {
			return cmp.Compare(x, y)
		}
	}
	return strings.Compare(a, b)
}

// containsToken looks for words; an asterisk stands for any rest of a word.
func containsToken(have, pattern string) bool {
	words := tokens(have)
	for _, want := range strings.Fields(pattern) {
		if !anyMatches(append(words, have), want) {
			return false
		}
	}
	return true
}

func tokens(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !(r == '_' || r == '\'' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 0x80)
	})
}

func anyMatches(words []string, pattern string) bool {
	for _, w := range words {
		if wildcard(w, pattern) {
			return true
		}
	}
	return false
}

// wildcard matches a text against a pattern with asterisks.
func wildcard(s, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return s == pattern
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
