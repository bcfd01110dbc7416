package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// heedDeleteLog takes records of Salesforce that nothing shows any more, not even the
// recycle bin, for deleted where Salesforce named them as deleted, in its log or by an event.
// What was read of a record since then is the later word: it had been restored.
func (e *Engine) heedDeleteLog(ctx context.Context, b *batch, got map[core.Ref]*core.Record) error {
	var absent []core.Ref
	for r, rec := range got {
		if r.Side == core.Salesforce && rec.Presence == core.Absent {
			absent = append(absent, r)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	slices.SortFunc(absent, core.Ref.Compare)
	return e.View(ctx, func(tx *store.Tx) error {
		seen, err := tx.SeenOf(b.conn.ID, absent)
		if err != nil {
			return err
		}
		links, err := tx.LinksOf(b.conn.ID, absent)
		if err != nil {
			return err
		}
		for r, at := range seen {
			l := links[r]
			restored := l != nil && l.Refs[r.Side] == r && at.Stamp.Before(l.Stamps[r.Side])
			if at.Deleted && !restored {
				got[r].Presence, got[r].Stamp = core.Deleted, at.Stamp
				b.purge(r)
			}
		}
		return nil
	})
}

// purge notes a record that is known to be deleted and of which nothing else is known.
func (b *batch) purge(r core.Ref) {
	if capture.SkipsBin(r.Object) {
		return // no record of the object leaves more
	}
	if b.purged == nil {
		b.purged = map[core.Ref]bool{}
	}
	b.purged[r] = true
}

// deletionOf is how it is known that a linked record is deleted, and what else than a deletion
// may have befallen it. Of a purged one neither the survivor of a merge nor its account is
// told any more.
func (b *batch) deletionOf(r core.Ref) (known policy.Evidence, doubt string) {
	if !b.purged[r] {
		return policy.DeletedRow, ""
	}
	if b.conn.Merges(r.Object) {
		return policy.LoggedDeletion, "it may have been merged into another record"
	}
	if _, ofAccount := b.conn.Field(r.Object, conn.RelationKey); ofAccount && b.conn.DeletesAccounts() {
		return policy.LoggedDeletion, "it may have gone with an account that was deleted for its company"
	}
	return policy.LoggedDeletion, ""
}

// parkPurged keeps a link one of whose records may live on in another one that nothing names.
func (b *batch) parkPurged(it *item, side core.Side, d core.Decision) {
	l := *it.link
	l.State = core.LinkParked
	it.relink = &l
	it.say(Blocked, d)
	gone, left := b.label(l.Refs[side]), b.label(l.Partner(side))
	it.raise(core.Issue{Pair: b.pair, Ref: l.Partner(side), Category: core.CategoryOther, Code: "deleted_for_good", Rule: d.Rule,
		Message: gone + " was deleted for good in " + side.Label() + " before anybody saw how: " + d.Facts["doubt"] + ", and " + left + " is kept",
		Mend:    "delete " + left + " yourself if it is one too many, or run tandem links unlink " + string(b.pair) + " " + l.Partner(side).ID + ", and it stays by itself; after a merge, join it with the survivor by tandem links link"})
}
