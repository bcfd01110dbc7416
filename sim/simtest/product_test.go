package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestLIM14_CONV3_AProductPassesWithItsPrice in both directions: what is new, what is
// edited, and a price that changes in its price book, which no stamp of the product tells.
func TestLIM14_CONV3_AProductPassesWithItsPrice(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, products())
		id := w.sold("Pump", 12.5)
		theirs := w.made(core.Products, "name", "Valve", "hs_sku", "V-1", "price", "99.99", "description", "Brass")
		free := w.made(core.Products, "name", "Leaflet")
		w.again()
		mate, made := w.wantMateOf(core.ProductPair, id), w.wantMateOf(core.ProductPair, theirs)
		for _, v := range [][2]string{{"name", "Pump"}, {"hs_sku", "PUMP"}, {"price", "12.5"}} {
			w.want(core.Products, mate, v[0], v[1])
		}
		for _, v := range [][2]string{{"Name", "Valve"}, {"ProductCode", "V-1"}, {"Description", "Brass"}, {"IsActive", "true"}} {
			w.want(core.Product, made, v[0], v[1])
		}
		w.wantPrices(made, standardName+" 99.99")
		w.wantPrices(w.wantMateOf(core.ProductPair, free))
		w.wantStill(t)
		w.reprice(w.priceIn(id, w.standardBook()), 13)
		w.change(core.Products, theirs, "price", "100")
		w.change(core.Products, theirs, "name", "Brass valve")
		w.again()
		w.want(core.Products, mate, "price", "13")
		w.wantPrices(made, standardName+" 100")
		w.want(core.Product, made, "Name", "Brass valve")
		w.unpriced(w.priceIn(id, w.standardBook()))
		w.again()
		w.want(core.Products, mate, "price", "")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM14_ThePriceOfTheChosenBook passes, and a product gets the standard price that it
// needs along with it; the standard price of others stays its own.
func TestLIM14_ThePriceOfTheChosenBook(t *testing.T) {
	var book string
	w := New(t, products(pricedBy("Europe")), Before(func(w *World) { book = w.priceBook("Europe") }))
	id := w.sold("Pump", 12)
	theirs := w.made(core.Products, "name", "Valve", "price", "7")
	w.again()
	mate, made := w.wantMateOf(core.ProductPair, id), w.wantMateOf(core.ProductPair, theirs)
	w.want(core.Products, mate, "price", "")
	w.wantPrices(made, standardName+" 7", "Europe 7")
	entry := w.entry(id, book, 10)
	w.again()
	w.want(core.Products, mate, "price", "10")
	w.change(core.Products, mate, "price", "11")
	w.reprice(w.priceIn(made, w.standardBook()), 70)
	w.again()
	w.wantPrices(id, standardName+" 12", "Europe 11")
	w.want(core.PriceBookEntry, entry, "UnitPrice", "11")
	w.want(core.Products, theirs, "price", "7")
	w.wantNoIssues()
	w.wantStill(t)
}

// TestLIM14_APriceIsNeverTakenAway in Salesforce, where an entry of a price book has one: it
// is an issue of the field, and the rest of the product passes.
func TestLIM14_APriceIsNeverTakenAway(t *testing.T) {
	w := New(t, products())
	id := w.sold("Pump", 12)
	w.again()
	mate := w.wantMateOf(core.ProductPair, id)
	w.must(w.Portal.As(admin).Update("products", mate, map[string]string{"price": "", "name": "Big pump"}))
	w.again()
	w.wantIssue(core.CategoryValue, "price_blank", "UnitPrice")
	w.want(core.Product, id, "Name", "Big pump")
	w.wantPrices(id, standardName+" 12")
	w.change(core.Products, mate, "price", "14")
	w.again()
	w.wantPrices(id, standardName+" 14")
	w.wantNoIssues()
	w.wantStill(t)
}

