package salesforcesim

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// maxCollection is the number of records in one collections call, and
// maxChunks the number of runs of one object in it.
const (
	maxCollection = 200
	maxChunks     = 10
	maxRetrieve   = 2000
)

// saved is the result of one row of a collection.
type saved struct {
	id      string
	errs    rowErrors
	created *bool
	named   bool      // the id shows even on failure, as it does for deletes
	notes   rowErrors // what a row that went well has in place of errors
	final   bool      // it was published at once, which nothing takes back
}

func (s saved) append(dst []byte) []byte {
	dst = append(dst, '{')
	if s.id != "" && (len(s.errs) == 0 || s.named) {
		dst = append(append(append(dst, `"id":"`...), s.id...), `",`...)
	}
	dst = strconv.AppendBool(append(dst, `"success":`...), len(s.errs) == 0)
	shown := s.errs
	if len(shown) == 0 {
		shown = s.notes
	}
	dst = appendRowErrors(append(dst, `,"errors":`...), shown)
	if s.created != nil {
		dst = strconv.AppendBool(append(dst, `,"created":`...), *s.created)
	}
	return append(dst, '}')
}

// appendRowErrors writes errors as rows carry them: with statusCode, and
// always with fields.
func appendRowErrors(dst []byte, errs rowErrors) []byte {
	dst = append(dst, '[')
	for i, e := range errs {
		if i > 0 {
			dst = append(dst, ',')
		}
		message := e.message
		if e.code == "DUPLICATES_DETECTED" {
			message = "Use one of these records?"
		}
		dst = appendString(append(dst, `{"statusCode":`...), e.code)
		dst = appendString(append(dst, `,"message":`...), message)
		dst = appendStrings(append(dst, `,"fields":`...), e.fields)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// collections answers /composite/sobjects and what is below it.
func (o *Org) collections(c *call, seg []string) *answer {
	switch len(seg) {
	case 0:
		return c.methods(map[string]func() *answer{
			"POST": func() *answer { return o.saveMany(c, true) }, "PATCH": func() *answer { return o.saveMany(c, false) },
			"DELETE": func() *answer { return o.deleteMany(c) },
		})
	case 1:
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.retrieveMany(c, seg[0]) }, "POST": func() *answer { return o.retrieveMany(c, seg[0]) }})
	case 2:
		return c.methods(map[string]func() *answer{"PATCH": func() *answer { return o.upsertMany(c, seg[0], seg[1]) }})
	}
	return refusal(notFound())
}

// collection is the body of a collections call.
type collection struct {
	AllOrNone bool             `json:"allOrNone"`
	Records   []map[string]any `json:"records"`
}

func (c *call) collection() (collection, rowErrors) {
	var body collection
	if errs := c.decode(&body); errs != nil {
		return body, errs
	}
	if len(body.Records) == 0 {
		return body, refuse("REQUIRED_FIELD_MISSING", "At least 1 record is required")
	}
	if len(body.Records) > maxCollection {
		return body, refuse("EXCEEDED_MAX_SIZE_REQUEST", fmt.Sprintf("Cannot have more than %d records in a request", maxCollection))
	}
	return body, nil
}

// typeOf reads the object a row belongs to.
func typeOf(row map[string]any) string {
	attributes, _ := row["attributes"].(map[string]any)
	return metadataMap(attributes).text("type")
}

// chunks counts the runs of rows of one object.
func chunks(rows []map[string]any) int {
	n, last := 0, ""
	for _, row := range rows {
		if typ := typeOf(row); typ != last || n == 0 {
			n, last = n+1, typ
		}
	}
	return n
}

func (o *Org) saveMany(c *call, create bool) *answer {
	body, errs := c.collection()
	if errs != nil {
		return refusal(errs)
	}
	if chunks(body.Records) > maxChunks {
		return refusal(refuse("INVALID_INPUT", fmt.Sprintf("Cannot have more than %d chunks in a single operation. Rearrange the data to reduce chunking.", maxChunks)))
	}
	return o.rows(c, body.AllOrNone, len(body.Records), func(t *tx, i int, seen map[string]bool) saved {
		row := body.Records[i]
		ob := o.objects[strings.ToLower(typeOf(row))]
		if create {
			ob = o.sobject(typeOf(row))
		}
		if ob == nil || ob.tooling || !t.by.access.may(ob, mayRead) {
			return saved{errs: refuse("INVALID_TYPE", "sObject type '"+typeOf(row)+"' is not supported.")}
		}
		if create {
			return t.insertRow(ob, row)
		}
		return t.updateRow(ob, row, seen)
	})
}

