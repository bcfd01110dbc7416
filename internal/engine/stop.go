package engine

import (
	"context"
	"errors"

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
