package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
)

// TestLIM14_CONV3_ALineItemPassesWithItsDealAndProduct in both directions, and so do edits; a
// quantity that changes changes no price. The amount of the deal is the sum of Salesforce.
func TestLIM14_CONV3_ALineItemPassesWithItsDealAndProduct(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile)
		id := s.line("3", "UnitPrice", "9")
		theirs := s.item("hs_product_id", s.productMate, "quantity", "2", "hs_discount_percentage", "50")
		s.again()
		mate, made := s.wantMateOf(core.LineItemPair, id), s.wantMateOf(core.LineItemPair, theirs)
		for _, v := range [][2]string{{"quantity", "3"}, {"price", "9"}, {"hs_product_id", s.productMate}, {"name", "Pump"}} {
			s.want(core.LineItems, mate, v[0], v[1])
		}
		s.wantAssociated(core.LineItems, mate, core.Deals, s.dealMate)
		for _, v := range [][2]string{{"OpportunityId", s.deal}, {"Product2Id", s.product}, {"Quantity", "2"}, {"UnitPrice", "10"}, {"Discount", "50"}, {"TotalPrice", "10"}} {
			s.want(core.LineItem, made, v[0], v[1])
		}
		s.want(core.Opportunity, s.deal, "Pricebook2Id", s.standardBook())
		s.wantStill(t)
		s.wantAmount("37", "37")
		s.change(core.LineItems, mate, "quantity", "5")
		s.change(core.LineItem, made, "UnitPrice", "20")
		s.again()
		s.want(core.LineItem, id, "UnitPrice", "9")
		s.want(core.LineItem, id, "Quantity", "5")
		s.want(core.LineItems, theirs, "price", "20")
		s.wantNoIssues()
		s.wantStill(t)
		s.wantAmount("65", "65")
		if a, b := s.countOf(core.LineItem, false), s.countOf(core.LineItems, true); a != 2 || b != 2 {
			t.Errorf("%d and %d line items, want 2 and 2", a, b)
		}
	})
}

// TestLIM14_TheSumsNeverFight: what HubSpot makes of a deal's amount never reaches an
// opportunity with products. The amount follows Salesforce, or is left to the portal.
func TestLIM14_TheSumsNeverFight(t *testing.T) {
	for setting, shown := range map[string]string{"salesforce": "30", "hubspot": "99"} {
		t.Run(setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				s := newSale(t, profile, Settings(func(c *config.Connection) { c.LineItems.DealAmount = setting }))
				s.line("3")
				s.again()
				s.again()
				s.change(core.Deals, s.dealMate, "amount", "99")
				s.again()
				s.wantAmount("30", shown)
				s.wantNoIssues()
				s.wantStill(t)
				for _, e := range s.Org.Ledger() {
					if e.Client == s.client() && e.Field == "Amount" {
						t.Errorf("an amount was written to Salesforce: %+v", e)
					}
				}
			})
		})
	}
	computes := true
	s := newSale(t, Settings(func(c *config.Connection) { c.LineItems.DealAmount = config.AmountOfHubSpot }), Before(func(w *World) {
		w.must(w.Portal.Configure(hubspotsim.Settings{DealAmounts: &computes}))
	}))
	id := s.line("3")
	s.again()
	s.Advance(3 * time.Second)
	s.again()
	s.wantAmount("30", "30")
	s.change(core.LineItem, id, "Quantity", "4")
	s.change(core.LineItem, id, "UnitPrice", "10")
	s.again()
	s.Advance(3 * time.Second)
	s.again()
	s.wantAmount("40", "40")
	s.wantStill(t)
}

// TestERR3_LIM14_ALineItemWaitsForItsProduct, says so, and passes once that is linked. Its
// opportunity was edited by it, and is linked by that.
func TestERR3_LIM14_ALineItemWaitsForItsProduct(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old, product string
		s := newSale(t, profile, Before(func(w *World) {
			old, product = w.opportunity("Old"), w.sold("Valve", 4)
			w.Advance(time.Hour)
		}))
		id := s.made(core.LineItem, "OpportunityId", old, "PricebookEntryId", s.priceIn(product, s.standardBook()), "Quantity", "1")
		s.again()
		s.wantIssue(core.CategoryAssociation, "waiting_for_association", "Product2Id")
		if n := s.countOf(core.LineItems, true); n != 0 {
			t.Errorf("%d line items before the product is linked", n)
		}
		s.importOf(core.ProductPair)
		s.again()
		mate := s.wantMateOf(core.LineItemPair, id)
		s.wantAssociated(core.LineItems, mate, core.Deals, s.wantDealMate(old))
		s.want(core.LineItems, mate, "hs_product_id", s.wantMateOf(core.ProductPair, product))
		s.wantNoIssues()
		s.wantStill(t)
	})
}

