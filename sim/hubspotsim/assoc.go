package hubspotsim

import (
	"sort"
	"strconv"

	"tandem/sim/hubspotsim/notify"
)

// link is one end of an association; the other record holds the inverse.
type link struct {
	table  int
	to     uint64
	labels []uint16 // sorted
}

// wish is an association a write asks for.
type wish struct {
	to     *table
	id     uint64
	labels []uint16 // empty means the unlabeled type
}

func (r *record) linkTo(table int, id uint64) *link {
	if i := r.linkPlace(table, id); i < len(r.links) && r.links[i].table == table && r.links[i].to == id {
		return &r.links[i]
	}
	return nil
}

func (r *record) linkPlace(table int, id uint64) int {
	return sort.Search(len(r.links), func(i int) bool {
		l := &r.links[i]
		return l.table > table || l.table == table && l.to >= id
	})
}

// linksTo gives the associations with records of one type, by id.
func (r *record) linksTo(table int) []link {
	return r.links[r.linkPlace(table, 0):r.linkPlace(table+1, 0)]
}

func (l *link) has(label uint16) bool {
	i := sort.Search(len(l.labels), func(i int) bool { return l.labels[i] >= label })
	return i < len(l.labels) && l.labels[i] == label
}

// addLabel makes a new label set, for others may share the old one.
func (l *link) addLabel(label uint16) {
	if l.has(label) {
		return
	}
	set := append(append(make([]uint16, 0, len(l.labels)+1), l.labels...), label)
	sort.Slice(set, func(i, j int) bool { return set[i] < set[j] })
	l.labels = set
}

func (l *link) dropLabel(label uint16) {
	var set []uint16
	for _, have := range l.labels {
		if have != label {
			set = append(set, have)
		}
	}
	l.labels = set
}

func (r *record) addLink(table int, id uint64) *link {
	if l := r.linkTo(table, id); l != nil {
		return l
	}
	i := r.linkPlace(table, id)
	r.links = append(r.links, link{})
	copy(r.links[i+1:], r.links[i:])
	r.links[i] = link{table: table, to: id}
	return &r.links[i]
}

func (r *record) dropLink(table int, id uint64) {
	if r.linkTo(table, id) != nil {
		i := r.linkPlace(table, id)
		r.links = append(r.links[:i], r.links[i+1:]...)
	}
}

// associate joins two records. A label brings the unlabeled type along; the
// first company of a record becomes its primary one.
func (p *Portal) associate(by *actor, t *table, r *record, w wish) {
	other := w.to.resolve(w.id)
	if other == nil {
		return
	}
	plain := p.plainLabel(t, w.to)
	p.tie(by, t, r, w.to, other, plain)
	for _, n := range w.labels {
		p.tie(by, t, r, w.to, other, p.labels[n])
	}
	if first := p.firstPrimary(t, r, w.to, other); first != nil {
		p.tie(by, t, r, w.to, other, first)
	}
	p.tied(t, r, w.to, other)
}

// firstPrimary is the primary label to give, when the record that has a primary
// company (a contact, deal or ticket) has none yet.
func (p *Portal) firstPrimary(t *table, r *record, ot *table, other *record) *label {
	l := p.primaryLabel(t, ot)
	if l != nil && p.primaryHolder(r, ot, l.n) == 0 {
		return l
	}
	if back := p.primaryLabel(ot, t); l == nil && back != nil && p.primaryHolder(other, t, back.n) == 0 {
		return p.labels[back.inverse]
	}
	return nil
}

// primaryHolder is the id of the live record that r calls primary, or 0.
func (p *Portal) primaryHolder(r *record, ot *table, primary uint16) uint64 {
	for _, l := range r.linksTo(ot.n) {
		if l.has(primary) && ot.alive(l.to) {
			return l.to
		}
	}
	return 0
}

// alive says whether an id is a record out of the bin.
func (t *table) alive(id uint64) bool {
	r := t.records[id]
	return r != nil && r.live()
}

// settlePrimaries takes primary marks from a restored record where another
// record got the mark meanwhile.
func (p *Portal) settlePrimaries(by *actor, t *table, r *record) {
	for _, have := range append([]link(nil), r.links...) {
		ot := p.tables[have.table]
		for _, n := range have.labels {
			l := p.labels[n]
			switch inverse := p.labels[l.inverse]; {
			case l.primary && p.primaries(r, ot, n) > 1:
				p.untie(by, t, r, ot, ot.records[have.to], l)
			case inverse.primary && p.primaries(ot.records[have.to], t, inverse.n) > 1:
				p.untie(by, t, r, ot, ot.records[have.to], l)
			}
		}
	}
}

func (p *Portal) primaries(r *record, ot *table, primary uint16) int {
	n := 0
	for _, l := range r.linksTo(ot.n) {
		if l.has(primary) && ot.alive(l.to) {
			n++
		}
	}
	return n
}

