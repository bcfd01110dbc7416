package hubspotsim

import (
	"sort"
	"strconv"
)

// historyKept is how many versions of a value are remembered, the present one
// included; the vendor keeps 20 for companies and more for contacts.
const historyKept = 20

// version is the immutable state of a record; a write makes a new one, so that
// the search index can go on showing the old one for a while.
type version struct {
	values   bundle
	crew     []*actor  // who wrote the values
	past     []history // of the properties that had other values
	updated  int64     // ms
	archived int64     // ms, 0 while live
	by       *actor    // who wrote it
}

// record is one CRM record.
type record struct {
	id      uint64
	created int64 // ms
	by      *actor
	cur     *version
	shown   *version // what search sees; nil while not indexed
	links   []link   // by type, then id
	rollup  bool     // a recalculation is due
	rolled  int64    // ms, when its roll-ups were last recalculated; 0 for never
}

func (r *record) live() bool { return r.cur.archived == 0 }

// table holds the records of one type.
type table struct {
	objectType
	n       int // place in Portal.tables
	schema  *schema
	records map[uint64]*record
	order   []*record // by id
	alias   map[uint64]uint64
	unique  map[uint16]map[string]uint64
	emails  map[string]uint64 // contacts: every address, also the additional ones
	log     []logged          // by modified stamp, for search
	nextID  uint64
	own     *custom // nil for the vendor's own types
}

func newTable(t objectType, n int, firstID uint64) *table {
	return &table{objectType: t, n: n, schema: newSchema(), records: map[uint64]*record{}, alias: map[uint64]uint64{},
		unique: map[uint16]map[string]uint64{}, emails: map[string]uint64{}, nextID: firstID}
}

// resolve follows merges from an absorbed id to the surviving record.
func (t *table) resolve(id uint64) *record {
	for hops := 0; hops <= len(t.alias); hops++ {
		next, ok := t.alias[id]
		if !ok {
			break
		}
		id = next
	}
	return t.records[id]
}

// insert keeps order sorted; new ids are nearly always the highest.
func (t *table) insert(r *record) {
	t.records[r.id] = r
	if n := len(t.order); n == 0 || t.order[n-1].id < r.id {
		t.order = append(t.order, r)
		return
	}
	i := t.from(r.id)
	t.order = append(t.order, nil)
	copy(t.order[i+1:], t.order[i:])
	t.order[i] = r
}

func (t *table) remove(r *record) {
	delete(t.records, r.id)
	if i := t.from(r.id); i < len(t.order) && t.order[i] == r {
		t.order = append(t.order[:i], t.order[i+1:]...)
	}
}

// from is the place of the first record with at least this id.
func (t *table) from(id uint64) int {
	return sort.Search(len(t.order), func(i int) bool { return t.order[i].id >= id })
}

func (t *table) takeID() uint64 {
	t.nextID++
	for t.records[t.nextID] != nil || t.alias[t.nextID] != 0 {
		t.nextID++
	}
	return t.nextID
}

// view is a record in one state, with what a derived property needs.
type view struct {
	p *Portal
	t *table
	r *record
	v *version
}

// get reads a property by name; an empty text means no value.
func (w view) get(name string) string {
	d := w.t.schema.find(name)
	if d == nil {
		return ""
	}
	return w.of(d)
}

func (w view) of(d *property) string {
	if d.derive != nil {
		return d.derive(w)
	}
	return w.v.text(d.id)
}

// see is the view of a record as it stands.
func (p *Portal) see(t *table, r *record) view { return view{p, t, r, r.cur} }

// ID and Property let the list evaluator read a record.
func (w view) ID() string { return formatID(w.r.id) }

// Property gives a value and whether one is set.
func (w view) Property(name string) (string, bool) {
	text := w.get(name)
	return text, text != ""
}

func formatID(id uint64) string { return strconv.FormatUint(id, 10) }

// parseID reads a record id; only plain digits count.
func parseID(s string) (uint64, bool) {
	id, err := strconv.ParseUint(s, 10, 63)
	return id, err == nil && id > 0 && s[0] != '+'
}
