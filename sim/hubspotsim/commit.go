package hubspotsim

import (
	"cmp"
	"slices"
	"time"

	"tandem/sim/hubspotsim/notify"
)

// change is one property change of a write.
type change struct {
	d             *property
	before, after string
}

// write is one change of one record on its way through commit, the only place
// where records change.
type write struct {
	op      string
	by      *actor
	t       *table
	r       *record
	next    *version
	prior   *version // the state that changes compare with; nil: that of the record
	changes []change
	notes   []note // what the ledger says besides property changes
	events  []notify.Change
	quiet   bool // keep out of the ledger: a recalculation is nobody's write
	still   bool // leave the modified stamp and who set it
}

// note is a ledger row that is not about a property.
type note struct{ what, before, after string }

// Operations, as the ledger names them.
const (
	opCreate      = "create"
	opUpdate      = "update"
	opArchive     = "archive"
	opRestore     = "restore"
	opMerge       = "merge"
	opErase       = "gdpr_delete"
	opAssociate   = "associate"
	opDissociate  = "dissociate"
	opRecalculate = "recalculate"
)

// stamp gives the time of a write in ms; it never runs backwards.
func (p *Portal) stamp() int64 {
	p.lastStamp = max(p.lastStamp, p.nowMS())
	return p.lastStamp
}

// commit makes a write true: stamps it, books it, and tells everybody.
func (p *Portal) commit(w write) {
	at := p.stamp()
	prior := w.r.cur
	if !w.still {
		w.next.updated, w.next.by = at, w.by
	}
	w.r.cur = w.next
	p.rekey(w.t, w.r, prior)
	p.showLater(w.t, w.r)
	if !w.quiet {
		p.book(at, w, cmp.Or(w.prior, prior))
	}
	p.tell(at, w)
	p.lists.Queue(w.t.id, formatID(w.r.id))
}

// save stores a checked draft and gives its record.
func (p *Portal) save(d *draft) *record {
	if d.r == nil {
		return p.saveNew(d)
	}
	changes := d.changes()
	if len(changes) > 0 || p.noopBumps {
		p.commit(write{op: opUpdate, by: d.by, t: d.t, r: d.r, next: d.version(p.stamp()), changes: changes})
	}
	p.grant(d)
	p.afterContact(d, changes)
	p.addressMoved(d.t, d.r, changes, d.by)
	p.automate(d.t, d.r, changes)
	return d.r
}

func (p *Portal) saveNew(d *draft) *record {
	at := p.stamp()
	r := &record{id: d.t.takeID(), created: at, by: d.by}
	changes := d.changes()
	next := d.version(at)
	d.r = r
	d.t.insert(r)
	p.commit(write{op: opCreate, by: d.by, t: d.t, r: r, next: next, changes: changes,
		notes: []note{{what: "", after: formatID(r.id)}}, events: []notify.Change{{Kind: notify.Creation}}})
	p.grant(d)
	p.afterContact(d, changes)
	p.addressMoved(d.t, r, changes, d.by)
	p.automate(d.t, r, changes)
	return r
}

// grant makes the associations a write asked for.
func (p *Portal) grant(d *draft) {
	for _, w := range d.links {
		p.associate(d.by, d.t, d.r, w)
	}
}

func (d *draft) changes() []change {
	out := make([]change, 0, len(d.sets))
	for _, s := range d.sets {
		if before := d.old(s.d); before != s.text {
			out = append(out, change{s.d, before, s.text})
		}
	}
	return out
}

// version merges the settings into the record's values. Both are sorted by property.
func (d *draft) version(at int64) *version {
	var old []value
	prior := &version{}
	if d.r != nil {
		prior = d.r.cur
		old = slices.Collect(prior.all())
	}
	list := make([]value, 0, len(old)+len(d.sets))
	i := 0
	for _, s := range d.sets {
		for ; i < len(old) && old[i].prop < s.d.id; i++ {
			list = append(list, old[i])
		}
		var before *value
		if i < len(old) && old[i].prop == s.d.id {
			before = &old[i]
			i++
		}
		if v, keep := succeed(before, s, at, d.by); keep {
			list = append(list, v)
		}
	}
	next := newVersion(append(list, old[i:]...), prior.crew)
	next.archived = prior.archived
	return next
}

// succeed gives the value after a setting, with the old one put into history.
func succeed(before *value, s setting, at int64, by *actor) (value, bool) {
	switch {
	case before == nil:
		return value{text: s.text, at: at, by: by, prop: s.d.id}, s.text != ""
	case before.text == s.text:
		return *before, true
	}
	older := append([]past{{before.text, before.at, before.by}}, before.older...)
	older = older[:min(len(older), historyKept-1)]
	return value{text: s.text, at: at, by: by, prop: s.d.id, older: older}, true
}

// rekey moves the unique keys of a record from its prior state to the present one.
func (p *Portal) rekey(t *table, r *record, prior *version) {
	if prior != nil && prior.archived == 0 {
		t.eachKey(prior, func(m map[string]uint64, key string) {
			if m[key] == r.id {
				delete(m, key)
			}
		})
	}
	if r.live() {
		t.eachKey(r.cur, func(m map[string]uint64, key string) { m[key] = r.id })
	}
}

// eachKey names the unique keys of a state with the index each belongs to.
func (t *table) eachKey(v *version, each func(m map[string]uint64, key string)) {
	for val := range v.all() {
		d := t.schema.list[val.prop]
		for _, key := range uniqueKeys(t, setting{d, val.text}) {
			if key != "" {
				each(t.keyIndex(d), key)
			}
		}
	}
}

func (t *table) keyIndex(d *property) map[string]uint64 {
	if !d.unique {
		return t.emails
	}
	if t.unique[d.id] == nil {
		t.unique[d.id] = map[string]uint64{}
	}
	return t.unique[d.id]
}

// tell publishes what a write changed to webhooks and journal.
func (p *Portal) tell(at int64, w write) {
	events := make([]notify.Change, 0, len(w.events)+len(w.changes))
	events = append(events, w.events...)
	for _, c := range w.changes {
		events = append(events, notify.Change{Kind: notify.PropertyChange, Property: c.d.name, Value: c.after,
			Sensitive: c.d.sensitivity != notSensitive})
	}
	for i := range events {
		e := &events[i]
		e.PortalID, e.ObjectTypeID, e.ObjectType = p.portalNumber, w.t.id, w.t.singular
		if e.ObjectID == 0 {
			e.ObjectID = int64(w.r.id)
		}
		e.Source, e.SourceID, e.OccurredAt = w.by.source, w.by.sourceID, time.UnixMilli(at)
	}
	p.publish(events)
}

func (p *Portal) publish(events []notify.Change) {
	if p.silent || len(events) == 0 {
		return
	}
	p.webhooks.Publish(events...)
	p.journal.Publish(events...)
}
