package simtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestI13_LIM14_APlanOfLineItemsWritesWhatItShows: both directions, with the price of the entry
// and the deal it goes to; what changed meanwhile is refused.
func TestI13_LIM14_APlanOfLineItemsWritesWhatItShows(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile)
		id, other := s.line("3"), s.line("4")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2")
		s.Advance(3 * time.Second)
		shown := map[string]core.Op{}
		plan, counts, err := s.Engine.Plan(t.Context(), s.Conn, engine.PlanMeta{Connection: "acme", Pair: core.LineItemPair}, func(op core.Op) error {
			shown[op.Source.ID] = op
			return nil
		})
		s.must(err)
		if counts.Ops["create line_items"] != 2 || counts.Ops["create OpportunityLineItem"] != 1 {
			t.Fatalf("planned are %+v", counts)
		}
		if op := shown[id]; op.Fields["hs_product_id"] != s.productMate || op.Associate.ID != s.dealMate || op.Fields["quantity"] != "3" {
			t.Errorf("of %s is planned %+v", id, op)
		}
		if op := shown[theirs]; op.Fields["PricebookEntryId"] != s.priceIn(s.product, s.standardBook()) || op.Fields["UnitPrice"] != "10" || op.Fields["OpportunityId"] != s.deal {
			t.Errorf("of %s is planned %+v", theirs, op)
		}
		if a, b := s.countOf(core.LineItem, false), s.countOf(core.LineItems, true); a != 2 || b != 1 {
			t.Fatalf("the plan wrote: %d and %d stand", a, b)
		}
		s.change(core.LineItem, other, "Quantity", "5")
		done, err := s.Engine.Apply(t.Context(), s.Conn, plan)
		s.must(err)
		if done.Applied != 2 || done.Refused != 1 {
			t.Errorf("applied are %+v", done)
		}
		s.want(core.LineItems, s.wantMateOf(core.LineItemPair, id), "quantity", "3")
		s.want(core.LineItem, s.wantMateOf(core.LineItemPair, theirs), "UnitPrice", "10")
		if mate := s.mateOf(core.LineItemPair, other); mate != "" {
			t.Errorf("the refused one got %s", mate)
		}
	})
}

// TestTRIG9_CARD1_LIM14_LineItemsByHand: one that existed before stays away until a resync
// brings it; explain and history tell of it by either id, and of an issue by the record's.
func TestTRIG9_CARD1_LIM14_LineItemsByHand(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var id string
		s := newSale(t, profile, Before(func(w *World) {
			product, deal := w.sold("Valve", 4), w.opportunity("Old")
			w.must(w.Org.As(admin).Update("Pricebook2", w.standardBook(), map[string]any{"IsActive": true}))
			id = w.made(core.LineItem, "OpportunityId", deal, "PricebookEntryId", w.priceIn(product, w.standardBook()), "Quantity", "1")
			w.Advance(time.Hour)
		}))
		s.importOf(core.ProductPair)
		s.importOf(core.DealPair)
		s.again()
		s.wantNone(core.LineItemPair, id, "LIM-14")
		s.must(s.Engine.Resync(t.Context(), s.Conn, core.LineItemPair, []string{id[:15]}))
		s.Sync()
		mate := s.wantMateOf(core.LineItemPair, id)
		for _, of := range []string{id, mate} {
			if x := s.explainOf(core.LineItemPair, of); x.Verdict != engine.InSync || len(x.Fields) == 0 || !s.historyHas(core.LineItemPair, of, mate) {
				t.Errorf("of %s is told %+v", of, x)
			}
		}
		free := s.item("name", "Freight", "quantity", "1")
		s.again()
		if x := s.explainOf(core.LineItemPair, free); x.Verdict != engine.Blocked || len(x.Issues) != 1 || x.Issues[0].Code != "line_item_without_product" {
			t.Errorf("of one that cannot pass is told %+v", x)
		}
		quote := s.made(core.LineItems, "name", "Of a quote", "quantity", "1")
		s.again()
		if x := s.explainOf(core.LineItemPair, quote); x.Verdict != engine.OutOfScope || len(x.Issues) != 0 {
			t.Errorf("of one of no deal is told %+v", x)
		}
	})
}

// historyHas reports that the history of a record has a write of another one.
func (w *World) historyHas(pair core.Pair, of, written string) bool {
	w.T.Helper()
	rows, err := w.Engine.History(w.T.Context(), w.Conn, pair, of, 10)
	w.must(err)
	for _, h := range rows {
		for _, e := range h.Writes {
			if e.ID == written && e.Status == core.Applied {
				return true
			}
		}
	}
	return false
}

