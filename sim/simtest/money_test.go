package simtest

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// money gives the org a money field of an object, and maps it to a property of HubSpot.
func money(pair core.Pair, object core.Object, field, property string) Option {
	return func(s *setup) {
		Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: string(object), Name: field, Label: field, Type: "Currency", Precision: 18, Scale: 2}))
		})(s)
		Settings(func(c *config.Connection) {
			c.Mappings[string(pair)] = append(c.Mappings[string(pair)], config.Mapping{HubSpot: property, Salesforce: field + "__c", Rule: "two_way"})
		})(s)
	}
}

// wantForeign fails unless the issues of a pair's records are those of the named properties, each
// held back for the sake of both currencies.
func (w *World) wantForeign(pair core.Pair, currencies []string, properties ...string) {
	w.T.Helper()
	found := map[string]bool{}
	for _, i := range w.openIssues() {
		if i.Pair != pair {
			continue
		}
		found[i.Field] = true
		if i.Code != "currency_differs" || i.Rule != "LIM-33" || i.Mend == "" {
			w.T.Errorf("the issue is %+v", i)
		}
		for _, want := range append([]string{i.Field}, currencies...) {
			if !strings.Contains(i.Message, want) {
				w.T.Errorf("the issue says %q, want %q in it", i.Message, want)
			}
		}
	}
	for _, p := range properties {
		if !found[p] {
			w.T.Errorf("no issue of %s: %+v", p, w.openIssues())
		}
	}
	if len(found) != len(properties) {
		w.T.Errorf("%d properties have issues, want %d: %+v", len(found), len(properties), w.openIssues())
	}
}

// TestLIM33_EveryMoneyFieldOfADealInAnotherCurrency stays where it is, from either side, until the
// two currencies are one; what is no money passes.
func TestLIM33_EveryMoneyFieldOfADealInAnotherCurrency(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(ownPipeline("default")), money(core.DealPair, core.Opportunity, "Yearly", "hs_acv"), Before(inEuros), Before(func(w *World) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Opportunity", Name: "Seats", Label: "Seats", Type: "Number", Precision: 8}))
			w.portalCall("POST", "/crm/v3/properties/deals", map[string]any{"name": "seats", "label": "Seats", "type": "number", "fieldType": "number", "groupName": "dealinformation"})
		}), Settings(func(c *config.Connection) {
			c.Mappings["deal"] = append(c.Mappings["deal"], config.Mapping{HubSpot: "seats", Salesforce: "Seats__c", Rule: "two_way"})
		}))
		deal := w.made(core.Deals, "dealname", "Abroad", "pipeline", "default", "dealstage", "qualifiedtobuy", "closedate", "2030-05-31", "hs_acv", "120", "seats", "4", "deal_currency_code", "EUR")
		w.again()
		id := w.wantDealMate(deal)
		w.want(core.Opportunity, id, "Yearly__c", "")
		w.want(core.Opportunity, id, "Seats__c", "4")
		w.wantForeign(core.DealPair, []string{"120", "EUR", "USD"}, "hs_acv")
		w.wantStill(t)
		w.change(core.Opportunity, id, "Yearly__c", "7")
		w.change(core.Opportunity, id, "Seats__c", "5")
		w.again()
		w.want(core.Deals, deal, "hs_acv", "120")
		w.want(core.Deals, deal, "seats", "5")
		w.wantForeign(core.DealPair, []string{"120", "EUR", "USD"}, "hs_acv")
		w.change(core.Deals, deal, "deal_currency_code", "USD")
		w.again()
		w.wantNoIssues()
		if sf, hs := w.shown(core.Opportunity, id, "Yearly__c"), w.shown(core.Deals, deal, "hs_acv"); sf != hs {
			t.Errorf("the yearly value is %s in Salesforce and %s in HubSpot", sf, hs)
		}
		w.wantStill(t)
	})
}

