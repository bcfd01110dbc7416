package hubspotsim

import (
	"net/http"
	"sort"
	"strconv"
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
	p.forget(t, r)
	for i := range p.ledger {
		if b := &p.ledger[i]; b.t == t && b.id == r.id && (b.after != nil || b.erased == nil) {
			b.erase()
		}
	}
}

// merge joins two records. The primary's values win where it has any; the
// result is a new record, or the primary itself in the old mode.
func (p *Portal) merge(t *table, primary, other *record, by *actor) (*record, *apiError) {
	if primary == other {
		return nil, invalid("Cannot merge a record with itself: " + formatID(primary.id))
	}
	absorbed := mergedIDs(p, t, primary, other)
	if len(absorbed) > 250 {
		return nil, &apiError{Status: http.StatusRequestURITooLong, Message: "Cannot have more than 250 identities on a profile"}
	}
	at := p.stamp()
	survivor := primary
	next, moved := p.mergedValues(t, primary, other, by, at, absorbed)
	gone := []*record{other}
	if !p.mergeKeeps {
		survivor = &record{id: t.takeID(), created: min(primary.created, other.created), by: primary.by}
		gone = append(gone, primary)
	}
	before, changes := primary.id, valueChanges(t, primary.cur, next)
	p.absorb(t, survivor, gone)
	p.commit(write{op: opMerge, by: by, t: t, r: survivor, next: next,
		notes:   []note{{what: "primary", after: formatID(before)}, {what: "merged", before: formatID(other.id), after: formatID(survivor.id)}},
		prior:   primary.cur,
		changes: changes,
		events:  []notify.Change{mergeEvent(before, other.id, survivor.id, moved)}})
	p.replaceInLists(t, survivor, gone)
	p.addressMoved(t, survivor, changes, by)
	return survivor, nil
}

func mergeEvent(primary, other, survivor uint64, moved int) notify.Change {
	return notify.Change{Kind: notify.Merge, ObjectID: int64(survivor), Merge: notify.Merged{PrimaryID: int64(primary),
		MergedIDs: []int64{int64(other)}, NewID: int64(survivor), PropertiesMoved: moved}}
}

func (p *Portal) replaceInLists(t *table, survivor *record, gone []*record) {
	ids := make([]string, len(gone))
	for i, r := range gone {
		ids[i] = formatID(r.id)
	}
	p.publishMemberships(p.lists.Replace(t.id, ids, formatID(survivor.id)))
}

// mergedIDs lists every id the survivor stands for besides its own.
func mergedIDs(p *Portal, t *table, primary, other *record) []string {
	var ids []string
	for _, r := range []*record{primary, other} {
		ids = append(ids, splitList(p.see(t, r).get("hs_merged_object_ids"))...)
		if r == other || !p.mergeKeeps {
			ids = append(ids, formatID(r.id))
		}
	}
	return ids
}

// absorb moves associations and aliases to the survivor and takes the others away.
func (p *Portal) absorb(t *table, survivor *record, gone []*record) {
	for _, r := range gone {
		links := append([]link(nil), r.links...)
		for _, l := range links {
			p.moveLink(t, survivor, r, l)
		}
		p.rekeyGone(t, r)
		r.shown, r.links = nil, nil
		t.remove(r)
		t.alias[r.id] = survivor.id
	}
	if t.records[survivor.id] == nil {
		t.insert(survivor)
	}
}

// moveLink gives the survivor an association of an absorbed record. An existing
// primary mark stays where it is.
func (p *Portal) moveLink(t *table, survivor, gone *record, l link) {
	ot := p.tables[l.table]
	other := ot.records[l.to]
	if other == nil || other == survivor {
		survivor.dropLink(t.n, gone.id)
		return
	}
	other.dropLink(t.n, gone.id)
	for _, n := range l.labels {
		lab := p.labels[n]
		if lab.primary && p.primaryHolder(survivor, ot, n) != 0 {
			continue
		}
		survivor.addLink(ot.n, other.id).addLabel(n)
		other.addLink(t.n, survivor.id).addLabel(lab.inverse)
	}
	p.recalculateLater(ot, other)
}

// mergedValues gives the survivor's values and how many came from the other record.
func (p *Portal) mergedValues(t *table, primary, other *record, by *actor, at int64, absorbed []string) (*version, int) {
	d := &draft{t: t, r: primary, by: by}
	moved := 0
	for v := range other.cur.all() {
		def := t.schema.list[v.prop]
		if v.text == "" || def.unique || !p.otherWins(t, def, primary, v.text) {
			continue
		}
		d.put(def.name, v.text)
		moved++
	}
	if t.id == typeContact {
		p.mergeContactKeys(d, other, at)
	}
	d.put("hs_merged_object_ids", strings.Join(absorbed, ";"))
	sort.Slice(d.sets, func(i, j int) bool { return d.sets[i].d.id < d.sets[j].d.id })
	next := d.version(at)
	next.archived = 0
	return next, moved
}

// otherWins: the primary's value stands unless it has none, the other is
// further down the funnel, or the other was created earlier.
func (p *Portal) otherWins(t *table, def *property, primary *record, text string) bool {
	have := primary.cur.text(def.id)
	switch {
	case def.name == "lifecyclestage":
		return lifecycleRank[text] > lifecycleRank[have]
	case def.name == additionalEmails, def.name == "hs_merged_object_ids", def.name == "hs_calculated_merged_vids":
		return false
	}
	return have == ""
}

func (p *Portal) mergeContactKeys(d *draft, other *record, at int64) {
	o := p.see(d.t, other)
	kept := d.old(d.t.schema.find("email"))
	extra := append(splitList(d.old(d.t.schema.find(additionalEmails))), splitList(o.get(additionalEmails))...)
	if email := o.get("email"); email != "" && kept != "" {
		extra = append(extra, email)
	}
	if len(extra) > 0 {
		d.put(additionalEmails, strings.Join(extra, ";"))
	}
	stamp := ":" + strconv.FormatInt(at, 10)
	vids := formatID(other.id) + stamp
	if !p.mergeKeeps {
		vids = formatID(d.r.id) + stamp + ";" + vids
	}
	d.put("hs_calculated_merged_vids", vids)
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