// TestLIM16_LIM14_AnUndoOfALineItem puts back what a run wrote on either side: a quantity takes
// no other price with it, and the sums follow.
func TestLIM16_LIM14_AnUndoOfALineItem(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile)
		id := s.line("3", "UnitPrice", "9")
		s.again()
		mate := s.wantMateOf(core.LineItemPair, id)
		s.change(core.LineItems, mate, "quantity", "5")
		s.again()
		s.want(core.LineItem, id, "Quantity", "5")
		s.Advance(3 * time.Second)
		v := s.undo(engine.UndoArgs{Run: s.runThatWrote(core.LineItem)})
		wantLeft(t, v, map[string]int{})
		s.want(core.LineItem, id, "Quantity", "3")
		s.want(core.LineItem, id, "UnitPrice", "9")
		s.want(core.LineItems, mate, "quantity", "5")
		s.wantStill(t)
		s.change(core.LineItem, id, "UnitPrice", "11")
		s.again()
		s.want(core.LineItems, mate, "price", "11")
		s.Advance(3 * time.Second)
		wantLeft(t, s.undo(engine.UndoArgs{Run: s.runThatWrote(core.LineItems)}), map[string]int{})
		s.want(core.LineItems, mate, "price", "9")
		s.want(core.LineItem, id, "UnitPrice", "11")
		s.wantStill(t)
		s.wantNoIssues()
	})
}

// runThatWrote is the newest run that changed records of an object.
func (w *World) runThatWrote(object core.Object) int64 {
	w.T.Helper()
	for _, r := range w.runs() {
		for _, kind := range []string{"update ", "create "} {
			if r.Wrote[kind+string(object)] > 0 {
				return r.Run
			}
		}
	}
	w.T.Fatalf("no run wrote %s: %+v", object, w.runs())
	return 0
}

// TestLIM16_LIM14_AnUndoDeletesTheLineItemsThatARunMade on both sides, where that is asked for,
// and nothing makes them again.
func TestLIM16_LIM14_AnUndoDeletesTheLineItemsThatARunMade(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, Settings(func(c *config.Connection) {
			c.LineItems.WhenSalesforceDeleted, c.LineItems.WhenHubSpotDeleted = "archive", "archive"
		}))
		id, theirs := s.line("3"), s.item("hs_product_id", s.productMate, "quantity", "2")
		s.Sync()
		made := s.runThatWrote(core.LineItem)
		s.again()
		s.again()
		mate, their := s.wantMateOf(core.LineItemPair, id), s.wantMateOf(core.LineItemPair, theirs)
		if v := s.undo(engine.UndoArgs{Run: made}); v.Left["created"] != 2 {
			t.Errorf("left alone unasked are %v", v.Left)
		}
		v := s.undo(engine.UndoArgs{Run: made, DeleteCreated: true})
		if v.PutBack["archive OpportunityLineItem"] != 1 || v.PutBack["archive line_items"] != 1 || v.Left["created"] != 0 {
			t.Errorf("undone %+v", v)
		}
		s.again()
		s.sweepAll()
		s.again()
		if s.stillStands(core.LineItems, mate) || s.stillStands(core.LineItem, their) {
			t.Errorf("of %s and %s some stand", mate, their)
		}
		if a, b := s.countOf(core.LineItem, false), s.countOf(core.LineItems, true); a != 1 || b != 1 {
			t.Errorf("%d and %d line items stand, want those of the persons: 1 and 1", a, b)
		}
		s.wantAmount("30", "30")
		s.wantStill(t)
	})
}

// stillStands reports that a record stands.
func (w *World) stillStands(object core.Object, id string) bool {
	if !inPortal(object) {
		return w.Org.As(admin).Get(string(object), id) != nil
	}
	_, stands := w.Portal.As(admin).Get(string(object), id)
	return stands
}

// TestLIM16_LIM14_AnUndoOfAPrice puts the price back into its price book.
func TestLIM16_LIM14_AnUndoOfAPrice(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, products())
		id := w.sold("Pump", 12)
		w.again()
		mate := w.wantMateOf(core.ProductPair, id)
		w.change(core.Products, mate, "price", "15")
		w.again()
		w.wantPrices(id, standardName+" 15")
		w.Advance(3 * time.Second)
		v := w.undo(engine.UndoArgs{Run: w.runThatWrote(core.Product)})
		wantLeft(t, v, map[string]int{})
		w.wantPrices(id, standardName+" 12")
		w.want(core.Products, mate, "price", "15")
		w.wantStill(t)
		w.reprice(w.priceIn(id, w.standardBook()), 20)
		w.again()
		w.want(core.Products, mate, "price", "20")
		w.wantNoIssues()
	})
}

