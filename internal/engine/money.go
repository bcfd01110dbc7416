package engine

import (
	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// moneyGroup is the write group of amounts.
var moneyGroup = core.Group(core.HubSpot, core.Deals, "amount")

// currencies are those of a deal's amount on both sides; of a record that is yet to be made
// the one that it will have. A side whose currency nobody knows is blank.
func (b *batch) currencies(it *item) (sf, hs string) {
	var of [2]string
	for side := range of {
		if of[side] = b.conn.HomeCurrency(core.Side(side)); it.recs[side] != nil {
			of[side] = b.conn.CurrencyOf(it.recs[side])
		}
	}
	for side := range of {
		if other := of[1-side]; it.recs[side] == nil && b.conn.TakesCurrency(core.Side(side), other) {
			of[side] = other
		}
	}
	return of[core.Salesforce], of[core.HubSpot]
}

// foreignMoney says of a deal whose two amounts are in different currencies, where the
// currency does not pass, that its amount does not pass either (LIM-33): the number would
// mean another sum.
func (b *batch) foreignMoney(it *item) bool {
	if b.pair != core.DealPair || !b.conn.WatchesCurrency() {
		return false
	}
	sf, hs := b.currencies(it)
	amount, field := b.amountOf(it)
	if sf == "" || hs == "" || sf == hs || amount == "" {
		return false
	}
	rec := it.recs[core.HubSpot]
	if rec == nil {
		rec = it.recs[core.Salesforce]
	}
	if it.says(field) {
		return true
	}
	it.raise(core.Issue{Pair: b.pair, Ref: rec.Ref, Field: field, Category: core.CategoryValue, Code: "currency_differs", Rule: "LIM-33", Value: core.Digest(sf + " " + hs + " " + amount),
		Message: rec.Ref.Label() + ": its amount " + amount + " does not pass, since it is in " + hs + " in HubSpot and in " + sf + " in Salesforce",
		Mend:    "give the deal the currency " + sf + "; or map CurrencyIsoCode to deal_currency_code, in an org with several currencies; where " + sf + " is not the org's currency, set deals.currency"})
	return true
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

// amountOf is the amount of a deal that one side shows, HubSpot's first, with HubSpot's name
// of the property; blank where both are.
func (b *batch) amountOf(it *item) (amount, property string) {
	for i, f := range b.mapping(it).Synced() {
		if core.Group(core.HubSpot, core.Deals, f.Names[core.HubSpot]) != moneyGroup {
			continue
		}
		for _, side := range []core.Side{core.HubSpot, core.Salesforce} {
			if v := it.inputs[i].Now[side]; v != "" {
				return v, f.Names[core.HubSpot]
			}
		}
	}
	return "", ""
}

// fillCurrency gives a new record the currency of the other side's, where its own side would
// take another one: HubSpot the portal's, Salesforce that of the user who writes, which nobody
// here knows.
func (b *batch) fillCurrency(it *item, side core.Side, fields map[string]string) {
	if b.pair != core.DealPair || !b.conn.WatchesCurrency() {
		return
	}
	sf, hs := b.currencies(it)
	if sf != hs || !b.conn.TakesCurrency(side, sf) || side == core.HubSpot && sf == b.conn.HomeCurrency(side) {
		return
	}
	fields[conn.CurrencyField[side]] = sf
}

// advanceMoney keeps which currencies were seen, so that a change of one is looked at, and
// notes where one changed.
func (b *batch) advanceMoney(it *item) {
	l := it.activeLink()
	if b.pair != core.DealPair || l == nil || it.results == nil || !it.live(core.Salesforce) || !it.live(core.HubSpot) {
		return
	}
	if !b.conn.WatchesCurrency() {
		it.recurrenced = it.wrote(core.Salesforce, conn.CurrencyField[core.Salesforce]) || it.wrote(core.HubSpot, conn.CurrencyField[core.HubSpot])
		return
	}
	sf, hs := b.currencies(it)
	home := b.conn.HomeCurrency(core.Salesforce)
	if was, kept := l.Base[conn.CurrencyKey]; kept || sf != home || hs != home {
		l.Base = core.AdvanceField(l.Base, conn.CurrencyKey, sf, hs)
		it.recurrenced = was != l.Base[conn.CurrencyKey]
	}
}
