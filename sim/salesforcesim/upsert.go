package salesforcesim

import (
	"net/http"
	"strings"
)

// byExternalID answers /sobjects/X/{Key}/{value}.
func (o *Org) byExternalID(c *call, ob *object, key, val string) *answer {
	return c.methods(map[string]func() *answer{
		"GET":    func() *answer { return o.getByKey(c, ob, key, val) },
		"PATCH":  func() *answer { return o.upsertOne(c, ob, key, val) },
		"POST":   func() *answer { return o.postByID(c, ob, key, val) },
		"DELETE": func() *answer { return o.deleteByKey(c, ob, key, val) },
	})
}

func badKey(key string) rowErrors {
	return refuse("NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+key)
}

// keyField finds a field by which this user may address records.
func (a *access) keyField(ob *object, key string) (*field, rowErrors) {
	f := a.field(ob, key)
	if f == nil || !f.externalID && !f.unique && f.sys != sysID {
		return nil, badKey(key)
	}
	return f, nil
}

// matchKey finds the records that a key value addresses.
func (o *Org) matchKey(a *access, ob *object, key, val string) (*field, value, []*record, rowErrors) {
	f, errs := a.keyField(ob, key)
	if errs != nil {
		return nil, value{}, nil, errs
	}
	v, errs := f.coerce(val)
	if len(errs) > 0 {
		return nil, value{}, nil, errs
	}
	if v.IsNull() {
		return nil, value{}, nil, refuse("MISSING_ARGUMENT", f.name+" not specified", f.name)
	}
	return f, v, o.byKey(ob, f, v), nil
}

// multiple is the answer when several records share a key: their addresses.
func (c *call) multiple(ob *object, rows []*record) *answer {
	urls := make([]string, len(rows))
	for i, r := range rows {
		urls[i] = c.base(ob) + "/sobjects/" + ob.name + "/" + r.id
	}
	return jsonAnswer(http.StatusMultipleChoices, appendStrings(nil, urls))
}

func (o *Org) getByKey(c *call, ob *object, key, val string) *answer {
	var out *answer
	c.read(func(a *access) {
		_, _, rows, errs := o.matchKey(a, ob, key, val)
		switch {
		case errs != nil:
			out = refusal(errs)
		case len(rows) == 0:
			out = refusal(notFound())
		case len(rows) > 1:
			out = c.multiple(ob, rows)
		default:
			out = o.oneRecord(c, a, rows[0])
		}
	})
	return out
}

func (o *Org) deleteByKey(c *call, ob *object, key, val string) *answer {
	out := &answer{status: http.StatusNoContent}
	c.write(func(t *tx) {
		_, _, rows, errs := o.matchKey(t.by.access, ob, key, val)
		switch {
		case errs != nil:
			out = refusal(errs)
		case len(rows) == 0:
			out = refusal(notFound())
		case len(rows) > 1:
			out = c.multiple(ob, rows)
		default:
			if errs := t.remove(ob, rows[0].id); len(errs) > 0 {
				out = refusal(errs)
			}
		}
	})
	return out
}

// postByID creates through POST /sobjects/X/Id; other keys have no POST.
func (o *Org) postByID(c *call, ob *object, key, _ string) *answer {
	if !strings.EqualFold(key, "Id") {
		return refusal(refuse("METHOD_NOT_ALLOWED", "HTTP Method 'POST' not allowed. Allowed are DELETE,GET,PATCH"))
	}
	return o.create(c, ob)
}

// upsertOne answers PATCH /sobjects/X/{Key}/{value}.
func (o *Org) upsertOne(c *call, ob *object, key, val string) *answer {
	raw, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	var out *answer
	c.write(func(t *tx) {
		f, v, rows, errs := o.matchKey(t.by.access, ob, key, val)
		switch {
		case errs != nil:
			out = refusal(errs)
		case len(rows) > 1:
			out = c.multiple(ob, rows)
		default:
			out = o.upsertMatched(c, t, f, v, rows, raw)
		}
	})
	return out
}

func (o *Org) upsertMatched(c *call, t *tx, f *field, v value, rows []*record, raw map[string]any) *answer {
	ob := f.object
	for key := range raw {
		if strings.EqualFold(key, f.name) {
			return refusal(refuse("INVALID_FIELD", "The "+f.name+" field should not be specified in the sobject data."))
		}
	}
	creating := len(rows) == 0
	if creating && (c.query.Get("updateOnly") == "true" || f.sys == sysID) {
		return refusal(notFound())
	}
	sets, errs := t.parse(ob, raw, creating)
	if len(errs) > 0 {
		return refusal(errs)
	}
	if creating {
		id, errs := t.insert(ob, append(sets, assignment{f, v}))
		if len(errs) > 0 {
			return refusal(c.describeDuplicates(errs))
		}
		return created(c, ob, id, `,"created":true`)
	}
	if errs := t.update(ob, rows[0].id, sets); len(errs) > 0 {
		return refusal(c.describeDuplicates(errs))
	}
	if !c.since(46) {
		return &answer{status: http.StatusNoContent}
	}
	return jsonAnswer(http.StatusOK, appendSaved(nil, rows[0].id, `,"created":false`))
}

// since reports that the call's API version is at least v.
func (c *call) since(v int) bool {
	n := 0
	for _, d := range strings.TrimSuffix(c.version, ".0") {
		n = n*10 + int(d-'0')
	}
	return n >= v
}
