package engine

import (
	"context"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// leftPage is how many who left are told in one transaction.
const leftPage = 1000

// passList lists all members, or goes on where a stop cut that short, and then tells
// who left. Nobody is told before a brake has seen how many they are.
func (e *Engine) passList(ctx context.Context, c *Conn, look *listLook) error {
	began := e.Now()
	if !look.Listed {
		if err := e.listMembers(ctx, c, look); err != nil {
			return err
		}
	}
	if err := e.guardList(ctx, c, look); err != nil {
		return err
	}
	return e.dropLeft(ctx, c, look, began)
}

// listMembers lists the members page by page.
func (e *Engine) listMembers(ctx context.Context, c *Conn, look *listLook) error {
	err := c.Sides[core.HubSpot].Memberships(ctx, look.List, look.Page, func(p connector.MemberPage) error {
		return e.takeMembers(ctx, c, look, p, func() {
			look.Open, look.Tail = true, p.Cursor
			look.Page, look.Listed = p.Next, p.Next == ""
		})
	})
	if connector.ClassOf(err) != core.ClassRejected || look.Page == "" {
		return err
	}
	look.Page = "" // the cursor has expired: the next look begins anew
	return e.Update(ctx, func(tx *store.Tx) error { return look.save(tx, c) })
}

// guardList halts where most of the linked people who were in scope have left it at
// once, as after an edit of the list. The pass is made anew once a person agreed.
func (e *Engine) guardList(ctx context.Context, c *Conn, look *listLook) error {
	if look.Asked || !c.syncsPeople() {
		return nil
	}
	limits := c.Settings.Brakes.Scope.Limits()
	linked, left, err := e.countLeft(ctx, c, look, limits.AtLeast)
	if err != nil {
		return err
	}
	brake := core.CheckList(linked, left, limits)
	if brake == nil {
		return nil
	}
	err = e.Update(ctx, func(tx *store.Tx) error {
		again := *look
		again.Asked, again.Page, again.Listed, again.Pass = true, "", false, look.Pass+1
		return again.save(tx, c)
	})
	if err != nil {
		return err
	}
	return e.halt(ctx, c, brake)
}

// countLeft counts the linked people who were in scope before the pass, and those of
// them whom it did not meet; none where fewer than atLeast members left.
func (e *Engine) countLeft(ctx context.Context, c *Conn, look *listLook, atLeast int) (linked, left int, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		few, err := tx.MembersBefore(c.ID, core.HubSpot, core.Contacts, look.Pass, "", atLeast)
		if err != nil || len(few) < atLeast && !look.FromAll {
			return err
		}
		for after := int64(0); ; {
			page, err := tx.Links(c.ID, core.ContactPair, core.LinkActive, after, leftPage)
			if err != nil || len(page) == 0 {
				return err
			}
			refs := make([]core.Ref, len(page))
			for i, l := range page {
				after, refs[i] = l.ID, l.Refs[core.HubSpot]
			}
			members, err := tx.MembersOf(c.ID, refs)
			if err != nil {
				return err
			}
			for _, r := range refs {
				m, stored := members[r]
				if stored || look.FromAll {
					linked++
				}
				if stored && m.Pass < look.Pass || !stored && look.FromAll {
					left++
				}
			}
		}
	})
	return linked, left, err
}

// dropLeft forgets who left and looks at them once more, so that their history says
// so; nothing is deleted (INC-10). At the end the pass is over.
func (e *Engine) dropLeft(ctx context.Context, c *Conn, look *listLook, began time.Time) error {
	for more := true; more; {
		before := *look
		err := e.Update(ctx, func(tx *store.Tx) error {
			*look = before
			rows, err := tx.MembersBefore(c.ID, core.HubSpot, core.Contacts, look.Pass, "", leftPage)
			if err != nil {
				return err
			}
			refs := make([]core.Ref, len(rows))
			for i, m := range rows {
				refs[i] = m.Ref
			}
			if err := tx.MembersDrop(c.ID, refs); err != nil {
				return err
			}
			if err := tx.Mark(c.ID, room.DirtyOf(refs, core.ReasonSweep, 0, e.Now())); err != nil {
				return err
			}
			if look.Members -= len(refs); len(refs) < leftPage {
				more = false
				look.end(began)
			}
			return look.save(tx, c)
		})
		if err != nil {
			return err
		}
		if err := e.keepUp(ctx, c, maxBacklog); err != nil {
			return err
		}
	}
	return nil
}

// end closes the pass that began at a moment.
func (k *listLook) end(began time.Time) {
	k.Open, k.Page, k.Listed, k.First, k.FromAll, k.Doubt, k.Asked = false, "", false, false, false, false, false
	k.At, k.Whole = began, began
}
