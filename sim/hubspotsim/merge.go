package hubspotsim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tandem/sim/hubspotsim/notify"
)

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
		gone = []*record{primary, other}
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

// absorb moves associations and aliases to the survivor and takes the others
// away. The first keeps its primary marks before those that follow.
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
	moved := map[uint16]bool{}
	for v := range other.cur.all() {
		def := t.schema.list[v.prop]
		if v.text != "" && p.otherWins(t, def, primary, v.text) {
			moved[v.prop] = true
		}
	}
	base := joinedHistory(primary.cur, t.withoutLists(other.cur), moved, at, by)
	d := &draft{t: t, r: &record{id: primary.id, cur: base}, by: by}
	switch t.id {
	case typeContact:
		p.mergeContactKeys(d, other, at)
	case typeCompany:
		p.mergeDomains(d, other)
	}
	d.put("hs_merged_object_ids", strings.Join(absorbed, ";"))
	next := d.version(at)
	next.archived = 0
	return next, len(moved)
}

// mergedLists are put together from what both records stand for.
var mergedLists = []string{additionalEmails, additionalDomains, "hs_merged_object_ids", "hs_calculated_merged_vids"}

func (t *table) withoutLists(v *version) []value {
	return slices.DeleteFunc(slices.Collect(v.all()), func(val value) bool {
		return contains(mergedLists, t.schema.list[val.prop].name)
	})
}

// joinedHistory gives the primary's values, or the other record's where they
// moved, each with the versions that the two records had of it.
func joinedHistory(primary *version, theirs []value, moved map[uint16]bool, at int64, by *actor) *version {
	var out []value
	for v := range primary.all() {
		for len(theirs) > 0 && theirs[0].prop < v.prop {
			out, theirs = append(out, lost(theirs[0], moved, at, by)), theirs[1:]
		}
		if len(theirs) > 0 && theirs[0].prop == v.prop {
			v, theirs = outlast(v, theirs[0], moved[v.prop], at, by), theirs[1:]
		}
		out = append(out, v)
	}
	for _, v := range theirs {
		out = append(out, lost(v, moved, at, by))
	}
	return newVersion(out, primary.crew)
}

// lost is a value that only the other record has. Where it does not move, the
// merge clears it.
func lost(v value, moved map[uint16]bool, at int64, by *actor) value {
	if moved[v.prop] || v.text == "" {
		return v
	}
	return outlast(value{at: at, by: by, prop: v.prop}, v, false, at, by)
}

// outlast joins the versions of two values. Where a version of the losing one is
// younger than the winning value, the merge sets that again.
func outlast(ours, theirs value, moved bool, at int64, by *actor) value {
	win, lose := ours, theirs
	if moved {
		win, lose = theirs, ours
	}
	older := append([]past{{lose.text, lose.at, lose.by}}, lose.older...)
	older = append(older, win.older...)
	if lose.at > win.at {
		older = append(older, past{win.text, win.at, win.by})
		win.at, win.by = at, by
	}
	slices.SortStableFunc(older, func(a, b past) int { return cmp.Compare(b.at, a.at) })
	win.older = older[:min(len(older), historyKept-1)]
	return win
}

// otherWins: the primary's value stands unless it has none, the other is
// further down the funnel, or the other was created earlier.
func (p *Portal) otherWins(t *table, def *property, primary *record, text string) bool {
	have := primary.cur.text(def.id)
	switch {
	case def.name == "lifecyclestage":
		return lifecycleRank[text] > lifecycleRank[have]
	case contains(mergedLists, def.name):
		return false
	case def.unique && p.readings.mergeDropsKeys:
		return false
	}
	return have == ""
}

func (p *Portal) mergeContactKeys(d *draft, other *record, at int64) {
	o := p.see(d.t, other)
	d.further(additionalEmails, "email", o)
	stamp := ":" + strconv.FormatInt(at, 10)
	vids := formatID(other.id) + stamp
	if !p.mergeKeeps {
		vids = formatID(d.r.id) + stamp + ";" + vids
	}
	d.put("hs_calculated_merged_vids", vids)
}

// mergeDomains keeps the other company's domains as further ones.
func (p *Portal) mergeDomains(d *draft, other *record) {
	d.further(additionalDomains, "domain", p.see(d.t, other))
}

// further adds to a list of addresses or domains what another record has of
// them, each once and without the main one.
func (d *draft) further(list, main string, o view) {
	kept := []string{d.get(main)}
	for _, one := range slices.Concat(splitList(d.get(list)), splitList(o.get(list)), []string{o.get(main)}) {
		if one != "" && !contains(kept, one) {
			kept = append(kept, one)
		}
	}
	if len(kept) > 1 {
		d.put(list, strings.Join(kept[1:], ";"))
	}
}
