package salesforcesim

import (
	"math"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// source shows the org's tables to SOQL as one user sees them. It is valid
// while the caller holds the org's lock.
type source struct {
	org     *Org
	deleted bool // queryAll: the recycle bin too
	admin   bool // sees records hidden from others
	masked  bool // sees encrypted text masked
}

// row is one record under SOQL's eyes.
type row struct {
	org *Org
	rec *record
}

// maskedRow is a row of an object with encrypted text for those who may not see it.
type maskedRow struct{ row }

func (s source) row(r *record) soql.Row {
	if s.masked && r.object.masks {
		return maskedRow{row{s.org, r}}
	}
	return row{s.org, r}
}

func (r row) ID() string { return r.rec.id }

func (r row) Get(f *soql.Field) value { return r.org.value(r.rec, r.rec.object.slots[f.Slot]) }

func (r maskedRow) Get(f *soql.Field) value {
	v := r.row.Get(f)
	if m := r.rec.object.slots[f.Slot].mask; m != nil {
		return m.hide(v)
	}
	return v
}

func (s source) sees(r *record) bool {
	return r != nil && (s.deleted || !r.deleted && !s.org.archived[r.id]) && (s.admin || !s.org.hidden[r.id])
}

// Lookup finds one row. A parent in the recycle bin is still a parent.
func (s source) Lookup(object *soql.Object, id string) (soql.Row, bool) {
	r := s.org.objects[strings.ToLower(object.Name)].records.find(id)
	if r == nil || !s.admin && s.org.hidden[id] {
		return nil, false
	}
	return s.row(r), true
}

// Scan yields rows by the most selective index that a probe names, else all
// in order of arrival.
func (s source) Scan(object *soql.Object, probes []soql.Probe, yield func(soql.Row) bool) {
	ob := s.org.objects[strings.ToLower(object.Name)]
	give := func(r *record) bool { return !s.sees(r) || yield(s.row(r)) }
	best, cost := -1, len(ob.records.rows)
	for i := range probes {
		if c, ok := probeCost(ob, &probes[i]); ok && c < cost {
			best, cost = i, c
		}
	}
	if best >= 0 {
		s.probe(ob, &probes[best], give)
		return
	}
	for _, r := range ob.records.rows {
		if !give(r) {
			return
		}
	}
}

// probeCost estimates how many rows a probe leads to.
func probeCost(ob *object, p *soql.Probe) (int, bool) {
	f := ob.slots[p.Field.Slot]
	switch {
	case p.In != nil && f.sys == sysID:
		return len(p.In), true
	case p.In != nil && f.indexed && f.compute == nil:
		n := 0
		for _, v := range p.In {
			if v.IsNull() {
				return 0, false
			}
			n += ob.records.index[f.idx].count(fold(v))
		}
		return n, true
	case p.In == nil && f.sys == sysStamp:
		return len(ob.records.rows) / 2, true
	}
	return 0, false
}

func (s source) probe(ob *object, p *soql.Probe, give func(*record) bool) {
	f := ob.slots[p.Field.Slot]
	if f.sys == sysStamp {
		low, high := int64(math.MinInt64), int64(math.MaxInt64)
		if !p.Low.IsNull() {
			low = p.Low.Time().Unix()
		}
		if !p.High.IsNull() {
			high = p.High.Time().Unix()
		}
		ob.records.between(low, high, give)
		return
	}
	seen := make(map[string]bool, len(p.In))
	for _, v := range p.In {
		key := v.Str()
		if f.sys != sysID {
			key = fold(v)
		}
		if !seen[key] {
			seen[key] = true
			if !ob.records.giveKey(f, key, give) {
				return
			}
		}
	}
}

// giveKey hands over the rows of one index key.
func (t *table) giveKey(f *field, key string, give func(*record) bool) bool {
	if f.sys == sysID {
		r := t.find(key)
		return r == nil || give(r)
	}
	for _, r := range t.withValue(f, key) {
		if !give(r) {
			return false
		}
	}
	return true
}
