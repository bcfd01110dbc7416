package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/sim/salesforcesim"
)

// inEuros adds the euro to the portal's currencies, whose own is the dollar.
func inEuros(w *World) {
	w.portalCall("POST", "/_sim/settings", map[string]any{"currencies": []string{"EUR"}})
}

// TestLIM33_DEAL10_ADealInAnotherCurrencyThanTheOrgs has no amount in Salesforce and is an issue
// that names it, from either side, until its currency is the org's: a sum in euros is never
// written as one in dollars.
func TestLIM33_DEAL10_ADealInAnotherCurrencyThanTheOrgs(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(ownPipeline("default")), Before(inEuros))
		made := w.made(core.Deals, "dealname", "Abroad", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31", "amount", "100", "deal_currency_code", "EUR")
		w.again()
		id := w.wantDealMate(made)
		w.want(core.Opportunity, id, "Amount", "")
		i := w.wantIssue(core.CategoryValue, "currency_differs", "amount")
		for _, want := range []string{made, "100", "EUR", "USD"} {
			if !strings.Contains(i.Message, want) {
				t.Errorf("the issue says %q, want %q in it", i.Message, want)
			}
		}
		w.Advance(time.Minute)
		w.change(core.Opportunity, id, "Amount", "7")
		w.change(core.Opportunity, id, "Name", "Abroad too")
		w.again()
		w.want(core.Deals, made, "amount", "100")
		w.want(core.Deals, made, "dealname", "Abroad too")
		w.wantIssue(core.CategoryValue, "currency_differs", "amount")
		w.wantStill(t)
		w.Advance(time.Minute)
		w.must(w.Portal.As(admin).Update("deals", made, map[string]string{"deal_currency_code": "USD", "amount": "110"}))
		w.again()
		w.want(core.Opportunity, id, "Amount", "110")
		w.wantNoIssues()
		w.change(core.Deals, made, "deal_currency_code", "EUR") // and nothing else
		w.again()
		w.wantIssue(core.CategoryValue, "currency_differs", "amount")
		w.change(core.Deals, made, "deal_currency_code", "USD")
		w.again()
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// proposedDeals are the mappings of deals that a new connection is proposed.
func (w *World) proposedDeals() (out []config.Mapping) {
	w.T.Helper()
	for _, m := range mapping.DealDefaults(conn.FieldDefs(w.Conn.Schemas[core.Salesforce][core.Opportunity]), conn.FieldDefs(w.Conn.Schemas[core.HubSpot][core.Deals])) {
		out = append(out, config.Mapping{Salesforce: m.Salesforce, HubSpot: m.HubSpot, Rule: m.Rule.String(), Values: m.Values})
	}
	return out
}

// TestAMB10_LIM33_TheProposedCurrencyPassesBothWays with the amount, by the mappings that a new
// connection gets, whoever made the record.
func TestAMB10_LIM33_TheProposedCurrencyPassesBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(ownPipeline("default")), inTwoCurrencies)
		w.Restart(func(c *config.Connection) { c.Mappings["deal"] = w.proposedDeals() })
		ours := w.opportunity("Ours", "Amount", "100.25", "CurrencyIsoCode", "EUR")
		theirs := w.made(core.Deals, "dealname", "Theirs", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31", "amount", "12.5", "deal_currency_code", "EUR")
		w.again()
		deal, id := w.wantDealMate(ours), w.wantDealMate(theirs)
		w.wantEach(core.Deals, deal, "amount", "100.25", "deal_currency_code", "EUR")
		w.wantEach(core.Opportunity, id, "Amount", "12.5", "CurrencyIsoCode", "EUR")
		for _, d := range []string{deal, theirs} {
			w.must(w.Portal.As(admin).Update("deals", d, map[string]string{"amount": "7.5", "deal_currency_code": "USD"}))
		}
		w.again()
		for _, o := range []string{ours, id} {
			w.wantEach(core.Opportunity, o, "Amount", "7.5", "CurrencyIsoCode", "USD")
			w.must(w.Org.As(admin).Update("Opportunity", o, map[string]any{"Amount": 8, "CurrencyIsoCode": "EUR"}))
		}
		w.again()
		for _, d := range []string{deal, theirs} {
			w.wantEach(core.Deals, d, "amount", "8", "deal_currency_code", "EUR")
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM33_TheOrgsCurrencyIsNotThePortals: what the settings say of it counts, and a new deal
// gets it where the portal has it.
func TestLIM33_TheOrgsCurrencyIsNotThePortals(t *testing.T) {
	for currency, code := range map[string]string{"EUR": "", "NOK": "currency_differs"} {
		t.Run(currency, func(t *testing.T) {
			w := New(t, deals(func(d *config.Deals) { d.Currency = currency }), Before(inEuros))
			id := w.opportunity("Ours", "Amount", "50")
			w.again()
			deal := w.wantDealMate(id)
			if code != "" {
				w.want(core.Deals, deal, "amount", "")
				w.wantIssue(core.CategoryValue, code, "amount")
				return
			}
			w.want(core.Deals, deal, "amount", "50")
			w.want(core.Deals, deal, "deal_currency_code", currency)
			w.wantNoIssues()
			w.wantStill(t)
		})
	}
}

// TestLIM33_DEAL10_SeveralCurrenciesThatAreNotMapped: a new record gets the currency of the
// other side's along with the amount; where it cannot, or where the currencies part later, the
// amount waits and the issue says what to map.
func TestLIM33_DEAL10_SeveralCurrenciesThatAreNotMapped(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(ownPipeline("default")), Before(inEuros), Before(func(w *World) {
			w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "EUR", Rate: 0.9}, {Code: "JPY", Rate: 150}}}))
		}))
		deal := w.made(core.Deals, "dealname", "Abroad", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31", "amount", "20", "deal_currency_code", "EUR")
		id := w.opportunity("Across", "Amount", "30", "CurrencyIsoCode", "EUR")
		w.again()
		opportunity, mate := w.wantDealMate(deal), w.wantDealMate(id)
		w.want(core.Opportunity, opportunity, "Amount", "20")
		w.want(core.Opportunity, opportunity, "CurrencyIsoCode", "EUR")
		w.want(core.Deals, mate, "amount", "30")
		w.want(core.Deals, mate, "deal_currency_code", "EUR")
		w.wantNoIssues()
		w.wantStill(t)
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Update("Opportunity", id, map[string]any{"Amount": 900, "CurrencyIsoCode": "JPY"}))
		w.again()
		w.want(core.Deals, mate, "amount", "30")
		i := w.wantIssue(core.CategoryValue, "currency_differs", "amount")
		if !strings.Contains(i.Mend, "map CurrencyIsoCode to deal_currency_code") {
			t.Errorf("the mend is %q", i.Mend)
		}
		far := w.opportunity("Further", "Amount", "901", "CurrencyIsoCode", "JPY")
		w.again()
		w.want(core.Deals, w.wantDealMate(far), "amount", "")
	})
}

// TestLIM33_AChangeOfCurrencyAloneIsHeardByTheFeeds: no mapped value differs, and yet the amount
// means another sum, from the first change and from the one that takes it back.
func TestLIM33_AChangeOfCurrencyAloneIsHeardByTheFeeds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, deals(ownPipeline("default")), events(), Before(inEuros), Before(func(w *World) { w.must(w.Org.SelectEntities("Opportunity")) }))
		w.byFeeds()
		id := w.opportunity("Live", "Amount", "1")
		w.eventually(func() bool { return w.dealMate(id) != "" && w.shown(core.Deals, w.dealMate(id), "amount") == "1" })
		deal := w.dealMate(id)
		w.change(core.Opportunity, id, "Amount", "2")
		w.shows("the amount", func() string { return w.shown(core.Deals, deal, "amount") }, "2")
		for _, currency := range []string{"EUR", "USD"} {
			w.eventually(func() bool { return w.explainDeal(id).Pending == nil })
			w.change(core.Deals, deal, "deal_currency_code", currency)
			w.eventually(func() bool { return len(w.openIssues()) == map[string]int{"EUR": 1}[currency] })
		}
	})
}
