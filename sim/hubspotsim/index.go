package hubspotsim

import "sort"

// logged is a place in the order of modified stamps that search shows.
type logged struct {
	at int64
	r  *record
}

// shown is a state of a record on its way into the search index.
type shown struct {
	due int64
	t   *table
	r   *record
	v   *version
}

// showLater has search see the record's present state after the index lag.
func (p *Portal) showLater(t *table, r *record) {
	p.indexQueue = append(p.indexQueue, shown{p.lastStamp + p.indexLag.Milliseconds(), t, r, r.cur})
	p.refreshIndex()
}

// refreshIndex lets search see what is due.
func (p *Portal) refreshIndex() {
	now, n := p.nowMS(), 0
	for n < len(p.indexQueue) && p.indexQueue[n].due <= now {
		job := p.indexQueue[n]
		p.indexQueue[n] = shown{}
		job.r.shown = job.v
		job.t.log = append(job.t.log, logged{job.v.updated, job.r})
		n++
	}
	p.indexQueue = p.indexQueue[n:]
	for _, t := range p.tables {
		t.compactLog()
	}
}

// compactLog drops entries that a later one of the same record made useless.
func (t *table) compactLog() {
	if len(t.log) < 1024 || len(t.log) < 2*len(t.order) {
		return
	}
	kept := t.log[:0]
	for _, e := range t.log {
		if e.r.shown != nil && e.r.shown.updated == e.at {
			kept = append(kept, e)
		}
	}
	clear(t.log[len(kept):])
	t.log = kept
}

// since lists, by id and each once, the records that search has shown with a
// modified stamp of at least ms at any time.
func (t *table) since(ms int64) []*record {
	i := sort.Search(len(t.log), func(i int) bool { return t.log[i].at >= ms })
	out := make([]*record, 0, len(t.log)-i)
	for _, e := range t.log[i:] {
		out = append(out, e.r)
	}
	sort.Slice(out, func(a, b int) bool { return out[a].id < out[b].id })
	return compactRecords(out)
}

func compactRecords(sorted []*record) []*record {
	out := sorted[:0]
	for i, r := range sorted {
		if i == 0 || sorted[i-1] != r {
			out = append(out, r)
		}
	}
	return out
}
