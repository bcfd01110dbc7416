package room

import (
	"context"
	"log/slog"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// Env is what every room of the engine works with.
type Env struct {
	// Store keeps all that outlives the process. Rooms reach it by View and Update.
	Store *store.Store
	// Now is our clock.
	Now func() time.Time
	Log *slog.Logger
	// By names the person or process that acts, for the audit log.
	By string
}

// View runs fn in a read transaction.
func (e *Env) View(ctx context.Context, fn func(*store.Tx) error) error {
	return e.Store.View(ctx, fn)
}

// Update runs fn in a write transaction. No network call happens inside.
func (e *Env) Update(ctx context.Context, fn func(*store.Tx) error) error {
	return e.Store.Update(ctx, fn)
}

// Since is how long ago t was, for lags; zero for a zero time.
func (e *Env) Since(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return e.Now().Sub(t)
}

// CursorAt is the moment up to which a poll has read, in the side's clock: as its cursor
// says, or else the one given.
func (e *Env) CursorAt(ctx context.Context, conn int64, side core.Side, name string, otherwise time.Time) (at time.Time, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(conn, side, name)
		if at = otherwise; known {
			at = ParseStamp(cur.Value)
		}
		return err
	})
	return at, err
}