func (t *tx) insertRow(ob *object, row map[string]any) saved {
	if ob.event {
		return t.publishRow(ob, row)
	}
	sets, errs := t.parse(ob, row, true)
	if len(errs) > 0 {
		return saved{errs: errs}
	}
	id, errs := t.insert(ob, sets)
	return saved{id: id, errs: errs}
}

// updateRow takes the id from the row; a second row for the same id in one
// call is refused.
func (t *tx) updateRow(ob *object, row map[string]any, seen map[string]bool) saved {
	rest, id := withoutID(row)
	if id == "" {
		return saved{errs: refuse("MISSING_ARGUMENT", "Id not specified in an update call")}
	}
	full, ok := canonicalID(id)
	if !ok {
		return saved{id: id, errs: refuse("MALFORMED_ID", "malformed id "+id)}
	}
	if seen[full] {
		return saved{id: full, errs: refuse("DUPLICATE_VALUE", "duplicate id in list: "+full, "Id")}
	}
	seen[full] = true
	sets, errs := t.parse(ob, rest, false)
	if len(errs) == 0 {
		errs = t.update(ob, full, sets)
	}
	return saved{id: full, errs: errs}
}

func withoutID(row map[string]any) (map[string]any, string) {
	rest, id := make(map[string]any, len(row)), ""
	for k, v := range row {
		if strings.EqualFold(k, "id") {
			id, _ = v.(string)
			continue
		}
		rest[k] = v
	}
	return rest, id
}

func (o *Org) upsertMany(c *call, objectName, key string) *answer {
	ob := o.visible(c, objectName, false)
	if ob == nil {
		return refusal(notFound())
	}
	body, errs := c.collection()
	if errs != nil {
		return refusal(errs)
	}
	var f *field
	c.read(func(a *access) { f, errs = a.keyField(ob, key) })
	if errs != nil {
		return refusal(errs)
	}
	twice := keysTwice(f, body.Records)
	return o.rows(c, body.AllOrNone, len(body.Records), func(t *tx, i int, _ map[string]bool) saved {
		if typ := typeOf(body.Records[i]); !strings.EqualFold(typ, ob.name) {
			return saved{errs: refuse("INVALID_TYPE", "sObject type '"+typ+"' does not match the type of the request")}
		}
		return t.upsertRow(f, body.Records[i], twice)
	})
}

// keysTwice lists the values of a key that several rows of one call have.
func keysTwice(f *field, rows []map[string]any) map[string]bool {
	seen, twice := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		for name, raw := range row {
			if !strings.EqualFold(name, f.name) {
				continue
			}
			if v, errs := f.coerce(raw); len(errs) == 0 && !v.IsNull() {
				twice[fold(v)] = seen[fold(v)]
				seen[fold(v)] = true
			}
		}
	}
	return twice
}

// upsertRow matches one row by its key; created tells which way it went. A key
// that several rows of the call have fails all of them.
func (t *tx) upsertRow(f *field, row map[string]any, twice map[string]bool) saved {
	rest := make(map[string]any, len(row))
	var raw any
	for k, v := range row {
		switch {
		case strings.EqualFold(k, f.name):
			raw = v
		default:
			rest[k] = v
		}
	}
	yes, no := true, false
	v, errs := f.coerce(raw)
	if len(errs) > 0 {
		return saved{errs: errs, created: &no}
	}
	if v.IsNull() {
		if f.sys == sysID {
			s := t.insertRow(f.object, rest)
			s.created = &yes
			return s
		}
		return saved{errs: refuse("MISSING_ARGUMENT", f.name+" not specified", f.name), created: &no}
	}
	if twice[fold(v)] {
		return saved{errs: refuse("DUPLICATE_VALUE", "Duplicate external id specified: "+v.Str(), f.name), created: &no}
	}
	return t.upsertMatch(f, v, rest)
}

