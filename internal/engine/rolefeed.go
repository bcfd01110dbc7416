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
	since, err := e.CursorAt(ctx, c.ID, core.Salesforce, capture.PollCursor(core.ContactRole), c.Switched[core.DealPair].Add(c.Offsets[core.Salesforce]))
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
		if deleted && connector.LostPosition(err) {
			lost, err = true, nil // which were deleted is not told any more
		}
		if err != nil {
			return err
		}
	}
	if lost {
		if err := e.compareRoles(ctx, c, core.Salesforce); err != nil {
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
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, known, core.ReasonParent, 0, e.Now()))
	})
	return news, err
}

// rolesPage is how many deals are compared with one call.
const rolesPage = 200

// compareRoles makes the linked deals due whose contacts on a side are others than those
// that both sides agreed on.
func (e *Engine) compareRoles(ctx context.Context, c *Conn, side core.Side) error {
	book, on := c.roles()
	if !on {
		return nil
	}
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
		refs, err := e.otherRoles(ctx, c, book, page, side)
		if err != nil {
			return err
		}
		err = e.Update(ctx, func(tx *store.Tx) error {
			return tx.Mark(c.ID, room.DirtyOf(c.Pairs, refs, core.ReasonParent, 0, e.Now()))
		})
		if err != nil {
			return err
		}
	}
}

// otherRoles are the records of a page of deals whose contacts on a side are not those that
// both sides agreed on.
func (e *Engine) otherRoles(ctx context.Context, c *Conn, book roleBook, page []*core.Link, side core.Side) (due []core.Ref, err error) {
	have, err := e.rolesNow(ctx, c, book, page, side)
	if err != nil {
		return nil, err
	}
	for _, l := range page {
		if !agreedOn(l, side, have[l.Refs[side].ID]) {
			due = append(due, l.Refs[side])
		}
	}
	return due, nil
}

// agreedOn reports that the contacts of a deal on a side, by their Salesforce id, are
// those of its base.
func agreedOn(l *core.Link, side core.Side, now map[string]string) bool {
	for contact, value := range now {
		if !l.Base.Holds(side, roleKey+contact, value) {
			return false
		}
	}
	for key, base := range l.Base {
		if contact, role := strings.CutPrefix(key, roleKey); role && base[side] != "" && now[contact] == "" {
			return false
		}
	}
	return true
}

// rolesNow are the canonical values of the linked contacts of deals on a side, by the id
// of the deal there and the Salesforce id of the contact.
func (e *Engine) rolesNow(ctx context.Context, c *Conn, book roleBook, page []*core.Link, side core.Side) (map[string]map[string]string, error) {
	texts, err := c.rolesOn(ctx, side, page)
	if err != nil {
		return nil, err
	}
	var refs []core.Ref
	for _, of := range texts {
		for r := range of {
			refs = append(refs, r)
		}
	}
	slices.SortFunc(refs, core.Ref.Compare)
	out := map[string]map[string]string{}
	err = e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, refs)
		for deal, of := range texts {
			out[deal] = map[string]string{}
			for r, names := range of {
				if l := links[r]; l != nil && l.State == core.LinkActive && l.Refs[core.Salesforce].Object == core.Contact {
					out[deal][l.Refs[core.Salesforce].ID] = book.canon(names)
				}
			}
		}
		return err
	})
	return out, err
}

// rolesOn reads the contacts of deals on a side, with their roles or labels.
func (c *Conn) rolesOn(ctx context.Context, side core.Side, page []*core.Link) (map[string]map[core.Ref][]string, error) {
	ids := make([]string, len(page))
	for i, l := range page {
		ids[i] = l.Refs[side].ID
	}
	q := connector.Query{Object: core.Deals, Values: ids, Related: []core.Object{core.Contacts}}
	if side == core.Salesforce {
		q = roleQuery(roleDeal, ids)
	}
	recs, err := c.Sides[side].Read(ctx, q)
	out := map[string]map[core.Ref][]string{}
	add := func(deal string, contact core.Ref, texts ...string) {
		if out[deal] == nil {
			out[deal] = map[core.Ref][]string{}
		}
		out[deal][contact] = append(out[deal][contact], texts...)
	}
	for i := range recs {
		r := &recs[i]
		if side == core.Salesforce {
			deal, _ := r.Get(roleDeal)
			name, _ := r.Get(roleName)
			add(core.ID18(deal), contactOf(r), name)
		}
		for _, rel := range r.Related[core.Contacts] {
			add(r.Ref.ID, core.Ref{Side: side, Object: core.Contacts, ID: rel.ID}, rel.Labels...)
		}
	}
	return out, err
}
