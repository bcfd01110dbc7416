package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// A product's price stands in an entry of a price book, one a currency (Object Reference,
// "PricebookEntry"). Here it is a field of the product: read along with it, and written to
// the entry, which is made where there is none. An entry of any other book takes one of the
// standard book first.

const priceBooks = "Pricebook2"

// entryStandard says that an entry takes the price of the standard one.
const entryStandard = "UseStandardPrice"

// chosenBook remembers the price book that was found.
type chosenBook struct {
	mu       connector.CallMutex
	chosen   *connector.PriceBook
	standard string // id of the standard price book
}

// PriceBook is the price book of the configuration.
func (c *Client) PriceBook(ctx context.Context) (connector.PriceBook, error) {
	book, _, err := c.books(ctx)
	return book, err
}

// books are the chosen price book and the id of the standard one, asked once.
func (c *Client) books(ctx context.Context) (chosen connector.PriceBook, standard string, err error) {
	c.book.mu.Lock()
	defer c.book.mu.Unlock()
	if c.book.chosen != nil {
		return *c.book.chosen, c.book.standard, nil
	}
	want := c.cfg.PriceBook
	where := "IsStandard = true"
	if id := bookID(want); id != "" {
		where += " OR Id = " + quote(id)
	} else if want != "" {
		where += " OR Name = " + quote(want)
	}
	rows, err := c.records(ctx, "query", priceBooks, []string{"Id", "Name", "IsStandard", "IsActive"}, where, " ORDER BY Id")
	if refusedForGood(err) {
		return chosen, "", noBook(want)
	}
	if err != nil {
		return chosen, "", err
	}
	for _, r := range rows {
		b := connector.PriceBook{ID: r.Ref.ID, Name: r.Values["Name"], Standard: r.Values["IsStandard"] == "true", Active: r.Values["IsActive"] == "true"}
		if b.Standard {
			standard = b.ID
		}
		if want == "" && b.Standard || want != "" && (b.ID == bookID(want) || b.Name == want) {
			c.book.chosen = &b
		}
	}
	if c.book.chosen == nil {
		return chosen, "", noBook(want)
	}
	c.book.standard = standard
	return *c.book.chosen, standard, nil
}

// bookID is a text as the id of a price book, blank where it is none.
func bookID(text string) string {
	if !strings.HasPrefix(text, "01s") {
		return ""
	}
	return ID18(text)
}

func noBook(want string) error {
	if want == "" {
		want = "the standard price book"
	}
	return &connector.Error{Side: core.Salesforce, Class: core.ClassSchema, Code: connector.CodeNoPriceBook, Message: "there is no price book " + want + " that the integration user sees",
		Mend: "name one in products.price_book, or give the user read access to Price Books"}
}

// splitPrices takes the price fields of products out of the fields asked for.
func splitPrices(object core.Object, fields []string) (own, prices []string) {
	if object != core.Product {
		return fields, nil
	}
	for _, f := range fields {
		if _, price := core.PriceCurrency(f); price {
			prices = append(prices, f)
		} else {
			own = append(own, f)
		}
	}
	return own, prices
}

// withPrices adds the prices to the schema of products, where the user sees the chosen
// price book. They are none of a product that is yet to be made.
func (c *Client) withPrices(ctx context.Context, s connector.Schema) (connector.Schema, error) {
	entries, err := c.describeOwn(ctx, core.PriceBookEntry)
	if err == nil {
		_, _, err = c.books(ctx)
	}
	if refusedForGood(err) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	price, codes := connector.Field{}, []string{""}
	for _, f := range entries.Fields {
		switch f.Name {
		case core.EntryPrice:
			price = f
		case core.EntryCurrency:
			codes = activeOf(f.Options)
		}
	}
	if price.Name == "" {
		return s, nil
	}
	s.Fields = slices.Clone(s.Fields)
	for _, code := range codes {
		f := price
		f.Name, f.Required, f.Creatable, f.Updatable = core.PriceFieldIn(code), false, false, entries.Creatable && entries.Updatable
		s.Fields = append(s.Fields, f)
	}
	return s, nil
}

func activeOf(options []connector.Option) (out []string) {
	for _, o := range options {
		if o.Active {
			out = append(out, o.Value)
		}
	}
	return out
}

// entryKey tells the entries of a product apart.
type entryKey struct{ product, book, currency string }

// entries are the prices of products in the chosen price book and the standard one.
func (c *Client) entries(ctx context.Context, products []string) (map[entryKey]core.Record, error) {
	chosen, standard, err := c.books(ctx)
	if err != nil {
		return nil, err
	}
	types, err := c.fieldTypes(ctx, core.PriceBookEntry)
	if err != nil {
		return nil, err
	}
	fields := withSystem([]string{core.EntryBook, core.EntryProduct, core.EntryPrice, core.EntryActive, entryStandard})
	if _, several := types["currencyisocode"]; several {
		fields = append(fields, core.EntryCurrency)
	}
	out := map[entryKey]core.Record{}
	books := core.EntryBook + " IN (" + quoteAll([]string{chosen.ID, standard}) + ") AND " + core.EntryProduct
	for _, chunk := range inChunks(distinct(products), len(soqlQuery(selectFrom(core.PriceBookEntry, fields, books+" IN ()")))+uriMargin) {
		rows, err := c.records(ctx, "query", core.PriceBookEntry, fields, books+" IN ("+quoteAll(chunk)+")", "")
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[entryKey{ID18(r.Values[core.EntryProduct]), ID18(r.Values[core.EntryBook]), r.Values[core.EntryCurrency]}] = r
		}
	}
	return out, nil
}

// addPrices gives live products their prices, blank where the chosen book has none.
func (c *Client) addPrices(ctx context.Context, recs []core.Record, fields []string) error {
	var ids []string
	for i := range recs {
		if recs[i].Presence == core.Live {
			ids = append(ids, recs[i].Ref.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	entries, err := c.entries(ctx, ids)
	if err != nil {
		return err
	}
	book, _, err := c.books(ctx)
	for i := range recs {
		if recs[i].Presence != core.Live {
			continue
		}
		for _, f := range fields {
			code, _ := core.PriceCurrency(f)
			recs[i].Values[f] = entries[entryKey{recs[i].Ref.ID, book.ID, code}].Values[core.EntryPrice]
		}
	}
	return err
}

// priced gives every page of a scan of products their prices.
func (c *Client) priced(ctx context.Context, fields []string, yield func(connector.Page) error) func(connector.Page) error {
	return func(p connector.Page) error {
		if err := c.addPrices(ctx, p.Records, fields); err != nil {
			return err
		}
		return yield(p)
	}
}

// unpriced is the message about a price that is taken away.
func unpriced(f string) string {
	return fmt.Sprintf("a price book has no blank price: %s stays as it is", f)
}
