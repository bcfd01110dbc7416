package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// Prices and discounts of a line item are in the currency of what it is sold on: in HubSpot of
// its deal, in Salesforce of its opportunity.

// readLineCurrencies reads the currencies of the deals and opportunities of line items, on a
// side where these are in several.
func (e *Engine) readLineCurrencies(ctx context.Context, b *batch) error {
	if !slices.ContainsFunc(b.conn.Mappings[core.LineItem].Synced(), (*mapping.Field).Money) {
		return nil
	}
	b.soldIn = map[core.Ref]string{}
	for _, side := range core.Sides {
		if !b.conn.HasCurrencies(side) {
			continue
		}
		var ids []string
		for _, it := range b.items {
			if l := b.dealOfLine(it); l != nil {
				ids = append(ids, l.Refs[side].ID)
			}
		}
		if ids = distinctValues(ids); len(ids) == 0 {
			continue
		}
		object := b.conn.Pairs.Objects(core.DealPair)[side][0]
		recs, err := b.conn.Sides[side].Read(ctx, connector.Query{Object: object, Values: ids, Fields: []string{b.conn.DealCurrency(side)}})
		if err != nil {
			return err
		}
		for i := range recs {
			b.soldIn[recs[i].Ref] = b.conn.CurrencyOf(&recs[i])
		}
	}
	return nil
}

// dealOfLine is the link of the deal that a line item belongs to, nil where it has none.
func (b *batch) dealOfLine(it *item) *core.Link {
	for _, l := range b.lookupsOf() {
		for _, side := range core.Sides {
			if l.To != core.DealPair || !it.live(side) {
				continue
			}
			for _, named := range b.namedBy(it.recs[side], l) {
				if p := b.linkedParent(named); p != nil {
					return p
				}
			}
		}
	}
	return nil
}

// lineCurrencies are those in which a line item is priced on both sides, blank where nobody
// knows.
func (b *batch) lineCurrencies(it *item) (of [2]string) {
	l := b.dealOfLine(it)
	for side := range of {
		of[side] = b.conn.HomeCurrency(core.Side(side))
		if l != nil && b.soldIn[l.Refs[side]] != "" {
			of[side] = b.soldIn[l.Refs[side]]
		}
	}
	return of
}

// wakeLines adds the deals to linked whose currency became another one: the money of their
// line items may pass now, or no longer do.
func (b *batch) wakeLines(linked map[core.Object][]string) {
	for _, it := range b.items {
		if l := it.activeLink(); l != nil && it.recurrenced {
			for _, r := range l.Refs {
				if !slices.Contains(linked[r.Object], r.ID) {
					linked[r.Object] = append(linked[r.Object], r.ID)
				}
			}
		}
	}
}
