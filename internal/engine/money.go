package engine

import (
	"cmp"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// moneyGroup is the write group of amounts.
var moneyGroup = core.Group(core.HubSpot, core.Deals, "amount")

// currencies are those of a record's amounts on both sides; of a record that is yet to be made
// the one that it will have. A side whose currency nobody knows is blank.
func (b *batch) currencies(it *item) (sf, hs string) {
	var of [2]string
	for side := range of {
		if of[side] = b.conn.HomeCurrency(core.Side(side)); it.recs[side] != nil {
			of[side] = b.conn.CurrencyOf(it.recs[side])
		}
	}
	for side := range of {
		if other := of[1-side]; b.pair == core.DealPair && it.recs[side] == nil && b.conn.TakesCurrency(core.Side(side), other) {
			of[side] = other
		}
	}
	return of[core.Salesforce], of[core.HubSpot]
}

// holdMoney keeps the money fields of a record back whose two sides are in different currencies
// once all else is written: the number would mean another sum (LIM-33). Nothing that is written
// beside them makes the two numbers agreed ones.
func (b *batch) holdMoney(it *item, due [2]map[string]string) {
	var of [2]string
	switch b.pair {
	case core.DealPair:
		of = b.dealCurrencies(it, due)
	case core.LineItemPair:
		of = b.lineCurrencies(it)
	case core.ProductPair:
		of[core.Salesforce], of[core.HubSpot] = b.currencies(it)
	default:
		return
	}
	for i, f := range b.mapping(it).Synced() {
		if !f.Money() {
			continue
		}
		sf, hs := b.conn.CurrencyIn(f, b.pair, core.Salesforce, of[core.Salesforce]), b.conn.CurrencyIn(f, b.pair, core.HubSpot, of[core.HubSpot])
		if sf == "" || hs == "" || sf == hs {
			continue
		}
		it.results[i].Write = [2]bool{}
		for side := range due {
			delete(due[side], f.Names[side])
		}
		b.raiseForeign(it, f, it.inputs[i].Now, sf, hs)
	}
}

// dealCurrencies are those that a deal has on both sides after what is due: where its currency
// passes along, a side that gets none keeps its own.
func (b *batch) dealCurrencies(it *item, due [2]map[string]string) (of [2]string) {
	if b.conn.WatchesCurrency(core.Deals) {
		of[core.Salesforce], of[core.HubSpot] = b.currencies(it)
		return of
	}
	for i, f := range b.mapping(it).Synced() {
		if f.Names[core.Salesforce] != conn.CurrencyField[core.Salesforce] {
			continue
		}
		for _, side := range core.Sides {
			from := side
			if _, sent := due[side][f.Names[side]]; sent {
				from = side.Other()
			}
			if it.inputs[i].Readable[from] {
				of[side] = cmp.Or(it.inputs[i].Now[from], b.conn.HomeCurrency(from))
			}
		}
	}
	return of
}

// raiseForeign is about the number that one side shows in a money field, HubSpot's first. A deal
// whose currency cannot pass says so, and that is enough.
func (b *batch) raiseForeign(it *item, f *mapping.Field, now [2]string, sf, hs string) {
	rec, name, number := it.recs[core.HubSpot], f.Names[core.HubSpot], cmp.Or(now[core.HubSpot], now[core.Salesforce])
	if rec == nil {
		rec = it.recs[core.Salesforce]
	}
	stuck := b.pair == core.DealPair && (it.says(b.conn.DealCurrency(core.HubSpot)) || it.says(b.conn.DealCurrency(core.Salesforce)))
	if number == "" || it.says(name) || stuck {
		return
	}
	it.raise(core.Issue{Pair: b.pair, Ref: rec.Ref, Field: name, Category: core.CategoryValue, Code: "currency_differs", Rule: "LIM-33", Value: core.Digest(sf + " " + hs + " " + number),
		Message: rec.Ref.Label() + ": its " + name + " " + number + " does not pass, since it is in " + hs + " in HubSpot and in " + sf + " in Salesforce",
		Mend:    b.mendForeign(f, sf, hs) + "; where " + sf + " is not the org's currency, set deals.currency"})
}

// mendForeign says how the number of a money field comes to be in one currency.
func (b *batch) mendForeign(f *mapping.Field, sf, hs string) string {
	_, price := core.PriceCurrency(f.Names[core.Salesforce])
	switch {
	case b.pair == core.ProductPair && price:
		return "map the price to HubSpot's property for " + sf + ", as hs_price_" + strings.ToLower(sf)
	case b.pair == core.ProductPair:
		return "give the product the currency " + hs + " in Salesforce, in an org with several currencies"
	case b.conn.CurrencyIn(f, b.pair, core.HubSpot, "") != "":
		return "map the field to a property in the currency of the deal, as amount"
	case b.pair == core.LineItemPair:
		return "give the deal the currency " + sf
	}
	return "give the deal the currency " + sf + "; or map CurrencyIsoCode to deal_currency_code, in an org with several currencies"
}

// dropMoney takes the money fields of a deal out of an op that has lost its currency: they
// mean nothing without it.
func (b *batch) dropMoney(it *item, op *core.Op, kept map[string]string, dropped []string) []string {
	side := op.Target.Side
	if b.pair != core.DealPair || !slices.Contains(dropped, b.conn.DealCurrency(side)) {
		return dropped
	}
	for _, f := range b.mapping(it).Synced() {
		if _, left := kept[f.Names[side]]; left && f.Money() {
			delete(kept, f.Names[side])
			dropped = append(dropped, f.Names[side])
		}
	}
	slices.Sort(dropped)
	return dropped
}

// followSum lets the amount of a deal follow the sum of its opportunity's products, or leaves
// it alone where the settings say so; it is never written to Salesforce (LIM-14).
func (b *batch) followSum(it *item, f *mapping.Field, in *core.FieldInput) {
	if core.Group(core.HubSpot, core.Deals, f.Names[core.HubSpot]) != moneyGroup || !summed(it.recs[core.Salesforce]) {
		return
	}
	if in.Rule = core.AlwaysSalesforce; b.conn.Settings.LineItems.DealAmount == config.AmountOfHubSpot {
		in.Rule = core.DontSync
	}
}

// fillCurrency gives a new record the currency of the other side's, where its own side would
// take another one: HubSpot the portal's, Salesforce that of the user who writes, which nobody
// here knows.
func (b *batch) fillCurrency(it *item, side core.Side, fields map[string]string) {
	if b.pair != core.DealPair || !b.conn.WatchesCurrency(core.Deals) {
		return
	}
	sf, hs := b.currencies(it)
	if sf != hs || !b.conn.TakesCurrency(side, sf) || side == core.HubSpot && sf == b.conn.HomeCurrency(side) {
		return
	}
	fields[conn.CurrencyField[side]] = sf
}

// advanceMoney keeps which currencies were seen, so that a change of one is looked at, and
// notes where that of a deal changed.
func (b *batch) advanceMoney(it *item) {
	l, deal := it.activeLink(), b.pair == core.DealPair
	if !deal && b.pair != core.ProductPair || l == nil || it.results == nil || !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		return
	}
	if !b.conn.WatchesCurrency(it.recs[core.Salesforce].Ref.Object) {
		it.recurrenced = deal && (it.wrote(core.Salesforce, b.conn.DealCurrency(core.Salesforce)) || it.wrote(core.HubSpot, b.conn.DealCurrency(core.HubSpot)))
		return
	}
	sf, hs := b.currencies(it)
	home := b.conn.HomeCurrency(core.Salesforce)
	if was, kept := l.Base[conn.CurrencyKey]; kept || sf != home || hs != home {
		l.Base = core.AdvanceField(l.Base, conn.CurrencyKey, sf, hs)
		it.recurrenced = deal && was != l.Base[conn.CurrencyKey]
	}
}
