package dst

import (
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// thing is a record that users know of.
type thing struct {
	core.Ref
	gone   bool       // deleted, merged away or converted
	odd    bool       // deleted or hidden at some time, or made by a conversion: it has values that no user wrote to it
	erased bool       // for privacy
	into   core.Ref   // what goes on for it, if anything does
	past   []core.Ref // what it goes on for
}

// sides of the objects that users act on.
const (
	sf = core.Salesforce
	hs = core.HubSpot
)

// know adds a record to what users know of.
func (r *run) know(side core.Side, object core.Object, id string, past ...core.Ref) *thing {
	if t := r.find(core.Ref{Side: side, Object: object, ID: id}); t != nil {
		t.past = append(t.past, past...)
		return t
	}
	t := &thing{Ref: core.Ref{Side: side, Object: object, ID: id}, past: past}
	r.things = append(r.things, t)
	return t
}

func (r *run) find(ref core.Ref) *thing {
	if i := slices.IndexFunc(r.things, func(t *thing) bool { return t.Ref == ref }); i >= 0 {
		return r.things[i]
	}
	return nil
}

// learn makes what the integration created since the last time known to users.
func (r *run) learn() {
	news, next := r.behind(r.seen)
	r.seen = next
	for _, e := range news.org {
		if e.Op == "create" && slices.Contains([]string{"Account", "Contact", "Lead"}, e.Object) {
			r.know(sf, core.Object(e.Object), e.ID)
		}
	}
	for n, portal := range news.portals {
		for _, e := range portal {
			if e.Op == "create" && (e.Object == "contacts" || e.Object == "companies") {
				r.homes[e.ID] = n
				r.know(hs, core.Object(e.Object), e.ID)
			}
		}
	}
}

// portal is the one that has a record.
func (r *run) portal(id string) *hubspotsim.Portal { return r.worlds[r.homes[id]].Portal }

// which is the n-th of the living things of some objects; nil where there is none.
func (r *run) which(n int, objects ...core.Object) *thing {
	return r.among(n, func(t *thing) bool { return !t.gone && slices.Contains(objects, t.Object) })
}

func (r *run) among(n int, fits func(*thing) bool) *thing {
	var all []*thing
	for _, t := range r.things {
		if fits(t) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[n%len(all)]
}

// becomes says that a record goes on as another one.
func (r *run) becomes(t *thing, into core.Ref) {
	t.gone, t.into = true, into
	next := r.know(into.Side, into.Object, into.ID)
	next.past = append(next.past, append(t.past, t.Ref)...)
}

// shown is a record's field as its users see it; ok is false where there is no record.
func (r *run) shown(ref core.Ref, field string) (value string, ok bool) {
	if ref.Side == hs {
		values, ok := r.portal(ref.ID).As(user).Get(string(ref.Object), ref.ID)
		return values[field], ok
	}
	row := r.world.Org.As(user).Get(string(ref.Object), ref.ID)
	if row == nil {
		return "", false
	}
	switch v := row[field].(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return map[bool]string{true: "true", false: "false"}[v], true
	}
	return "", true
}

// change is a user's edit of one field.
func (r *run) change(t *thing, field, value string) error {
	if t.Side == hs {
		return r.portal(t.ID).As(user).Update(string(t.Object), t.ID, map[string]string{field: value})
	}
	var v any
	if value != "" {
		v = value
	}
	return r.world.Org.As(user).Update(string(t.Object), t.ID, map[string]any{field: v})
}

// user is who edits records on both sides.
const user = "admin"

// address is the e-mail address of a person, lower-cased.
func (r *run) address(ref core.Ref) string {
	field := "Email"
	if ref.Side == hs {
		field = "email"
	}
	v, _ := r.shown(ref, field)
	return strings.ToLower(v)
}
