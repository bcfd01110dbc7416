package mapping

import (
	"strings"
	"testing"
)

// TestLIM14_ProductsAreProposedPricesOfOneCurrencyAlone: HubSpot's price is in the currency of
// the portal, and an org may have a price in each of its own.
func TestLIM14_ProductsAreProposedPricesOfOneCurrencyAlone(t *testing.T) {
	text := func(names ...string) (out []FieldDef) {
		for _, n := range names {
			out = append(out, FieldDef{Name: n, Type: "string", FieldType: "text", Creatable: true, Updatable: true})
		}
		return out
	}
	price := func(kind string, names ...string) (out []FieldDef) {
		for _, n := range names {
			out = append(out, FieldDef{Name: n, Type: kind, FieldType: "number", Updatable: true, Precision: 18, Scale: 2})
		}
		return out
	}
	for _, tt := range []struct {
		name              string
		prices            []string
		org, home, wanted string
	}{
		{"one currency", []string{"UnitPrice"}, "USD", "USD", "Name=name UnitPrice=price"},
		{"nobody tells which", []string{"UnitPrice"}, "", "USD", "Name=name UnitPrice=price"},
		{"another currency", []string{"UnitPrice"}, "EUR", "USD", "Name=name"},
		{"several", []string{"UnitPrice_USD", "UnitPrice_EUR", "UnitPrice_CHF"}, "EUR", "USD", "Name=name UnitPrice_USD=price UnitPrice_EUR=hs_price_eur"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, m := range ProductDefaults(append(text("Name"), price("currency", tt.prices...)...), append(text("name"), price("number", "price", "hs_price_eur")...), tt.org, tt.home) {
				got = append(got, m.Salesforce+"="+m.HubSpot)
			}
			if strings.Join(got, " ") != tt.wanted {
				t.Errorf("proposed are %v, want %s", got, tt.wanted)
			}
		})
	}
}
