package engine

import (
	"context"
	"maps"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// releaseKey takes our key off a record whose link a person ended: it names a partner that
// the record has no more, and would keep that partner from another link for ever.
func (b *batch) releaseKey(it *item) {
	l, side := it.link, it.from
	if l == nil || l.State != core.LinkClosed || !conn.Unlinked(l) || it.undoDue || it.newLink != nil || !it.live(side) || it.ops[side] != nil || it.recs[side].Ref != l.Refs[side] {
		return
	}
	field := b.conn.KeyField(side, l.Refs[core.Salesforce].Object)
	if have, _ := it.recs[side].Get(field); have == l.Partner(side).ID {
		it.ops[side] = b.updateOp(it, side, map[string]string{field: ""}, KeyRule)
	}
}

// releases reports an op that takes a key off a record. It goes ahead of those that write
// one: the same may be about to stand on another record.
func releases(op *core.Op) bool {
	if op.Kind != core.OpUpdate || op.Rule != KeyRule {
		return false
	}
	for v := range maps.Values(op.Fields) {
		if v != "" {
			return false
		}
	}
	return true
}

// sendUpdates sends the updates that take keys off records, and then the others.
func (e *Engine) sendUpdates(ctx context.Context, b *batch, side core.Side, all []sending) error {
	var first, rest []sending
	for _, s := range all {
		if releases(s.op) {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	if err := e.send(ctx, b, side, first); err != nil {
		return err
	}
	return e.send(ctx, b, side, rest)
}

// markReleased has a look taken at records whose link a person ended, so that our keys go
// from them. It is no reason to do anything else.
func (e *Engine) markReleased(tx *store.Tx, c *Conn, links map[core.Ref]*core.Link) error {
	for _, l := range links {
		if l.State != core.LinkClosed || !conn.Unlinked(l) {
			continue
		}
		if err := tx.Mark(c.ID, room.DirtyOf(c.Pairs, l.Refs[:], core.ReasonOwn, 0, e.Now())); err != nil {
			return err
		}
	}
	return nil
}