// TestLIM14_AQuantityNeedsNoMappedPrice: where the price is left to each side, a quantity that
// passes takes none away, and changes none.
func TestLIM14_AQuantityNeedsNoMappedPrice(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, Settings(func(c *config.Connection) {
			c.Mappings["line_item"] = c.Mappings["line_item"][:1]
		}))
		id := s.line("3", "UnitPrice", "9")
		s.again()
		s.change(core.LineItems, s.wantMateOf(core.LineItemPair, id), "quantity", "5")
		s.again()
		s.want(core.LineItem, id, "Quantity", "5")
		s.want(core.LineItem, id, "UnitPrice", "9")
		s.wantNoIssues()
		s.wantStill(t)
	})
}

// TestLIM14_TheAmountFollowsInTheSameSync that writes a line item to Salesforce: a sync that ends
// in step is in step.
func TestLIM14_TheAmountFollowsInTheSameSync(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile, Settings(func(c *config.Connection) { c.LineItems.WhenHubSpotDeleted = "archive" }))
		item := s.item("hs_product_id", s.productMate, "quantity", "2")
		s.Sync()
		s.wantAmount("20", "20")
		s.Advance(3 * time.Second)
		s.change(core.LineItems, item, "quantity", "5")
		other := s.item("hs_product_id", s.productMate, "quantity", "1")
		s.Sync()
		s.wantAmount("60", "60")
		s.Advance(3 * time.Second)
		s.must(s.Portal.As(admin).Archive("line_items", other))
		s.sweepAll()
		s.wantAmount("50", "50")
		s.wantNoIssues()
	})
}

// TestLIM1_LIM14_LineItemsArriveByTheFeeds of both sides: what is new, edited, and taken away.
func TestLIM1_LIM14_LineItemsArriveByTheFeeds(t *testing.T) {
	bubble(t, func(t testing.TB) {
		s := newSale(t, eventsOf("Opportunity", "Product2", "OpportunityLineItem"), Settings(func(c *config.Connection) {
			c.LineItems.WhenSalesforceDeleted, c.LineItems.WhenHubSpotDeleted = "archive", "archive"
		}))
		s.byFeeds()
		id := s.line("3")
		var mate string
		s.eventually(func() bool { mate = s.mateOf(core.LineItemPair, id); return mate != "" })
		s.change(core.LineItem, id, "Quantity", "4") // Salesforce holds the sum, 30
		s.shows("the quantity", func() string { return s.shown(core.LineItems, mate, "quantity") }, "4")
		s.change(core.LineItems, mate, "quantity", "5")
		s.shows("the Quantity", func() string { return s.shown(core.LineItem, id, "Quantity") }, "5")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2")
		var their string
		s.eventually(func() bool { their = s.mateOf(core.LineItemPair, theirs); return their != "" })
		s.shows("the amount of the deal", func() string { return s.shown(core.Deals, s.dealMate, "amount") }, "57.5")
		stays := s.item("hs_product_id", s.productMate, "quantity", "1") // a side that is emptied brakes
		s.eventually(func() bool { return s.mateOf(core.LineItemPair, stays) != "" })
		s.must(s.Org.As(admin).Delete("OpportunityLineItem", id))
		s.eventually(func() bool { return !s.stillStands(core.LineItems, mate) })
		s.must(s.Portal.As(admin).Archive("line_items", theirs))
		s.eventually(func() bool { return !s.stillStands(core.LineItem, their) })
		s.stop()
		if a, b := s.countOf(core.LineItem, false), s.countOf(core.LineItems, true); a != 1 || b != 1 {
			t.Errorf("%d and %d line items, want the one that stays", a, b)
		}
	})
}

// TestAMB13_ALineItemThatCameBackAndIsHiddenIsNotDeleted: the event of its end is older than
// that of its return with the opportunity.
func TestAMB13_ALineItemThatCameBackAndIsHiddenIsNotDeleted(t *testing.T) {
	bubble(t, func(t testing.TB) {
		s := newSale(t, eventsOf("Opportunity", "Product2", "OpportunityLineItem"))
		id := s.line("3")
		s.again()
		mate := s.wantMateOf(core.LineItemPair, id)
		s.byFeeds()
		s.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			time.Sleep(10 * time.Second) // so that both events are there before anybody looks
			return next.RoundTrip(r)
		})
		s.must(s.Org.As(admin).Delete("Opportunity", s.deal))
		time.Sleep(2 * time.Second)
		s.must(s.Org.As(admin).Undelete("Opportunity", s.deal))
		time.Sleep(5 * time.Minute)
		s.Through(nil)
		s.stop()
		s.must(s.Org.SetHidden(hide(id)))
		s.Restart(func(c *config.Connection) { c.LineItems.WhenSalesforceDeleted = "archive" })
		s.must(s.Engine.Resync(s.T.Context(), s.Conn, core.LineItemPair, []string{id}))
		s.Sync()
		s.wantIssue(core.CategoryPermissions, "unreadable", "")
		if !s.stillStands(core.LineItems, mate) {
			t.Error("the line item of HubSpot was deleted for one that is hidden")
		}
	})
}

