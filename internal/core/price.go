package core

import "strings"

// Fields of an entry of a price book (Salesforce's Object Reference, "PricebookEntry"): the
// book, the product, the price, whether it can be sold at it, and its currency, which it has
// in orgs with several currencies alone.
const (
	EntryBook     = "Pricebook2Id"
	EntryProduct  = "Product2Id"
	EntryPrice    = "UnitPrice"
	EntryActive   = "IsActive"
	EntryCurrency = "CurrencyIsoCode"
)

// PriceField is the price of a product of Salesforce in the chosen price book, as it is
// read and written on the product. In an org with several currencies there is one for
// each, with the code of the currency behind an underscore.
const PriceField = "UnitPrice"

// PriceFieldIn is the price in a currency; a blank code is the only currency of an org.
func PriceFieldIn(code string) string {
	if code == "" {
		return PriceField
	}
	return PriceField + "_" + code
}

// PriceCurrency is the currency of a price field, blank in an org with a single one; ok is
// false for a field that is no price.
func PriceCurrency(field string) (code string, ok bool) {
	if field == PriceField {
		return "", true
	}
	return strings.CutPrefix(field, PriceField+"_")
}
