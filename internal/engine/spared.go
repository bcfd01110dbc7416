package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// loadCascades finds the deleted records of Salesforce whose account Tandem deleted, or is
// deleting, for its company: Salesforce took them along, and nobody said a word about them
// (Object Reference for the Salesforce Platform, Account). The contact behind a person
// account is the account: both were meant.
func (e *Engine) loadCascades(ctx context.Context, b *batch) error {
	accounts := map[core.Ref]core.Ref{}
	for _, it := range b.items {
		if !b.deletesIn(it, core.HubSpot) || conn.IsPersonAccount(it.recs[core.Salesforce]) {
			continue
		}
		if id, _ := it.recs[core.Salesforce].Get(conn.RelationKey); id != "" {
			accounts[it.recs[core.Salesforce].Ref] = accountRef(id)
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	b.cascades = map[core.Ref]core.Ref{}
	return e.View(ctx, func(tx *store.Tx) error {
		var refs []core.Ref
		for _, account := range accounts {
			refs = append(refs, account)
		}
		links, err := tx.LinksOf(b.conn.ID, refs)
		if err != nil {
			return err
		}
		open, err := tx.IntentsOpen(b.conn.ID)
		for r, account := range accounts {
			l := links[account]
			going := slices.ContainsFunc(open, func(in store.Intent) bool { return in.Op.Kind == core.OpArchive && in.Op.Target == account })
			if going || l != nil && conn.TookAlong(l) {
				b.cascades[r] = account
			}
		}
		return err
	})
}

// doomedAddresses are those of people whom a deletion is about to reach: somebody else of the
// side that deleted may have them.
func (b *batch) doomedAddresses() (out []string) {
	for _, it := range b.items {
		for _, side := range core.Sides {
			if b.deletesIn(it, side) && conn.EmailOf(it.recs[side]) != "" {
				out = append(out, conn.EmailOf(it.recs[side]))
			}
		}
	}
	return out
}

// namesakeOf is who takes the place of a person that a side deleted: another one there with
// the address of the partner, who has none and whom no person told from it. In HubSpot that
// is whom somebody entered anew, since each address stands there once.
func (b *batch) namesakeOf(it *item, side core.Side) core.Ref {
	if b.pair != core.ContactPair || b.folk == nil || !b.deletesIn(it, side.Other()) {
		return core.Ref{}
	}
	partner := it.recs[side.Other()]
	var all []policy.PersonCandidate
	for _, r := range b.folk.named(conn.EmailOf(partner)) {
		if rec := b.folk.recs[r]; r.Side == side && !b.folk.taken(r) && !b.leavesOut(rec) && !b.folk.apart.has(r, partner.Ref) && !b.folk.parted(r, partner.Ref) {
			all = append(all, personCandidate(rec))
		}
	}
	if len(all) == 0 {
		return core.Ref{}
	}
	next, _ := policy.LinkPerson(conn.EmailOf(partner), all)
	return next.Ref
}