func (t *tx) upsertMatch(f *field, v value, rest map[string]any) saved {
	yes, no := true, false
	rows := t.o.byKey(f.object, f, v)
	if len(rows) > 1 {
		text := fmt.Sprintf("%s: more than one record found for external id field: [%s, %s]", f.name, rows[0].id, rows[1].id)
		return saved{errs: refuse("DUPLICATE_EXTERNAL_ID", text, f.name), created: &no}
	}
	sets, errs := t.parse(f.object, rest, len(rows) == 0)
	if len(errs) > 0 {
		return saved{errs: errs, created: &no}
	}
	if len(rows) == 1 {
		return saved{id: rows[0].id, errs: t.update(f.object, rows[0].id, sets), created: &no}
	}
	if f.sys == sysID {
		return saved{errs: refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"), created: &no}
	}
	id, errs := t.insert(f.object, append(sets, assignment{f, v}))
	created := &yes
	if len(errs) > 0 {
		created = &no
	}
	return saved{id: id, errs: errs, created: created}
}

func (o *Org) deleteMany(c *call) *answer {
	ids := strings.Split(c.query.Get("ids"), ",")
	if c.query.Get("ids") == "" {
		return refusal(refuse("REQUIRED_FIELD_MISSING", "At least 1 record is required"))
	}
	if len(ids) > maxCollection {
		return refusal(refuse("EXCEEDED_MAX_SIZE_REQUEST", fmt.Sprintf("Cannot have more than %d records in a request", maxCollection)))
	}
	return o.rows(c, c.query.Get("allOrNone") == "true", len(ids), func(t *tx, i int, _ map[string]bool) saved {
		id, ok := canonicalID(strings.TrimSpace(ids[i]))
		if !ok {
			return saved{id: ids[i], named: true, errs: refuse("MALFORMED_ID", "malformed id "+ids[i])}
		}
		ob := o.byPrefix[id[:3]]
		if ob == nil || ob.tooling {
			return saved{id: id, named: true, errs: refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")}
		}
		return saved{id: id, named: true, errs: t.remove(ob, id)}
	})
}

// rows runs the rows of a collection in one transaction. A value that does
// not parse fails the whole request, as the vendor's JSON reader does.
func (o *Org) rows(c *call, allOrNone bool, n int, work func(t *tx, i int, seen map[string]bool) saved) *answer {
	results := make([]saved, n)
	var out *answer
	failed := false
	c.write(func(t *tx) {
		start, seen := t.mark(), map[string]bool{}
		for i := range n {
			results[i] = work(t, i, seen)
			failed = failed || len(results[i].errs) > 0
			for _, e := range results[i].errs {
				if e.parse {
					t.rollback(start)
					t.outbox = t.outbox[:start.outbox]
					out = refusal(rowErrors{e})
					return
				}
			}
		}
		if allOrNone && failed {
			t.rollback(start)
			rollBackInnocents(results)
		}
	})
	if out != nil {
		return out
	}
	out = jsonAnswer(http.StatusOK, appendSavedList(nil, results))
	out.partly = failed
	return out
}

// rollBackInnocents gives the good rows of an all-or-none call their share.
func rollBackInnocents(results []saved) {
	for i := range results {
		if len(results[i].errs) == 0 && !results[i].final {
			results[i].errs = refuse("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header")
		}
		if results[i].created != nil {
			yes := true
			results[i].created = &yes
		}
	}
}

func appendSavedList(dst []byte, results []saved) []byte {
	dst = append(dst, '[')
	for i, s := range results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = s.append(dst)
	}
	return append(dst, ']')
}

// retrieveMany answers GET and POST /composite/sobjects/X; what cannot be
// seen is null at its place.
func (o *Org) retrieveMany(c *call, objectName string) *answer {
	ob := o.visible(c, objectName, false)
	if ob == nil {
		return refusal(notFound())
	}
	ids, fields := splitList(c.query.Get("ids")), splitList(c.query.Get("fields"))
	if c.method == http.MethodPost {
		var body struct{ IDs, Fields []string }
		if errs := c.decode(&body); errs != nil {
			return refusal(errs)
		}
		ids, fields = body.IDs, body.Fields
	}
	if len(ids) > maxRetrieve {
		return refusal(refuse("EXCEEDED_MAX_SIZE_REQUEST", fmt.Sprintf("Cannot have more than %d records in a request", maxRetrieve)))
	}
	if len(fields) == 0 {
		return refusal(refuse("MISSING_ARGUMENT", "At least one field is required"))
	}
	var out *answer
	c.read(func(a *access) { out = o.retrieveIn(c, a, ob, ids, fields) })
	return out
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (o *Org) retrieveIn(c *call, a *access, ob *object, ids, names []string) *answer {
	fields, errs := a.fieldsNamed(ob, names)
	if errs != nil {
		return refusal(errs)
	}
	body := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			body = append(body, ',')
		}
		full, ok := canonicalID(strings.TrimSpace(id))
		if !ok || full[:3] != ob.prefix {
			return refusal(refuse("MALFORMED_ID", "malformed id "+id))
		}
		if r, errs := o.locate(a, ob, full); errs == nil {
			body = o.appendFields(body, c.version, a, r, fields)
		} else {
			body = append(body, "null"...)
		}
	}
	return jsonAnswer(http.StatusOK, append(body, ']'))
}
