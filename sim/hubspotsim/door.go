package hubspotsim

import (
	"fmt"
	"strings"
)

// Door is a person at work in the portal: it writes on the same path as the
// wire, with the change source CRM_UI.
type Door struct {
	p  *Portal
	by *actor
}

// Association is what a new record is to be associated with, unlabeled or as
// its primary company.
type Association struct {
	ToType  string
	ToID    string
	Primary bool
}

// As opens a door for a person. A known owner is named by e-mail or first name
// in any case; others work under the first owner's user id.
func (p *Portal) As(user string) Door {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for i := range p.owners {
		if o := &p.owners[i]; strings.EqualFold(o.Email, user) || strings.EqualFold(o.FirstName, user) {
			return Door{p, personActor(user, o.UserID)}
		}
	}
	return Door{p, personActor(user, p.owners[0].UserID)}
}

// do runs an action under the lock on the table of a type.
func (d Door) do(objectType string, action func(t *table) *apiError) error {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.runDue()
	t, e := d.p.table(objectType)
	if e == nil {
		e = action(t)
	}
	return asError(e)
}

// one runs an action on one record, archived or not.
func (d Door) one(objectType, id string, action func(t *table, r *record) *apiError) error {
	return d.do(objectType, func(t *table) *apiError {
		r, e := d.p.find(t, id, "")
		if e != nil {
			return &apiError{Message: fmt.Sprintf("find %s %s: %s", t.singular, id, e.Message)}
		}
		return action(t, r)
	})
}

// Create makes a record and gives its id.
func (d Door) Create(objectType string, props map[string]string, assoc ...Association) (string, error) {
	var id string
	err := d.do(objectType, func(t *table) *apiError {
		links, e := d.wishes(t, assoc)
		if e != nil {
			return e
		}
		r, e := d.p.create(t, d.by, props, links)
		if e == nil {
			id = formatID(r.id)
		}
		return e
	})
	return id, err
}

func (d Door) wishes(t *table, assoc []Association) ([]wish, *apiError) {
	var out []wish
	for _, a := range assoc {
		ot, e := d.p.table(a.ToType)
		if e != nil {
			return nil, e
		}
		other, e := d.p.findLive(ot, a.ToID)
		if e != nil {
			return nil, &apiError{Message: fmt.Sprintf("associate with %s %s: %s", ot.singular, a.ToID, e.Message)}
		}
		w := wish{to: ot, id: other.id}
		if l := d.p.primaryLabel(t, ot); a.Primary && l != nil {
			w.labels = []uint16{l.n}
		}
		out = append(out, w)
	}
	return out, nil
}

// Update changes properties of a record; an empty text clears one.
func (d Door) Update(objectType, id string, props map[string]string) error {
	return d.one(objectType, id, func(t *table, r *record) *apiError {
		if !r.live() {
			return notFound()
		}
		return d.p.update(t, r, d.by, props)
	})
}

// Archive puts a record into the recycle bin.
func (d Door) Archive(objectType, id string) error {
	return d.one(objectType, id, func(t *table, r *record) *apiError {
		d.p.archive(t, r, d.by)
		return nil
	})
}

// Restore takes a record out of the recycle bin, under its old id.
func (d Door) Restore(objectType, id string) error {
	return d.one(objectType, id, func(t *table, r *record) *apiError { return d.p.restore(t, r, d.by) })
}

// Merge joins other into primary and gives the id of the result, which is a new
// one unless the portal keeps the primary's.
func (d Door) Merge(objectType, primary, other string) (string, error) {
	var id string
	err := d.one(objectType, primary, func(t *table, a *record) *apiError {
		b, e := d.p.findLive(t, other)
		if e != nil {
			return e
		}
		if !a.live() {
			return notFound()
		}
		survivor, e := d.p.merge(t, a, b, d.by)
		if e == nil {
			id = formatID(survivor.id)
		}
		return e
	})
	return id, err
}

// GDPRDelete deletes a contact for privacy.
func (d Door) GDPRDelete(id string) error {
	return d.one(typeContact, id, func(t *table, r *record) *apiError {
		d.p.erase(t, r, d.by)
		return nil
	})
}

// Associate joins two records, unlabeled.
func (d Door) Associate(fromType, fromID, toType, toID string) error {
	return d.pair(fromType, fromID, toType, toID, func(t *table, r *record, ot *table, other *record) {
		d.p.associate(d.by, t, r, wish{to: ot, id: other.id})
	})
}

// Dissociate removes everything between two records.
func (d Door) Dissociate(fromType, fromID, toType, toID string) error {
	return d.pair(fromType, fromID, toType, toID, func(t *table, r *record, ot *table, other *record) {
		d.p.separate(d.by, t, r, ot, other)
	})
}

// SetPrimary makes a company the primary one of a contact, deal or ticket.
func (d Door) SetPrimary(fromType, fromID, companyID string) error {
	return d.pair(fromType, fromID, typeCompany, companyID, func(t *table, r *record, ot *table, other *record) {
		if l := d.p.primaryLabel(t, ot); l != nil {
			d.p.associate(d.by, t, r, wish{to: ot, id: other.id, labels: []uint16{l.n}})
		}
	})
}

func (d Door) pair(fromType, fromID, toType, toID string, action func(t *table, r *record, ot *table, other *record)) error {
	return d.do(fromType, func(t *table) *apiError {
		ot, e := d.p.table(toType)
		if e != nil {
			return e
		}
		r, other, e := d.p.ends(t, ot, fromID, toID)
		if e == nil {
			action(t, r, ot, other)
		}
		return e
	})
}

// Get gives every property that a live record has, derived ones included. A
// merged id leads to the survivor.
func (d Door) Get(objectType, id string) (map[string]string, bool) {
	d.p.mu.RLock()
	defer d.p.mu.RUnlock()
	t, e := d.p.table(objectType)
	if e != nil {
		return nil, false
	}
	r, e := d.p.findLive(t, id)
	if e != nil {
		return nil, false
	}
	out := map[string]string{}
	w := d.p.see(t, r)
	for _, def := range t.schema.sorted(false) {
		if text := w.of(def); text != "" {
			out[def.name] = text
		}
	}
	return out, true
}

// Associated lists the ids of a record's live associations of a type.
func (d Door) Associated(objectType, id, toType string) []string {
	d.p.mu.RLock()
	defer d.p.mu.RUnlock()
	t, e := d.p.table(objectType)
	ot, e2 := d.p.table(toType)
	if e != nil || e2 != nil {
		return nil
	}
	r, e := d.p.findLive(t, id)
	if e != nil {
		return nil
	}
	var out []string
	for _, l := range r.linksTo(ot.n) {
		if other := ot.records[l.to]; other != nil && other.live() {
			out = append(out, formatID(l.to))
		}
	}
	return out
}
