package hubspotsim

import "time"

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
	Op       string    `json:"op"` // create, update, archive, restore, merge, gdpr_delete, associate, dissociate
	Object   string    `json:"object"`
	ID       string    `json:"id"`
	Property string    `json:"property"`
	Before   string    `json:"before"`
	After    string    `json:"after"`
}

// booked is a write as the ledger keeps it; texts are shared with the records.
type booked struct {
	at      int64
	by      *actor
	op      string
	t       *table
	id      uint64
	changes []change
	notes   []note
}

func (p *Portal) book(at int64, w write) {
	p.ledger = append(p.ledger, booked{at: at, by: w.by, op: w.op, t: w.t, id: w.r.id, changes: w.changes, notes: w.notes})
}

// entries spells out a part of the ledger.
func (p *Portal) entries(from, to int, each func(Entry)) {
	for n := from; n < to; n++ {
		b := &p.ledger[n]
		row := Entry{Seq: int64(n + 1), Time: time.UnixMilli(b.at).UTC(), Who: b.by.who, Client: b.by.client,
			Source: b.by.source, SourceID: b.by.sourceID, Op: b.op, Object: b.t.plural, ID: formatID(b.id)}
		for _, x := range b.notes {
			row.Property, row.Before, row.After = x.what, x.before, x.after
			each(row)
		}
		for _, c := range b.changes {
			row.Property, row.Before, row.After = c.d.name, c.before, c.after
			each(row)
		}
	}
}

// Ledger lists every write so far, oldest first. A privacy deletion leaves its
// rows but clears the values of the erased record.
func (p *Portal) Ledger() []Entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var out []Entry
	p.entries(0, len(p.ledger), func(e Entry) { out = append(out, e) })
	return out
}