// ofSales is a first import of products, deals and line items of both sides in one go.
var ofSales = importing{world: saleImport, args: engine.ImportArgs{Pair: core.LineItemPair, Sides: core.Sides[:]}, finish: (*trial).finishSales, sparse: true, parents: []core.Pair{core.ProductPair, core.DealPair}}

func saleImport(t testing.TB) *trial {
	w := newTrial(t, lineItems(), atOnce, Before(func(w *World) {
		w.must(w.Org.As(admin).Update("Pricebook2", w.standardBook(), map[string]any{"IsActive": true}))
		for i := range 2 {
			product, deal := w.sold(fmt.Sprintf("P%d", i), 10+i), w.opportunity(fmt.Sprintf("D%d", i))
			for j := range 2 {
				w.made(core.LineItem, "OpportunityId", deal, "PricebookEntryId", w.priceIn(product, w.standardBook()), "Quantity", fmt.Sprint(10*i+j+1))
			}
		}
		w.saleOfHubSpot()
		w.Advance(time.Hour)
	}))
	w.Through(new(schemas).carry)
	return w
}

// saleOfHubSpot makes a deal there with a line item of a product.
func (w *World) saleOfHubSpot() {
	w.T.Helper()
	line := w.portalCall("POST", "/crm/v3/pipelines/deals", map[string]any{"label": "Salesforce - Default", "displayOrder": 1, "stages": []any{
		map[string]any{"label": "Prospecting", "displayOrder": 0, "metadata": map[string]string{"probability": "0.1"}}}})
	stage := line["stages"].([]any)[0].(map[string]any)["id"].(string)
	deal := w.made(core.Deals, "dealname", "Theirs", "closedate", "2031-01-02T00:00:00Z", "pipeline", line["id"].(string), "dealstage", stage)
	item := w.made(core.LineItems, "hs_product_id", w.made(core.Products, "name", "Theirs", "price", "7"), "quantity", "6")
	w.portalCall("PUT", "/crm/v4/objects/line_items/"+item+"/associations/default/deals/"+deal, nil)
}

// finishSales is the end of it: everything once on each side, and sold on the same deal.
func (w *trial) finishSales() string {
	w.T.Helper()
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Id, Quantity, UnitPrice, OpportunityId, Product2Id FROM OpportunityLineItem")
	w.must(err)
	var out []string
	for _, r := range rows {
		mate, deal := w.wantMateOf(core.LineItemPair, fmt.Sprint(r["Id"])), w.wantDealMate(fmt.Sprint(r["OpportunityId"]))
		w.wantAssociated(core.LineItems, mate, core.Deals, deal)
		w.want(core.LineItems, mate, "hs_product_id", w.wantMateOf(core.ProductPair, fmt.Sprint(r["Product2Id"])))
		out = append(out, fmt.Sprint(r["Quantity"], " ", r["UnitPrice"], " ", w.shown(core.LineItems, mate, "quantity"), " ", w.shown(core.Deals, deal, "dealname"), " ", w.shown(core.Deals, deal, "amount")))
	}
	got := [3][2]int{}
	for i, o := range [3][2]core.Object{{core.Product, core.Products}, {core.Opportunity, core.Deals}, {core.LineItem, core.LineItems}} {
		got[i] = [2]int{w.countOf(o[0], false), w.countOf(o[1], true)}
	}
	if want := [3][2]int{{3, 3}, {3, 3}, {5, 5}}; got != want {
		w.T.Errorf("products, deals and line items number %v, want %v", got, want)
	}
	if n := w.countOf(core.PriceBookEntry, false); n != 3 {
		w.T.Errorf("%d prices stand, want 3", n)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_LIM14_CrashAtEveryCommitOfAFirstImportWithLineItems lets the process die before or after
// each commit, while products, deals and line items come together: each has its partner once.
func TestP1_LIM14_CrashAtEveryCommitOfAFirstImportWithLineItems(t *testing.T) { ofSales.crash(t, 5) }

// TestP1_LIM14_KillAroundTheCallOfAFirstImportWithLineItems kills the process around every write
// call.
func TestP1_LIM14_KillAroundTheCallOfAFirstImportWithLineItems(t *testing.T) { ofSales.kill(t) }
