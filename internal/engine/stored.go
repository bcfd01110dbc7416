package engine

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// finder is a side that can look for values of a field that is not unique.
type finder interface {
	Find(ctx context.Context, object core.Object, property string, values, fields []string) ([]core.Record, error)
}

// readStored looks for the companies or deals that carry the id of an account or an
// opportunity of the batch: the original integration, or an earlier life of this one, wrote it there
// (DEDUP-7), at times on several companies (DEDUP-11).
func (e *Engine) readStored(ctx context.Context, b *batch) error {
	of := b.conn.Pairs.Objects(b.pair)
	object, property := of[core.HubSpot][0], cmp.Or(conn.NativeID[of[core.Salesforce][0]], b.conn.KeyField(core.HubSpot, of[core.Salesforce][0]))
	ids := b.accountsToFind()
	recs, err := e.findCarrying(ctx, b, object, property, ids)
	if err != nil || recs == nil {
		return err
	}
	b.carriers = map[string][]core.Ref{}
	for _, rec := range recs {
		id, _ := rec.Get(property)
		b.carriers[core.ID18(id)] = append(b.carriers[core.ID18(id)], rec.Ref)
	}
	return e.View(ctx, func(tx *store.Tx) error {
		var refs []core.Ref
		for _, id := range ids {
			refs = append(refs, b.carriers[id]...)
		}
		b.storedLinks, err = tx.LinksOf(b.conn.ID, refs)
		return err
	})
}

// findCarrying are the HubSpot records that carry one of the ids, in either of its forms; nil
// where there is nothing to look for, or the portal has no such property.
func (e *Engine) findCarrying(ctx context.Context, b *batch, object core.Object, property string, ids []string) ([]core.Record, error) {
	f, ok := b.conn.Sides[core.HubSpot].(finder)
	if !ok || len(ids) == 0 || len(b.conn.Present(core.HubSpot, object, []string{property})) == 0 {
		return nil, nil
	}
	var values []string
	for _, id := range ids {
		values = append(values, id, id[:min(15, len(id))])
	}
	return f.Find(connector.WithPriority(ctx, room.PriorityOf(b.reasons())), object, property, values, nil)
}

// accountsToFind are the accounts, or opportunities, whose partners must be looked for: those that
// unlinked companies name, and unlinked accounts that are older than the switch.
// An import lists the companies that carry an id before any account, so that
// only accounts they disagreed about are left to find.
func (b *batch) accountsToFind() []string {
	var out []string
	for _, it := range b.items {
		switch {
		case it.unlinkedLive(core.HubSpot):
			if id := b.conn.StoredID(it.recs[core.HubSpot]); id != "" {
				out = append(out, core.ID18(id))
			}
		case it.unlinkedLive(core.Salesforce):
			rec := it.recs[core.Salesforce]
			older := rec.Created.Before(b.conn.SwitchedOn(rec.Ref)) && !it.reasons.Has(core.ReasonImport)
			if older || b.disputed(rec.Ref) {
				out = append(out, rec.Ref.ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// disputed reports an open review about the record.
func (b *batch) disputed(r core.Ref) bool {
	return slices.ContainsFunc(b.issues[r], func(i core.Issue) bool { return i.Code == CodeSeveral })
}

// storedOn are the companies that carry an account's id, as candidates.
func (b *batch) storedOn(account string) []policy.Candidate {
	var out []policy.Candidate
	for _, r := range b.carriers[account] {
		l := b.storedLinks[r]
		out = append(out, policy.Candidate{Ref: r, Key: policy.KeyID, Linked: l != nil && l.State != core.LinkClosed})
	}
	return out
}
