package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestLIM14_ALineItemIsSoldFromTheBookOfItsOpportunity, not from the one whose prices products
// have; a product that this book has not, or sells no more, is an issue.
func TestLIM14_ALineItemIsSoldFromTheBookOfItsOpportunity(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var europe string
		s := newSale(t, profile, Before(func(w *World) { europe = w.priceBook("Europe") }))
		deal := s.opportunity("Abroad", "Pricebook2Id", europe)
		s.again()
		s.dealMate = s.wantDealMate(deal)
		item := s.item("hs_product_id", s.productMate, "quantity", "2")
		s.again()
		if i := s.wantIssue(core.CategoryValue, "no_price_book_entry", "PricebookEntryId"); i.Ref.ID != item {
			t.Errorf("the issue is %+v", i)
		}
		entry := s.entry(s.product, europe, 8, "IsActive", false)
		s.retry(item)
		s.wantIssue(core.CategoryValue, "no_price_book_entry", "PricebookEntryId")
		s.must(s.Org.As(admin).Update("PricebookEntry", entry, map[string]any{"IsActive": true}))
		s.retry(item)
		made := s.wantMateOf(core.LineItemPair, item)
		s.want(core.LineItem, made, "PricebookEntryId", entry)
		s.want(core.LineItem, made, "UnitPrice", "10") // what HubSpot asks for it
		s.wantNoIssues()
		s.wantStill(t)
	})
}

// retry has a line item looked at again, as a person asks for it.
func (s *sale) retry(item string) {
	s.T.Helper()
	s.Advance(3 * time.Second)
	s.must(s.Engine.Resync(s.T.Context(), s.Conn, core.LineItemPair, []string{item}))
	s.Sync()
}

// TestLIM14_NobodySeesTheChosenBook and yet line items pass to opportunities that have a price
// book of their own.
func TestLIM14_NobodySeesTheChosenBook(t *testing.T) {
	s := newSale(t, Settings(func(c *config.Connection) { c.Mappings["product"] = c.Mappings["product"][:3] }))
	s.line("1") // gives the opportunity its book
	s.again()
	s.must(s.Org.SetRight(salesforcesim.Right{Object: "Pricebook2"}))
	s.Restart()
	item := s.item("hs_product_id", s.productMate, "quantity", "2")
	s.again()
	s.want(core.LineItem, s.wantMateOf(core.LineItemPair, item), "UnitPrice", "10")
	s.wantNoIssues()
}

// TestLIM14_APriceOfHubSpotStaysThatOfItsLineItem: it is no other than the one that the price
// book says.
func TestLIM14_APriceOfHubSpotStaysThatOfItsLineItem(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile)
		own, free := s.item("hs_product_id", s.productMate, "quantity", "2", "price", "6"), s.item("hs_product_id", s.productMate, "quantity", "1", "price", "0")
		s.again()
		s.want(core.LineItem, s.wantMateOf(core.LineItemPair, own), "UnitPrice", "6")
		s.want(core.LineItem, s.wantMateOf(core.LineItemPair, free), "UnitPrice", "0")
		s.wantStill(t)
		s.wantAmount("12", "12")
	})
}

// TestLIM14_ALineItemWithoutAPriceHasThatOfTheBook, and a plan says so.
func TestLIM14_ALineItemWithoutAPriceHasThatOfTheBook(t *testing.T) {
	s := newSale(t, Settings(func(c *config.Connection) { c.Mappings["product"] = c.Mappings["product"][:3] }))
	item := s.item("hs_product_id", s.productMate, "quantity", "2")
	s.Advance(3 * time.Second)
	price := ""
	_, _, err := s.Engine.Plan(t.Context(), s.Conn, engine.PlanMeta{Connection: "acme", Pair: core.LineItemPair}, func(op core.Op) error {
		price = op.Fields["UnitPrice"]
		return nil
	})
	s.must(err)
	s.Sync()
	s.want(core.LineItem, s.wantMateOf(core.LineItemPair, item), "UnitPrice", "10")
	s.want(core.LineItems, item, "price", "10")
	s.wantAmount("20", "20")
	if price != "10.0" {
		t.Errorf("the plan shows the price %q, want 10.0", price)
	}
}

