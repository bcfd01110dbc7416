package cli

import (
	"context"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
)

// doPrepare makes Tandem's own fields that the settings need and selects the change events,
// then looks at both sides again. It tells what is left for an admin of a side.
func doPrepare(ctx context.Context, w *world, rq request) (any, error) {
	settings, err := w.effective(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	left, err := w.prepare(ctx, settings)
	if err != nil {
		return nil, err
	}
	if _, err := doRewire(ctx, w, rq); err != nil { // what is at work has read the schemas before
		return nil, err
	}
	if _, err := doCheck(ctx, w, rq); err != nil {
		return nil, err
	}
	return console.Prepared{Left: left}, nil
}

func (w *world) prepare(ctx context.Context, c config.Connection) (left []string, err error) {
	p := &preparer{settings: c}
	if p.sides, err = w.connect(ctx, c); err != nil {
		return nil, err
	}
	defer p.close()
	for _, side := range core.Sides {
		if p.accounts[side], err = p.sides[side].Identity(ctx); err != nil {
			return nil, err
		}
	}
	return p.make(ctx, c.Salesforce.Events != "poll", func(fieldResult) {})
}

// make creates the fields and selects the change events where they are followed. It tells
// what became of each field, and gives what is left to do.
func (p *preparer) make(ctx context.Context, events bool, told func(fieldResult)) (left []string, err error) {
	results, err := p.createFields(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		told(r)
		if r.Message != "" {
			left = append(left, r.Message)
		}
	}
	if !events {
		return left, nil
	}
	selections, err := p.selectEvents(ctx)
	for _, s := range selections {
		if s.Message != "" {
			left = append(left, s.Message)
		}
	}
	return left, err
}
