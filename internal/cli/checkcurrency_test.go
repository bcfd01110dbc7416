package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestLIM33_CheckForetellsWhichAmountsAreHeldBack: where one side has a currency that the other
// lacks, and where a price is mapped to one in another currency; and of nothing where they agree.
func TestLIM33_CheckForetellsWhichAmountsAreHeldBack(t *testing.T) {
	t.Parallel()
	agree := func(*rig) error { return nil }
	in := func(currency string) func(r *rig) error {
		return func(r *rig) error {
			r.edit(func(f *config.File) { f.Connections[0].Deals.Currency = currency })
			return nil
		}
	}
	euros := func(r *rig) error { return r.sims.portal.Configure(hubspotsim.Settings{Currencies: []string{"EUR"}}) }
	both := func(r *rig) error {
		if err := euros(r); err != nil {
			return err
		}
		return r.sims.org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "EUR", Rate: 0.9}}})
	}
	for _, tt := range []struct {
		name  string
		rigOf func(*testing.T) *rig
		take  func(*rig) error
		told  map[string][]string // words of each finding about currencies
	}{
		{"one currency", newDealsRig, agree, nil},
		{"the same ones", newDealsRig, both, map[string][]string{"currency of deals": {"map CurrencyIsoCode"}}},
		{"the org's is not in the portal", newDealsRig, in("NOK"), map[string][]string{
			"currencies of Salesforce": {"HubSpot has no NOK", "add NOK", "deals.currency"}, "currencies of HubSpot": {"Salesforce has no USD"}}},
		{"the portal has more", newDealsRig, euros, map[string][]string{"currencies of HubSpot": {"Salesforce has no EUR", "a deal in one of these stay in HubSpot", "Manage Currencies"}}},
		{"products", newProductsRig, agree, nil},
		{"the price of products", newProductsRig, in("EUR"), map[string][]string{
			"currencies of Salesforce": {"the prices of what it sells"}, "currencies of HubSpot": {"Salesforce has no USD"}, "currency of products.price": {"price is in USD", "UnitPrice in EUR", "hs_price_eur"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.rigOf(t)
			if err := tt.take(r); err != nil {
				t.Fatal(err)
			}
			r.wantCurrencies(tt.told)
		})
	}
}

// wantCurrencies fails unless check tells of currencies what is wanted, and nothing else.
func (r *rig) wantCurrencies(told map[string][]string) {
	r.t.Helper()
	_, _, found := r.checked()
	maps.DeleteFunc(found, func(what string, _ finding) bool { return !strings.HasPrefix(what, "currenc") })
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(told)); !slices.Equal(got, want) {
		r.t.Errorf("check tells of %q, want %q", got, want)
	}
	for what, words := range told {
		f := found[what]
		for _, word := range words {
			if f.State != yellow || !strings.Contains(f.Found+" "+f.Mend, word) {
				r.t.Errorf("%s: %+v, want %q in it", what, f, word)
			}
		}
	}
}
