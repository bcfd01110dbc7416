package salesforcesim

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

type value = soql.Value

// record is one row. It is never changed once it is in a table: a write puts
// a new one in its place, so readers and the ledger may keep old ones.
type record struct {
	object                   *object
	id                       string
	cells                    cells
	created, modified, stamp int64 // unix seconds
	createdBy, modifiedBy    string
	slot                     int32
	deleted                  bool
}

// at gives the stored value of a field.
func (r *record) at(f *field) value {
	v := r.cells.at(f.idx)
	if v.IsNull() && f.typ == "boolean" {
		return soql.Bool(false)
	}
	return v
}

// named gives the stored value of a field by its API name.
func (r *record) named(name string) value {
	f := r.object.field(name)
	if f == nil {
		return value{}
	}
	return r.at(f)
}

// with makes a copy of the record that holds other values.
func (r *record) with(sets []assignment) *record {
	next := *r
	next.puts(sets)
	return &next
}

// put sets a value in a record that no table holds yet.
func (r *record) put(f *field, v value) { r.puts([]assignment{{f, v}}) }

// puts sets values in a record that no table holds yet; a later one of the
// same field wins.
func (r *record) puts(sets []assignment) {
	list := r.cells.list(len(sets))
	for _, a := range sets {
		i, have := slices.BinarySearchFunc(list, int32(a.f.idx), func(c cell, idx int32) int { return cmp.Compare(c.idx, idx) })
		if !have {
			list = slices.Insert(list, i, cell{idx: int32(a.f.idx)})
		}
		list[i].v = a.v
	}
	r.cells = packCells(list)
}

// assignment is a value meant for a field.
type assignment struct {
	f *field
	v value
}

type stampEntry struct {
	stamp int64
	slot  int32
}

// table holds the rows of one object with indexes on reference, name, e-mail
// and key fields, and on SystemModstamp.
type table struct {
	rows     []*record // by slot, in order of arrival; nil once purged
	byID     *slotIndex
	index    map[int]*slotIndex // by field idx, of folded values
	stamps   []stampEntry       // rising, unless unsorted; stale ones are skipped
	shuffled bool
	live     int
}

func newTable() *table {
	return &table{byID: newSlotIndex(), index: map[int]*slotIndex{}}
}

// find gives a row by its 18-character id, deleted rows too.
func (t *table) find(id string) *record {
	for _, slot := range t.byID.candidates(id) {
		if r := t.rows[slot]; r.id == id {
			return r
		}
	}
	return nil
}

// set makes after the row of its id. A nil after takes the row away.
func (t *table) set(before, after *record) {
	if after == nil {
		t.count(before, -1)
		t.reindex(before, nil)
		t.byID.remove(before.id, before.slot)
		t.rows[before.slot] = nil
		return
	}
	t.place(before, after)
	t.count(before, -1)
	t.count(after, 1)
	t.reindex(before, after)
	if before == nil || before.stamp != after.stamp {
		n := len(t.stamps)
		t.shuffled = t.shuffled || n > 0 && t.stamps[n-1].stamp > after.stamp
		t.stamps = append(t.stamps, stampEntry{after.stamp, after.slot})
	}
}

func (t *table) place(before, after *record) {
	if before != nil {
		after.slot = before.slot
	} else {
		after.slot = int32(len(t.rows))
		t.rows = append(t.rows, nil)
		t.byID.add(after.id, after.slot)
	}
	t.rows[after.slot] = after
}

func (t *table) count(r *record, n int) {
	if r != nil && !r.deleted {
		t.live += n
	}
}

// undo takes back the latest set of this table.
func (t *table) undo(before, after *record) {
	if after == nil {
		t.rows[before.slot] = before
		t.byID.add(before.id, before.slot)
		t.count(before, 1)
		t.reindex(nil, before)
		return
	}
	if before == nil || before.stamp != after.stamp {
		if n := len(t.stamps); n > 0 && t.stamps[n-1] == (stampEntry{after.stamp, after.slot}) {
			t.stamps = t.stamps[:n-1]
		}
	}
	t.reindex(after, before)
	t.count(after, -1)
	t.count(before, 1)
	if before == nil {
		t.byID.remove(after.id, after.slot)
		t.rows = t.rows[:len(t.rows)-1]
		return
	}
	t.rows[before.slot] = before
}

// tidy puts the stamp index in order and drops stale entries once they
// outnumber the rows.
func (t *table) tidy() {
	if len(t.stamps) > 2*len(t.rows)+1024 {
		t.stamps = slices.DeleteFunc(t.stamps, func(e stampEntry) bool { return !t.current(e) })
	}
	if t.shuffled {
		sort.SliceStable(t.stamps, func(i, j int) bool { return t.stamps[i].stamp < t.stamps[j].stamp })
		t.shuffled = false
	}
}

func (t *table) current(e stampEntry) bool {
	return int(e.slot) < len(t.rows) && t.rows[e.slot] != nil && t.rows[e.slot].stamp == e.stamp
}

// between calls yield for the rows whose SystemModstamp lies in [low, high].
func (t *table) between(low, high int64, yield func(*record) bool) {
	from := sort.Search(len(t.stamps), func(i int) bool { return t.stamps[i].stamp >= low })
	for _, e := range t.stamps[from:] {
		if e.stamp > high || t.current(e) && !yield(t.rows[e.slot]) {
			return
		}
	}
}

// fold is the form in which text is compared.
func fold(v value) string { return strings.ToLower(v.Str()) }

// withValue gives the rows that hold a text value in an indexed field.
func (t *table) withValue(f *field, folded string) []*record {
	slots := t.index[f.idx].candidates(folded)
	rows := make([]*record, 0, len(slots))
	for _, s := range slots {
		if r := t.rows[s]; fold(r.at(f)) == folded {
			rows = append(rows, r)
		}
	}
	return rows
}

// reindex moves a row from the index entries of before to those of after.
func (t *table) reindex(before, after *record) {
	for _, f := range objectOf(before, after).indexed {
		var old, next string
		if before != nil {
			old = fold(before.at(f))
		}
		if after != nil {
			next = fold(after.at(f))
		}
		if old != next {
			t.unlist(f, old, before)
			t.list(f, next, after)
		}
	}
}

func (t *table) list(f *field, key string, r *record) {
	if key == "" {
		return
	}
	if t.index[f.idx] == nil {
		t.index[f.idx] = newSlotIndex()
	}
	t.index[f.idx].add(key, r.slot)
}

func (t *table) unlist(f *field, key string, r *record) {
	if x := t.index[f.idx]; x != nil && key != "" {
		x.remove(key, r.slot)
	}
}

// buildIndex indexes a field whose rows are already there.
func (t *table) buildIndex(f *field) {
	delete(t.index, f.idx)
	for _, r := range t.rows {
		if r != nil {
			t.list(f, fold(r.at(f)), r)
		}
	}
}

func objectOf(a, b *record) *object {
	if a != nil {
		return a.object
	}
	return b.object
}
