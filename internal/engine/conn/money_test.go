package conn

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
)

// TestLIM33_AnotherCurrencyThanTheOneSeenIsNews, and one that a change does not tell is none.
func TestLIM33_AnotherCurrencyThanTheOneSeenIsNews(t *testing.T) {
	c := New(config.Connection{Deals: config.Deals{Sync: true}}, [2]connector.Connector{})
	c.Accounts[core.HubSpot].Currency = "USD"
	c.Mappings[core.Opportunity] = &mapping.Mapping{}
	euros := core.AdvanceField(nil, CurrencyKey, "EUR", "EUR")
	for _, tt := range []struct {
		name string
		base core.Base
		told map[string]string
		same bool
	}{
		{"the home currency, never another", nil, map[string]string{"deal_currency_code": "USD"}, true},
		{"another, never seen", nil, map[string]string{"deal_currency_code": "EUR"}, false},
		{"the one seen", euros, map[string]string{"deal_currency_code": "EUR"}, true},
		{"back to the home currency", euros, map[string]string{"deal_currency_code": "USD"}, false},
		{"taken off, which is the home currency", euros, map[string]string{"deal_currency_code": ""}, false},
		{"not told", euros, map[string]string{"dealname": "Abroad"}, true},
	} {
		rec := core.Record{Ref: core.Ref{Side: core.HubSpot, Object: core.Deals, ID: "1"}, Values: tt.told}
		if got := c.SameRelation(&core.Link{Pair: core.DealPair, Base: tt.base}, &rec); got != tt.same {
			t.Errorf("%s: the same is %v", tt.name, got)
		}
	}
}