// TestLIM14_ALineItemOfSeveralDeals is an issue, since an opportunity has each of its products
// for itself.
func TestLIM14_ALineItemOfSeveralDeals(t *testing.T) {
	s := newSale(t)
	other := s.wantDealMateOf(s.opportunity("Second"))
	item := s.item("hs_product_id", s.productMate, "quantity", "1")
	s.portalCall("PUT", "/crm/v4/objects/line_items/"+item+"/associations/default/deals/"+other, nil)
	s.again()
	s.wantIssue(core.CategoryAssociation, "several_associated", "OpportunityId")
	if n := s.countOf(core.LineItem, false); n != 0 {
		t.Errorf("%d products of opportunities were made", n)
	}
	s.portalCall("DELETE", "/crm/v4/objects/line_items/"+item+"/associations/deals/"+other, nil)
	s.retry(item)
	s.want(core.LineItem, s.wantMateOf(core.LineItemPair, item), "OpportunityId", s.deal)
	s.wantNoIssues()
}

// wantDealMateOf syncs an opportunity; its deal.
func (s *sale) wantDealMateOf(opportunity string) string {
	s.T.Helper()
	s.again()
	return s.wantDealMate(opportunity)
}

// inTwoCurrencies makes the org one with dollars and euros, as the portal is.
var inTwoCurrencies = Before(func(w *World) {
	w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD", Rate: 1, Decimals: 2}, {Code: "EUR", Rate: 0.9, Decimals: 2}}}))
	inEuros(w)
})

// TestLIM33_LIM14_ALineItemIsSoldInTheCurrencyOfItsOpportunity: a price in another one is none,
// and the issue names both.
func TestLIM33_LIM14_ALineItemIsSoldInTheCurrencyOfItsOpportunity(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, inTwoCurrencies, Settings(func(c *config.Connection) {
			c.Mappings["product"][3].Salesforce = "UnitPrice_USD"
			c.Mappings["deal"] = append(c.Mappings["deal"], config.Mapping{HubSpot: "deal_currency_code", Salesforce: "CurrencyIsoCode", Rule: "two_way"})
		}))
		deal := s.opportunity("Abroad", "CurrencyIsoCode", "EUR")
		s.dealMate = s.wantDealMateOf(deal)
		item := s.item("hs_product_id", s.productMate, "quantity", "2")
		s.again()
		i := s.wantIssue(core.CategoryValue, "currency_differs", "PricebookEntryId")
		if i.Ref.ID != item || i.Rule != "LIM-33" {
			t.Errorf("the issue is %+v", i)
		}
		entry := s.entry(s.product, s.standardBook(), 9, "CurrencyIsoCode", "EUR")
		s.retry(item)
		made := s.wantMateOf(core.LineItemPair, item)
		s.want(core.LineItem, made, "PricebookEntryId", entry)
		s.wantNoIssues()
		s.wantStill(t)
	})
}

// TestLIM33_LIM14_APriceThatChangesInItsCurrency passes with the next poll to the property of
// that currency alone.
func TestLIM33_LIM14_APriceThatChangesInItsCurrency(t *testing.T) {
	w := New(t, products(), inTwoCurrencies, Settings(func(c *config.Connection) {
		c.Mappings["product"][3].Salesforce = "UnitPrice_USD"
		c.Mappings["product"] = append(c.Mappings["product"], config.Mapping{HubSpot: "hs_price_eur", Salesforce: "UnitPrice_EUR", Rule: "two_way"})
	}))
	id := w.sold("Pump", 10)
	entry := w.entry(id, w.standardBook(), 9, "CurrencyIsoCode", "EUR")
	w.again()
	mate := w.wantMateOf(core.ProductPair, id)
	w.Advance(time.Minute)
	w.reprice(entry, 7)
	w.again()
	w.want(core.Products, mate, "hs_price_eur", "7")
	w.want(core.Products, mate, "price", "10")
	w.wantStill(t)
}

