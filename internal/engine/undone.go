package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// undoing is what an undo knows of an item.
type undoing struct {
	args    UndoArgs
	changes []*change
	// recs are the records that the run wrote, as they are now.
	recs map[core.Ref]*core.Record
	// since tells which later runs wrote a record, newest first.
	since []sinceWrite
	// who says who last set a field that is not as the run left it.
	who map[core.Ref]map[string]string
	// touches says what shows that others touched a record of HubSpot whose version moved
	// since the run made it; blank where it was surely nobody.
	touches map[core.Ref]string
	// partner is what the run, and every sync since, did to the partner of a record that the
	// run made and that is to be archived.
	partner  *change
	madeLink bool   // the run made the item's link
	redacted bool   // the run's values were erased
	closes   bool   // the link ends before anything is sent
	children string // why an account that the run made cannot be deleted
	left     []Left
}

// sinceWrite is a write by a run behind the one that is undone.
type sinceWrite struct {
	run int64
	Write
}

// change is what a run did to one record in all.
type change struct {
	ref               core.Ref
	created, archived bool
	// first are the values before the run by field, last those that it left.
	first, last map[string]string
	name        string     // of a record that was archived
	born, stamp time.Time  // the versions that its creation and its last write left
	joins       []Write    // associations and opt-outs
	with        []core.Ref // whom it was associated with
}

// changesOf sums up the writes of a run about one item, in their order.
func changesOf(writes []Write) (out []*change) {
	at := map[core.Ref]*change{}
	for _, w := range writes {
		if !w.took() || w.Kind == core.OpCreate && w.Status != core.Applied {
			continue
		}
		ref := w.ref()
		if at[ref] == nil {
			at[ref] = &change{ref: ref, first: map[string]string{}, last: map[string]string{}}
			out = append(out, at[ref])
		}
		at[ref].add(w)
	}
	return out
}

func (c *change) add(w Write) {
	if w.Kind == core.OpCreate || w.Kind == core.OpAssociate {
		c.with = append(c.with, w.with()...)
	}
	switch w.Kind {
	case core.OpCreate:
		c.created, c.born = true, w.Stamp
	case core.OpArchive:
		c.archived = true
		c.name = conn.NameIn(&core.Record{Values: w.Before})
	case core.OpUpdate:
	default:
		c.joins = append(c.joins, w)
		return
	}
	c.stamp = room.Latest(c.stamp, w.Stamp)
	for f, after := range w.After {
		if _, met := c.last[f]; !met {
			c.first[f] = w.Before[f]
		}
		c.last[f] = after
		if stored, other := w.Stored[f]; other {
			c.last[f] = stored
		}
	}
}

// ref is the record that was written.
func (w Write) ref() core.Ref {
	side := core.Salesforce
	if w.Side == core.HubSpot.String() {
		side = core.HubSpot
	}
	return core.Ref{Side: side, Object: w.Object, ID: w.ID}
}

