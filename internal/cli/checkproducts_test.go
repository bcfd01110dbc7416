package cli

import (
	"testing"

	"tandem/internal/config"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// newProductsRig is a rig whose deals, products and line items sync, with the fields that this
// needs and the standard price book active.
func newProductsRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Deals.Sync, c.Products.Sync, c.LineItems.Sync = true, true, true
	})
	r.must(0, "init", "--fields", "--yes")
	r.activate(true)
	return r
}

// activate says whether opportunities may take products from the standard price book.
func (r *rig) activate(active bool) {
	r.t.Helper()
	rows, err := r.sims.org.As("admin").Query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
	if err == nil {
		err = r.sims.org.As("admin").Update("Pricebook2", rows[0]["Id"].(string), map[string]any{"IsActive": active})
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestLIM14_INST3_CheckFindsWhatProductsAndLineItemsNeed: a price book that is there, seen and
// active, rights on its entries, and the scopes of both objects.
func TestLIM14_INST3_CheckFindsWhatProductsAndLineItemsNeed(t *testing.T) {
	t.Parallel()
	priced := func(book string) func(r *rig) error {
		return func(r *rig) error {
			r.edit(func(f *config.File) { f.Connections[0].Products.PriceBook = book })
			return nil
		}
	}
	checksLacks(t, newProductsRig, []lack{
		{"everything there", func(*rig) error { return nil }, green, "price book", ""},
		{"not active", func(r *rig) error { r.activate(false); return nil }, yellow, "price book", "activate it"},
		{"no such price book", priced("Nowhere"), red, "price book", "products.price_book"},
		{"no price book of this id", priced("01s000000000001AAA"), red, "price book", "products.price_book"},
		{"price books hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Pricebook2"}) }, red, "price book", "read access to Price Books"},
		{"prices hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "PricebookEntry"}) }, red, "PricebookEntry", "permission set"},
		{"prices for reading only", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "PricebookEntry", Read: true})
		}, red, "PricebookEntry", "permission set"},
		{"products hidden", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Product2"}) }, red, "Product2", "permission set"},
		{"products of HubSpot not written", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.products.write", "e-commerce"}})
		}, red, "products", "crm.objects.products"},
		{"line items of HubSpot not written", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.line_items.write", "e-commerce"}})
		}, red, "line_items", "crm.objects.line_items"},
	})
}

// TestLIM33_LIM14_CheckNamesThePriceThatAnOrgHas where a mapping names another one: an org with
// several currencies has a price for each, and one with a single currency none by a code.
func TestLIM33_LIM14_CheckNamesThePriceThatAnOrgHas(t *testing.T) {
	t.Parallel()
	several := func(r *rig) error {
		return r.sims.org.EnableCurrencies(salesforcesim.Currencies{List: []salesforcesim.Currency{{Code: "EUR", Rate: 0.9}, {Code: "USD"}}})
	}
	mapped := func(price string) func(*rig) error {
		return func(r *rig) error {
			r.edit(func(f *config.File) {
				f.Connections[0].Mappings["product"] = []config.Mapping{{HubSpot: "name", Salesforce: "Name"}, {HubSpot: "price", Salesforce: price, Rule: "two_way"}}
			})
			return nil
		}
	}
	all := func(steps ...func(*rig) error) func(*rig) error {
		return func(r *rig) error {
			for _, step := range steps {
				if err := step(r); err != nil {
					return err
				}
			}
			return nil
		}
	}
	hidden := func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "PricebookEntry"}) }
	checksLacks(t, newProductsRig, []lack{
		{"no code among several currencies", all(mapped("UnitPrice"), several), red, "Product2.UnitPrice", "map UnitPrice_USD in place of UnitPrice"},
		{"a currency that the org does not have", all(mapped("UnitPrice_GBP"), several), red, "Product2.UnitPrice_GBP", "map UnitPrice_USD in place of UnitPrice_GBP"},
		{"a code with a single currency", mapped("UnitPrice_USD"), red, "Product2.UnitPrice_USD", "map UnitPrice in place of UnitPrice_USD"},
		{"the one that is there", all(mapped("UnitPrice_EUR"), several), green, "price book", ""},
		{"none is shown", all(mapped("UnitPrice"), hidden), red, "Product2.UnitPrice", "Price Book Entries"},
	})
}
