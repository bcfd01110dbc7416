package connector

import (
	"context"

	"tandem/internal/core"
)

// ConsentKeeper is a side that keeps opt-outs by e-mail address.
type ConsentKeeper interface {
	// Consents asks what addresses say now; every address has an answer.
	Consents(ctx context.Context, addresses []string) (map[string]core.ConsentStatus, error)
	// ConsentScopes names the rights that the app lacks for opt-outs, as far as the side
	// tells. An error says that it may not even read them.
	ConsentScopes(ctx context.Context) (missing []string, err error)
}
