// Package catalogue follows the prices of products: they stand in entries of a price book,
// whose changes no stamp of a product tells. It makes linked products due whose price is
// another than both sides agreed on.
//
// It may know the store, a connection and what capture takes for an echo. It never writes
// to a side: prices are fields of products to all the others.
package catalogue

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// linksPage is how many links are looked at with one transaction.
const linksPage = 500

// Poll makes those linked products due whose price changed since the last poll. Of an entry
// that was deleted only its id is told, so that all linked products are read again then.
func Poll(ctx context.Context, e *room.Env, c *conn.Known) error {
	if !Follows(c) {
		return nil
	}
	book, err := c.Sides[core.Salesforce].(connector.Prices).PriceBook(ctx)
	if err != nil {
		return hiddenIsNone(err)
	}
	side, cursor := c.Sides[core.Salesforce], capture.PollCursor(core.PriceBookEntry)
	since, err := e.CursorAt(ctx, c.ID, core.Salesforce, cursor, c.Switched[core.ProductPair].Add(c.Offsets[core.Salesforce]))
	if err != nil {
		return err
	}
	began := e.Now().Add(c.Offsets[core.Salesforce])
	scan := connector.Scan{Object: core.PriceBookEntry, Fields: []string{core.EntryBook, core.EntryProduct, core.EntryPrice}, Since: since.Add(-side.Caps().Overlap)}
	if c.SeveralPrices() {
		scan.Fields = append(scan.Fields, core.EntryCurrency)
	}
	err = side.Scan(ctx, scan, func(p connector.Page) error { return take(ctx, e, c, book.ID, p.Records) })
	if err == nil {
		err = pollDeleted(ctx, e, c, scan)
	}
	if err != nil {
		return hiddenIsNone(err)
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		return tx.CursorSet(c.ID, core.Salesforce, cursor, room.StampText(began))
	})
}

// Follows reports that prices of products pass.
func Follows(c *conn.Known) bool {
	_, keeps := c.Sides[core.Salesforce].(connector.Prices)
	return keeps && !c.Switched[core.ProductPair].IsZero() && c.Syncs(core.ProductPair) && len(c.PriceFields()) > 0
}

// hiddenIsNone leaves out prices that the integration may not see any more: the fields of
// products are missing then, and that is said elsewhere.
func hiddenIsNone(err error) error {
	switch connector.ClassOf(err) {
	case core.ClassSchema, core.ClassRejected, core.ClassGone:
		return nil
	}
	return err
}

// take makes the linked products of entries due whose price is not the agreed one.
func take(ctx context.Context, e *room.Env, c *conn.Known, book string, rows []core.Record) error {
	var recs []core.Record
	var refs []core.Ref
	for i := range rows {
		of, _ := rows[i].Get(core.EntryProduct)
		in, _ := rows[i].Get(core.EntryBook)
		if core.ID18(in) != book || of == "" {
			continue
		}
		price, _ := rows[i].Get(core.EntryPrice)
		code, _ := rows[i].Get(core.EntryCurrency)
		ref := core.Ref{Side: core.Salesforce, Object: core.Product, ID: core.ID18(of)}
		recs, refs = append(recs, core.Record{Ref: ref, Values: map[string]string{core.PriceFieldIn(code): price}}), append(refs, ref)
	}
	if len(recs) == 0 {
		return nil
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, refs)
		if err != nil {
			return err
		}
		var due []core.Ref
		for i := range recs {
			if l := links[recs[i].Ref]; l != nil && l.State == core.LinkActive && !capture.EqualsBase(c, l, &recs[i]) {
				due = append(due, recs[i].Ref)
			}
		}
		return tx.Mark(c.ID, room.DirtyOf(c.Pairs, due, core.ReasonEdit, 0, e.Now()))
	})
}

// pollDeleted makes all linked products due where an entry was deleted that was not met
// before.
func pollDeleted(ctx context.Context, e *room.Env, c *conn.Known, scan connector.Scan) error {
	scan.Fields, scan.Deleted = nil, true
	news := false
	err := c.Sides[core.Salesforce].Scan(ctx, scan, func(p connector.Page) error {
		return e.Update(ctx, func(tx *store.Tx) error {
			fresh, err := unmet(tx, c.ID, p.Records)
			news = news || len(fresh) > 0
			if err != nil {
				return err
			}
			return tx.SeenPut(c.ID, fresh)
		})
	})
	if connector.LostPosition(err) {
		news, err = true, nil
	}
	if err != nil || !news {
		return err
	}
	return markLinked(ctx, e, c)
}

// unmet are the deleted records that were not met before.
func unmet(tx *store.Tx, connection int64, rows []core.Record) (fresh []store.SeenRow, err error) {
	refs := make([]core.Ref, len(rows))
	for i := range rows {
		refs[i] = rows[i].Ref
	}
	seen, err := tx.SeenOf(connection, refs)
	for i := range rows {
		if !seen[refs[i]].Deleted {
			fresh = append(fresh, store.SeenRow{Ref: refs[i], Seen: store.Seen{Stamp: rows[i].Stamp, Deleted: true}})
		}
	}
	return fresh, err
}

// markLinked makes every linked product due.
func markLinked(ctx context.Context, e *room.Env, c *conn.Known) error {
	for after := int64(0); ; {
		n := 0
		err := e.Update(ctx, func(tx *store.Tx) error {
			links, err := tx.Links(c.ID, core.ProductPair, core.LinkActive, after, linksPage)
			if err != nil {
				return err
			}
			var due []core.Ref
			for _, l := range links {
				due, after = append(due, l.Refs[core.Salesforce]), l.ID
			}
			n = len(links)
			return tx.Mark(c.ID, room.DirtyOf(c.Pairs, due, core.ReasonParent, 0, e.Now()))
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