// tie adds one label between two records in both directions.
func (p *Portal) tie(by *actor, t *table, r *record, ot *table, other *record, l *label) {
	if have := r.linkTo(ot.n, other.id); have != nil && have.has(l.n) {
		return
	}
	p.dethrone(by, t, r, ot, other, l)
	r.addLink(ot.n, other.id).addLabel(l.n)
	other.addLink(t.n, r.id).addLabel(l.inverse)
	p.linkChanged(by, t, r, ot, other, l, false)
}

// dethrone takes the primary mark from the former primary company.
func (p *Portal) dethrone(by *actor, t *table, r *record, ot *table, other *record, l *label) {
	inverse := p.labels[l.inverse]
	if !l.primary && inverse.primary {
		t, r, ot, l = ot, other, t, inverse
	}
	if !l.primary {
		return
	}
	if id := p.primaryHolder(r, ot, l.n); id != 0 {
		p.untie(by, t, r, ot, ot.records[id], l)
	}
}

// untie removes one label; a pair without labels is no longer associated.
func (p *Portal) untie(by *actor, t *table, r *record, ot *table, other *record, l *label) {
	have := r.linkTo(ot.n, other.id)
	if have == nil || !have.has(l.n) {
		return
	}
	have.dropLabel(l.n)
	back := other.linkTo(t.n, r.id)
	back.dropLabel(l.inverse)
	if len(have.labels) == 0 {
		r.dropLink(ot.n, other.id)
		other.dropLink(t.n, r.id)
	}
	p.linkChanged(by, t, r, ot, other, l, true)
}

// separate removes everything between two records.
func (p *Portal) separate(by *actor, t *table, r *record, ot *table, other *record) {
	have := r.linkTo(ot.n, other.id)
	if have == nil {
		return
	}
	labels := have.labels
	for i := len(labels) - 1; i >= 0; i-- {
		p.untie(by, t, r, ot, other, p.labels[labels[i]])
	}
}

// linkChanged books and tells an association change and has roll-ups recalculated.
func (p *Portal) linkChanged(by *actor, t *table, r *record, ot *table, other *record, l *label, removed bool) {
	op, row := opAssociate, note{what: linkName(t, ot, l), after: formatID(other.id)}
	if removed {
		op, row.before, row.after = opDissociate, row.after, ""
	}
	at := p.stamp()
	w := write{op: op, by: by, t: t, r: r, notes: []note{row}}
	w.events = []notify.Change{{Kind: notify.AssociationChange, Association: notify.Association{
		ToObjectTypeID: ot.id, ToObjectType: ot.singular, ToObjectID: int64(other.id),
		TypeID: l.typeID, ReverseTypeID: p.labels[l.inverse].typeID, Category: l.category,
		Removed: removed, Primary: l.primary || p.labels[l.inverse].primary}}}
	p.book(at, w, nil)
	p.tell(at, w)
	p.recalculateLater(t, r)
	p.recalculateLater(ot, other)
	p.lists.Queue(t.id, formatID(r.id))
	p.lists.Queue(ot.id, formatID(other.id))
}

// linkName is how the ledger names an association type.
func linkName(t, ot *table, l *label) string {
	return t.singular + "_to_" + ot.singular + ":" + l.category + ":" + strconv.Itoa(l.typeID)
}

func (p *Portal) wishPrimaryCompany(d *draft, text string) *propError {
	companies := p.names[typeCompany]
	id, ok := parseID(text)
	if text == "" {
		return nil
	}
	if !ok || companies.resolve(id) == nil {
		return &propError{text + " was not a valid number.", "INVALID_INTEGER", "associatedcompanyid"}
	}
	primary := p.primaryLabel(d.t, companies)
	d.links = append(d.links, wish{to: companies, id: id, labels: []uint16{primary.n}})
	return nil
}

// count is the roll-up of live associated records of a type.
func (w view) count(typeID string) string {
	ot, n := w.p.names[typeID], 0
	for _, l := range w.r.linksTo(ot.n) {
		if ot.alive(l.to) {
			n++
		}
	}
	return strconv.Itoa(n)
}

func (w view) primary(typeID string) string {
	ot := w.p.names[typeID]
	l := w.p.primaryLabel(w.t, ot)
	if l == nil {
		return ""
	}
	if id := w.p.primaryHolder(w.r, ot, l.n); id != 0 {
		return formatID(id)
	}
	return ""
}

func (w view) labelled(typeID string, number int) int {
	ot := w.p.names[typeID]
	l := w.p.labelOf(w.t, ot, hubspotDefined, number)
	n := 0
	for _, have := range w.r.linksTo(ot.n) {
		if l != nil && have.has(l.n) {
			n++
		}
	}
	return n
}

func (w view) parentCompany() string {
	l := w.p.labelOf(w.t, w.t, hubspotDefined, childToParent)
	for _, have := range w.r.linksTo(w.t.n) {
		if have.has(l.n) {
			return formatID(have.to)
		}
	}
	return ""
}

func (w view) openDeals() int {
	deals, n := w.p.names[typeDeal], 0
	for _, have := range w.r.linksTo(deals.n) {
		if d := deals.records[have.to]; d != nil && !w.p.see(deals, d).dealStage().closed() {
			n++
		}
	}
	return n
}
