package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// The price of a line item is in the currency of what it is sold on: in HubSpot of its deal,
// in Salesforce of its opportunity.

// soldFor is what HubSpot calls the price of a line item.
const soldFor = "price"

// readLineCurrencies reads the currencies of the deals and opportunities of line items, on a
// side where these are in several.
func (e *Engine) readLineCurrencies(ctx context.Context, b *batch) error {
	if m := b.conn.Mappings[core.LineItem]; m == nil || m.Field(core.HubSpot, soldFor) == nil {
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
		recs, err := b.conn.Sides[side].Read(ctx, connector.Query{Object: object, Values: ids, Fields: []string{conn.CurrencyField[side]}})
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

// holdLinePrices keeps the price of a line item back whose deal and opportunity are in two
// currencies: the number would mean another sum (LIM-33). Nothing that is written beside it
// makes the two prices agreed ones.
func (b *batch) holdLinePrices(it *item) {
	if b.pair != core.LineItemPair {
		return
	}
	of := b.lineCurrencies(it)
	sf, hs := of[core.Salesforce], of[core.HubSpot]
	if sf == "" || hs == "" || sf == hs {
		return
	}
	for i, f := range b.mapping(it).Synced() {
		if f.Names[core.HubSpot] == soldFor {
			it.results[i].Write = [2]bool{}
			b.raiseForeignPrice(it, it.inputs[i].Now, sf, hs)
		}
	}
}

// raiseForeignPrice is about the price that one side shows, HubSpot's first.
func (b *batch) raiseForeignPrice(it *item, now [2]string, sf, hs string) {
	rec, price := it.recs[core.HubSpot], now[core.HubSpot]
	if rec == nil {
		rec = it.recs[core.Salesforce]
	}
	if price == "" {
		price = now[core.Salesforce]
	}
	if price == "" || it.says(soldFor) {
		return
	}
	it.raise(core.Issue{Pair: b.pair, Ref: rec.Ref, Field: soldFor, Category: core.CategoryValue, Code: "currency_differs", Rule: "LIM-33", Value: core.Digest(sf + " " + hs + " " + price),
		Message: rec.Ref.Label() + ": its price " + price + " does not pass, since its deal is in " + hs + " in HubSpot and in " + sf + " in Salesforce",
		Mend:    "give the deal the currency " + sf + "; where " + sf + " is not the org's currency, set deals.currency"})
}

// wakeLines adds the deals to linked whose currency became another one: the prices of their
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
