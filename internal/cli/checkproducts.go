package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/policy"
)

// priceNeeds are the entries of price books that prices of products are written to.
func (p *preflight) priceNeeds() []need {
	if !p.settings.Products.Sync {
		return nil
	}
	write := p.settings.Products.FromHubSpot != policy.DoNothing
	return []need{{object: core.PriceBookEntry, write: write, create: write, child: true, fields: []string{core.EntryPrice, core.EntryBook, core.EntryProduct}}}
}

// priceBook says whose prices products have.
func (p *preflight) priceBook(ctx context.Context) {
	books, keeps := p.sides[core.Salesforce].(connector.Prices)
	if !keeps || !p.settings.Products.Sync {
		return
	}
	switch book, err := books.PriceBook(ctx); {
	case err != nil:
		e := problemOf(err)
		p.add(red, core.Salesforce, "price book", e.Message, e.Mend, "LIM-14")
	case !book.Active && p.settings.LineItems.Sync:
		p.add(yellow, core.Salesforce, "price book", fmt.Sprintf("%s is not active: no opportunity can take its first product from it", book.Name), "activate it in Setup or in the Price Books tab", "LIM-14")
	default:
		p.good(core.Salesforce, "price book", "products have the prices of "+book.Name)
	}
}

// otherPrice says of a mapped price that products do not have which they have: one in each
// currency of an org with several, and one without a code in any other.
func (p *preflight) otherPrice(name string, s connector.Schema) (found, mend string) {
	var have []string
	for _, f := range s.Fields {
		if _, price := core.PriceCurrency(f.Name); price {
			have = append(have, f.Name)
		}
	}
	if len(have) == 0 {
		return "no price of products is shown to the integration", "give the integration user read access to Price Books and Price Book Entries, or take the mapping out"
	}
	found = "the org has one currency, and products one price without its code"
	if !slices.Contains(have, core.PriceField) {
		found = "the org has several currencies, and products a price in each: " + strings.Join(have, ", ")
	}
	best := have[0]
	if home := core.PriceFieldIn(p.known(nil).HomeCurrency(core.Salesforce)); slices.Contains(have, home) {
		best = home
	}
	return found, "map " + best + " in place of " + name
}
