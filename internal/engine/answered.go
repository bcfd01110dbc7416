package engine

import (
	"context"
	"slices"
	"strconv"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// questionPage is how many open questions are looked at in one transaction.
const questionPage = 1000

// lookAnswered is the last step of an import. Whoever was met early may have been asked about
// with somebody who got a partner later, in another batch: they are looked at again, as what
// they were due for, so that neither the questions that are left nor who gets a record hang on
// the order. The checkpoint is the last question's number.
func (e *Engine) lookAnswered(ctx context.Context, c *Conn, r *store.Run, s step, at int, after string) error {
	last, _ := strconv.ParseInt(after, 10, 64)
	for more := true; more; {
		var asked []core.Issue
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			asked, err = tx.Issues(c.ID, store.IssueFilter{Pair: s.pair, After: last, Limit: questionPage}, CodeSeveral, CodeSimilar)
			return err
		})
		if err != nil || len(asked) == 0 {
			return err
		}
		last, more = asked[len(asked)-1].ID, len(asked) == questionPage
		err = e.listed(ctx, c, r, checkpoint(at, strconv.FormatInt(last, 10)), maxBacklog, func(tx *store.Tx) (int, error) {
			due, err := answered(tx, c, asked, e.Now())
			if err != nil {
				return 0, err
			}
			return 0, tx.Mark(c.ID, due) // the import counts them already
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// answered are the entries of records that wait for an answer about somebody who has a
// partner, which answers it. What waits for nothing is left to the sweeps.
func answered(tx *store.Tx, c *Conn, asked []core.Issue, now time.Time) (due []core.Dirty, err error) {
	var candidates []core.Ref
	for _, i := range asked {
		candidates = append(candidates, i.Candidates...)
	}
	links, err := tx.LinksOf(c.ID, candidates)
	if err != nil {
		return nil, err
	}
	var refs []core.Ref
	for _, i := range asked {
		if slices.ContainsFunc(i.Candidates, func(r core.Ref) bool { return links[r] != nil && links[r].State == core.LinkActive }) {
			refs = append(refs, i.Ref)
		}
	}
	waiting, err := tx.DirtyOf(c.ID, refs)
	for _, r := range refs {
		if d, ok := waiting[r]; ok {
			d.NotBefore = now
			due = append(due, d)
		}
	}
	return due, err
}
