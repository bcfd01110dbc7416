package engine

import (
	"context"
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine/gate"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// byFilters is who released a scope brake that nobody had to release.
const byFilters = "tandem (the filters were put back)"

// mayWorkLifted is MayWork where the brake of filters that were put back is released. One
// look answers both: a connection that serves asks all the time.
func (e *Engine) mayWorkLifted(ctx context.Context, c *Conn) error {
	var asked []core.Pair
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		if asked, err = putBackFilters(tx, c); err != nil || len(asked) > 0 {
			return err
		}
		return gate.MayWork(tx, &c.Known)
	})
	if err != nil || len(asked) == 0 {
		return err
	}
	if err := e.liftScope(ctx, c, asked); err != nil {
		return err
	}
	return e.MayWork(ctx, c)
}

// liftScope releases the brake of changed filters once the settings have those again that
// work followed before: nothing is dropped any more, and a person who released it would agree
// to filters that are gone. The brake of an inclusion list asks about no filters and stays.
func (e *Engine) liftScope(ctx context.Context, c *Conn, asked []core.Pair) error {
	err := e.Update(ctx, func(tx *store.Tx) error {
		for _, p := range asked {
			if err := tx.CursorClear(c.ID, core.Salesforce, scopeKey(scopeAsked, p)); err != nil {
				return err
			}
		}
		return tx.BrakeClear(c.ID, string(core.BrakeScope), byFilters)
	})
	if err != nil {
		return err
	}
	return c.gate.Heed(ctx, &e.Env)
}

// putBackFilters are the object pairs whose filters pulled the brake that halts, where all of
// them are again as work followed them; none otherwise.
func putBackFilters(tx *store.Tx, c *Conn) (asked []core.Pair, err error) {
	brakes, err := tx.Brakes(c.ID)
	if err != nil || !slices.ContainsFunc(brakes, func(b store.Brake) bool { return b.Kind == string(core.BrakeScope) }) {
		return nil, err
	}
	for _, p := range c.Pairs.Names() {
		_, pulled, err := tx.Cursor(c.ID, core.Salesforce, scopeKey(scopeAsked, p))
		if err != nil {
			return nil, err
		}
		if !pulled {
			continue
		}
		was, _, err := tx.Cursor(c.ID, core.Salesforce, scopeKey(scopeCursor, p))
		if err != nil || was.Value != string(room.MustJSON(c.filterOf(p))) {
			return nil, err
		}
		asked = append(asked, p)
	}
	return asked, nil
}
