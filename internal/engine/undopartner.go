package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// A record that a run made and an undo archives leaves nothing behind on its partner: our
// keys and notes name a record that is no more, and what came from it meant nobody else.
// Nobody has touched it since, so that all of this came of its creation, by whichever run.

// loadPartner sums up what Tandem wrote to the partner of a record that the run made, which
// is the item's, since it did so.
func (u *undoing) loadPartner(it *item, writes []Write) {
	made := slices.IndexFunc(u.changes, func(c *change) bool { return c.created })
	if made < 0 || it.link == nil || !u.args.DeleteCreated || u.args.Entry != 0 || u.args.Field != "" {
		return
	}
	ref := it.link.Partner(u.changes[made].ref.Side)
	all := slices.Clone(writes)
	for _, w := range slices.Backward(u.since) {
		all = append(all, w.Write)
	}
	all = slices.DeleteFunc(all, func(w Write) bool { return w.Kind != core.OpUpdate || w.ref() != ref || w.Rule == UndoRule })
	if changes := changesOf(all); len(changes) > 0 {
		u.partner = changes[0]
		u.partner.heed(all)
	}
}

// heed takes what others set between two writes for what stood before: the later write
// overwrote that. A write that a stopped process sent may stand in the journal twice.
func (c *change) heed(writes []Write) {
	last, over := map[string]string{}, map[string]string{}
	for _, w := range writes {
		for f, after := range w.After {
			was, met := last[f]
			before, told := w.Before[f]
			if stored, other := w.Stored[f]; other {
				after = stored
			}
			again := core.Same(after, was) && core.Same(before, over[f])
			if met && told && !again && !core.Same(before, was) {
				c.first[f] = before
			}
			last[f], over[f] = after, before
		}
	}
}

// written are all records that an undo looks at, the partner's change once more by itself.
func (u *undoing) written() []*change {
	if u.partner == nil {
		return u.changes
	}
	return append(slices.Clone(u.changes), u.partner)
}

// undoneWith are the changes to be undone beside the records that the run made: of the
// partner of one that goes, whatever was written since.
func (b *batch) undoneWith(it *item) (out []*change) {
	u, goes := it.undo, false
	for _, c := range u.changes {
		switch {
		case !c.created:
			out = append(out, c)
		case it.archives(c.ref) || it.archived(c, u.recs[c.ref]):
			goes = true
		}
	}
	if !goes || u.partner == nil {
		return out
	}
	for i, c := range out {
		if c.ref == u.partner.ref {
			u.partner.joins, u.partner.with = c.joins, c.with
			return slices.Replace(out, i, i+1, u.partner)
		}
	}
	return append(out, u.partner)
}

// restOfUndo makes due again what holds of an item beside its undo. What an import named before
// is not made again for that; an import that was begun while the undo waited is the later word.
func (b *batch) restOfUndo(it *item) (out []core.Dirty) {
	rest := it.reasons &^ (core.ReasonUndo | core.ReasonRetry | core.ReasonOwn)
	if it.closed() {
		rest &^= core.ReasonImport
	}
	if rest != 0 {
		out = room.DirtyOf(b.conn.Pairs, []core.Ref{it.ref()}, rest, 0, b.at)
	}
	for _, d := range it.entries {
		if d.Reasons.Has(core.ReasonImport) && d.Run > it.run {
			out = append(out, room.DirtyOf(b.conn.Pairs, []core.Ref{d.Ref}, core.ReasonImport, d.Run, b.at)...)
		}
	}
	return out
}

// awaitUndo finds the records whose link an undo has ended before it was stopped, and whose
// partner it is still to look at: to take our key off would count as a touch then.
func (e *Engine) awaitUndo(ctx context.Context, b *batch) error {
	var refs []core.Ref
	waiting := func(it *item) bool {
		return it.closed() && conn.Undone(it.link) && !it.reasons.Has(core.ReasonUndo)
	}
	for _, it := range b.items {
		if waiting(it) {
			refs = append(refs, it.link.Refs[:]...)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) error {
		due, err := tx.DirtyOf(b.conn.ID, refs)
		for _, it := range b.items {
			if waiting(it) {
				it.undoDue = due[it.link.Refs[0]].Reasons.Has(core.ReasonUndo) || due[it.link.Refs[1]].Reasons.Has(core.ReasonUndo)
			}
		}
		return err
	})
}
