package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Sizes of the composite family (REST API Developer Guide, "Composite").
const (
	maxSubrequests = 25
	maxHeavy       = 5 // queries and collections among them
)

// composite answers /composite and what is below it.
func (o *Org) composite(c *call) *answer {
	if c.nested && (len(c.seg) == 1 || c.seg[1] != "sobjects") {
		return refusal(refuse("INVALID_INPUT", "This resource cannot be a subrequest"))
	}
	if len(c.seg) == 1 {
		return c.methods(map[string]func() *answer{"POST": func() *answer { return o.compositeBody(c) }})
	}
	switch {
	case c.seg[1] == "sobjects":
		return o.collections(c, c.seg[2:])
	case c.method != http.MethodPost:
		return refusal(refuse("METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are POST"))
	case c.seg[1] == "batch" && len(c.seg) == 2:
		return o.batch(c)
	case c.seg[1] == "tree" && len(c.seg) == 3:
		return o.tree(c, c.seg[2])
	case c.seg[1] == "graph" && len(c.seg) == 2:
		return o.graphs(c)
	}
	return refusal(notFound())
}

// subrequest is one step of a composite or graph.
type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
}

// subresult is what a subrequest gave; later ones may refer to its body.
type subresult struct {
	*answer
	ref string
}

func (o *Org) compositeBody(c *call) *answer {
	var body struct {
		AllOrNone        bool         `json:"allOrNone"`
		CompositeRequest []subrequest `json:"compositeRequest"`
	}
	if errs := c.decode(&body); errs != nil {
		return refusal(errs)
	}
	if errs := checkSubrequests(body.CompositeRequest, maxSubrequests); errs != nil {
		return refusal(errs)
	}
	var results []subresult
	if body.AllOrNone {
		results, _ = o.atOnce(c, body.CompositeRequest)
	} else {
		results, _ = o.inTurn(c, body.CompositeRequest, nil, false)
	}
	return jsonAnswer(http.StatusOK, append(appendSubresults(nil, results), '}'))
}

var referenceID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

func checkSubrequests(list []subrequest, most int) rowErrors {
	if len(list) == 0 {
		return refuse("REQUIRED_FIELD_MISSING", "At least 1 subrequest is required", "compositeRequest")
	}
	if len(list) > most {
		return refuse("INVALID_INPUT", fmt.Sprintf("Limit exceeded: at most %d subrequests are allowed", most))
	}
	seen, heavy := map[string]bool{}, 0
	for _, s := range list {
		switch {
		case !referenceID.MatchString(s.ReferenceID):
			return refuse("INVALID_INPUT", "Provided referenceId '"+s.ReferenceID+"' must start with a letter or a number, and it can contain only letters, numbers and underscores")
		case seen[s.ReferenceID]:
			return refuse("INVALID_INPUT", "Provided referenceId '"+s.ReferenceID+"' is not unique")
		}
		seen[s.ReferenceID] = true
		if strings.Contains(s.URL, "/query") || strings.Contains(s.URL, "/composite/sobjects") {
			heavy++
		}
	}
	if heavy > maxHeavy {
		return refuse("INVALID_INPUT", fmt.Sprintf("Limit exceeded: at most %d subrequests may be queries or collections", maxHeavy))
	}
	return nil
}

// atOnce runs subrequests in one transaction that a failure undoes, also that
// of one row in a collection whose own flag lets the others pass; its answer
// keeps telling of them as made (REST API Developer Guide, "allOrNone
// Parameters in Composite and Collections Requests").
func (o *Org) atOnce(c *call, list []subrequest) ([]subresult, bool) {
	var results []subresult
	ok := false
	o.transact(c.by, func(t *tx) {
		results, ok = o.inTurn(c, list, t, true)
		if !ok {
			t.rollback(mark{})
		}
	})
	if !ok {
		for i := range results {
			if results[i].status < 300 && !results[i].partly {
				results[i].answer = halted()
			}
		}
	}
	return results, ok
}

// halted is the answer to what an all-or-none failure took along.
func halted() *answer {
	return refusal(refuse("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."))
}

// inTurn runs subrequests in order; a failed one fails those that refer to it.
func (o *Org) inTurn(c *call, list []subrequest, t *tx, stop bool) ([]subresult, bool) {
	bodies := map[string]any{}
	results := make([]subresult, 0, len(list))
	ok := true
	for _, s := range list {
		if stop && !ok {
			results = append(results, subresult{halted(), s.ReferenceID})
			continue
		}
		a := o.subAnswer(c, s, t, bodies)
		ok = ok && a.status < 400 && !a.partly
		var body any
		if a.status < 400 && json.Unmarshal(a.body, &body) == nil {
			bodies[s.ReferenceID] = body
		}
		results = append(results, subresult{a, s.ReferenceID})
	}
	return results, ok
}