// TestLIM33_MoneyOfADealGoesWithItsCurrency: where the currency passes along and HubSpot does not have
// it yet, or Salesforce refuses another one, no money field passes without it.
func TestLIM33_MoneyOfADealGoesWithItsCurrency(t *testing.T) {
	inCrownsToo := Before(func(w *World) {
		w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "NOK", Rate: 11}}}))
	})
	t.Run("unknown", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile, deals(), money(core.DealPair, core.Opportunity, "Yearly", "hs_acv"), Settings(withCurrency), inCrownsToo)
			id := w.opportunity("North", "CurrencyIsoCode", "NOK", "Amount", "70", "Yearly__c", "80")
			w.again()
			deal := w.wantDealMate(id)
			w.want(core.Deals, deal, "amount", "")
			w.want(core.Deals, deal, "hs_acv", "")
			w.wantStill(t)
			w.portalCall("POST", "/_sim/settings", map[string]any{"currencies": []string{"NOK"}})
			w.Restart()
			w.must(w.Engine.Resync(t.Context(), w.Conn, core.DealPair, []string{id}))
			w.again()
			w.want(core.Deals, deal, "deal_currency_code", "NOK")
			w.want(core.Deals, deal, "amount", "70")
			w.want(core.Deals, deal, "hs_acv", "80")
			w.wantNoIssues()
			w.wantStill(t)
		})
	})
	t.Run("refused", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile, deals(), money(core.DealPair, core.Opportunity, "Yearly", "hs_acv"), Settings(withCurrency), inTwoCurrencies, Before(func(w *World) {
				w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "Opportunity", Name: "Home", Formula: `ISPICKVAL(CurrencyIsoCode, "EUR")`, Message: "no euros here", Field: "CurrencyIsoCode"}))
			}))
			id := w.opportunity("Home", "Amount", "7", "Yearly__c", "9")
			w.again()
			deal := w.wantDealMate(id)
			w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"deal_currency_code": "EUR", "hs_acv": "50", "dealname": "Elsewhere"}))
			w.again()
			for _, value := range []string{"60", "61"} {
				w.want(core.Opportunity, id, "Name", "Elsewhere")
				w.want(core.Opportunity, id, "CurrencyIsoCode", "USD")
				w.want(core.Opportunity, id, "Amount", "7")
				w.want(core.Opportunity, id, "Yearly__c", "9")
				w.change(core.Deals, deal, "hs_acv", value)
				w.again()
			}
			w.must(w.Portal.As(admin).Update("deals", deal, map[string]string{"deal_currency_code": "USD"}))
			w.again()
			w.want(core.Opportunity, id, "Yearly__c", "61")
			w.wantNoIssues()
			w.wantStill(t)
		})
	})
}

// TestLIM33_WhatHubSpotHasInTheCompanyCurrency is not in that of the deal.
func TestLIM33_WhatHubSpotHasInTheCompanyCurrency(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals(), money(core.DealPair, core.Opportunity, "At_home", "amount_in_home_currency"), Settings(withCurrency), inTwoCurrencies)
		abroad, home := w.opportunity("Abroad", "Amount", "30", "CurrencyIsoCode", "EUR"), w.opportunity("Home", "Amount", "40")
		w.again()
		w.again()
		w.want(core.Deals, w.wantDealMate(abroad), "amount", "30")
		w.want(core.Opportunity, home, "At_home__c", "40")
		w.want(core.Opportunity, abroad, "At_home__c", "")
		w.wantForeign(core.DealPair, []string{"30", "EUR", "USD"}, "amount_in_home_currency")
		w.wantStill(t)
	})
}

// TestLIM33_LIM14_AnAbsoluteDiscountInAnotherCurrency waits as the price does, both ways, and passes
// once deal and opportunity are in one.
func TestLIM33_LIM14_AnAbsoluteDiscountInAnotherCurrency(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, inTwoCurrencies, money(core.LineItemPair, core.LineItem, "Off", "discount"), Settings(func(c *config.Connection) {
			c.Mappings["product"][3].Salesforce = "UnitPrice_USD"
			c.Mappings["line_item"] = slices.DeleteFunc(c.Mappings["line_item"], func(m config.Mapping) bool { return m.HubSpot == "price" })
		}))
		s.change(core.Deals, s.dealMate, "deal_currency_code", "EUR")
		s.again()
		id := s.line("3", "Off__c", "2")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2", "discount", "1")
		s.again()
		mate, made := s.wantMateOf(core.LineItemPair, id), s.wantMateOf(core.LineItemPair, theirs)
		s.want(core.LineItems, mate, "quantity", "3")
		s.want(core.LineItems, mate, "discount", "")
		s.want(core.LineItem, made, "Off__c", "")
		s.wantForeign(core.LineItemPair, []string{"EUR", "USD"}, "discount")
		s.wantStill(t)
		s.change(core.Deals, s.dealMate, "deal_currency_code", "USD")
		s.again()
		s.want(core.LineItems, mate, "discount", "2")
		s.want(core.LineItem, made, "Off__c", "1")
		s.wantNoIssues()
		s.wantStill(t)
	})
}

