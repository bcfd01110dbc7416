package hubspotsim

// Categories of association types.
const (
	hubspotDefined = "HUBSPOT_DEFINED"
	userDefined    = "USER_DEFINED"
)

// Numbers of the association types that the portal treats specially (v4
// associations guide, "association type IDs").
const (
	parentToChild = 13
	childToParent = 14
)

// label is one direction of an association type. A wire number is only unique
// together with its category.
type label struct {
	n        uint16 // place in Portal.labels
	from, to int    // table numbers
	category string
	typeID   int
	text     string // empty for the unlabeled type
	name     string // internal name of a custom label
	inverse  uint16
	primary  bool
	gone     bool // taken out of use
	most     int  // how often a record may have it; 0 means as often as it likes
}

func (l *label) plain() bool { return l.category == hubspotDefined && l.text == "" }

// pairing is a row of the vendor's table: numbers in both directions.
type pairing struct {
	from, to         string
	there, back      int
	label, backLabel string
	primary          bool
}

func vendorPairings() []pairing {
	out := []pairing{
		{from: "contact", to: "company", there: 279, back: 280},
		{from: "contact", to: "company", there: 1, back: 2, label: "Primary", backLabel: "Primary", primary: true},
		{from: "contact", to: "company", there: 930, back: 931, label: "Billing contact", backLabel: "Billing contact"},
		{from: "deal", to: "contact", there: 3, back: 4},
		{from: "deal", to: "company", there: 341, back: 342},
		{from: "deal", to: "company", there: 5, back: 6, label: "Primary", backLabel: "Primary", primary: true},
		{from: "contact", to: "ticket", there: 15, back: 16},
		{from: "ticket", to: "company", there: 339, back: 340},
		{from: "ticket", to: "company", there: 26, back: 25, label: "Primary", backLabel: "Primary", primary: true},
		{from: "deal", to: "ticket", there: 27, back: 28},
		{from: "deal", to: "line_item", there: 19, back: 20},
		{from: "company", to: "company", there: 450, back: 450},
		{from: "company", to: "company", there: parentToChild, back: childToParent, label: "Parent Company", backLabel: "Child Company"},
		{from: "contact", to: "contact", there: 449, back: 449},
		{from: "deal", to: "deal", there: 451, back: 451},
		{from: "lead", to: "contact", there: 578, back: 579, label: "Primary", backLabel: "Primary"},
	}
	for _, from := range []struct {
		name  string
		first int
	}{{"contact", 193}, {"company", 181}, {"deal", 205}, {"ticket", 219}} {
		out = append(out, activityPairings(from.name, from.first)...)
	}
	return out
}

// activityPairings numbers the types from a record to its activities, which the
// vendor's table gives in this order and with these steps for each type.
func activityPairings(from string, first int) []pairing {
	steps := []int{0, 4, 6, 8, 10}
	var out []pairing
	for i, to := range []string{"call", "email", "meeting", "note", "task"} {
		out = append(out, pairing{from: from, to: to, there: first + steps[i], back: first + steps[i] + 1})
	}
	return out
}

// loadLabels registers the vendor's association types.
func (p *Portal) loadLabels() {
	for _, row := range vendorPairings() {
		a, b := p.names[row.from], p.names[row.to]
		if a == nil || b == nil {
			continue
		}
		p.addLabels(a, b, pairing{there: row.there, back: row.back, label: row.label, backLabel: row.backLabel, primary: row.primary}, hubspotDefined, "")
	}
}

// addLabels registers both directions of a type; a type that is its own inverse counts once.
func (p *Portal) addLabels(a, b *table, row pairing, category, name string) *label {
	there := p.register(&label{from: a.n, to: b.n, category: category, typeID: row.there,
		text: row.label, name: name, primary: row.primary})
	if row.there == row.back && a == b {
		return there
	}
	back := p.register(&label{from: b.n, to: a.n, category: category, typeID: row.back, text: row.backLabel, name: name})
	back.inverse, there.inverse = there.n, back.n
	return there
}

// register files a label under its pair of types.
func (p *Portal) register(l *label) *label {
	l.n = uint16(len(p.labels))
	l.inverse = l.n
	p.labels = append(p.labels, l)
	pair := [2]int{l.from, l.to}
	p.pairs[pair] = append(p.pairs[pair], l)
	return l
}

// labelsBetween lists the types in use from a to b, in order of registration.
func (p *Portal) labelsBetween(a, b *table) []*label { return p.pairs[[2]int{a.n, b.n}] }

func (p *Portal) labelOf(a, b *table, category string, typeID int) *label {
	for _, l := range p.labelsBetween(a, b) {
		if l.category == category && l.typeID == typeID {
			return l
		}
	}
	return nil
}

// plainLabel gives the unlabeled type of a pair, making one for pairs that the
// vendor's table does not number.
func (p *Portal) plainLabel(a, b *table) *label {
	for _, l := range p.labelsBetween(a, b) {
		if l.plain() {
			return l
		}
	}
	p.nextPairing += 2
	back := p.nextPairing + 1
	if a == b {
		back = p.nextPairing
	}
	return p.addLabels(a, b, pairing{there: p.nextPairing, back: back}, hubspotDefined, "")
}

func (p *Portal) primaryLabel(a, b *table) *label {
	for _, l := range p.labelsBetween(a, b) {
		if l.primary {
			return l
		}
	}
	return nil
}
