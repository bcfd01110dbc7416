package engine

import (
	"cmp"
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// mayRetry reports whether records with issues are still tried again by
// themselves: not past the share of the daily calls (ERR-10).
func (e *Engine) mayRetry(c *Conn) bool {
	share, calls := c.usedShare()
	_, ok := policy.RetryAt(e.Now(), c.RetryEvery(), share, cmp.Or(c.Settings.Retry.StopAtShare, 0.75), c.limited(), calls)
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
	err := e.Update(ctx, func(tx *store.Tx) error {
		kept = nil
		stuck, err := withIssues(tx, c, tried)
		if err != nil {
			return err
		}
		for _, d := range entries {
			if d.Tries == 0 || !stuck[d.Ref] {
				kept = append(kept, d)
			} else if err := tx.Postpone(c.ID, d, e.Now().Add(c.RetryEvery())); err != nil {
				return err
			}
		}
		return nil
	})
	return kept, err
}

// withIssues are those of the refs that have an open issue, or whose partner has.
func withIssues(tx *store.Tx, c *Conn, refs []core.Ref) (map[core.Ref]bool, error) {
	links, err := tx.LinksOf(c.ID, refs)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(refs)
	for _, r := range refs {
		if l := links[r]; l != nil {
			all = append(all, l.Partner(r.Side))
		}
	}
	issues, err := tx.IssuesOf(c.ID, all)
	out := map[core.Ref]bool{}
	for _, r := range refs {
		out[r] = len(issues[r]) > 0 || links[r] != nil && len(issues[links[r].Partner(r.Side)]) > 0
	}
	return out, err
}
