package inclusion

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
func (l *looker) passList(ctx context.Context, look *standing) error {
	began := l.Now()
	if !look.Listed {
		if err := l.listMembers(ctx, look); err != nil {
			return err
		}
	}
	if err := l.guardList(ctx, look); err != nil {
		return err
	}
	return l.dropLeft(ctx, look, began)
}

// listMembers lists the members page by page.
func (l *looker) listMembers(ctx context.Context, look *standing) error {
	err := l.portal.Memberships(ctx, look.List, look.Page, func(p connector.MemberPage) error {
		return l.takeMembers(ctx, look, p, func() {
			look.Open, look.Tail = true, p.Cursor
			look.Page, look.Listed = p.Next, p.Next == ""
		})
	})
	if connector.ClassOf(err) != core.ClassRejected || look.Page == "" {
		return err
	}
	look.Page = "" // the cursor has expired: the next look begins anew
	return l.Update(ctx, func(tx *store.Tx) error { return l.save(tx, look) })
}

// guardList halts where most of the linked records that were in scope have left it at
// once, as after an edit of the list. The pass is made anew once a person agreed.
func (l *looker) guardList(ctx context.Context, look *standing) error {
	if look.Asked || !l.settings.Syncs(l.pair) {
		return nil
	}
	limits := l.settings.Brakes.Scope.Limits()
	left, err := l.countLeft(ctx, look, limits.AtLeast)
	if err != nil {
		return err
	}
	brake := core.CheckList(l.settings.Pairs().Plural(l.pair), l.named().Key, left, limits)
	if brake == nil {
		return nil
	}
	err = l.Update(ctx, func(tx *store.Tx) error {
		again := *look
		again.Asked, again.Page, again.Listed, again.Pass = true, "", false, look.Pass+1
		return l.save(tx, &again)
	})
	if err != nil {
		return err
	}
	return l.Halt(ctx, brake)
}

// countLeft counts the linked records that were in scope before the pass, and those of
// them whom it did not meet; none where fewer than atLeast members left.
func (l *looker) countLeft(ctx context.Context, look *standing, atLeast int) (out core.Drop, err error) {
	err = l.View(ctx, func(tx *store.Tx) error {
		few, err := tx.MembersBefore(l.conn, core.HubSpot, l.object, look.Pass, "", atLeast)
		if err != nil || len(few) < atLeast && !look.FromAll {
			return err
		}
		for after := int64(0); ; {
			page, err := tx.Links(l.conn, l.pair, core.LinkActive, after, leftPage)
			if err != nil || len(page) == 0 {
				return err
			}
			refs := make([]core.Ref, len(page))
			for i, l := range page {
				after, refs[i] = l.ID, l.Refs[core.HubSpot]
			}
			members, err := tx.MembersOf(l.conn, refs)
			if err != nil {
				return err
			}
			for _, r := range refs {
				m, stored := members[r]
				out.Count(stored || look.FromAll, stored && m.Pass >= look.Pass)
			}
		}
	})
	return out, err
}

// dropLeft forgets who left and looks at them once more, so that their history says
// so; nothing is deleted (INC-10). At the end the pass is over.
func (l *looker) dropLeft(ctx context.Context, look *standing, began time.Time) error {
	for more := true; more; {
		before := *look
		err := l.Update(ctx, func(tx *store.Tx) error {
			*look = before
			rows, err := tx.MembersBefore(l.conn, core.HubSpot, l.object, look.Pass, "", leftPage)
			if err != nil {
				return err
			}
			refs := make([]core.Ref, len(rows))
			for i, m := range rows {
				refs[i] = m.Ref
			}
			if err := tx.MembersDrop(l.conn, refs); err != nil {
				return err
			}
			if err := tx.Mark(l.conn, room.DirtyOf(l.settings.Pairs(), refs, core.ReasonSweep, 0, l.Now())); err != nil {
				return err
			}
			if look.Members -= len(refs); len(refs) < leftPage {
				more = false
				look.end(began)
			}
			return l.save(tx, look)
		})
		if err != nil {
			return err
		}
		if err := l.KeepUp(ctx); err != nil {
			return err
		}
	}
	return nil
}

// end closes the pass that began at a moment.
func (k *standing) end(began time.Time) {
	k.Open, k.Page, k.Listed, k.First, k.FromAll, k.Doubt, k.Asked = false, "", false, false, false, false, false
	k.At, k.Whole = began, began
}
