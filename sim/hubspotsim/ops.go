package hubspotsim

import (
	"strings"

	"time"

	"tandem/sim/hubspotsim/notify"
)

// binTime is how long archived records can be seen and restored.
const binTime = 90 * day

// create checks and saves a new record.
func (p *Portal) create(t *table, by *actor, props map[string]string, links []wish) (*record, *apiError) {
	d, e := p.check(t, nil, by, props)
	if e != nil {
		return nil, e
	}
	d.links = append(d.links, links...)
	return p.save(d), nil
}

// update checks and saves changes of a record.
func (p *Portal) update(t *table, r *record, by *actor, props map[string]string) *apiError {
	d, e := p.check(t, r, by, props)
	if e != nil {
		return e
	}
	p.save(d)
	return nil
}

// archive puts a record into the recycle bin. Its associations are kept for a restore.
func (p *Portal) archive(t *table, r *record, by *actor) {
	if !r.live() {
		return
	}
	next := *r.cur
	next.archived = p.stamp()
	p.commit(write{op: opArchive, by: by, t: t, r: r, next: &next,
		notes: []note{{before: formatID(r.id)}}, events: []notify.Change{{Kind: notify.Deletion}}})
	p.neighbours(r, func(ot *table, other *record) { p.recalculateLater(ot, other) })
	p.itemsMoved(t, r)
}

// restore takes a record out of the bin under its old id. There is no API for it.
func (p *Portal) restore(t *table, r *record, by *actor) *apiError {
	if r.live() {
		return nil
	}
	if holder, taken := t.anyHolder(r.cur); taken {
		return alreadyExists(t, holder)
	}
	next := *r.cur
	next.archived = 0
	p.commit(write{op: opRestore, by: by, t: t, r: r, next: &next,
		notes: []note{{after: formatID(r.id)}}, events: []notify.Change{{Kind: notify.Restore}}})
	p.settlePrimaries(by, t, r)
	p.neighbours(r, func(ot *table, other *record) { p.recalculateLater(ot, other) })
	return nil
}

func (t *table) anyHolder(v *version) (id uint64, taken bool) {
	t.eachKey(v, func(m map[string]uint64, key string) {
		if holder, ok := m[key]; ok && !taken {
			id, taken = holder, true
		}
	})
	return id, taken
}

func (p *Portal) neighbours(r *record, each func(ot *table, other *record)) {
	for _, l := range r.links {
		ot := p.tables[l.table]
		if other := ot.records[l.to]; other != nil {
			each(ot, other)
		}
	}
}

// emptyBin forgets records that were archived longer than the bin keeps them.
func (p *Portal) emptyBin() {
	limit := p.nowMS() - binTime.Milliseconds()
	for _, t := range p.tables {
		var gone []*record
		for _, r := range t.order {
			if !r.live() && r.cur.archived < limit {
				gone = append(gone, r)
			}
		}
		for _, r := range gone {
			p.forget(t, r)
		}
	}
}

// forget removes a record without trace, with its associations.
func (p *Portal) forget(t *table, r *record) {
	p.neighbours(r, func(_ *table, other *record) { other.dropLink(t.n, r.id) })
	r.links = nil
	gone := *r.cur
	gone.archived = max(gone.archived, 1)
	p.rekeyGone(t, r)
	r.cur, r.shown = &gone, nil
	t.remove(r)
}

func (p *Portal) rekeyGone(t *table, r *record) {
	if !r.live() {
		return
	}
	t.eachKey(r.cur, func(m map[string]uint64, key string) {
		if m[key] == r.id {
			delete(m, key)
		}
	})
}

// erase deletes a contact for privacy: at once and for good. Its address is put
// on the block list and the ledger keeps no values of it.
func (p *Portal) erase(t *table, r *record, by *actor) {
	email := p.see(t, r).get("email")
	next := *r.cur
	next.archived = p.stamp()
	p.commit(write{op: opErase, by: by, t: t, r: r, next: &next, notes: []note{{before: formatID(r.id)}},
		events: []notify.Change{{Kind: notify.PrivacyDeletion}, {Kind: notify.Deletion}}})
	p.block(email)
	p.forgetMail(email)
	p.forgetTimeline(t, r.id)
	p.forgetSubmissions(strings.ToLower(email))
	p.forgetOccurrences(t, r.id)
	p.forget(t, r)
	for i := range p.ledger {
		if b := &p.ledger[i]; b.t == t && b.id == r.id && (b.after != nil || b.erased == nil) {
			b.erase()
		}
	}
}

// valueChanges compares two states; before is nil for a new record.
func valueChanges(t *table, before, after *version) []change {
	var out []change
	for v := range after.all() {
		old := ""
		if before != nil {
			old = before.text(v.prop)
		}
		if old != v.text {
			out = append(out, change{t.schema.list[v.prop], old, v.text})
		}
	}
	return out
}

// snapshot gives current values of a record to the journal.
func (p *Portal) snapshot(typeID string, id int64, names []string) (map[string]string, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	t := p.names[typeID]
	if t == nil || id <= 0 {
		return nil, false
	}
	r := t.resolve(uint64(id))
	if r == nil || !r.live() {
		return nil, false
	}
	out := map[string]string{}
	for _, name := range names {
		out[name] = p.see(t, r).get(name)
	}
	return out, true
}

const autoCompanyDelay = 1500 * time.Millisecond