// TestLIM14_LIM33_EachCurrencyHasItsPrice where both sides have several, and a price of
// another currency than the property's does not pass.
func TestLIM14_LIM33_EachCurrencyHasItsPrice(t *testing.T) {
	several := Before(func(w *World) {
		w.must(w.Org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "USD", Rate: 1, Decimals: 2}, {Code: "EUR", Rate: 0.9, Decimals: 2}}}))
		w.must(w.Portal.Configure(hubspotsim.Settings{Currencies: []string{"EUR"}}))
	})
	t.Run("each", func(t *testing.T) {
		w := New(t, products(), Settings(func(c *config.Connection) {
			c.Mappings["product"][3].Salesforce = "UnitPrice_USD"
			c.Mappings["product"] = append(c.Mappings["product"], config.Mapping{HubSpot: "hs_price_eur", Salesforce: "UnitPrice_EUR", Rule: "two_way"})
		}), several)
		theirs := w.made(core.Products, "name", "Valve", "price", "10", "hs_price_eur", "9")
		w.again()
		made := w.wantMateOf(core.ProductPair, theirs)
		w.wantPrices(made, standardName+" 10", standardName+" 9")
		w.change(core.Products, theirs, "hs_price_eur", "8")
		w.again()
		w.wantPrices(made, standardName+" 10", standardName+" 8")
		w.wantStill(t)
	})
	t.Run("another", func(t *testing.T) {
		w := New(t, products(), Settings(func(c *config.Connection) { c.Mappings["product"][3].Salesforce = "UnitPrice_EUR" }), several)
		theirs := w.made(core.Products, "name", "Valve", "price", "10")
		w.again()
		w.wantIssue(core.CategoryValue, "currency_differs", "price")
		w.wantPrices(w.wantMateOf(core.ProductPair, theirs))
	})
}

// TestLIM14_LIM16_ADeletedProductDoesWhatIsSet on either side: nothing by itself.
func TestLIM14_LIM16_ADeletedProductDoesWhatIsSet(t *testing.T) {
	for setting, left := range map[string]int{"nothing": 2, "archive": 1} {
		t.Run(setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, products(func(p *config.Products) { p.WhenSalesforceDeleted, p.WhenHubSpotDeleted = setting, setting }))
				w.made(core.Product, "Name", "Kept")
				one, other := w.made(core.Product, "Name", "One"), w.made(core.Product, "Name", "Other")
				w.again()
				w.wantMateOf(core.ProductPair, one)
				w.must(w.Portal.As(admin).Archive("products", w.wantMateOf(core.ProductPair, other)))
				w.must(w.Org.As(admin).Delete("Product2", one))
				w.again()
				w.sweepAll()
				w.again()
				if a, b := w.countOf(core.Product, false), w.countOf(core.Products, true); a != left || b != left {
					t.Errorf("%d and %d products stand, want %d each", a, b, left)
				}
				w.wantStill(t)
			})
		})
	}
}

// TestLIM14_NothingSyncsWhileProductSyncIsOff, and older products stay away until an import
// once it is on.
func TestLIM14_NothingSyncsWhileProductSyncIsOff(t *testing.T) {
	w := New(t)
	id := w.sold("Quiet", 1)
	w.Sync()
	w.wantNone(core.ProductPair, id, "LIM-14")
	inBoth(t, func(t *testing.T, profile Option) {
		var id string
		w := New(t, profile, products(), Before(func(w *World) { id = w.sold("Old", 3); w.Advance(time.Hour) }))
		w.Sync()
		w.wantNone(core.ProductPair, id, "LIM-14")
		w.importOf(core.ProductPair)
		w.want(core.Products, w.wantMateOf(core.ProductPair, id), "price", "3")
	})
}

// ofProducts is an import of products of both sides, with their prices.
var ofProducts = importing{world: productImport, args: engine.ImportArgs{Pair: core.ProductPair, Sides: core.Sides[:]}, finish: (*trial).finishProducts, sparse: true}

func productImport(t testing.TB) *trial {
	w := newTrial(t, products(), Before(func(w *World) {
		for i := range 5 {
			w.sold(fmt.Sprintf("P%d", i), i+1)
		}
		for i := range 2 {
			w.made(core.Products, "name", fmt.Sprintf("H%d", i), "price", fmt.Sprint(i+10))
		}
		w.Advance(time.Hour)
	}), atOnce)
	w.Through(new(schemas).carry)
	return w
}

func (w *trial) finishProducts() string {
	w.T.Helper()
	out := w.finishOf(core.ProductPair, core.Product, core.Products, "Name", "name")
	if n := w.countOf(core.PriceBookEntry, false); n != 7 {
		w.T.Errorf("%d prices stand, want 7", n)
	}
	return out
}

// TestP1_LIM14_CrashAtEveryCommitOfAnImportOfProducts lets the process die before or after
// each commit: no product and no price is made twice although none is matched by its name
// (I2).
func TestP1_LIM14_CrashAtEveryCommitOfAnImportOfProducts(t *testing.T) { ofProducts.crash(t, 7) }

// TestP1_LIM14_KillAroundTheCallOfAnImportOfProducts kills the process around every write
// call.
func TestP1_LIM14_KillAroundTheCallOfAnImportOfProducts(t *testing.T) { ofProducts.kill(t) }
