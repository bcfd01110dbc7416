package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// catalogue is an org with products, prices and sales, and a portal that is empty.
type catalogue struct {
	*World
	products, lines []string
}

// goods are products as people enter them: with and without code, description and price.
var goods = []struct{ name, code, text, price string }{
	{"Circulation pump", "PU-100", "Cast iron, 230 V", "480"},
	{"Ventil „Größe 2“", "VA/20", "Messing\nmit Dichtung", "95.5"},
	{"配管", "", "", "0.01"},
	{"Free sample", "FREE", "", "0"},
	{"On request", "REQ-1", "No price yet", ""},
	{"Big plant", "PL-9", "", "1234567.89"},
}

func newCatalogue(t testing.TB, more ...Option) *catalogue {
	c := &catalogue{}
	c.World = New(t, append([]Option{lineItems(), Before(func(w *World) {
		book := w.standardBook()
		w.must(w.Org.As(admin).Update("Pricebook2", book, map[string]any{"IsActive": true}))
		for i, g := range goods {
			id := w.made(core.Product, "Name", g.name, "ProductCode", g.code, "Description", g.text, "IsActive", "true")
			c.products = append(c.products, id)
			if g.price == "" {
				continue
			}
			entry := w.entry(id, book, g.price)
			for j := range 2 {
				deal := w.opportunity(fmt.Sprintf("Order %d.%d", i, j))
				c.lines = append(c.lines, w.made(core.LineItem, "OpportunityId", deal, "PricebookEntryId", entry, "Quantity", fmt.Sprint(i+j+1), "Discount", fmt.Sprint(10*j)))
			}
		}
		w.Advance(time.Hour)
	})}, more...)...)
	for _, p := range []core.Pair{core.ProductPair, core.DealPair, core.LineItemPair} {
		c.importOf(p)
	}
	c.again()
	return c
}

// wantEqual fails where a mapped field of any product or line item, as the two sides show it, is
// another there than here, and where either side has one that the other lacks.
func (c *catalogue) wantEqual(products, lines int) {
	c.T.Helper()
	got := [2][2]int{{c.countOf(core.Product, false), c.countOf(core.Products, true)}, {c.countOf(core.LineItem, false), c.countOf(core.LineItems, true)}}
	if want := [2][2]int{{products, products}, {lines, lines}}; got != want {
		c.T.Errorf("products and line items number %v, want %v", got, want)
	}
	for _, of := range []struct {
		pair   core.Pair
		sf, hs core.Object
		ids    []string
	}{{core.ProductPair, core.Product, core.Products, c.products}, {core.LineItemPair, core.LineItem, core.LineItems, c.lines}} {
		for _, id := range of.ids {
			mate := c.wantMateOf(of.pair, id)
			for _, f := range c.settings.Mappings[string(of.pair)] {
				here, there := c.shownPrice(of.sf, id, f.Salesforce), c.shown(of.hs, mate, f.HubSpot)
				if !sameAmount(here, there) {
					c.T.Errorf("%s %s shows %s %q, and its partner %s %q", of.sf, id, f.Salesforce, here, f.HubSpot, there)
				}
			}
		}
	}
}

// shownPrice is a value of a record; the price of a product is that of its entry.
func (c *catalogue) shownPrice(object core.Object, id, field string) string {
	c.T.Helper()
	if object != core.Product || field != core.PriceField {
		return c.shown(object, id, field)
	}
	rows, err := c.Org.As(admin).Query("SELECT UnitPrice FROM PricebookEntry WHERE Product2Id = '" + id + "'")
	c.must(err)
	if len(rows) == 0 {
		return ""
	}
	return fmt.Sprint(rows[0]["UnitPrice"])
}

// sameAmount compares two texts, numbers by their value.
func sameAmount(a, b string) bool {
	var x, y float64
	if n, _ := fmt.Sscanf(a+" "+b, "%g %g", &x, &y); n == 2 && !strings.ContainsAny(a+b, "-/ ") {
		return x == y
	}
	return a == b
}

// TestLIM14_CONV3_ACatalogueGoesToAnEmptyPortalAndComesBack: products, prices and line items are
// equal field by field after the import, after edits of each field on either side, and after what
// was added there; each record has one partner.
func TestLIM14_CONV3_ACatalogueGoesToAnEmptyPortalAndComesBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		c := newCatalogue(t, profile)
		c.wantEqual(6, 10)
		c.wantNoIssues()
		c.wantStill(t)
		c.editGoods()
		c.again()
		c.wantEqual(6, 10)
		theirs := c.made(core.Products, "name", "Théière", "hs_sku", "TH-1", "price", "19.95")
		c.again()
		c.products = append(c.products, c.wantMateOf(core.ProductPair, theirs))
		deal := c.wantDealMate(c.shown(core.LineItem, c.lines[0], "OpportunityId"))
		item := c.made(core.LineItems, "hs_product_id", theirs, "quantity", "3", "hs_discount_percentage", "5")
		c.portalCall("PUT", "/crm/v4/objects/line_items/"+item+"/associations/default/deals/"+deal, nil)
		c.again()
		c.lines = append(c.lines, c.wantMateOf(core.LineItemPair, item))
		c.again()
		c.wantEqual(7, 11)
		c.wantNoIssues()
		c.wantStill(t)
		for _, line := range c.lines {
			of := c.shown(core.LineItem, line, "OpportunityId")
			if a, b := c.shown(core.Opportunity, of, "Amount"), c.shown(core.Deals, c.wantDealMate(of), "amount"); !sameAmount(a, b) {
				t.Errorf("opportunity %s shows the amount %q, its deal %q", of, a, b)
			}
		}
	})
}

// editGoods changes each mapped field of some product and some line item on each side.
func (c *catalogue) editGoods() {
	c.T.Helper()
	mate := func(i int) string { return c.wantMateOf(core.ProductPair, c.products[i]) }
	c.change(core.Product, c.products[0], "Name", "Circulation pump II")
	c.change(core.Product, c.products[1], "ProductCode", "VA/21")
	c.change(core.Product, c.products[2], "Description", "")
	c.reprice(c.priceIn(c.products[3], c.standardBook()), 3.5)
	c.change(core.Products, mate(1), "name", "Ventil Größe 3")
	c.change(core.Products, mate(2), "hs_sku", "配-1")
	c.change(core.Products, mate(3), "description", "No longer free")
	c.change(core.Products, mate(4), "price", "77.7")
	item := func(i int) string { return c.wantMateOf(core.LineItemPair, c.lines[i]) }
	c.change(core.LineItem, c.lines[0], "Discount", "12.5")
	c.change(core.LineItem, c.lines[1], "UnitPrice", "470")
	c.change(core.LineItem, c.lines[2], "Quantity", "8")
	c.change(core.LineItems, item(3), "quantity", "9")
	c.change(core.LineItems, item(4), "price", "0.02")
	c.change(core.LineItems, item(5), "hs_discount_percentage", "25")
}
