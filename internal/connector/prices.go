package connector

import "context"

// PriceBook is a list of prices of products.
type PriceBook struct {
	ID       string
	Name     string
	Standard bool
	Active   bool
}

// Prices is a side that keeps the prices of products apart from them, in price books.
type Prices interface {
	// PriceBook is the chosen price book. An *Error of class core.ClassSchema says that
	// there is none of that name or id, or that it is hidden.
	PriceBook(ctx context.Context) (PriceBook, error)
}
