package hubspotsim

import (
	"testing"
	"time"
)

// A line item has of its product what it is given no value of its own, and comes to its price
// less its discounts; an account that computes it shows the sum on the deal.
func TestLineItemsOfProducts(t *testing.T) {
	on := true
	r := newRig(t, Options{})
	if err := r.p.Configure(Settings{DealAmounts: &on}); err != nil {
		t.Fatal(err)
	}
	const items = "/crm/v3/objects/line_items"
	made := func(path string, props map[string]string) string {
		t.Helper()
		got := r.call("POST", path, map[string]any{"properties": props})
		if got.status != 201 {
			t.Fatalf("%s gives %d: %s", path, got.status, got.raw)
		}
		return got.str("id")
	}
	product := made("/crm/v3/objects/products", map[string]string{"name": "Pump", "hs_sku": "P-1", "price": "10"})
	deal := made("/crm/v3/objects/deals", map[string]string{"dealname": "D", "dealstage": "appointmentscheduled", "amount": "1"})
	item := made(items, map[string]string{"hs_product_id": product, "quantity": "3", "hs_discount_percentage": "50"})
	other := made(items, map[string]string{"hs_product_id": product, "quantity": "1", "price": "7", "name": "Own"})
	for id, want := range map[string]string{item: "Pump 10 15", other: "Own 7 7"} {
		got := r.call("GET", items+"/"+id+"?properties=name,price,amount", nil)
		if have := got.str("properties", "name") + " " + got.str("properties", "price") + " " + got.str("properties", "amount"); have != want {
			t.Errorf("line item is %q, want %q", have, want)
		}
		r.call("PUT", "/crm/v4/objects/line_items/"+id+"/associations/default/deals/"+deal, nil)
	}
	amount := func() string {
		r.pass(2 * time.Second)
		return r.call("GET", "/crm/v3/objects/deals/"+deal, nil).str("properties", "amount")
	}
	if got := amount(); got != "22" {
		t.Errorf("the deal's amount is %s, want 22", got)
	}
	r.call("DELETE", items+"/"+other, nil)
	if got := amount(); got != "15" {
		t.Errorf("the deal's amount is %s once a line item is gone, want 15", got)
	}
	for _, bad := range []map[string]string{{"price": "-1"}, {"amount": "1"}} {
		if got := r.call("POST", items, map[string]any{"properties": bad}); got.status != 400 {
			t.Errorf("%v gives %d", bad, got.status)
		}
	}
}
