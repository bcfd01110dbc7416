package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
)

// A line item belongs to a deal and names a product: both have partners before it gets one.
// In Salesforce it names an entry of the opportunity's price book, and the first one gives
// the opportunity its price book (Object Reference, "OpportunityLineItem").

// Fields of opportunities, their products and entries of price books.
const (
	lineEntry    = "PricebookEntryId"
	lineQuantity = "Quantity"

	hasItems = "HasOpportunityLineItem"
)

// pricing is what is known of the prices that line items of a batch may have.
type pricing struct {
	book  connector.PriceBook
	deals map[string]core.Record // opportunities by id
	// entries are the active ones by product.
	entries map[string][]core.Record
}

// readPricing reads, for line items that may become products of opportunities, the price
// books of these and the entries of their products.
func (e *Engine) readPricing(ctx context.Context, b *batch) error {
	var deals, products []string
	for _, it := range b.items {
		if !it.unlinkedLive(core.HubSpot) || it.from != core.HubSpot {
			continue
		}
		for _, l := range b.lookupsOf() {
			ids, _ := b.partnersBy(it.recs[core.HubSpot], l)
			if l.To == core.ProductPair {
				products = append(products, ids...)
			} else {
				deals = append(deals, ids...)
			}
		}
	}
	if len(deals) == 0 || len(products) == 0 {
		return nil
	}
	sf := b.conn.Sides[core.Salesforce]
	b.pricing = &pricing{deals: map[string]core.Record{}, entries: map[string][]core.Record{}}
	var err error
	if books, keeps := sf.(connector.Prices); keeps {
		if b.pricing.book, err = books.PriceBook(ctx); err != nil && connector.ClassOf(err) != core.ClassSchema {
			return err
		}
	}
	fields, of := []string{core.EntryBook, core.EntryProduct, core.EntryPrice, core.EntryActive}, []string{core.EntryBook}
	if b.conn.SeveralPrices() {
		fields, of = append(fields, core.EntryCurrency), append(of, core.EntryCurrency)
	}
	read, err := sf.Read(ctx, connector.Query{Object: core.Opportunity, Values: deals, Fields: of})
	if err != nil {
		return err
	}
	for _, r := range read {
		b.pricing.deals[r.Ref.ID] = r
	}
	found, err := sf.Read(ctx, connector.Query{Object: core.PriceBookEntry, By: core.EntryProduct, Values: products, Fields: fields})
	for _, r := range found {
		if r.Values[core.EntryActive] == "true" {
			id := core.ID18(r.Values[core.EntryProduct])
			b.pricing.entries[id] = append(b.pricing.entries[id], r)
		}
	}
	return err
}

// entryOf is the entry of a product in the price book of an opportunity, or in the chosen
// one where that has none yet. Elsewhere says that there is one in another currency.
func (p *pricing) entryOf(deal, product string) (entry *core.Record, elsewhere bool) {
	if p == nil {
		return nil, false
	}
	opportunity := p.deals[deal]
	book := cmp.Or(core.ID18(opportunity.Values[core.EntryBook]), p.book.ID)
	for i, r := range p.entries[product] {
		switch same := r.Values[core.EntryCurrency] == opportunity.Values[core.EntryCurrency]; {
		case core.ID18(r.Values[core.EntryBook]) != book:
		case same:
			return &p.entries[product][i], false
		default:
			elsewhere = true
		}
	}
	return nil, elsewhere
}

// holdLine keeps a line item back whose deal or product has no partner, or whose product has
// no price where it would be sold. It reports whether the item is decided.
func (b *batch) holdLine(it *item) bool {
	if b.pair != core.LineItemPair {
		return false
	}
	rec := it.recs[it.from]
	none := func(outcome, why string) core.Decision {
		return core.Decision{Rule: "LIM-14", Outcome: outcome, Facts: map[string]string{"because": why}}
	}
	for _, l := range b.lookupsOf() {
		named := b.namedBy(rec, l)
		switch {
		case len(named) == 0 && l.To == core.DealPair: // of a quote, an invoice, or of nothing
			it.say(OutOfScope, none(policy.None, "it belongs to no deal"))
			return true
		case len(named) == 0:
			b.raiseUnnamed(it, l)
			it.say(Blocked, none(policy.None, "it names no product"))
			return true
		case len(named) > 1:
			b.raiseSeveralNamed(it, l)
			it.say(Blocked, none(policy.None, "it belongs to several deals"))
			return true
		case b.linkedParent(named[0]) == nil:
			b.waitForNamed(it, l)
			it.say(Pending, core.Decision{Rule: "ERR-3", Outcome: policy.Wait, Facts: map[string]string{"because": "waiting for " + named[0].Label() + " to sync"}})
			return true
		}
	}
	if it.from == core.HubSpot && b.raiseUnpriced(it) {
		it.say(Blocked, none(policy.None, "its product has no price in the opportunity's price book"))
		return true
	}
	return false
}