// TestLIM14_WhatCannotBeSoldIsAnIssue: a line item that was typed in, and a product without a
// price in the opportunity's price book; what belongs to no deal stays in HubSpot, and nobody
// hears of it.
func TestLIM14_WhatCannotBeSoldIsAnIssue(t *testing.T) {
	s := newSale(t)
	free := s.item("name", "Freight", "quantity", "1", "price", "5")
	unsold := s.made(core.Products, "name", "Leaflet")
	s.made(core.LineItems, "name", "Of a quote", "quantity", "1")
	s.again()
	item := s.item("hs_product_id", unsold, "quantity", "1", "price", "3")
	s.again()
	codes := map[string]string{}
	for _, i := range s.openIssues() {
		codes[i.Ref.ID] = i.Code
		if i.Mend == "" || !strings.Contains(i.Message, i.Ref.ID) {
			t.Errorf("an issue says too little: %+v", i)
		}
	}
	if len(codes) != 2 || codes[free] != "line_item_without_product" || codes[item] != "no_price_book_entry" {
		t.Fatalf("the issues are %v", codes)
	}
	s.change(core.Products, unsold, "price", "3")
	s.again()
	s.must(s.Engine.Resync(t.Context(), s.Conn, core.LineItemPair, []string{item}))
	s.Sync()
	s.want(core.LineItem, s.wantMateOf(core.LineItemPair, item), "UnitPrice", "3")
	other := s.made(core.Products, "name", "Gasket", "price", "1")
	s.again()
	s.change(core.LineItems, item, "hs_product_id", other)
	s.again()
	codes = map[string]string{}
	for _, i := range s.openIssues() {
		codes[i.Code] = i.Field
	}
	if codes["reference_fixed"] != "Product2Id" {
		t.Errorf("the issues are %v", codes)
	}
}

// TestLIM14_LIM16_ARemovedLineItemDoesWhatIsSet on either side, though Salesforce keeps none
// in its recycle bin; the sum follows.
func TestLIM14_LIM16_ARemovedLineItemDoesWhatIsSet(t *testing.T) {
	for setting, left := range map[string]int{"nothing": 2, "archive": 1} {
		t.Run(setting, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				s := newSale(t, profile, Settings(func(c *config.Connection) {
					c.LineItems.WhenSalesforceDeleted, c.LineItems.WhenHubSpotDeleted = setting, setting
				}))
				s.line("1")
				one, other := s.line("2"), s.line("3")
				s.again()
				s.wantMateOf(core.LineItemPair, one)
				s.must(s.Portal.As(admin).Archive("line_items", s.wantMateOf(core.LineItemPair, other)))
				s.must(s.Org.As(admin).Delete("OpportunityLineItem", one))
				s.again()
				s.sweepAll()
				s.again()
				if a, b := s.countOf(core.LineItem, false), s.countOf(core.LineItems, true); a != left || b != left {
					t.Errorf("%d and %d line items stand, want %d each", a, b, left)
				}
				s.wantNoIssues()
				s.wantStill(t)
			})
		})
	}
}

// ofLines is an import of line items of both sides, of one deal and one product.
var ofLines = importing{world: lineImport, args: engine.ImportArgs{Pair: core.LineItemPair, Sides: core.Sides[:]}, finish: (*trial).finishLines, sparse: true}

func lineImport(t testing.TB) *trial {
	w := newTrial(t, lineItems(), atOnce, Before(func(w *World) {
		w.must(w.Org.As(admin).Update("Pricebook2", w.standardBook(), map[string]any{"IsActive": true}))
		product, deal := w.sold("Pump", 10), w.opportunity("Order")
		for i := range 3 {
			w.made(core.LineItem, "OpportunityId", deal, "PricebookEntryId", w.priceIn(product, w.standardBook()), "Quantity", fmt.Sprint(i+1))
		}
		w.Advance(time.Hour)
	}))
	w.Through(new(schemas).carry)
	for _, pair := range []core.Pair{core.ProductPair, core.DealPair} {
		w.importOf(pair)
	}
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Opportunity")
	w.must(err)
	deal := w.wantDealMate(fmt.Sprint(rows[0]["Id"]))
	rows, err = w.Org.As(admin).Query("SELECT Id FROM Product2")
	w.must(err)
	product := w.wantMateOf(core.ProductPair, fmt.Sprint(rows[0]["Id"]))
	for i := range 2 {
		id := w.made(core.LineItems, "hs_product_id", product, "quantity", fmt.Sprint(i+5))
		w.portalCall("PUT", "/crm/v4/objects/line_items/"+id+"/associations/default/deals/"+deal, nil)
	}
	return w
}

// finishLines is the end of it: each once on each side, with the same values, and the sum.
func (w *trial) finishLines() string {
	w.T.Helper()
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Id, Quantity FROM OpportunityLineItem")
	w.must(err)
	var out []string
	for _, r := range rows {
		mate := w.wantMateOf(core.LineItemPair, fmt.Sprint(r["Id"]))
		out = append(out, fmt.Sprint(r["Quantity"], " ", w.shown(core.LineItems, mate, "quantity"), len(w.associated(core.LineItems, mate, core.Deals))))
	}
	if a, b := len(rows), w.countOf(core.LineItems, true); a != 5 || b != 5 {
		w.T.Errorf("%d and %d line items, want 5 and 5", a, b)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_LIM14_CrashAtEveryCommitOfAnImportOfLineItems lets the process die before or after
// each commit: nothing is sold twice (I2).
func TestP1_LIM14_CrashAtEveryCommitOfAnImportOfLineItems(t *testing.T) { ofLines.crash(t, 5) }

// TestP1_LIM14_KillAroundTheCallOfAnImportOfLineItems kills the process around every write
// call.
func TestP1_LIM14_KillAroundTheCallOfAnImportOfLineItems(t *testing.T) { ofLines.kill(t) }