var reference = regexp.MustCompile(`@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}`)

// resolve puts the values of earlier answers into a text.
func resolve(text string, bodies map[string]any) (string, string) {
	missing := ""
	out := reference.ReplaceAllStringFunc(text, func(m string) string {
		parts := reference.FindStringSubmatch(m)
		v, ok := bodies[parts[1]]
		if ok {
			v, ok = dig(v, parts[2])
		}
		if !ok {
			missing = m
			return m
		}
		return fmt.Sprint(v)
	})
	return out, missing
}

var pathStep = regexp.MustCompile(`\.([A-Za-z0-9_]+)|\[(\d+)\]`)

// referredTo is the reference id of @{id.path}.
func referredTo(reference string) string {
	id, _, _ := strings.Cut(strings.Trim(reference, "@{}"), ".")
	return id
}

// dig follows a path like .records[0].Id into a decoded body.
func dig(v any, path string) (any, bool) {
	for _, step := range pathStep.FindAllStringSubmatch(path, -1) {
		switch {
		case step[1] != "":
			m, ok := v.(map[string]any)
			if v = m[step[1]]; !ok || v == nil {
				return nil, false
			}
		default:
			list, _ := v.([]any)
			var at int
			if _, err := fmt.Sscan(step[2], &at); err != nil || at >= len(list) {
				return nil, false
			}
			v = list[at]
		}
	}
	return v, true
}

// subAnswer runs one subrequest as a call of its own.
func (o *Org) subAnswer(c *call, s subrequest, t *tx, bodies map[string]any) *answer {
	target, missing := resolve(s.URL, bodies)
	body, missingInBody := resolve(string(s.Body), bodies)
	if missing += missingInBody; missing != "" {
		return refusal(refuse("PROCESSING_HALTED", "Invalid reference specified. No value for "+strings.Trim(missing, "@{}")+" found in "+referredTo(missing)+"."))
	}
	if errs := checkTarget(target); errs != nil {
		return refusal(errs)
	}
	header := c.header.Clone()
	for k, v := range s.Headers {
		switch strings.ToLower(k) {
		case "accept", "authorization", "content-type":
			return refusal(refuse("INVALID_INPUT", "The header "+k+" is not allowed in a subrequest"))
		}
		header.Set(k, v)
	}
	return o.nestedCall(c, strings.ToUpper(s.Method), target, body, header, t)
}

// checkTarget: a subrequest of a composite or a graph names its resource from the root
// on, and only records, queries and collections may be one (REST API Developer Guide,
// "Composite").
func checkTarget(target string) rowErrors {
	rest, rooted := strings.CutPrefix(target, "/services/data/")
	if !rooted {
		return notFound()
	}
	_, resource, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(resource, "?")
	name, _, _ = strings.Cut(name, "/")
	switch name {
	case "sobjects", "query", "queryAll", "composite":
		return nil
	}
	return refuse("INVALID_INPUT", "This resource cannot be a subrequest")
}

func (o *Org) nestedCall(c *call, method, target, body string, header http.Header, t *tx) *answer {
	u, err := url.Parse(target)
	if err != nil {
		return refusal(refuse("INVALID_INPUT", "The url "+target+" cannot be read"))
	}
	version, ok := versionOf(u.Path)
	if !ok {
		return refusal(notFound())
	}
	sub := &call{o: o, r: c.r, method: method, version: version, query: u.Query(), header: header, body: []byte(body), by: c.by, tx: t, nested: true}
	if t != nil {
		sub.by = t.by
	}
	sub.setPath(u.EscapedPath())
	return o.dispatch(sub)
}

// versionOf reads the version of /services/data/vXX.0/… or vXX.0/….
func versionOf(path string) (string, bool) {
	path = strings.TrimPrefix(strings.TrimLeft(path, "/"), "services/data/")
	v, _, _ := strings.Cut(path, "/")
	return strings.TrimPrefix(v, "v"), checkVersion(v) == nil
}

func appendSubresults(dst []byte, results []subresult) []byte {
	dst = append(dst, `{"compositeResponse":[`...)
	for i, r := range results {
		if i > 0 {
			dst = append(dst, ',')
		}
		body := r.body
		if len(body) == 0 {
			body = []byte("null")
		}
		dst = append(append(dst, `{"body":`...), body...)
		header, _ := json.Marshal(r.header)
		if r.header == nil {
			header = []byte("{}")
		}
		dst = append(append(dst, `,"httpHeaders":`...), header...)
		dst = appendNumber(append(dst, `,"httpStatusCode":`...), float64(r.status), "int")
		dst = appendString(append(dst, `,"referenceId":`...), r.ref)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
