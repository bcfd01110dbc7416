package simtest

import (
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// lineItems switches the sync of deals, products and line items on, with the mappings that
// they are proposed.
func lineItems(changes ...func(*config.LineItems)) Option {
	return func(s *setup) {
		deals()(s)
		products()(s)
		Settings(func(c *config.Connection) {
			c.LineItems.Sync = true
			c.Mappings["line_item"] = []config.Mapping{
				{HubSpot: "quantity", Salesforce: "Quantity", Rule: "two_way"},
				{HubSpot: "price", Salesforce: "UnitPrice", Rule: "two_way"},
				{HubSpot: "hs_discount_percentage", Salesforce: "Discount", Rule: "two_way"},
			}
			for _, change := range changes {
				change(&c.LineItems)
			}
			c.Complete()
		})(s)
	}
}

// sale is a linked deal and a linked product, with the standard price 10.
type sale struct {
	*World
	deal, product         string // of Salesforce
	dealMate, productMate string
}

func newSale(t testing.TB, more ...Option) *sale {
	w := New(t, append([]Option{lineItems(), Before(func(w *World) {
		w.must(w.Org.As(admin).Update("Pricebook2", w.standardBook(), map[string]any{"IsActive": true}))
	})}, more...)...)
	s := &sale{World: w, product: w.sold("Pump", 10), deal: w.opportunity("Order", "Amount", "7")}
	w.again()
	s.dealMate, s.productMate = w.wantDealMate(s.deal), w.wantMateOf(core.ProductPair, s.product)
	return s
}

// line sells the product on the opportunity.
func (s *sale) line(quantity string, more ...string) string {
	s.T.Helper()
	return s.made(core.LineItem, append([]string{"OpportunityId", s.deal, "PricebookEntryId", s.priceIn(s.product, s.standardBook()), "Quantity", quantity}, more...)...)
}

// item makes a line item of the deal.
func (s *sale) item(pairs ...string) string {
	s.T.Helper()
	id := s.made(core.LineItems, pairs...)
	s.portalCall("PUT", "/crm/v4/objects/line_items/"+id+"/associations/default/deals/"+s.dealMate, nil)
	return id
}

// wantAmount fails where opportunity and deal show other sums.
func (s *sale) wantAmount(opportunity, deal string) {
	s.T.Helper()
	s.want(core.Opportunity, s.deal, "Amount", opportunity)
	s.want(core.Deals, s.dealMate, "amount", deal)
}
