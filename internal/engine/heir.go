package engine

import (
	"context"
	"maps"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// absorbed are the records that were merged into the unlinked record of an item.
func (it *item) absorbed() []core.Ref {
	if !it.unlinkedLive(it.from) {
		return nil
	}
	return aliasesOf(it.recs[it.from])
}

// loadAbsorbed loads the links of records that were merged into records of the batch.
func (e *Engine) loadAbsorbed(ctx context.Context, b *batch) error {
	if err := e.nameLosers(ctx, b); err != nil {
		return err
	}
	var refs []core.Ref
	for _, it := range b.items {
		refs = append(refs, it.absorbed()...)
	}
	return e.addLinks(ctx, b, refs)
}

// nameLosers has records of Salesforce without a link name whom they absorbed, as those of
// HubSpot do by themselves. Who was last saved before the sync was switched on absorbed
// nobody who has a link.
func (e *Engine) nameLosers(ctx context.Context, b *batch) error {
	masters, recs := map[core.Object][]string{}, map[core.Ref]*core.Record{}
	for _, it := range b.items {
		if !it.unlinkedLive(core.Salesforce) || !b.conn.Merges(it.recs[core.Salesforce].Ref.Object) {
			continue
		}
		rec := it.recs[core.Salesforce]
		if since := b.conn.SwitchedOn(rec.Ref); !since.IsZero() && rec.Stamp.After(since.Add(-time.Minute)) {
			masters[rec.Ref.Object], recs[rec.Ref] = append(masters[rec.Ref.Object], rec.Ref.ID), rec
		}
	}
	losers, err := e.mergedInto(ctx, b, masters)
	for master, refs := range losers {
		for _, r := range refs {
			recs[master].Aliases = append(recs[master].Aliases, r.ID)
		}
	}
	return err
}

// awaitLinks lets the survivors of merges who have no link of their own yet count as linked
// where one whom they absorbed is: that link is about to be theirs, and nobody who has their
// address, domain or name takes them.
func awaitLinks(tx *store.Tx, connection int64, refs []core.Ref, recs map[core.Ref]*core.Record, links map[core.Ref]*core.Link) error {
	var lost []core.Ref
	heir := map[core.Ref]core.Ref{}
	for _, r := range refs {
		if l := links[r]; l != nil && l.State != core.LinkClosed {
			continue
		}
		for _, old := range aliasesOf(recs[r]) {
			lost, heir[old] = append(lost, old), r
		}
	}
	if len(lost) == 0 {
		return nil
	}
	of, err := tx.LinksOf(connection, lost)
	for _, old := range lost {
		if l, have := of[old], links[heir[old]]; l != nil && l.Refs[old.Side] == old && inherits(l, have) {
			links[heir[old]] = l
		}
	}
	return err
}

// inherits reports that a survivor with a link, or with none, is to have that of one whom it
// absorbed: an active link goes before one that waits, which does not undo what a person ended.
func inherits(l, have *core.Link) bool {
	switch l.State {
	case core.LinkActive:
		return have == nil || have.State != core.LinkActive
	case core.LinkParked:
		return have == nil || have.State == core.LinkClosed && !conn.Unlinked(have)
	}
	return false
}

// addLinks loads the links of more records into a batch.
func (e *Engine) addLinks(ctx context.Context, b *batch, refs []core.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(b.conn.ID, refs)
		maps.Copy(b.links, links)
		return err
	})
}

// decideHeir looks at the links of what was merged into a record before anything else is
// decided about it: one of them is about to be its own. A poll shows the survivor of a
// merge, and nobody announces the losers.
func (b *batch) decideHeir(it *item) bool {
	found := b.takesOver(it)
	for _, r := range it.absorbed() {
		l := b.links[r]
		if l == nil || l.Refs[r.Side] != r {
			continue
		}
		if inherits(l, it.link) {
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{r}, core.ReasonDelete, it.run, b.at)...)
			found = true
		}
	}
	if found {
		it.say(Pending, core.Decision{Rule: "LIM-7", Outcome: policy.Wait, Facts: map[string]string{"because": "linked records were merged into this one; their links are looked at first"}})
	}
	return found
}

// takesOver reports that a linked record of the batch was merged into the unlinked one of
// an item, which is about to have its link: Salesforce names the survivor on the loser
// alone. The item keeps its entry, should the link go another way meanwhile.
func (b *batch) takesOver(it *item) bool {
	if !it.unlinkedLive(it.from) {
		return false
	}
	rec := it.recs[it.from]
	for _, other := range b.items {
		if l := other.link; l != nil && l.State == core.LinkActive && other.survivor(it.from) == rec.Ref && conn.ConvertedTo(other.recs[it.from]) == "" {
			it.again(b.at)
			return true
		}
	}
	return false
}
