package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// A HubSpot contact has one key for a lead and one for a contact. Who absorbed another
// contact in a merge keeps the other's key beside its own, which stands in the way of
// whoever is the partner of the person that it names by now.

// eachLeft does something with each key of a linked HubSpot contact that is none of its link,
// and with the person whom it names.
func (b *batch) eachLeft(it *item, do func(field string, named core.Ref)) {
	l := it.link
	if b.pair != core.ContactPair || l == nil || l.State != core.LinkActive || !it.live(core.HubSpot) || it.recs[core.HubSpot].Ref != l.Refs[core.HubSpot] {
		return
	}
	for _, of := range b.conn.Pairs.Objects(b.pair)[core.Salesforce] {
		field := b.conn.KeyField(core.HubSpot, of)
		if have, _ := it.recs[core.HubSpot].Get(field); have != "" && of != l.Refs[core.Salesforce].Object {
			do(field, core.Ref{Side: core.Salesforce, Object: of, ID: core.ID18(have)})
		}
	}
}

// loadKeysLeft loads the links of the people whom such keys name.
func (e *Engine) loadKeysLeft(ctx context.Context, b *batch) error {
	var named []core.Ref
	for _, it := range b.items {
		b.eachLeft(it, func(_ string, r core.Ref) { named = append(named, r) })
	}
	if len(named) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) (err error) { b.keysLeft, err = tx.LinksOf(b.conn.ID, named); return err })
}

// releaseLeft takes such a key off where the person whom it names has another partner.
func (b *batch) releaseLeft(it *item) {
	b.eachLeft(it, func(field string, r core.Ref) {
		if l := b.keysLeft[r]; l != nil && l.State == core.LinkActive && l.Refs[core.Salesforce] == r && l.Refs[core.HubSpot] != it.link.Refs[core.HubSpot] {
			b.alsoWrite(it, core.HubSpot, field, "", KeyRule)
		}
	})
}

// seekHolders has a look taken at the HubSpot contacts that carry the keys which updates were
// refused for.
func (e *Engine) seekHolders(ctx context.Context, b *batch) error {
	refused := map[string]*item{}
	var ops []core.Op
	for _, it := range b.items {
		op, l := it.ops[core.HubSpot], it.activeLink()
		if b.pair != core.ContactPair || l == nil || op == nil || op.Kind != core.OpUpdate || it.outcomes[op.Key].Class != core.ClassDuplicate {
			continue
		}
		field := b.conn.KeyField(core.HubSpot, l.Refs[core.Salesforce].Object)
		if key := op.Fields[field]; key != "" {
			refused[op.Key] = it
			ops = append(ops, core.Op{Key: op.Key, Target: op.Target, UniqueField: field, UniqueValue: key})
		}
	}
	holders, err := e.madeBy(ctx, b, core.HubSpot, ops, core.Live)
	if err != nil {
		return ctx.Err() // the issue of the refusal has it tried again
	}
	for key, rec := range holders {
		it := refused[key]
		if rec.Ref != it.ops[core.HubSpot].Target {
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{rec.Ref}, core.ReasonSweep, 0, b.at)...)
		}
	}
	return nil
}

// markReleasedFor has the update tried again that waits for a key which was taken off its holder.
func (b *batch) markReleasedFor(it *item, op *core.Op) {
	if op.Target.Side != core.HubSpot || op.Kind != core.OpUpdate {
		return
	}
	b.eachLeft(it, func(field string, r core.Ref) {
		if v, sent := op.Fields[field]; sent && v == "" {
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{r}, core.ReasonRetry, 0, b.at)...)
		}
	})
}
