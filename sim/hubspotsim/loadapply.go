package hubspotsim

import "sort"

// apply puts the staged rows into the portal. Nothing is told about them: they
// were there before anybody listened.
func (l *loader) apply() {
	p := l.p
	p.silent = true
	defer func() { p.silent = false }()
	p.owners = append(p.owners, l.owners...)
	for typeID, lines := range l.lines {
		p.pipelines[typeID] = lines
	}
	for _, s := range l.rows {
		p.place(s.t, s.r)
		l.count(s.t)
	}
	for _, s := range l.rows {
		for _, k := range s.links {
			p.associate(imported, s.t, s.r, wish{to: k.to, id: k.id})
			l.report.Associations++
		}
	}
	for _, address := range l.out {
		p.optOut(address, sourceSelfOut, imported)
	}
	p.indexLoaded()
}

func (l *loader) count(t *table) {
	switch t.id {
	case typeCompany:
		l.report.Companies++
	case typeDeal:
		l.report.Deals++
	default:
		l.report.Contacts++
	}
}

// place puts a record into its table, with a new id where the file has none.
func (p *Portal) place(t *table, r *record) {
	if r.id == 0 {
		r.id = t.takeID()
	}
	t.nextID = max(t.nextID, r.id)
	t.insert(r)
	p.rekey(t, r, nil)
	p.lists.Queue(t.id, formatID(r.id))
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
