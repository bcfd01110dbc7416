package engine

import (
	"context"

	"tandem/internal/core"
	"tandem/internal/store"
)

// ExplainStored says of a record what the store knows, without a call to either side:
// its link, its open issues, what it waits for and what was last decided. It is nil for
// a record of which the store knows nothing.
func (e *Engine) ExplainStored(ctx context.Context, c *Conn, p core.Pair, id string) (x *Explanation, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		refs := refsFor(c.Pairs, p, id)
		x = &Explanation{Record: RecordView{Side: refs[0].Side.String(), Object: refs[0].Object, ID: refs[0].ID}, Verdict: Pending}
		links, err := tx.LinksOf(c.ID, refs)
		if err != nil {
			return err
		}
		for _, l := range links {
			x.Link = linkView(l)
			refs = append(refs, l.Refs[0], l.Refs[1])
		}
		if err := x.storedIssues(tx, c.ID, refs); err != nil {
			return err
		}
		if x.History, err = history(tx, c.ID, refs, historyShown); err != nil {
			return err
		}
		if len(x.History) > 0 {
			x.Verdict, x.Rules = x.History[0].Verdict, x.History[0].Decisions
		}
		if x.History, err = lifeHistory(tx, c.ID, refs, historyShown); err != nil {
			return err
		}
		if len(x.Pending) > 0 && x.Verdict != Blocked {
			x.Verdict = Pending
		}
		if x.Link == nil && len(x.History)+len(x.Pending)+len(x.Issues) == 0 {
			x = nil
		}
		return nil
	})
	if err != nil || x == nil {
		return nil, err
	}
	if x.Halt, err = e.haltOf(ctx, c); err == nil {
		x.halted()
	}
	return x, err
}

// storedIssues adds the open issues of records and why they are to be looked at.
func (x *Explanation) storedIssues(tx *store.Tx, conn int64, refs []core.Ref) error {
	open, err := tx.IssuesOf(conn, refs)
	if err != nil {
		return err
	}
	dirty, err := tx.DirtyOf(conn, refs)
	told := map[core.Ref]bool{}
	for _, r := range refs {
		if told[r] {
			continue
		}
		told[r] = true
		x.Issues = append(x.Issues, open[r]...)
		if d, ok := dirty[r]; ok {
			due := d.NotBefore
			x.Pending, x.Due = append(x.Pending, d.Reasons.Names()...), &due
		}
	}
	return err
}
