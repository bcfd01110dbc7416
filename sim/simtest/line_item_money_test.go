package simtest

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// inCrowns says that the org's only currency is the Norwegian crown; the portal's is the dollar.
var inCrowns = Settings(func(c *config.Connection) { c.Deals.Currency = "NOK" })

// wantForeignPrice fails unless the issue of a line item says that its price does not pass, and
// names both currencies.
func (s *sale) wantForeignPrice(of string, wants ...string) {
	s.T.Helper()
	for _, i := range s.openIssues() {
		if i.Pair != core.LineItemPair || i.Ref.ID != of {
			continue
		}
		if i.Code != "currency_differs" || i.Rule != "LIM-33" || i.Field != "price" || i.Mend == "" {
			s.T.Errorf("the issue is %+v", i)
		}
		for _, want := range wants {
			if !strings.Contains(i.Message, want) {
				s.T.Errorf("the issue says %q, want %q in it", i.Message, want)
			}
		}
		return
	}
	s.T.Errorf("no issue of the line item %s: %+v", of, s.openIssues())
}

// TestLIM33_LIM14_APriceOfALineItemInAnotherCurrency than the other side's passes neither way
// where each side has one currency: a sum in dollars is never sold as one in crowns. All else
// of the line item passes, and a new one has the price of its book.
func TestLIM33_LIM14_APriceOfALineItemInAnotherCurrency(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, inCrowns)
		id := s.line("3", "UnitPrice", "9")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2", "price", "6")
		s.again()
		mate, made := s.wantMateOf(core.LineItemPair, id), s.wantMateOf(core.LineItemPair, theirs)
		s.want(core.LineItems, mate, "quantity", "3")
		s.want(core.LineItems, mate, "price", "")
		s.want(core.LineItem, made, "Quantity", "2")
		s.want(core.LineItem, made, "UnitPrice", "10")
		s.want(core.LineItems, theirs, "price", "6")
		s.wantForeignPrice(theirs, "6", "USD", "NOK")
		s.want(core.Opportunity, s.deal, "Amount", "47")
		s.wantStill(t)
		s.change(core.LineItem, id, "Quantity", "4")
		s.change(core.LineItem, id, "UnitPrice", "8")
		s.change(core.LineItems, theirs, "quantity", "1")
		s.change(core.LineItems, theirs, "price", "5")
		s.again()
		s.want(core.LineItems, mate, "quantity", "4")
		s.want(core.LineItems, mate, "price", "")
		s.want(core.LineItem, made, "Quantity", "1")
		s.want(core.LineItem, made, "UnitPrice", "10")
		s.want(core.Opportunity, s.deal, "Amount", "42")
		s.wantForeignPrice(theirs, "5", "USD", "NOK")
		s.wantStill(t)
	})
}

// TestLIM33_LIM14_APriceOfALineItemFollowsTheCurrencyOfItsDeal in an org and a portal with
// several: it waits while deal and opportunity differ, and passes once they do not.
func TestLIM33_LIM14_APriceOfALineItemFollowsTheCurrencyOfItsDeal(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, inTwoCurrencies, Settings(func(c *config.Connection) { c.Mappings["product"][3].Salesforce = "UnitPrice_USD" }))
		s.change(core.Deals, s.dealMate, "deal_currency_code", "EUR")
		s.again()
		id := s.line("3", "UnitPrice", "9")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2", "price", "6")
		s.again()
		mate, made := s.wantMateOf(core.LineItemPair, id), s.wantMateOf(core.LineItemPair, theirs)
		s.want(core.LineItems, mate, "price", "10") // HubSpot's own, of its product
		s.want(core.LineItem, made, "UnitPrice", "10")
		s.wantForeignPrice(theirs, "6", "EUR", "USD")
		s.wantStill(t)
		s.change(core.Deals, s.dealMate, "deal_currency_code", "USD")
		s.again()
		s.wantNoIssues()
		for _, pair := range [][2]string{{id, mate}, {made, theirs}} {
			if sf, hs := s.shown(core.LineItem, pair[0], "UnitPrice"), s.shown(core.LineItems, pair[1], "price"); sf != hs {
				t.Errorf("the price is %s in Salesforce and %s in HubSpot", sf, hs)
			}
		}
		s.wantStill(t)
	})
}

// TestLIM33_LIM14_APriceOfALineItemWaitsForACurrencyThatPasses: deals carry their currency along,
// and HubSpot does not have this one yet.
func TestLIM33_LIM14_APriceOfALineItemWaitsForACurrencyThatPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, Settings(withCurrency), Settings(func(c *config.Connection) { c.Mappings["product"][3].Salesforce = "UnitPrice_USD" }), Before(func(w *World) {
			w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD"}, {Code: "NOK", Rate: 11}}}))
		}))
		north := s.opportunity("North", "CurrencyIsoCode", "NOK", "Pricebook2Id", s.standardBook())
		s.again()
		entry := s.entry(s.product, s.standardBook(), 90, "CurrencyIsoCode", "NOK")
		line := s.made(core.LineItem, "OpportunityId", north, "PricebookEntryId", entry, "Quantity", "2")
		s.again()
		mate := s.wantMateOf(core.LineItemPair, line)
		s.want(core.LineItems, mate, "quantity", "2")
		s.want(core.LineItems, mate, "price", "10") // HubSpot's own, of its product
		s.wantForeignPrice(line, "10", "USD", "NOK")
		s.wantStill(t)
		s.portalCall("POST", "/_sim/settings", map[string]any{"currencies": []string{"NOK"}})
		s.Restart()
		s.must(s.Engine.Resync(t.Context(), s.Conn, core.DealPair, []string{north}))
		s.again()
		s.want(core.Deals, s.wantDealMate(north), "deal_currency_code", "NOK")
		s.want(core.LineItems, mate, "price", "90")
		s.wantNoIssues()
		s.wantStill(t)
	})
}