// readUndo completes the items of a batch that an undo names.
func (e *Engine) readUndo(ctx context.Context, b *batch) error {
	if err := e.awaitUndo(ctx, b); err != nil || !b.reasons().Has(core.ReasonUndo) {
		return err
	}
	args, undo := map[int64]*UndoArgs{}, map[int64]int64{}
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		for _, it := range b.items {
			if _, known := args[it.run]; known || !it.reasons.Has(core.ReasonUndo) {
				continue
			}
			if args[it.run], undo[it.run], err = undoArgs(tx, b.conn, it.run); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = e.readUndoOf(ctx, b, func(it *item) *UndoArgs {
		if !it.reasons.Has(core.ReasonUndo) {
			return nil
		}
		return args[it.run]
	})
	for _, it := range b.items {
		if it.undo != nil { // what is done now is done by the undo, whoever named the record since
			it.run = undo[it.run]
		}
	}
	return err
}

// undoArgs are those of an undo, with its number; where another run has named the record
// since, of the undo that was begun last.
func undoArgs(tx *store.Tx, c *Conn, run int64) (a *UndoArgs, undo int64, err error) {
	r, err := tx.Run(run)
	if err != nil && store.CodeOf(err) != store.NotFound {
		return nil, 0, err
	}
	if r.Kind != runUndo {
		var found bool
		if r, found, err = tx.RunLast(c.ID, runUndo); err != nil || !found {
			return nil, 0, err
		}
	}
	a = &UndoArgs{}
	return a, r.ID, json.Unmarshal(r.Args, a)
}

// readUndoOf reads what the run that is undone wrote of the items for which of gives
// arguments, and the records as they are now.
func (e *Engine) readUndoOf(ctx context.Context, b *batch, of func(*item) *UndoArgs) error {
	err := e.View(ctx, func(tx *store.Tx) error {
		for _, it := range b.items {
			a := of(it)
			if a == nil {
				continue
			}
			it.undo = &undoing{args: *a, recs: map[core.Ref]*core.Record{}, who: map[core.Ref]map[string]string{}, touches: map[core.Ref]string{}}
			if err := it.undo.load(tx, b.conn.ID, it); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := e.readChanges(ctx, b); err != nil {
		return err
	}
	if err := e.readChildren(ctx, b); err != nil {
		return err
	}
	if err := e.readTouches(ctx, b); err != nil {
		return err
	}
	return e.readWho(ctx, b)
}

// load reads the journal of the item's records back to the run.
func (u *undoing) load(tx *store.Tx, connection int64, it *item) error {
	first, err := tx.JournalOfRun(u.args.Run, max(u.args.Entry-1, 0), 1)
	if err != nil || len(first) == 0 {
		return err
	}
	var writes [][]Write // newest first
	for before := int64(0); ; {
		page, err := tx.History(connection, it.refs(), before, toldPage)
		if err != nil {
			return err
		}
		for _, en := range page {
			before = en.Seq
			taken, err := u.take(it, en, len(writes) > 0)
			if err != nil {
				return err
			}
			if taken != nil {
				writes = append(writes, taken)
			}
		}
		if len(page) < toldPage || before < first[0].Seq {
			break
		}
	}
	slices.Reverse(writes)
	u.changes = changesOf(slices.Concat(writes...))
	u.loadPartner(it, slices.Concat(writes...))
	return nil
}

// take looks at an entry of the journal, newest first, and gives the writes of the run that
// is undone; begun says that some of them were met.
func (u *undoing) take(it *item, en store.Entry, begun bool) ([]Write, error) {
	var body Entry
	if err := json.Unmarshal(en.Body, &body); err != nil {
		return nil, err
	}
	if body.Late {
		return nil, nil
	}
	if u.args.means(&en) {
		u.redacted = u.redacted || body.Redacted
		u.madeLink = u.madeLink || it.link != nil && en.LinkID == it.link.ID && en.At.Equal(it.link.Created)
		return append([]Write{}, body.Writes...), nil
	}
	for _, w := range body.Writes {
		if w.Status == core.Applied && !begun {
			u.since = append(u.since, sinceWrite{en.Run, w})
		}
	}
	return nil, nil
}

// readChanges reads the records that the run wrote: the fields that sync now, and those
// that it wrote.
func (e *Engine) readChanges(ctx context.Context, b *batch) error {
	fields := map[core.Object][]string{}
	var refs []core.Ref
	for _, it := range b.items {
		if it.undo == nil {
			continue
		}
		for _, c := range it.undo.written() {
			if _, known := b.conn.Pairs.Of(c.ref.Side, c.ref.Object); known {
				refs = append(refs, c.ref)
				fields[c.ref.Object] = append(fields[c.ref.Object], room.SortedKeys(c.last)...)
			}
		}
	}
	got := map[core.Ref]*core.Record{}
	for _, g := range groupRefs(refs) {
		want := slices.Concat(b.conn.ReadFields(g.side, g.object), b.conn.Present(g.side, g.object, fields[g.object]))
		slices.Sort(want)
		q := connector.Query{Object: g.object, Values: g.ids, Fields: slices.Compact(want), Related: b.relatedOf(g), Deleted: g.side == core.Salesforce}
		recs, err := b.conn.Sides[g.side].Read(ctx, q)
		if err != nil {
			return err
		}
		for i, id := range g.ids {
			got[core.Ref{Side: g.side, Object: g.object, ID: id}] = &recs[i]
		}
	}
	for _, it := range b.items {
		if it.undo != nil {
			maps.Copy(it.undo.recs, got)
		}
	}
	return nil
}

// readWho asks HubSpot's history who set the values that are not as the run left them.
func (e *Engine) readWho(ctx context.Context, b *batch) error {
	h, ok := b.conn.Sides[core.HubSpot].(historian)
	if !ok {
		return nil
	}
	asked := map[core.Object]map[string]bool{}
	fields := map[core.Object][]string{}
	b.eachChanged(func(_ *undoing, ref core.Ref, f string) {
		if ref.Side != core.HubSpot {
			return
		}
		if asked[ref.Object] == nil {
			asked[ref.Object] = map[string]bool{}
		}
		asked[ref.Object][ref.ID] = true
		fields[ref.Object] = append(fields[ref.Object], f)
	})
	for _, object := range room.SortedKeys(keyed(asked)) {
		o := core.Object(object)
		slices.Sort(fields[o])
		past, err := h.History(ctx, o, room.SortedKeys(asked[o]), slices.Compact(fields[o]))
		if err != nil {
			return err
		}
		b.eachChanged(func(u *undoing, ref core.Ref, f string) {
			if versions := past[ref.ID][f]; ref.Object == o && len(versions) > 0 {
				u.note(ref, f, versions[0].Source+" "+versions[0].SourceID)
			}
		})
	}
	return nil
}

func keyed[V any](m map[core.Object]V) map[string]bool {
	out := map[string]bool{}
	for o := range m {
		out[string(o)] = true
	}
	return out
}

func (u *undoing) note(ref core.Ref, field, who string) {
	if u.who[ref] == nil {
		u.who[ref] = map[string]string{}
	}
	u.who[ref][field] = who
}

// eachChanged calls fn for every field that stands neither as the run left it nor as it
// found it.
func (b *batch) eachChanged(fn func(u *undoing, ref core.Ref, field string)) {
	for _, it := range b.items {
		if it.undo == nil {
			continue
		}
		for _, c := range it.undo.changes {
			rec := it.undo.recs[c.ref]
			if rec == nil || rec.Presence != core.Live {
				continue
			}
			for _, f := range room.SortedKeys(c.last) {
				now, shown := rec.Get(f)
				if shown && !b.sameValue(c.ref, f, now, c.last[f]) && !b.sameValue(c.ref, f, now, c.first[f]) {
					fn(it.undo, c.ref, f)
				}
			}
		}
	}
}

// sameValue reports that two values of a field are one and the same, in whichever form.
func (b *batch) sameValue(ref core.Ref, field, x, y string) bool {
	if core.Same(x, y) {
		return true
	}
	for _, m := range b.conn.MappingsOf(ref.Side, ref.Object) {
		if f := m.Field(ref.Side, field); f != nil && f.Canon(ref.Side, x) == f.Canon(ref.Side, y) {
			return true
		}
	}
	return false
}

// closeUndone ends the links of records that an undo is about to archive: a deletion must
// not be passed on to the partner.
func (e *Engine) closeUndone(ctx context.Context, b *batch) error {
	var ended []*core.Link
	for _, it := range b.items {
		if it.undo == nil || !it.undo.closes || !it.linkOpen() {
			continue
		}
		l := *it.link
		l.State, l.How = core.LinkClosed, l.How+" "+conn.HowUndone
		ended, it.link = append(ended, &l), &l
	}
	if len(ended) == 0 {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error { return tx.LinkSave(b.conn.ID, ended...) })
}
