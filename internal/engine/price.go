package engine

import (
	"strings"

	"tandem/internal/core"
	"tandem/internal/mapping"
)

// Prices of products are written once the product stands, and each in one currency.

// priceLater looks at a new product of Salesforce once more where it has a price: that is
// written to an entry of a price book, which needs the product first.
func (b *batch) priceLater(it *item, side core.Side) {
	for i, f := range b.mapping(it).Synced() {
		if _, price := core.PriceCurrency(f.Names[side]); price && it.results[i].Case == core.TargetReadOnly && f.Writable(side, false) {
			it.onceMade = true
		}
	}
}

// foreignPrices are the write groups of prices whose mapping joins two currencies: the
// number would mean another sum (LIM-33).
func (b *batch) foreignPrices(it *item, side core.Side, bad map[string]bool) {
	if b.pair != core.ProductPair {
		return
	}
	for i, f := range b.mapping(it).Synced() {
		sf, hs := mapping.PriceCurrencies(f.Names[core.Salesforce], f.Names[core.HubSpot], b.conn.HomeCurrency(core.Salesforce), b.conn.HomeCurrency(core.HubSpot))
		if sf == "" || hs == "" || sf == hs || !it.results[i].Write[side] {
			continue
		}
		bad[core.Group(side, b.object(it, side), f.Names[side])] = true
		it.raise(core.Issue{Pair: b.pair, Ref: it.ref(), Field: f.Names[side], Category: core.CategoryValue, Code: "currency_differs", Rule: "LIM-33", Value: core.Digest(it.inputs[i].Now[side.Other()]),
			Message: it.ref().Label() + ": its price does not pass, since " + f.Names[core.HubSpot] + " is in " + hs + " and " + f.Names[core.Salesforce] + " in " + sf,
			Mend:    "map the price to HubSpot's property for " + sf + ", as hs_price_" + strings.ToLower(sf) + "; where " + sf + " is not the org's currency, set deals.currency"})
	}
}

// newProduct gives a product that is made in Salesforce what HubSpot has no word for: it
// can be sold.
func (b *batch) newProduct(side core.Side, fields map[string]string) {
	if _, said := fields["IsActive"]; b.pair == core.ProductPair && side == core.Salesforce && !said {
		fields["IsActive"] = "true"
	}
}
