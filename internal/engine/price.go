package engine

import "tandem/internal/core"

// Prices of products are written once the product stands.

// priceLater looks at a new product of Salesforce once more where it has a price: that is
// written to an entry of a price book, which needs the product first.
func (b *batch) priceLater(it *item, side core.Side) {
	for i, f := range b.mapping(it).Synced() {
		if _, price := core.PriceCurrency(f.Names[side]); price && it.results[i].Case == core.TargetReadOnly && f.Writable(side, false) {
			it.onceMade = true
		}
	}
}

// newProduct gives a product that is made in Salesforce what HubSpot has no word for: it
// can be sold.
func (b *batch) newProduct(side core.Side, fields map[string]string) {
	if _, said := fields["IsActive"]; b.pair == core.ProductPair && side == core.Salesforce && !said {
		fields["IsActive"] = "true"
	}
}
