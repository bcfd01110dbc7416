package cli

import (
	"context"

	"tandem/internal/console"
	"tandem/internal/core"
)

// doPropose tells the default mappings of a list for the fields that both sides have now. It
// changes nothing.
func doPropose(ctx context.Context, w *world, rq request) (any, error) {
	settings, err := w.effective(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	p := &preparer{settings: settings}
	if p.sides, err = w.connect(ctx, settings); err != nil {
		return nil, err
	}
	defer p.close()
	for _, side := range core.Sides {
		if p.accounts[side], err = p.sides[side].Identity(ctx); err != nil {
			return nil, err
		}
	}
	all, err := p.proposeMappings(ctx)
	return console.Proposed{Mappings: all[rq.List]}, err
}
