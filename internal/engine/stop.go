package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// unsent settles the intents of ops that a stop kept from leaving, and blanks
// their outcomes. It gives the stop where there was one.
func (e *Engine) unsent(ctx context.Context, c *Conn, ops []core.Op, outs []core.Outcome, err error) error {
	var keys []string
	for i := range ops {
		if held(err) || err == nil && outs[i].Code == connector.CodeStopped {
			keys, outs[i] = append(keys, ops[i].Key), core.Outcome{}
		}
	}
	if len(keys) == 0 {
		return err
	}
	if err := e.Update(ctx, func(tx *store.Tx) error { return tx.IntentsSettle(c.ID, keys) }); err != nil {
		return err
	}
	if err := e.MayWork(ctx, c); err != nil {
		return err
	}
	return &room.Error{Code: room.CodePaused, Message: "connection " + c.Settings.Name + " was stopped in between", Mend: "it goes on by itself"}
}

// held reports that a call did not leave because of a stop.
func held(err error) bool {
	var ce *connector.Error
	return errors.As(err, &ce) && ce.Code == connector.CodeStopped
}

// cuts reports an error that leaves what was sent before it to be settled: a stop, or a
// side that fails. After any other, and at the end of the process, intents stay open.
func cuts(ctx context.Context, err error) bool {
	var ce *connector.Error
	return ctx.Err() == nil && (room.Stops(err) || errors.As(err, &ce))
}

// settleWithin is how long what is known of a batch may take to be stored once it has to end.
const settleWithin = 10 * time.Second

// outlasting is a context for the settling of what was sent and answered, which the end of a
// sync must not make unknown again.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
}

// keepMade stores what a batch has made when the sync ends under it, as the process does, or
// a sync of which another batch was refused by a whole side. A user who deletes such a record
// before the next look would get a second one.
func (e *Engine) keepMade(ctx context.Context, b *batch) {
	if ctx.Err() == nil || b == nil || !b.keepCreates() {
		return
	}
	if err := e.advance(ctx, b); err != nil {
		e.Log.Warn("records that were made are looked for at the next sync", "connection", b.conn.Settings.Name, "cause", err)
	}
}

// keepCreates keeps of a batch the items for which a record was made, and reports whether
// there are any. The intents of all else stay open: what a write overwrote is not known.
func (b *batch) keepCreates() bool {
	b.items = slices.DeleteFunc(b.items, func(it *item) bool {
		made := false
		for _, op := range it.sent() {
			if op.Kind != core.OpCreate || beside(op) || it.outcomes[op.Key].Status != core.Applied {
				delete(it.outcomes, op.Key)
				continue
			}
			made = true
			it.unseen = it.unseen || !b.conn.Sides[op.Target.Side].Caps().ReturnsRow
		}
		return !made
	})
	b.cutShort()
	return len(b.items) > 0
}

// cutShort keeps of a batch that was stopped what is to be settled: items whose
// ops were all sent, and those of which a part was, or whose partner was made but not
// told of it, which are looked at again.
// The entries of all others stay as they are.
func (b *batch) cutShort() {
	var kept []*item
	for _, it := range b.items {
		sent, all := it.progress()
		if sent == 0 && all > 0 {
			continue
		}
		it.finishCreate()
		if sent < all {
			it.dropUnmade()
		}
		if l := it.newLink; sent < all || l != nil && l.Keyed != [2]bool{true, true} {
			it.again(b.at)
		}
		kept = append(kept, it)
	}
	b.items = kept
}

// rest are the entries of a batch that was cut short but for those that it kept.
func (b *batch) rest(entries []core.Dirty) []core.Dirty {
	kept := map[core.Ref]bool{}
	for _, it := range b.items {
		for _, d := range it.entries {
			kept[d.Ref] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(d core.Dirty) bool { return kept[d.Ref] })
}

// progress counts the item's ops that have an outcome, and all of them.
func (it *item) progress() (sent, all int) {
	for _, op := range it.sent() {
		all++
		if _, ok := it.outcomes[op.Key]; ok {
			sent++
		}
	}
	return sent, all
}

// dropUnmade takes back a new link whose create was not sent.
func (it *item) dropUnmade() {
	for _, side := range core.Sides {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate {
			continue
		}
		if _, sent := it.outcomes[op.Key]; !sent {
			it.newLink = nil
		}
	}
}
