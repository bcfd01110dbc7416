package simtest

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/config"
)

// products switches product sync on, with the mappings that products are proposed.
func products(changes ...func(*config.Products)) Option {
	return Settings(func(c *config.Connection) {
		c.Products.Sync = true
		c.Mappings["product"] = []config.Mapping{
			{HubSpot: "name", Salesforce: "Name", Rule: "two_way"},
			{HubSpot: "hs_sku", Salesforce: "ProductCode", Rule: "two_way"},
			{HubSpot: "description", Salesforce: "Description", Rule: "two_way"},
			{HubSpot: "price", Salesforce: "UnitPrice", Rule: "two_way"},
		}
		for _, change := range changes {
			change(&c.Products)
		}
		c.Complete()
	})
}

// pricedBy takes the prices of a price book.
func pricedBy(book string) func(*config.Products) {
	return func(p *config.Products) { p.PriceBook = book }
}

// standardBook is the id of the org's standard price book.
func (w *World) standardBook() string {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
	w.must(err)
	return fmt.Sprint(rows[0]["Id"])
}

// priceBook makes an active price book.
func (w *World) priceBook(name string) string {
	w.T.Helper()
	id, err := w.Org.As(admin).Create("Pricebook2", map[string]any{"Name": name, "IsActive": true})
	w.must(err)
	return id
}

// entry gives a product a price in a price book; fields more are FIELD, value.
func (w *World) entry(product, book string, price any, more ...any) string {
	w.T.Helper()
	fields := map[string]any{"Pricebook2Id": book, "Product2Id": product, "UnitPrice": price, "IsActive": true}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i].(string)] = more[i+1]
	}
	id, err := w.Org.As(admin).Create("PricebookEntry", fields)
	w.must(err)
	return id
}

// sold makes a product of Salesforce with a standard price.
func (w *World) sold(name string, price any) (id string) {
	w.T.Helper()
	id, err := w.Org.As(admin).Create("Product2", map[string]any{"Name": name, "ProductCode": strings.ToUpper(name), "IsActive": true})
	w.must(err)
	w.entry(id, w.standardBook(), price)
	return id
}

// wantPrices fails where the prices of a product are others than these, each told as the
// name of its price book, and the price.
func (w *World) wantPrices(product string, want ...string) {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Pricebook2Id, UnitPrice, IsActive FROM PricebookEntry WHERE Product2Id = '" + product + "'")
	w.must(err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%v %v", w.Org.As(admin).Get("Pricebook2", fmt.Sprint(r["Pricebook2Id"]))["Name"], r["UnitPrice"]))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.T.Errorf("product %s has the prices %q, want %q", product, got, want)
	}
}

// priceIn is the id of a product's entry in a price book.
func (w *World) priceIn(product, book string) string {
	w.T.Helper()
	rows, err := w.Org.As(admin).Query("SELECT Id FROM PricebookEntry WHERE Product2Id = '" + product + "' AND Pricebook2Id = '" + book + "'")
	w.must(err)
	if len(rows) != 1 {
		w.T.Fatalf("product %s has %d entries in the price book %s", product, len(rows), book)
	}
	return fmt.Sprint(rows[0]["Id"])
}

const standardName = "Standard Price Book"

// reprice changes a price of Salesforce.
func (w *World) reprice(entry string, price any) {
	w.T.Helper()
	w.must(w.Org.As(admin).Update("PricebookEntry", entry, map[string]any{"UnitPrice": price}))
}

// unpriced takes a price of Salesforce away.
func (w *World) unpriced(entry string) {
	w.T.Helper()
	w.must(w.Org.As(admin).Delete("PricebookEntry", entry))
}
