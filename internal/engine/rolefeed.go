package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// pollRoles looks for contact roles that changed since the last poll: no stamp of an
// opportunity tells. Of one that was deleted only its id is told, so that the roles of
// all linked deals are compared then.
func (e *Engine) pollRoles(ctx context.Context, c *Conn) error {
	if _, on := c.roles(); !on || c.Switched[core.DealPair].IsZero() {
		return nil
	}
	since := c.Switched[core.DealPair].Add(c.Offsets[core.Salesforce])
	err := e.View(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(c.ID, core.Salesforce, capture.PollCursor(core.ContactRole))
		if known {
			since = room.ParseStamp(cur.Value)
		}
		return err
	})
	if err != nil {
		return err
	}
	began := e.Now().Add(c.Offsets[core.Salesforce])
	overlap := c.Sides[core.Salesforce].Caps().Overlap
	lost := false
	for _, deleted := range []bool{true, false} {
		scan := connector.Scan{Object: core.ContactRole, Fields: []string{roleDeal}, Since: since.Add(-overlap), Deleted: deleted}
		err := c.Sides[core.Salesforce].Scan(ctx, scan, func(p connector.Page) error {
			news, err := e.takeRoles(ctx, c, p.Records)
			lost = lost || deleted && news
			return err
		})
		if err != nil {
			return err
		}
	}
	if lost {
		if err := e.compareRoles(ctx, c); err != nil {
			return err
		}
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.Salesforce, capture.PollCursor(core.ContactRole), room.StampText(began))
	})
}

// takeRoles makes the opportunities of contact roles due that were not met before, and
// reports whether there were any.
func (e *Engine) takeRoles(ctx context.Context, c *Conn, rows []core.Record) (news bool, err error) {
	refs := make([]core.Ref, len(rows))
	for i := range rows {
		refs[i] = rows[i].Ref
	}
	err = e.Update(ctx, func(tx *store.Tx) error {
		seen, err := tx.SeenOf(c.ID, refs)
		if err != nil {
			return err
		}
		var fresh []store.SeenRow
		var deals []core.Ref
		for i := range rows {
			r := &rows[i]
			at := store.Seen{Stamp: r.Stamp, Deleted: r.Presence == core.Deleted}
			if was, met := seen[r.Ref]; met && was.Deleted == at.Deleted && was.Stamp.Equal(at.Stamp) {
				continue
			}
			fresh = append(fresh, store.SeenRow{Ref: r.Ref, Seen: at})
			if id, _ := r.Get(roleDeal); id != "" {
				deals = append(deals, core.Ref{Side: core.Salesforce, Object: core.Opportunity, ID: core.ID18(id)})
			}
		}
		if news = len(fresh) > 0; !news {
			return nil
		}
		if err := tx.SeenPut(c.ID, fresh); err != nil {
			return err
		}
		known, err := knownDeals(tx, c, deals)
		if err != nil {
			return err
		}
		return tx.Mark(c.ID, room.DirtyOf(known, core.ReasonParent, 0, e.Now()))
	})
	return news, err
}

// rolesPage is how many deals are compared with one call.
const rolesPage = 200

// compareRoles makes the linked deals due whose contact roles are others than those that
// both sides agreed on: the pass that finds what nobody announced.
func (e *Engine) compareRoles(ctx context.Context, c *Conn) error {
	ctx = connector.WithPriority(ctx, connector.Backfill)
	for after := int64(0); ; {
		var page []*core.Link
		err := e.View(ctx, func(tx *store.Tx) (err error) {
			page, err = tx.Links(c.ID, core.DealPair, core.LinkActive, after, rolesPage)
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		if err := e.comparePage(ctx, c, page); err != nil {
			return err
		}
	}
}

func (e *Engine) comparePage(ctx context.Context, c *Conn, page []*core.Link) error {
	ids := make([]string, len(page))
	for i, l := range page {
		ids[i] = l.Refs[core.Salesforce].ID
	}
	rows, err := c.Sides[core.Salesforce].Read(ctx, roleQuery(roleDeal, ids))
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for i := range rows {
		deal, _ := rows[i].Get(roleDeal)
		have[core.ID18(deal)+contactOf(&rows[i]).ID] = true
	}
	var due []core.Ref
	for _, l := range page {
		gone := func(key string) bool {
			contact, role := strings.CutPrefix(key, roleKey)
			return role && l.Base[key][core.Salesforce] != "" && !have[l.Refs[core.Salesforce].ID+contact]
		}
		if slices.ContainsFunc(room.SortedKeys(l.Base), gone) {
			due = append(due, l.Refs[core.Salesforce])
		}
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		return tx.Mark(c.ID, room.DirtyOf(due, core.ReasonParent, 0, e.Now()))
	})
}
