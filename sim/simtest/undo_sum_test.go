package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM16_LIM14_AnUndoLeavesAnAmountThatIsTheSumOfProducts: a run wrote an opportunity's amount, and
// products of ours made another one of it since. Salesforce takes none any more, and the undo says
// what it left alone and why; what the products' own run did to the deal goes back.
func TestLIM16_LIM14_AnUndoLeavesAnAmountThatIsTheSumOfProducts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := newSale(t, profile)
		s.Advance(time.Minute)
		s.change(core.Deals, s.dealMate, "amount", "100")
		s.Sync()
		priced := s.lastRun()
		s.want(core.Opportunity, s.deal, "Amount", "100")
		s.Advance(time.Minute)
		item := s.item("hs_product_id", s.productMate, "quantity", "2", "price", "10")
		s.again()
		s.again()
		s.want(core.Opportunity, s.deal, "Amount", "20")
		s.want(core.Deals, s.dealMate, "amount", "20")
		v := s.undo(engine.UndoArgs{Run: priced})
		wantLeft(t, v, map[string]int{"summed": 1})
		if l := v.Samples.Left; len(l) != 1 || l[0].Ref.ID != s.deal || l[0].Field != "Amount" || !strings.Contains(l[0].Why, "products") {
			t.Errorf("the undo says %+v", l)
		}
		s.again()
		s.want(core.Opportunity, s.deal, "Amount", "20")
		s.want(core.Deals, s.dealMate, "amount", "20")
		s.want(core.LineItems, item, "quantity", "2")
		s.wantStill(t)
	})
}
