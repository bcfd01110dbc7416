package mapping

import (
	"cmp"
	"slices"
	"strings"

	"tandem/internal/core"
)

// productDefaults are the mappings of products proposed for a new connection (LIM-14), in
// the order shown.
var productDefaults = []FieldMap{
	{Salesforce: "Name", HubSpot: "name", Rule: core.TwoWay},
	{Salesforce: "ProductCode", HubSpot: "hs_sku", Rule: core.TwoWay},
	{Salesforce: "Description", HubSpot: "description", Rule: core.TwoWay},
	{Salesforce: core.PriceField, HubSpot: homePrice, Rule: core.TwoWay},
}

// lineItemDefaults are those of line items.
var lineItemDefaults = []FieldMap{
	{Salesforce: "Quantity", HubSpot: "quantity", Rule: core.TwoWay},
	{Salesforce: "UnitPrice", HubSpot: homePrice, Rule: core.TwoWay},
	{Salesforce: "Discount", HubSpot: "hs_discount_percentage", Rule: core.TwoWay},
}

// LineItemDefaults proposes the mappings of the line item pair: only fields that both sides
// have and whose types go together.
func LineItemDefaults(lineItem, lineItems []FieldDef) []FieldMap {
	return stagedDefaults(core.LineItemPair, lineItemDefaults, lineItem, lineItems)
}

// homePrice is the price of a HubSpot product in the currency of the portal; those in
// others have theirs behind pricePrefix, in small letters.
const (
	homePrice   = "price"
	pricePrefix = "hs_price_"
)

// ProductDefaults proposes the mappings of the product pair: only fields that both sides
// have and whose types go together, and prices of one currency alone. home is the currency
// of the portal, org that of an org with a single one; blank where nobody tells.
func ProductDefaults(product, products []FieldDef, org, home string) []FieldMap {
	proposed := slices.Clone(productDefaults)
	for i := range product {
		code, price := core.PriceCurrency(product[i].Name)
		if !price || code == "" {
			continue
		}
		m := FieldMap{Salesforce: product[i].Name, HubSpot: pricePrefix + strings.ToLower(code), Rule: core.TwoWay}
		if code == home {
			m.HubSpot = homePrice
		}
		proposed = append(proposed, m)
	}
	var out []FieldMap
	for _, m := range stagedDefaults(core.ProductPair, proposed, product, products) {
		if sf, hs := PriceCurrencies(m.Salesforce, m.HubSpot, org, home); sf == hs || sf == "" || hs == "" {
			out = append(out, m)
		}
	}
	return out
}

// PriceCurrencies are the currencies of a mapped price on both sides; blank where nobody
// tells, and for fields that are no prices.
func PriceCurrencies(salesforce, hubspot, org, home string) (sf, hs string) {
	sf, price := core.PriceCurrency(salesforce)
	if !price {
		return "", ""
	}
	if hs, _ = PriceCurrency(hubspot); hubspot == homePrice {
		hs = home
	}
	return cmp.Or(sf, org), hs
}

// PriceCurrency is the currency of a price of a HubSpot product, blank for that of the portal;
// ok is false for a property that is no price.
func PriceCurrency(property string) (code string, ok bool) {
	code, ok = strings.CutPrefix(property, pricePrefix)
	if !ok {
		return "", property == homePrice
	}
	return strings.ToUpper(code), true
}
