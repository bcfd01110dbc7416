package engine

import (
	"context"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// aheadSize is how many records one look ahead reads: what Salesforce gives in one call,
// ten times what it takes in one write.
const aheadSize = 2000

// aheadFor is how long a record that was read ahead is good for. It is a source alone: an
// edit in between makes its entry due again, and what a decision would overwrite is read
// again by recheck.
const aheadFor = 30 * time.Second

// ahead are records of Salesforce that an import or a backfill is about to work on, read
// together since one call gives many. It never makes a decision rest on an older reading
// than aheadFor: what is not taken by then is read again. Records that are linked, and
// changes that somebody waits for, are read by their own batch.
type ahead struct {
	connector.CallMutex
	recs map[core.Ref]early
	// given are the entries whose records were handed out, by their generation: they are
	// due until their batch is settled.
	given map[core.Ref]int64
}

// early is a record that was read before its turn.
type early struct {
	rec        core.Record
	generation int64
	at         time.Time
}

// readAhead gives the unlinked records of a batch that nobody waits for, of one object of
// Salesforce, and reads those that come behind them in the same call.
func (e *Engine) readAhead(ctx context.Context, b *batch) (map[core.Ref]*core.Record, error) {
	mine, object := b.aheadEntries()
	if len(mine) == 0 {
		return nil, nil
	}
	a := &b.conn.ahead
	a.Lock()
	defer a.Unlock()
	got, missing := a.take(mine, e.Now())
	if len(missing) > 0 {
		if err := e.fillAhead(ctx, b, object, missing); err != nil {
			return nil, err
		}
		more, _ := a.take(missing, e.Now())
		got = append(got, more...)
	}
	out := make(map[core.Ref]*core.Record, len(got))
	for i := range got {
		out[got[i].rec.Ref] = &got[i].rec
		if b.readAt.IsZero() || got[i].at.Before(b.readAt) {
			b.readAt = got[i].at
		}
	}
	return out, nil
}

// aheadEntries are the entries of a batch that a look ahead serves, and their object: none
// in a plan or where somebody waits, and those of the first object where there are several.
func (b *batch) aheadEntries() (out []core.Dirty, object core.Object) {
	if !b.due || room.PriorityOf(b.reasons()) != connector.Backfill {
		return nil, ""
	}
	for _, it := range b.items {
		if it.link != nil || it.from != core.Salesforce || len(it.entries) != 1 {
			continue
		}
		d := it.entries[0]
		if object == "" {
			object = d.Ref.Object
		}
		if d.Ref.Object == object {
			out = append(out, d)
		}
	}
	return out, object
}

// take hands out what was read for the entries as they are, and says for which nothing
// was, or too long ago.
func (a *ahead) take(entries []core.Dirty, now time.Time) (got []early, missing []core.Dirty) {
	for _, d := range entries {
		r, there := a.recs[d.Ref]
		delete(a.recs, d.Ref)
		if !there || r.generation != d.Generation || now.Sub(r.at) >= aheadFor {
			missing = append(missing, d)
			continue
		}
		a.given[d.Ref] = d.Generation
		got = append(got, r)
	}
	return got, missing
}

// fillAhead reads the entries that are missing and those that are due behind them.
func (e *Engine) fillAhead(ctx context.Context, b *batch, object core.Object, missing []core.Dirty) error {
	a := &b.conn.ahead
	entries, err := e.dueBehind(ctx, b, object, missing)
	if err != nil {
		return err
	}
	g := refGroup{side: core.Salesforce, object: object}
	for _, d := range entries {
		g.ids = append(g.ids, d.Ref.ID)
	}
	at := e.Now()
	recs, err := e.fetchGroup(ctx, b, g, false)
	if err != nil {
		return err
	}
	a.recs = make(map[core.Ref]early, len(recs))
	for i, d := range entries {
		if recs[i].Presence == core.Live && recs[i].Ref == d.Ref {
			a.recs[d.Ref] = early{rec: recs[i], generation: d.Generation, at: at}
		}
	}
	return nil
}

// dueBehind are the entries and as many of those that are due behind them as one call
// reads, without those that are linked or were handed out.
func (e *Engine) dueBehind(ctx context.Context, b *batch, object core.Object, entries []core.Dirty) (out []core.Dirty, err error) {
	a, met := &b.conn.ahead, map[core.Ref]int64{}
	err = e.View(ctx, func(tx *store.Tx) error {
		own := map[core.Ref]bool{}
		for _, d := range entries {
			own[d.Ref] = true
		}
		clear(met)
		due, err := tx.Due(b.conn.ID, b.pair, e.Now(), aheadSize-len(entries), func(r core.Ref) bool {
			generation, given := a.given[r]
			if given {
				met[r] = generation
			}
			return given || own[r] || r.Object != object
		})
		if err != nil {
			return err
		}
		links, err := tx.LinksOf(b.conn.ID, room.DirtyRefs(due))
		out = entries
		for _, d := range due {
			if links[d.Ref] == nil && room.PriorityOf(d.Reasons) == connector.Backfill {
				out = append(out, d)
			}
		}
		return err
	})
	a.given = met // what is due no more was settled
	return out, err
}
