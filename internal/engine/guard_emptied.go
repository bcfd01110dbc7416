package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// guardEmptied halts where a side lists none of an object's records, some of which were
// linked before the sweep began: what is linked meanwhile need not be in its listing. A
// person who releases the brake lets that object's records be looked at, for an hour.
func (e *Engine) guardEmptied(ctx context.Context, c *Conn, s step, began time.Time) error {
	agreed, known := false, 0
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		if agreed, err = e.agreedEmpty(tx, c, s.object); err != nil || agreed {
			return err
		}
		known, err = linkedBefore(tx, c, s, began)
		return err
	})
	if err != nil || agreed {
		return err
	}
	if brake := core.CheckEmptied(s.side, s.object, c.Pairs.Title(s.object), known, 0); brake != nil {
		return c.gate.Halt(ctx, &e.Env, brake)
	}
	return nil
}

// agreedEmpty reports that a person released the brake of an object just before.
func (e *Engine) agreedEmpty(tx *store.Tx, c *Conn, object core.Object) (bool, error) {
	last, released, err := tx.BrakeLast(c.ID, string(core.BrakeEmptied))
	if err != nil || released.IsZero() || e.Now().Sub(released) >= brakeWindow {
		return false, err
	}
	var b core.Brake
	err = json.Unmarshal(last.Details, &b)
	return b.Object == object, err
}

// linkedBefore counts the records of a step's object that were linked before a moment, but
// for those of which an issue says already that nobody sees them.
func linkedBefore(tx *store.Tx, c *Conn, s step, began time.Time) (n int, err error) {
	pair, _ := c.Pairs.Of(s.side, s.object)
	for after := int64(0); ; {
		page, err := tx.Links(c.ID, pair, core.LinkActive, after, forgetPage)
		if err != nil || len(page) == 0 {
			return n, err
		}
		var refs []core.Ref
		for _, l := range page {
			refs = append(refs, l.Refs[:]...)
		}
		issues, err := tx.IssuesOf(c.ID, refs)
		if err != nil {
			return n, err
		}
		for _, l := range page {
			after = l.ID
			if l.Refs[s.side].Object == s.object && l.Created.Before(began) && !unseen(issues, l) {
				n++
			}
		}
	}
}

// unseen reports an open issue by which a side does not show one of a link's records.
func unseen(issues map[core.Ref][]core.Issue, l *core.Link) bool {
	return slices.ContainsFunc(slices.Concat(issues[l.Refs[0]], issues[l.Refs[1]]), func(i core.Issue) bool { return i.Code == codeUnreadable })
}
