package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/store"
)

// guard halts a batch whose ops no person would want to happen unseen. A brake
// stops the whole connection; nothing of the batch is written.
func (e *Engine) guard(ctx context.Context, b *batch) error {
	if err := b.conn.requireFields(); err != nil && b.writes() {
		return err
	}
	deletes := 0
	for _, it := range b.items {
		for _, op := range it.extra {
			if op.Kind == core.OpArchive {
				deletes++
			}
		}
	}
	if deletes == 0 {
		return nil
	}
	total, err := e.linked(ctx, b.conn, b.pair)
	if err != nil {
		return err
	}
	limits := core.BrakeLimits{AtLeast: b.conn.Settings.Brakes.Deletes.AtLeast, Share: b.conn.Settings.Brakes.Deletes.Share}
	due := int(b.conn.deletes.Load()) + deletes
	if brake := core.CheckDeletes(total, due, limits); brake != nil {
		return e.halt(ctx, b.conn, brake)
	}
	b.conn.deletes.Add(int64(deletes))
	return nil
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
	err = e.view(ctx, func(tx *store.Tx) error {
		counts, err := tx.LinkCounts(c.ID)
		n = counts[p][core.LinkActive]
		return err
	})
	return n, err
}

// halt stores a brake and gives the error that ends the work of the connection.
func (e *Engine) halt(ctx context.Context, c *Conn, brake *core.Brake) error {
	err := e.update(ctx, func(tx *store.Tx) error {
		return tx.BrakeSet(c.ID, store.Brake{Kind: string(brake.Kind), Reason: brake.Reason, At: e.now(), Details: mustJSON(brake)})
	})
	if err != nil {
		return err
	}
	return &Error{Code: CodeBrake, Message: "brake " + string(brake.Kind) + ": " + brake.Reason, Mend: brake.Mend}
}
