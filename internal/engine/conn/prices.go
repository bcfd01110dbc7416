package conn

import (
	"tandem/internal/core"
)

// PriceFields are the prices of products that pass, by their Salesforce names.
func (c *Known) PriceFields() (out []string) {
	m := c.Mappings[core.Product]
	if m == nil {
		return nil
	}
	for _, f := range m.Synced() {
		if _, price := core.PriceCurrency(f.Names[core.Salesforce]); price {
			out = append(out, f.Names[core.Salesforce])
		}
	}
	return out
}

// SeveralPrices reports that the org has several currencies, and a price for each.
func (c *Known) SeveralPrices() bool {
	_, single := c.Field(core.Product, core.PriceField)
	return !single
}
