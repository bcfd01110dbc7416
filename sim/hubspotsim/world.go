package hubspotsim

import (
	"iter"

	"tandem/sim/hubspotsim/notify"
	"tandem/sim/hubspotsim/segment"
)

// world lets list evaluation read the records; the portal's lock is held.
type world struct{ p *Portal }

// Record gives a live record.
func (w world) Record(typeID, id string) (segment.Record, bool) {
	t := w.p.names[typeID]
	n, ok := parseID(id)
	if t == nil || !ok {
		return nil, false
	}
	r := t.records[n]
	if r == nil || !r.live() {
		return nil, false
	}
	return w.p.see(t, r), true
}

// Records walks the live records of a type by id.
func (w world) Records(typeID string) iter.Seq[segment.Record] {
	return func(yield func(segment.Record) bool) {
		t := w.p.names[typeID]
		if t == nil {
			return
		}
		for _, r := range t.order {
			if r.live() && !yield(w.p.see(t, r)) {
				return
			}
		}
	}
}

// Associated gives the live records that a record is tied to.
func (w world) Associated(typeID string, r segment.Record, toTypeID string, via segment.AssociationType) []segment.Record {
	t, ot := w.p.names[typeID], w.p.names[toTypeID]
	v, ok := r.(view)
	if t == nil || ot == nil || !ok {
		return nil
	}
	var l *label
	if via != (segment.AssociationType{}) {
		if l = w.p.labelOf(t, ot, via.Category, via.ID); l == nil {
			return nil
		}
	}
	var out []segment.Record
	for _, have := range v.r.linksTo(ot.n) {
		if other := ot.records[have.to]; other != nil && other.live() && (l == nil || have.has(l.n)) {
			out = append(out, w.p.see(ot, other))
		}
	}
	return out
}

// History gives every value a property has had, for HAS_EVER filters.
func (w view) History(name string) []string {
	d := w.t.schema.find(name)
	if d == nil {
		return nil
	}
	out := []string{w.of(d)}
	for _, old := range w.v.older(d.id) {
		out = append(out, old.text)
	}
	return out
}

// publishMemberships tells the journal who joined or left a list.
func (p *Portal) publishMemberships(changes []segment.MembershipChange) {
	events := make([]notify.Change, 0, len(changes))
	for _, c := range changes {
		t := p.names[c.ObjectTypeID]
		id, _ := parseID(c.RecordID)
		list, _ := parseID(c.ListID)
		events = append(events, notify.Change{PortalID: p.portalNumber, Kind: notify.ListMembership, ObjectTypeID: c.ObjectTypeID,
			ObjectType: t.singular, ObjectID: int64(id), ListID: int64(list), ListAdded: c.Added, OccurredAt: c.At,
			Source: calculated.source})
	}
	p.publish(events)
}
