package salesforcesim

import (
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// maxFound is how many records a search gives in all (SOQL and SOSL
// Reference, "LIMIT n").
const maxFound = 2000

var (
	findClause  = regexp.MustCompile(`(?is)^\s*FIND\s*\{(.*?)\}\s*(?:IN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\s*)?(?:RETURNING\s+(.*?))?\s*(?:\bLIMIT\s+(\d+)\s*)?$`)
	returning   = regexp.MustCompile(`(?is)^\s*(\w+)\s*(?:\((.*)\))?\s*$`)
	limitClause = regexp.MustCompile(`(?is)\s+LIMIT\s+(\d+)\s*$`)
)

// search answers /search?q=FIND {…}.
func (o *Org) search(c *call) *answer {
	m := findClause.FindStringSubmatch(c.query.Get("q"))
	if m == nil {
		return refusal(refuse("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces."))
	}
	terms := searchTerms(m[1])
	if len(terms) == 0 {
		return refusal(refuse("MALFORMED_SEARCH", "search term must be longer than one character: "+strings.TrimSpace(m[1])))
	}
	left := maxFound
	if n, err := strconv.Atoi(m[4]); err == nil {
		left = min(n, maxFound)
	}
	page := newPage(c.version)
	var errs rowErrors
	c.read(func(a *access) {
		for _, part := range o.returned(a, m[3]) {
			if errs = o.searchOne(a, page, part, strings.ToUpper(m[2]), terms, left-page.n); errs != nil {
				return
			}
		}
	})
	if errs != nil {
		return refusal(errs)
	}
	return jsonAnswer(http.StatusOK, append(append([]byte(`{"searchRecords":[`), page.rows...), ']', '}'))
}

// returned splits a RETURNING clause at its outer commas; without one, all
// searchable objects give their ids.
func (o *Org) returned(a *access, clause string) (parts []string) {
	if strings.TrimSpace(clause) == "" {
		for _, key := range sortedKeys(o.objects) {
			if ob := o.objects[key]; ob.searchable && a.may(ob, mayRead) {
				parts = append(parts, ob.name)
			}
		}
		return parts
	}
	depth, from := 0, 0
	for i, r := range clause {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts = append(parts, clause[from:i])
			from = i + 1
		}
	}
	return append(parts, clause[from:])
}

// searchOne adds what one object of the RETURNING clause gives.
func (o *Org) searchOne(a *access, page *page, part, scope string, terms [][]string, left int) rowErrors {
	m := returning.FindStringSubmatch(part)
	if m == nil {
		return refuse("MALFORMED_SEARCH", "unexpected token: "+strings.TrimSpace(part))
	}
	what, most := strings.TrimSpace(m[2]), left
	if l := limitClause.FindStringSubmatch(" " + what); l != nil {
		n, _ := strconv.Atoi(l[1]) // the pattern takes digits only
		most, what = min(n, left), strings.TrimSpace(limitClause.ReplaceAllString(" "+what, ""))
	}
	fields, rest := what, ""
	if at := regexp.MustCompile(`(?i)\b(WHERE|ORDER\s+BY)\b`).FindStringIndex(what); at != nil {
		fields, rest = what[:at[0]], what[at[0]:]
	}
	if strings.TrimSpace(fields) == "" {
		fields = "Id"
	}
	plan, errs := o.planQuery(a, "SELECT "+fields+" FROM "+m[1]+" "+rest, false)
	if errs != nil {
		return errs
	}
	ob := o.objects[strings.ToLower(m[1])]
	for rec := range plan.Records(o.source(a, false)) {
		if most <= 0 {
			break
		}
		if r := ob.records.find(rec.ID); r != nil && o.holds(a, r, scope, terms) {
			page.add(rec)
			most--
		}
	}
	return nil
}

// searchTerms reads the words to find: any of the alternatives, each all of
// its words.
func searchTerms(text string) (out [][]string) {
	for _, alternative := range regexp.MustCompile(`(?i)\s+OR\s+`).Split(strings.TrimSpace(text), -1) {
		var words []string
		for _, w := range searchWords(alternative, "*?") {
			if w != "and" {
				words = append(words, w)
			}
		}
		if len(strings.Join(words, "")) > 1 {
			out = append(out, words)
		}
	}
	return out
}

// searchWords are the words of a text in lower case.
func searchWords(text, keep string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(keep, r)
	})
}

// holds reports that a record's searched fields have all words of one of the
// alternatives; * and ? stand for characters of a word.
func (o *Org) holds(a *access, r *record, scope string, terms [][]string) bool {
	var words []string
	for _, f := range r.object.fields {
		if f.text() && f.mask == nil && a.seesField(f) && inScope(f, scope) {
			words = append(words, searchWords(o.value(r, f).Str(), "")...)
		}
	}
	for _, all := range terms {
		if hasAll(words, all) {
			return true
		}
	}
	return false
}

func inScope(f *field, scope string) bool {
	switch scope {
	case "NAME":
		return f.nameField || f.compound == "Name"
	case "EMAIL":
		return f.typ == "email"
	case "PHONE":
		return f.typ == "phone"
	}
	return true
}

func hasAll(words, patterns []string) bool {
	for _, p := range patterns {
		found := false
		for _, w := range words {
			if ok, err := path.Match(p, w); ok && err == nil {
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
