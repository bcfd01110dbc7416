package salesforce

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func (c *Client) Ensure(ctx context.Context, object core.Object, specs []connector.FieldSpec) ([]connector.FieldResult, error) {
	return nil, nil
}
func (c *Client) Listen(ctx context.Context, position string, emit func(context.Context, connector.Events) error) error {
	return nil
}

type bus struct{}

func (b *bus) close() error { return nil }
