package hubspotsim

import (
	"slices"
	"time"
)

// Entry is one row of the ledger: one property of one write, or one row with
// an empty or symbolic property for what is not a property (the new record, its
// archiving, an association).
type Entry struct {
	Seq      int64     `json:"seq"` // the write's number: rows of one write share it
	Time     time.Time `json:"time"`
	Who      string    `json:"who"`
	Client   string    `json:"client"`
	Source   string    `json:"source"`
	SourceID string    `json:"source_id"`
	Op       string    `json:"op"` // create, update, archive, restore, merge, gdpr_delete, associate, dissociate, consent
	Object   string    `json:"object"`
	ID       string    `json:"id"` // of communication_preferences: the e-mail address
	Property string    `json:"property"`
	Before   string    `json:"before"`
	After    string    `json:"after"`
}

// booked is a write as the ledger keeps it: the states before and after, which
// are spelled out property by property only when somebody reads.
type booked struct {
	at            int64
	by            *actor
	op            string
	t             *table
	id            uint64
	before, after *version // nil for what changes no property
	erased        []change // what is left of the changes of a record erased for privacy
	notes         []note
	address       string // of a consent, which belongs to no record: t is nil
}

// book writes a write down, the oldest ones leaving once there are too many.
// What was there before anybody listened is no write.
func (p *Portal) book(at int64, w write, prior *version) {
	if p.silent {
		return
	}
	b := booked{at: at, by: w.by, op: w.op, t: w.t, id: w.r.id, notes: w.notes}
	if len(w.changes) > 0 {
		b.before, b.after = prior, w.next
	}
	p.keep(b)
}

// bookAddress writes down what an e-mail address said about its subscriptions.
func (p *Portal) bookAddress(at int64, by *actor, address string, n note) {
	if !p.silent {
		p.keep(booked{at: at, by: by, op: opConsent, address: address, notes: []note{n}})
	}
}

func (p *Portal) keep(b booked) {
	p.ledger = append(p.ledger, b)
	if limit := p.opts.LedgerCap; limit > 0 && len(p.ledger) > 2*limit {
		p.dropped += len(p.ledger) - limit
		p.ledger = slices.Clone(p.ledger[len(p.ledger)-limit:])
	}
}

// record names what was written: a record, or an address.
func (b *booked) record() (object, id string) {
	if b.t == nil {
		return consentObject, b.address
	}
	return b.t.plural, formatID(b.id)
}

// changes lists the properties that a write changed.
func (b *booked) changes() []change {
	if b.after == nil {
		return b.erased
	}
	return valueChanges(b.t, b.before, b.after)
}

// erase takes the values out of an entry and leaves the names of the properties.
func (b *booked) erase() {
	for _, c := range b.changes() {
		b.erased = append(b.erased, change{d: c.d})
	}
	b.before, b.after = nil, nil
}

// kept is what the ledger shows, and how many writes came before it.
func (p *Portal) kept() (list []booked, before int) {
	over := 0
	if limit := p.opts.LedgerCap; limit > 0 {
		over = max(0, len(p.ledger)-limit)
	}
	return p.ledger[over:], p.dropped + over
}

// entries spells out the writes from a number on, at most limit of them, and
// gives the number to go on from.
func (p *Portal) entries(from, limit int, each func(Entry)) (next int) {
	list, first := p.kept()
	from = max(from, first)
	next = max(from, min(from+limit, first+len(list)))
	for n := from; n < next; n++ {
		list[n-first].rows(int64(n+1), each)
	}
	return next
}

// rows spells out one write.
func (b *booked) rows(seq int64, each func(Entry)) {
	row := Entry{Seq: seq, Time: time.UnixMilli(b.at).UTC(), Who: b.by.who, Client: b.by.client,
		Source: b.by.source, SourceID: b.by.sourceID, Op: b.op}
	row.Object, row.ID = b.record()
	for _, x := range b.notes {
		row.Property, row.Before, row.After = x.what, x.before, x.after
		each(row)
	}
	for _, c := range b.changes() {
		row.Property, row.Before, row.After = c.d.name, c.before, c.after
		each(row)
	}
}

// Ledger lists every write so far that is kept, oldest first; loading exports and
// sample data is not a write. A privacy deletion leaves its rows but clears the
// values of the erased record.
func (p *Portal) Ledger() []Entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var out []Entry
	p.entries(0, p.dropped+len(p.ledger), func(e Entry) { out = append(out, e) })
	return out
}

// LedgerFrom is Ledger from a write on, zero being the first, and the number to go on
// from: who looks often need not read again what stood there before.
func (p *Portal) LedgerFrom(write int) (rows []Entry, next int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	next = p.entries(write, p.dropped+len(p.ledger), func(e Entry) { rows = append(rows, e) })
	return rows, next
}
