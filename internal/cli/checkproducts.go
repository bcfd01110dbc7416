package cli

import (
	"context"
	"fmt"

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