// soldAs are the opportunity and the product of Salesforce that a line item of HubSpot is of.
func (b *batch) soldAs(it *item) (deal, product string) {
	for _, l := range b.lookupsOf() {
		ids, _ := b.partnersBy(it.recs[core.HubSpot], l)
		if len(ids) != 1 {
			continue
		}
		if l.To == core.ProductPair {
			product = ids[0]
		} else {
			deal = ids[0]
		}
	}
	return deal, product
}

// raiseUnnamed is about a line item that was typed in without a product: Salesforce sells
// none but those of a price book.
func (b *batch) raiseUnnamed(it *item, l core.Lookup) {
	it.raise(core.Issue{Pair: b.pair, Field: l.Field, Category: core.CategoryAssociation, Code: "line_item_without_product", Rule: "LIM-14",
		Message: it.ref().Label() + " names no product, and an opportunity has products of a price book alone",
		Mend:    "add the product to HubSpot's product library and put the line item there from it, or leave it to HubSpot"})
}

// raiseUnpriced says of a line item whose product cannot be sold on its opportunity what is
// missing. It reports whether something is.
func (b *batch) raiseUnpriced(it *item) bool {
	deal, product := b.soldAs(it)
	entry, elsewhere := b.pricing.entryOf(deal, product)
	if entry != nil {
		return false
	}
	in := "the price book of the opportunity " + deal
	issue := core.Issue{Pair: b.pair, Field: lineEntry, Category: core.CategoryValue, Code: "no_price_book_entry", Rule: "LIM-14",
		Message: it.ref().Label() + ": the product " + product + " has no active price in " + in,
		Mend:    "add the product to " + in + " in Salesforce, then tandem retry; or give the opportunity another price book"}
	if elsewhere {
		code := b.pricing.deals[deal].Values[core.EntryCurrency]
		issue.Code, issue.Rule = "currency_differs", "LIM-33"
		issue.Message = it.ref().Label() + ": the product " + product + " has no price in " + code + ", the currency of the opportunity " + deal
		issue.Mend = "add a price in " + code + " to " + in + ", then tandem retry"
	}
	it.raise(issue)
	return true
}

// raiseFixed says that what a record names cannot be exchanged in Salesforce.
func (b *batch) raiseFixed(it *item, l core.Lookup) {
	it.raise(core.Issue{Pair: b.pair, Field: l.Field, Category: core.CategoryAssociation, Code: "reference_fixed", Rule: b.lookupRule(),
		Message: it.ref().Label() + " names another " + string(l.To) + " than " + it.recs[core.Salesforce].Ref.Label() + ", whose " + l.Field + " Salesforce never changes",
		Mend:    "take the line item away and add another one, or undo the change in HubSpot"})
}

// nameNeeded gives a record that is made in HubSpot what it cannot be without: a deal that it
// is associated with at once, and the id of its product.
func (b *batch) nameNeeded(op *core.Op, l core.Lookup, partner core.Ref) {
	switch {
	case !l.Needed:
	case l.Property != "":
		op.Fields[l.Property] = partner.ID
	default:
		op.Associate = partner
	}
}

// sell gives a new product of an opportunity its entry of the price book, and its price where
// HubSpot has none.
func (b *batch) sell(it *item) {
	op := it.ops[core.Salesforce]
	if b.pair != core.LineItemPair || op == nil || op.Kind != core.OpCreate {
		return
	}
	entry, _ := b.pricing.entryOf(b.soldAs(it))
	if entry == nil {
		return
	}
	op.Fields[lineEntry] = entry.Ref.ID
	if op.Fields[conn.LinePrice] == "" {
		op.Fields[conn.LinePrice] = entry.Values[core.EntryPrice]
	}
	it.onceMade = true
}

// keepPrice writes the price of an opportunity's product along with its quantity: Salesforce
// would hold the sum, and make another price of it.
func (b *batch) keepPrice(it *item, side core.Side, fields map[string]string) {
	if b.pair != core.LineItemPair || side != core.Salesforce || it.recs[side] == nil {
		return
	}
	_, quantity := fields[lineQuantity]
	if _, priced := fields[conn.LinePrice]; priced || !quantity {
		return
	}
	if price := valueOf(it.recs[side], conn.LinePrice); price != "" {
		fields[conn.LinePrice] = price
	}
}

// markSum looks again at the opportunity of a product that was written there: the sum of its
// products, which is its amount, may be another one now.
func (b *batch) markSum(it *item, op *core.Op) {
	if op.Target.Object != core.LineItem {
		return
	}
	for _, l := range b.lookupsOf() {
		deal := core.Ref{Side: core.Salesforce, Object: core.Opportunity, ID: core.ID18(cmp.Or(op.Fields[l.Field], valueOf(it.recs[core.Salesforce], l.Field)))}
		linked := func(p *core.Link) bool { return p.State == core.LinkActive && p.Refs[core.Salesforce] == deal }
		if l.To == core.DealPair && slices.ContainsFunc(slices.Collect(maps.Values(b.parents)), linked) {
			it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{deal}, core.ReasonParent, 0, b.at)...)
		}
	}
}

// summed reports an opportunity with products, whose amount is their sum: Salesforce ignores
// whoever writes another, and refuses another currency.
func summed(rec *core.Record) bool {
	return valueOf(rec, hasItems) == "true"
}
