package engine

import (
	"context"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// guard halts a batch whose ops no person would want to happen unseen. A brake
// stops the whole connection; nothing of the batch is written.
func (e *Engine) guard(ctx context.Context, b *batch) error {
	if err := b.conn.HeldBack(b.pair); err != nil && b.writes() {
		return err
	}
	if err := e.guardClears(ctx, b); err != nil {
		return err
	}
	deletes := 0
	for _, it := range b.items {
		for _, op := range it.extra {
			if op.Kind == core.OpArchive && !isRole(&op) && op.Rule != UndoRule { // which a person named
				deletes++
			}
		}
	}
	if deletes > 0 {
		if err := e.guardDeletes(ctx, b, deletes); err != nil {
			return err
		}
	}
	return e.guardChanged(ctx, b)
}

// guardDeletes counts the deletes of the last hour against the brake's limits. A
// person who releases the brake lets them pass for an hour.
func (e *Engine) guardDeletes(ctx context.Context, b *batch, n int) error {
	total, err := e.linked(ctx, b.conn, b.pair)
	if err != nil {
		return err
	}
	released, err := e.released(ctx, b.conn, core.BrakeDeletes)
	if err != nil || released {
		return err
	}
	brake, err := e.countDeletes(ctx, b.conn, n, total, b.conn.Settings.Brakes.Deletes.Limits())
	if err != nil || brake == nil {
		return err
	}
	return b.conn.gate.Halt(ctx, &e.Env, brake)
}

// brakeWindow is over how long deletes and changes are counted together, and how
// long a released brake lets them pass.
const brakeWindow = time.Hour

func (e *Engine) released(ctx context.Context, c *Conn, kind core.BrakeKind) (yes bool, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		at, err := tx.BrakeReleased(c.ID, string(kind))
		yes = !at.IsZero() && e.Now().Sub(at) < brakeWindow
		return err
	})
	return yes, err
}

// countDeletes counts n more deletes in the store, or gives the brake that they
// pull: many short runs delete no more than one long one.
func (e *Engine) countDeletes(ctx context.Context, c *Conn, n, total int, limits core.BrakeLimits) (brake *core.Brake, err error) {
	err = e.Update(ctx, func(tx *store.Tx) error {
		since, before, err := tx.BrakeCount(c.ID, string(core.BrakeDeletes))
		if err != nil {
			return err
		}
		if began := e.window(since); !began.Equal(since) {
			since, before = began, 0
		}
		if brake = core.CheckDeletes(total, before+n, limits); brake != nil {
			return nil
		}
		return tx.BrakeCountSet(c.ID, string(core.BrakeDeletes), since, before+n)
	})
	return brake, err
}

// window is when the counting that goes on now began, given when the last one did.
func (e *Engine) window(since time.Time) time.Time {
	if e.Now().Sub(since) > brakeWindow {
		return e.Now().Truncate(time.Millisecond) // as the store keeps it
	}
	return since
}

func (b *batch) writes() bool {
	for _, it := range b.items {
		if len(it.sent()) > 0 {
			return true
		}
	}
	return false
}

func (e *Engine) linked(ctx context.Context, c *Conn, p core.Pair) (n int, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		counts, err := tx.LinkCounts(c.ID)
		n = counts[p][core.LinkActive]
		return err
	})
	return n, err
}
