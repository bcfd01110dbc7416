package engine

import (
	"context"
	"maps"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// adopt turns creates that found their key taken, or got no answer, into links with
// the records that carry the keys.
func (e *Engine) adopt(ctx context.Context, b *batch, side core.Side) error {
	doubted := map[string]*item{}
	var ops []core.Op
	for _, it := range b.items {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate {
			continue
		}
		if o, sent := it.outcomes[op.Key]; sent && (o.Status == core.Unknown || o.Class == core.ClassDuplicate) {
			doubted[op.Key], ops = it, append(ops, *op)
		}
	}
	made, err := e.madeBy(ctx, b, side, ops, core.Live)
	if err != nil {
		return ctx.Err() // what cannot be looked up now stays unknown
	}
	for key, rec := range made {
		it := doubted[key]
		o := it.outcomes[key]
		o.Status, o.Class, o.ID, o.Values, o.Stamp = core.Applied, core.ClassNone, rec.Ref.ID, rec.Values, rec.Stamp
		it.outcomes[key] = o
		// The record may have been made by an older attempt with other values: those are
		// met afresh, and what it holds is nobody's answer to this write.
		if it.newLink != nil {
			it.newLink.Base = core.Advance(nil, b.stillShown(it, *it.ops[side], rec))
		}
		it.results, it.relation, it.staging = nil, nil, nil
		it.again(b.at)
	}
	return e.adoptHolders(ctx, b, side)
}

// adoptHolders joins people whose create was refused because another record has the
// address with that record, where it is free (CON-4) and no person found the two to be
// different. It is met at the next look, when it has been read.
func (e *Engine) adoptHolders(ctx context.Context, b *batch, side core.Side) error {
	refused := map[core.Ref]*item{}
	for _, it := range b.items {
		op := it.ops[side]
		if b.pair != core.ContactPair || op == nil || op.Kind != core.OpCreate {
			continue
		}
		if o := it.outcomes[op.Key]; side == core.HubSpot && o.Status == core.Rejected && o.Class == core.ClassDuplicate && o.Existing != "" {
			refused[core.Ref{Side: side, Object: op.Target.Object, ID: o.Existing}] = it
		}
	}
	if len(refused) == 0 {
		return nil
	}
	var links map[core.Ref]*core.Link
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		links, err = tx.LinksOf(b.conn.ID, slices.Collect(maps.Keys(refused)))
		return err
	})
	for holder, it := range refused {
		if l := links[holder]; (l == nil || l.State == core.LinkClosed && !conn.Unlinked(l)) && !b.folk.apart.has(it.recs[it.from].Ref, holder) && !b.folk.parted(it.recs[it.from].Ref, holder) {
			it.joinHolder(holder, b)
		} else if err == nil { // its further addresses say what this one's is
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{holder}, core.ReasonSweep, 0, b.at)...)
		}
	}
	return err
}

// joinHolder gives the item's new link the record that holds the address, in place of
// one that is made.
func (it *item) joinHolder(holder core.Ref, b *batch) {
	op := it.ops[holder.Side]
	it.openKeys = append(it.openKeys, op.Key)
	it.ops[holder.Side], it.results, it.relation, it.staging = nil, nil, nil, nil
	it.newLink.Refs[holder.Side], it.newLink.How = holder, ruleKnownAddress
	it.say(Pending, core.Decision{Rule: ruleKnownAddress, Outcome: "link", Facts: map[string]string{"because": "a record with the e-mail address is there already", "partner": holder.String()}})
	it.later(b.at)
}