// TestLIM14_PricesOfOthersMakeNobodyDue: those of another price book, our own, and deletions that
// were met before.
func TestLIM14_PricesOfOthersMakeNobodyDue(t *testing.T) {
	w := New(t, products(), Before(func(w *World) { w.priceBook("Europe") }))
	id := w.sold("Pump", 10)
	mate := w.made(core.Products, "name", "Valve", "price", "3")
	w.again()
	made := w.wantMateOf(core.ProductPair, mate)
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Pricebook2 WHERE Name = 'Europe'")
	w.must(err)
	europe := rows[0]["Id"].(string)
	gone := w.sold("Gone", 1)
	w.again()
	w.unpriced(w.priceIn(gone, w.standardBook()))
	w.again()
	w.want(core.Products, w.wantMateOf(core.ProductPair, gone), "price", "")
	w.Advance(10 * time.Minute)
	w.again()
	looks := func(of string) int {
		rows, err := w.Engine.History(t.Context(), w.Conn, core.ProductPair, of, 100)
		w.must(err)
		return len(rows)
	}
	w.change(core.Products, mate, "price", "5")
	w.again()
	w.wantPrices(made, standardName+" 5")
	before, reads := looks(id)+looks(made)+looks(gone), w.productReads()
	w.entry(id, europe, 4)
	for range 3 {
		w.Advance(time.Minute)
		w.Sync()
	}
	if n := looks(id) + looks(made) + looks(gone); n != before {
		t.Errorf("%d looks at products whose prices are the same", n-before)
	}
	if n := w.productReads() - reads; n != 0 {
		t.Errorf("%d reads of products whose prices are the same", n)
	}
}

// productReads counts the calls to HubSpot that read records by id, of a world of products alone.
func (w *World) productReads() int {
	w.T.Helper()
	n := 0
	for endpoint, calls := range w.Portal.Stats().ByEndpoint {
		if strings.HasSuffix(endpoint, "/batch/read") {
			n += int(calls)
		}
	}
	return n
}

// TestLIM14_AMappedFieldSaysWhetherAProductIsSold where one is mapped; elsewhere each is.
func TestLIM14_AMappedFieldSaysWhetherAProductIsSold(t *testing.T) {
	w := New(t, products(), Before(func(w *World) {
		w.portalCall("POST", "/crm/v3/properties/products", map[string]any{"name": "on_sale", "label": "On sale", "type": "bool", "fieldType": "booleancheckbox", "groupName": "productinformation",
			"options": []map[string]any{{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}}})
	}), Settings(func(c *config.Connection) {
		c.Mappings["product"] = append(c.Mappings["product"], config.Mapping{HubSpot: "on_sale", Salesforce: "IsActive", Rule: "two_way"})
	}))
	quiet, sold := w.made(core.Products, "name", "Quiet", "on_sale", "false"), w.made(core.Products, "name", "Sold", "on_sale", "true")
	w.again()
	w.want(core.Product, w.wantMateOf(core.ProductPair, quiet), "IsActive", "false")
	w.want(core.Product, w.wantMateOf(core.ProductPair, sold), "IsActive", "true")
	w.wantNoIssues()
	w.wantStill(t)
}

// TestLIM14_AProductWhosePriceIsRefused is made without it, and the issue names the field; a
// price that somebody else entered meanwhile is met at the next look.
func TestLIM14_AProductWhosePriceIsRefused(t *testing.T) {
	w := New(t, products())
	id := w.sold("Pump", 10)
	w.again()
	mate := w.wantMateOf(core.ProductPair, id)
	w.must(w.Org.AddValidationRule(salesforcesim.ValidationRule{Object: "PricebookEntry", Name: "Least", Formula: `UnitPrice < 5`, Message: "too cheap", Field: "UnitPrice"}))
	w.must(w.Portal.As(admin).Update("products", mate, map[string]string{"price": "4", "name": "Cheap pump"}))
	w.again()
	i := w.openIssues()
	if len(i) != 1 || i[0].Field != "UnitPrice" {
		t.Fatalf("the issues are %+v", i)
	}
	w.want(core.Product, id, "Name", "Cheap pump")
	w.wantPrices(id, standardName+" 10")
	w.change(core.Products, mate, "price", "6")
	w.again()
	w.wantPrices(id, standardName+" 6")
	w.wantNoIssues()
	if x := w.explainOf(core.ProductPair, id); x.Verdict != engine.InSync {
		t.Errorf("explained as %+v", x)
	}
}
