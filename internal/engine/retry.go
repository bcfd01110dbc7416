package engine

import (
	"context"
	"time"

	"tandem/internal/core"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// retryEvery is how long a record with an issue rests (ERR-10).
func (c *Conn) retryEvery() time.Duration {
	return orDefault(c.Settings.Retry.Every.D(), 30*time.Minute)
}

// mayRetry reports whether records with issues are still tried again by
// themselves: not past the share of the daily calls (ERR-10).
func (e *Engine) mayRetry(c *Conn) bool {
	share, calls := c.usedShare()
	_, ok := policy.RetryAt(e.now(), c.retryEvery(), share, orDefault(c.Settings.Retry.StopAtShare, 0.75), c.limited(), calls)
	return ok
}

// holdRetries puts off entries that wait only because of an open issue while no
// retries are allowed, and gives the others. What a person or a change asked for
// starts with no tries and is never held.
func (e *Engine) holdRetries(ctx context.Context, c *Conn, entries []core.Dirty) ([]core.Dirty, error) {
	var tried []core.Ref
	for _, d := range entries {
		if d.Tries > 0 {
			tried = append(tried, d.Ref)
		}
	}
	if len(tried) == 0 || e.mayRetry(c) {
		return entries, nil
	}
	var kept []core.Dirty
	err := e.update(ctx, func(tx *store.Tx) error {
		kept = nil
		issues, err := tx.IssuesOf(c.ID, tried)
		if err != nil {
			return err
		}
		for _, d := range entries {
			if d.Tries == 0 || len(issues[d.Ref]) == 0 {
				kept = append(kept, d)
			} else if err := tx.Postpone(c.ID, d, e.now().Add(c.retryEvery())); err != nil {
				return err
			}
		}
		return nil
	})
	return kept, err
}
