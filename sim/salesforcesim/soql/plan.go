package soql

import (
	"iter"
	"slices"
	"time"
)

// Env is what a query may depend on besides data.
type Env struct {
	Now         time.Time      // for date literals
	Zone        *time.Location // the user's time zone: days, weeks and months begin in it; nil is UTC
	FiscalStart time.Month     // first month of the fiscal year; 0 is January
	UserID      string         // 18 characters, for USING SCOPE mine; empty leaves the scope wide
}

// Plan is a query bound to a schema, ready to run any number of times, also at once.
type Plan struct {
	query   *Query
	object  *Object
	env     Env
	level   int // how many sub-selects are around it
	filter  filter
	shape   *shape
	flat    []flatColumn
	refusal string
	order   []sortKey
	limit   int // -1: none
	offset  int

	grouped bool
	keys    []*boundExpr
	totals  []*boundExpr // each distinct aggregate once
	outputs []output
	having  filter
}

type sortKey struct {
	expr       *boundExpr
	descending bool
	nullsLast  bool
}

// compare orders two values of the key.
func (k sortKey) compare(a, b Value) int {
	if a.IsNull() || b.IsNull() {
		n := compareValues(a, b, true)
		if k.nullsLast {
			return -n
		}
		return n
	}
	n := compareValues(a, b, k.expr.exact)
	if k.descending {
		return -n
	}
	return n
}

// Object is the object named in FROM.
func (p *Plan) Object() *Object { return p.object }

// CountOnly reports SELECT COUNT(): the answer has a totalSize and no records.
func (p *Plan) CountOnly() bool { return p.query.count }

// Aggregate reports that the records are aggregate rows.
func (p *Plan) Aggregate() bool { return p.grouped }

// Count gives the number of records of the result (for SELECT COUNT() the count itself).
func (p *Plan) Count(src Source) int {
	n := 0
	if p.grouped {
		for range p.Records(src) {
			n++
		}
		return n
	}
	p.rows(src, nil, func(at) bool { n++; return true })
	return n
}

// Records runs the query.
func (p *Plan) Records(src Source) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		switch {
		case p.query.count:
		case p.grouped:
			p.groups(src, yield)
		default:
			p.rows(src, nil, func(c at) bool { return yield(p.shape.build(c)) })
		}
	}
}

// IDs runs the query and yields only the ids of its records, in order: what a query locator keeps. Aggregate rows have none.
func (p *Plan) IDs(src Source) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !p.grouped && !p.query.count {
			p.rows(src, nil, func(c at) bool { return yield(c.row.ID()) })
		}
	}
}

// Record builds the record of one id of the result again, without checking the filter; false if the row is gone.
func (p *Plan) Record(src Source, id string) (*Record, bool) {
	row, ok := src.Lookup(p.object, id)
	if !ok || p.grouped || p.query.count {
		return nil, false
	}
	return p.shape.build(at{source: src, object: p.object, row: row}), true
}

// rows yields the rows of the result in order; extra is a further demand that the source has an index for.
func (p *Plan) rows(src Source, extra *Probe, yield func(at) bool) {
	if p.limit == 0 {
		return
	}
	w := window{skip: p.offset, left: p.limit, yield: yield}
	if len(p.order) == 0 {
		p.scan(src, extra, w.pass)
		return
	}
	s := sorter{keys: p.order, keep: -1}
	if p.limit > 0 {
		s.keep = p.limit + p.offset
	}
	p.scan(src, extra, s.add)
	for _, e := range s.sorted() {
		if !w.pass(e.at) {
			return
		}
	}
}

// scan yields the rows that pass the filter, in the order of the source.
func (p *Plan) scan(src Source, extra *Probe, yield func(at) bool) {
	var probes []Probe
	keep := func(at) bool { return true }
	if p.filter != nil {
		f := p.filter.answered(src)
		probes, keep = f.probes(), f.ready()
	}
	if extra != nil {
		probes = append(probes, *extra)
		keep = withProbe(keep, *extra)
	}
	src.Scan(p.object, probes, func(row Row) bool {
		c := at{source: src, object: p.object, row: row}
		return !keep(c) || yield(c)
	})
}

// withProbe adds the test of an id list of one value: the children of one parent.
func withProbe(keep func(at) bool, probe Probe) func(at) bool {
	id := probe.In[0].text
	return func(c at) bool { return c.row.Get(probe.Field).text == id && keep(c) }
}

// window applies OFFSET and LIMIT to a stream.
type window struct {
	skip, left int // left -1: no limit
	yield      func(at) bool
}

func (w *window) pass(c at) bool {
	if w.skip > 0 {
		w.skip--
		return true
	}
	if w.left > 0 {
		w.left--
	}
	return w.yield(c) && w.left != 0
}

// sorter collects rows with their sort keys; with keep it holds no more than about twice the rows that can be in the result.
type sorter struct {
	keys    []sortKey
	keep    int // -1: all
	entries []sorted
	seen    int
	worst   []Value // keys of the last entry that is still in the result, once there are enough
	scratch []Value
}

type sorted struct {
	at   at
	keys []Value
	seq  int // order of arrival, which decides between equal keys
}

func (s *sorter) add(c at) bool {
	s.scratch = s.scratch[:0]
	for _, k := range s.keys {
		s.scratch = append(s.scratch, k.expr.value(c))
	}
	s.seen++
	if s.worst != nil && s.compare(s.scratch, s.worst) >= 0 {
		return true
	}
	s.entries = append(s.entries, sorted{at: c, keys: slices.Clone(s.scratch), seq: s.seen})
	if s.keep > 0 && len(s.entries) >= 2*s.keep+64 {
		s.entries = s.sorted()
		s.worst = s.entries[len(s.entries)-1].keys
	}
	return true
}

func (s *sorter) compare(a, b []Value) int {
	for i, k := range s.keys {
		if n := k.compare(a[i], b[i]); n != 0 {
			return n
		}
	}
	return 0
}

// sorted orders the entries, ties in the order of arrival, and cuts what is too much.
func (s *sorter) sorted() []sorted {
	slices.SortFunc(s.entries, func(a, b sorted) int {
		if n := s.compare(a.keys, b.keys); n != 0 {
			return n
		}
		return a.seq - b.seq
	})
	if s.keep > 0 && len(s.entries) > s.keep {
		clear(s.entries[s.keep:])
		s.entries = s.entries[:s.keep]
	}
	return s.entries
}

// Indexed names the fields by which an index narrows the rows down, in the order of the filter.
func (p *Plan) Indexed() (fields []string) {
	if p.filter == nil {
		return nil
	}
	for _, probe := range p.filter.probes() {
		if !slices.Contains(fields, probe.Field.Name) {
			fields = append(fields, probe.Field.Name)
		}
	}
	return fields
}