// TestLIM33_LIM14_TheCostOfAProductInAnotherCurrency than the portal's stays where it is: in an org with
// a single one, and in one where the product says its own, until it says the portal's.
func TestLIM33_LIM14_TheCostOfAProductInAnotherCurrency(t *testing.T) {
	cost := money(core.ProductPair, core.Product, "Cost", "hs_cost_of_goods_sold")
	t.Run("org", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile, products(), cost, inCrowns)
			theirs := w.made(core.Products, "name", "Valve", "hs_cost_of_goods_sold", "6")
			ours := w.made(core.Product, "Name", "Pump", "Cost__c", "9")
			w.again()
			w.want(core.Product, w.wantMateOf(core.ProductPair, theirs), "Cost__c", "")
			w.want(core.Products, w.wantMateOf(core.ProductPair, ours), "hs_cost_of_goods_sold", "")
			w.wantForeign(core.ProductPair, []string{"NOK", "USD"}, "hs_cost_of_goods_sold")
			w.wantStill(t)
		})
	})
	t.Run("product", func(t *testing.T) {
		inBoth(t, func(t *testing.T, profile Option) {
			w := New(t, profile, products(), cost, inTwoCurrencies, Settings(func(c *config.Connection) { c.Mappings["product"][3].Salesforce = "UnitPrice_USD" }))
			ours := w.made(core.Product, "Name", "Pump", "Cost__c", "9", "CurrencyIsoCode", "EUR")
			home := w.made(core.Product, "Name", "Valve", "Cost__c", "8")
			w.again()
			mate := w.wantMateOf(core.ProductPair, ours)
			w.want(core.Products, w.wantMateOf(core.ProductPair, home), "hs_cost_of_goods_sold", "8")
			w.want(core.Products, mate, "hs_cost_of_goods_sold", "")
			w.wantForeign(core.ProductPair, []string{"9", "EUR", "USD"}, "hs_cost_of_goods_sold")
			w.wantStill(t)
			w.change(core.Product, ours, "CurrencyIsoCode", "USD") // and nothing else
			w.again()
			w.want(core.Products, mate, "hs_cost_of_goods_sold", "9")
			w.wantNoIssues()
			w.change(core.Product, ours, "CurrencyIsoCode", "EUR")
			w.again()
			w.wantForeign(core.ProductPair, []string{"9", "EUR", "USD"}, "hs_cost_of_goods_sold")
			w.wantStill(t)
		})
	})
}

// TestLIM33_AChangeOfAProductsCurrencyIsHeardByTheFeeds: no mapped value differs, and yet the cost
// means another sum, from the first change and from the one that takes it back.
func TestLIM33_AChangeOfAProductsCurrencyIsHeardByTheFeeds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, products(), money(core.ProductPair, core.Product, "Cost", "hs_cost_of_goods_sold"), events(), inTwoCurrencies,
			Settings(func(c *config.Connection) { c.Mappings["product"][3].Salesforce = "UnitPrice_USD" }), Before(func(w *World) { w.must(w.Org.SelectEntities("Product2")) }))
		w.byFeeds()
		id := w.made(core.Product, "Name", "Pump", "Cost__c", "9")
		w.eventually(func() bool {
			return w.mateOf(core.ProductPair, id) != "" && w.shown(core.Products, w.mateOf(core.ProductPair, id), "hs_cost_of_goods_sold") == "9"
		})
		for _, currency := range []string{"EUR", "USD", "EUR"} {
			w.change(core.Product, id, "CurrencyIsoCode", currency)
			w.eventually(func() bool { return len(w.openIssues()) == map[string]int{"EUR": 1}[currency] })
		}
	})
}
