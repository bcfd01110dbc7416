package engine

import (
	"context"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// As is the engine acting for another person, for the audit log.
func (e *Engine) As(by string) *Engine {
	out := *e
	if by != "" {
		out.By = by
	}
	return &out
}

// Offline gives a connection without reaching its sides, for what concerns the
// store alone: history, issues, runs, pausing. Reading and writing records with
// it is not possible.
func (e *Engine) Offline(ctx context.Context, settings config.Connection) (*Conn, error) {
	c := newConn(settings, [2]connector.Connector{})
	err := e.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(settings.Name)
		if err != nil {
			return err
		}
		c.ID, c.Switched, c.Held = row.ID, row.Switched, heldErrors(row.Held)
		for _, side := range core.Sides {
			c.Accounts[side].ID = row.Accounts[side]
		}
		return nil
	})
	return c, err
}

// StoredStatus is Status from the store alone: without API use, and without the
// problems of mappings, which need both schemas.
func (e *Engine) StoredStatus(ctx context.Context, c *Conn) (Status, error) {
	s := Status{Connection: c.Settings.Name, Pairs: c.Pairs, Sides: map[string]SideStatus{}, Lag: map[string]time.Duration{}}
	for _, side := range core.Sides {
		s.Sides[side.String()] = SideStatus{Account: c.Accounts[side].ID, Feed: c.feedName(side)}
	}
	err := e.View(ctx, func(tx *store.Tx) error { return e.fillStatus(tx, c, &s) })
	return s, err
}

// Work drains what is due now, without looking for changes first: what a person
// asked for is done within seconds.
func (e *Engine) Work(ctx context.Context, c *Conn) (Result, error) {
	began, before := e.Now(), c.callsFrom()
	if err := e.running(ctx, c); err != nil {
		return Result{}, err
	}
	if err := e.drain(ctx, c, nil); err != nil {
		return Result{}, err
	}
	return e.result(ctx, c, began, before)
}

// RefsFor are the refs that an id may mean: the ids of the two sides never look
// alike, but an object pair may have several objects on a side.
func RefsFor(pairs core.PairSet, p core.Pair, id string) []core.Ref {
	return refsFor(pairs, p, id)
}

// PairOfIssue is the object pair of the open issues of a record, named by its id
// of either side. CodeNotFound says that it has none.
func (e *Engine) PairOfIssue(ctx context.Context, c *Conn, id string) (pair core.Pair, err error) {
	err = e.View(ctx, func(tx *store.Tx) error {
		for _, p := range c.Pairs.Names() {
			refs := refsFor(c.Pairs, p, id)
			links, err := tx.LinksOf(c.ID, refs)
			if err != nil {
				return err
			}
			for _, l := range links {
				refs = append(refs, l.Refs[:]...)
			}
			have, err := tx.IssuesOf(c.ID, refs)
			if err != nil || len(have) > 0 {
				pair = p
				return err
			}
		}
		return &room.Error{Code: room.CodeNotFound, Message: "no open issue belongs to record " + id, Mend: "tandem issues lists what is open; tandem resync syncs any record"}
	})
	return pair, err
}
