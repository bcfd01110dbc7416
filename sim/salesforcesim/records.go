package salesforcesim

import (
	"net/http"
	"regexp"
	"strings"
)

// create answers POST /sobjects/X.
func (o *Org) create(c *call, ob *object) *answer {
	raw, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	var id string
	c.write(func(t *tx) {
		var sets []assignment
		if sets, errs = t.parse(ob, raw, true); len(errs) == 0 {
			id, errs = t.insert(ob, sets)
		}
		errs = c.describeDuplicates(errs)
	})
	if len(errs) > 0 {
		return refusal(errs)
	}
	return created(c, ob, id, "")
}

// created is the answer to a successful create; extra follows the errors.
func created(c *call, ob *object, id, extra string) *answer {
	a := jsonAnswer(http.StatusCreated, appendSaved(nil, id, extra))
	a.header = map[string]string{"Location": c.base(ob) + "/sobjects/" + ob.name + "/" + id}
	return a
}

func appendSaved(dst []byte, id, extra string) []byte {
	dst = append(append(append(dst, `{"id":"`...), id...), `","success":true,"errors":[]`...)
	return append(append(dst, extra...), '}')
}

func (c *call) base(ob *object) string {
	base := "/services/data/v" + c.version
	if ob.tooling {
		base += "/tooling"
	}
	return base
}

// recordResource answers /sobjects/X/{id}; POST has the word Id in its place and
// creates a record, as the collection itself does.
func (o *Org) recordResource(c *call, ob *object, id string) *answer {
	if c.method == http.MethodPost && strings.EqualFold(id, "Id") {
		return o.create(c, ob)
	}
	return c.methods(map[string]func() *answer{
		"GET":    func() *answer { return o.retrieve(c, ob, id) },
		"PATCH":  func() *answer { return o.patch(c, ob, id) },
		"DELETE": func() *answer { return o.deleteOne(c, ob, id) },
	})
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$`)

// locate finds the record of a path and says why not in the way that record
// resources do, by status rather than by row error. What has the length of an id
// is taken for one.
func (o *Org) locate(a *access, ob *object, id string) (*record, rowErrors) {
	full, ok := canonicalID(id)
	switch {
	case !ok && !idShape.MatchString(id):
		return nil, badKey(id)
	case !ok || full[:3] != ob.prefix:
		return nil, refuse("MALFORMED_ID", ob.label+" ID: id value of incorrect type: "+id, "Id")
	}
	r := ob.records.find(full)
	switch {
	case r == nil || o.hiddenFrom(a, full):
		return nil, notFound()
	case r.deleted:
		return nil, entityDeleted()
	}
	return r, nil
}

func (o *Org) retrieve(c *call, ob *object, id string) *answer {
	var out *answer
	c.read(func(a *access) {
		r, errs := o.locate(a, ob, id)
		if errs != nil {
			out = refusal(errs)
			return
		}
		out = o.oneRecord(c, a, r)
	})
	return out
}

// oneRecord renders a record with the fields asked for, or all of them.
func (o *Org) oneRecord(c *call, a *access, r *record) *answer {
	if failed := c.unless(r); failed != nil {
		return failed
	}
	fields, errs := a.fieldList(r.object, c.query.Get("fields"))
	if errs != nil {
		return refusal(errs)
	}
	out := jsonAnswer(http.StatusOK, o.appendFields(nil, c.version, a, r, fields))
	out.header = r.validators()
	return out
}

// fieldList reads "Id,Name"; an empty list means all fields.
func (a *access) fieldList(ob *object, names string) ([]*field, rowErrors) {
	if names == "" {
		var all []*field
		for _, f := range ob.fields {
			if a.seesField(f) {
				all = append(all, f)
			}
		}
		return all, nil
	}
	return a.fieldsNamed(ob, strings.Split(names, ","))
}

func (a *access) fieldsNamed(ob *object, names []string) ([]*field, rowErrors) {
	var out []*field
	for _, name := range names {
		name = strings.TrimSpace(name)
		f := a.field(ob, name)
		if f == nil {
			return nil, noColumn(name, ob.name)
		}
		out = append(out, f)
	}
	return out, nil
}

// appendFields renders fields of a record, Id among them only if asked for.
func (o *Org) appendFields(dst []byte, version string, a *access, r *record, fields []*field) []byte {
	dst = appendAttributes(dst, version, r.object.name, r.id)
	for _, f := range fields {
		dst = append(append(append(dst, ',', '"'), f.name...), '"', ':')
		dst = appendValue(dst, o.seen(a, r, f), f.typ)
	}
	return append(dst, '}')
}

// patch answers PATCH /sobjects/X/{id}.
func (o *Org) patch(c *call, ob *object, id string) *answer {
	raw, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	out := &answer{status: http.StatusNoContent}
	c.write(func(t *tx) {
		if failed := o.patchIn(c, t, ob, id, raw); failed != nil {
			out = failed
		}
	})
	return out
}

// patchIn changes a record; nil means that it did.
func (o *Org) patchIn(c *call, t *tx, ob *object, id string, raw map[string]any) *answer {
	r, errs := o.locate(t.by.access, ob, id)
	if errs != nil {
		return refusal(errs)
	}
	if failed := c.unless(r); failed != nil {
		return failed
	}
	sets, errs := t.parse(ob, raw, false)
	if len(errs) == 0 {
		errs = t.update(ob, r.id, sets)
	}
	if len(errs) > 0 {
		return refusal(c.describeDuplicates(errs))
	}
	return nil
}

func (o *Org) deleteOne(c *call, ob *object, id string) *answer {
	var errs rowErrors
	c.write(func(t *tx) {
		var r *record
		if r, errs = o.locate(t.by.access, ob, id); errs == nil {
			errs = t.remove(ob, r.id)
		}
	})
	if len(errs) > 0 {
		return refusal(errs)
	}
	return &answer{status: http.StatusNoContent}
}

// describeDuplicates renders what a duplicate rule found; only the
// single-record resources tell it.
func (c *call) describeDuplicates(errs rowErrors) rowErrors {
	for _, e := range errs {
		if e.dup != nil {
			e.dup.detail = e.dup.render(c.version)
		}
	}
	return errs
}

// render writes the match detail under the vendor's own misspelling.
func (d *duplicate) render(version string) []byte {
	out := []byte(`"duplicateResut":{"allowSave":`)
	out = append(out, map[bool]string{true: "true", false: "false"}[d.rule.Action == "alert"]...)
	out = appendString(append(out, `,"duplicateRule":`...), d.rule.Name)
	out = appendString(append(out, `,"duplicateRuleEntityType":`...), d.rule.Object)
	out = appendString(append(out, `,"errorMessage":`...), duplicateText)
	out = appendString(append(out, `,"matchResults":[{"entityType":`...), d.rule.Object)
	out = append(out, `,"errors":[],"matchEngine":"ExactMatchEngine","matchRecords":[`...)
	for i, id := range d.matches {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"additionalInformation":[],"fieldDiffs":[],"matchConfidence":100.0,"record":`...)
		out = appendAttributes(out, version, d.rule.Object, id)
		out = appendString(append(out, `,"Id":`...), id)
		out = append(out, '}', '}')
	}
	out = appendString(append(out, `],"rule":`...), strings.TrimSuffix(d.rule.Name, "_Duplicate_Rule")+"_Match_Rule")
	out = appendNumber(append(out, `,"size":`...), float64(len(d.matches)), "int")
	return append(out, `,"success":true}]}`...)
}
