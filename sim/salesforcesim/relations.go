package salesforcesim

import (
	"net/http"
	"strings"
)

// maxUpward is how many relations a path may follow from child to parent (SOQL
// and SOSL Reference, "Understanding Relationship Query Limitations").
const maxUpward = 5

// relationResource answers /sobjects/X/{id}/{Relation}…: any number of parents up
// to five, or at the end the children of one relation (REST API Developer Guide,
// "Traverse Relationships with Friendly URLs").
func (o *Org) relationResource(c *call, ob *object, id string, path []string) *answer {
	var list *field
	c.read(func(a *access) { _, list, _ = o.follow(a, ob, id, path) })
	if list != nil {
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.childrenOf(c, ob, id, path) }})
	}
	return c.methods(map[string]func() *answer{
		"GET":    func() *answer { return o.parentOf(c, ob, id, path) },
		"PATCH":  func() *answer { return o.patchParent(c, ob, id, path) },
		"DELETE": func() *answer { return o.deleteParent(c, ob, id, path) },
	})
}

// follow walks a path of relations from a record. It ends at a record or, with
// the last relation leading down, at a record and the field of its children that
// names it.
func (o *Org) follow(a *access, ob *object, id string, path []string) (*record, *field, rowErrors) {
	r, errs := o.locate(a, ob, id)
	if errs != nil {
		return nil, nil, errs
	}
	if len(path) > maxUpward {
		return nil, nil, notFound()
	}
	for i, name := range path {
		f := r.object.byRelation[strings.ToLower(name)]
		if f == nil && i == len(path)-1 {
			if children := a.childField(r.object, name); children != nil {
				return r, children, nil
			}
		}
		if f == nil || !a.seesField(f) {
			return nil, nil, notFound()
		}
		parent := o.find(o.value(r, f).Str())
		if parent == nil || parent.deleted || o.hiddenFrom(a, parent.id) || !a.may(parent.object, mayRead) {
			return nil, nil, notFound()
		}
		r = parent
	}
	return r, nil, nil
}

// childField finds the reference field behind a relation that leads down.
func (a *access) childField(ob *object, name string) *field {
	for _, f := range ob.children {
		if strings.EqualFold(f.childRelation, name) && a.may(f.object, mayRead) && a.seesField(f) {
			return f
		}
	}
	return nil
}

func (o *Org) parentOf(c *call, ob *object, id string, path []string) *answer {
	var out *answer
	c.read(func(a *access) {
		r, _, errs := o.follow(a, ob, id, path)
		if errs != nil {
			out = refusal(errs)
			return
		}
		out = o.oneRecord(c, a, r)
	})
	return out
}

// childrenOf answers with the pages of a query.
func (o *Org) childrenOf(c *call, ob *object, id string, path []string) *answer {
	var out *answer
	c.read(func(a *access) {
		r, f, errs := o.follow(a, ob, id, path)
		var fields []*field
		if errs == nil && f != nil {
			fields, errs = a.fieldList(f.object, c.query.Get("fields"))
		}
		if errs != nil {
			out = refusal(errs)
			return
		}
		names := make([]string, len(fields))
		for i := range fields {
			names[i] = fields[i].name
		}
		out = o.runQuery(c, a, "SELECT "+strings.Join(names, ",")+" FROM "+f.object.name+" WHERE "+f.name+" = '"+r.id+"'", false)
	})
	return out
}

func (o *Org) patchParent(c *call, ob *object, id string, path []string) *answer {
	raw, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	out := &answer{status: http.StatusNoContent}
	c.write(func(t *tx) {
		r, _, errs := o.follow(t.by.access, ob, id, path)
		if errs == nil {
			if failed := o.patchIn(c, t, r.object, r.id, raw); failed != nil {
				out = failed
			}
			return
		}
		out = refusal(errs)
	})
	return out
}

func (o *Org) deleteParent(c *call, ob *object, id string, path []string) *answer {
	out := &answer{status: http.StatusNoContent}
	c.write(func(t *tx) {
		r, _, errs := o.follow(t.by.access, ob, id, path)
		if errs == nil {
			errs = t.remove(r.object, r.id)
		}
		if len(errs) > 0 {
			out = refusal(errs)
		}
	})
	return out
}
