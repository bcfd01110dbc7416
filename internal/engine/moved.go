package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/store"
)

// readMoved reads who belongs to the accounts and companies that linked ones of the
// batch were merged into. A merge is no change of theirs, so that no feed names them.
func (e *Engine) readMoved(ctx context.Context, b *batch) error {
	if b.pair != core.CompanyPair {
		return nil
	}
	b.families = map[core.Ref][]core.Ref{}
	for _, side := range core.Sides {
		var ids []string
		for _, it := range b.items {
			if s := it.survivor(side); it.linkOpen() && !s.IsZero() {
				ids = append(ids, s.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if err := e.readPeopleOf(ctx, b, side, ids); err != nil {
			return err
		}
	}
	if len(b.families) == 0 {
		return nil
	}
	return e.View(ctx, func(tx *store.Tx) error {
		for head, people := range b.families {
			links, err := tx.LinksOf(b.conn.ID, people)
			if err != nil {
				return err
			}
			b.families[head] = slices.DeleteFunc(people, func(r core.Ref) bool { return links[r] == nil || links[r].State != core.LinkActive })
		}
		return nil
	})
}

// readPeopleOf notes the people of accounts or of companies.
func (e *Engine) readPeopleOf(ctx context.Context, b *batch, side core.Side, ids []string) error {
	q := connector.Query{Object: core.Companies, Values: ids, Related: []core.Object{core.Contacts}}
	if side == core.Salesforce {
		q = connector.Query{Object: core.Contact, By: "AccountId", Values: ids, Fields: []string{"AccountId"}}
	}
	if _, visible := b.conn.Schemas[side][q.Object]; !visible {
		return nil
	}
	recs, err := b.conn.Sides[side].Read(ctx, q)
	for i := range recs {
		rec := &recs[i]
		if side == core.Salesforce {
			account := core.Ref{Side: side, Object: core.Account, ID: valueOf(rec, "AccountId")}
			b.families[account] = append(b.families[account], rec.Ref)
			continue
		}
		for _, rel := range rec.Related[core.Contacts] {
			b.families[rec.Ref] = append(b.families[rec.Ref], core.Ref{Side: side, Object: core.Contacts, ID: rel.ID})
		}
	}
	return err
}
