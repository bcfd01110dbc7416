package hubspotsim

import "sort"

// apply puts the staged rows into the portal. Nothing is told about them: they
// were there before anybody listened.
func (l *loader) apply() {
	p := l.p
	p.silent = true
	defer func() { p.silent = false }()
	p.owners = append(p.owners, l.owners...)
	made := make([]*record, len(l.rows))
	for i, s := range l.rows {
		made[i] = p.place(s)
		l.count(s.t)
	}
	for i, s := range l.rows {
		for _, k := range s.links {
			p.associate(imported, s.t, made[i], wish{to: k.to, id: k.id})
			l.report.Associations++
		}
	}
	p.indexLoaded()
}

func (l *loader) count(t *table) {
	if t.id == typeCompany {
		l.report.Companies++
		return
	}
	l.report.Contacts++
}

// place makes the record of a staged row, under its own id and stamps.
func (p *Portal) place(s *stagedRow) *record {
	at := p.stamp()
	if s.id == 0 {
		s.id = s.t.takeID()
	}
	s.t.nextID = max(s.t.nextID, s.id)
	d := &draft{t: s.t, by: imported, sets: s.sets}
	if s.t.schema.find("lifecyclestage") != nil && d.set("lifecyclestage") == nil {
		d.put("lifecyclestage", "lead")
	}
	r := &record{id: s.id, created: at, by: imported}
	if s.created != 0 {
		r.created = min(s.created, at)
	}
	changes := d.changes()
	next := d.version(at)
	s.t.insert(r)
	p.commit(write{op: opCreate, by: imported, t: s.t, r: r, next: next, changes: changes, notes: []note{{after: formatID(r.id)}}})
	if s.modified != 0 {
		next.updated = min(max(s.modified, r.created), at)
	}
	return r
}

// indexLoaded shows everything in search at once, in the order of stamps.
func (p *Portal) indexLoaded() {
	p.indexQueue = nil
	for _, t := range p.tables {
		t.log = t.log[:0]
		for _, r := range t.order {
			r.shown = r.cur
			t.log = append(t.log, logged{r.cur.updated, r})
		}
		sort.SliceStable(t.log, func(i, j int) bool { return t.log[i].at < t.log[j].at })
	}
}
