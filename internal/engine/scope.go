package engine

import (
	"context"
	"encoding/json"
	"sync"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// Cursors of the scope: the filters that work follows, and those that pulled the
// brake, for a person to agree to.
const (
	scopeCursor = "scope"
	scopeAsked  = "scope/asked"
)

// scopeLook is whether this opening has compared its filters with those that work
// followed before.
type scopeLook struct {
	mu   sync.Mutex
	done bool
}

// guardScope halts before a change of filters drops most of the linked records:
// what leaves the scope stops syncing without an issue. A person who releases the
// brake agrees to these filters.
func (e *Engine) guardScope(ctx context.Context, c *Conn) error {
	c.scope.mu.Lock()
	defer c.scope.mu.Unlock()
	if c.scope.done || c.Switched[core.CompanyPair].IsZero() {
		return nil
	}
	now := c.Settings.Companies.Filter
	was, agreed, err := e.formerFilters(ctx, c, now)
	if err != nil {
		return err
	}
	if !agreed {
		if err := e.compareScope(ctx, c, was, now); err != nil {
			return err
		}
	}
	err = e.update(ctx, func(tx *store.Tx) error {
		if err := tx.CursorClear(c.ID, core.Salesforce, scopeAsked); err != nil {
			return err
		}
		return tx.CursorSet(c.ID, core.Salesforce, scopeCursor, string(mustJSON(now)))
	})
	c.scope.done = err == nil
	return err
}

// formerFilters are the filters that work followed so far. The present ones are
// agreed where they are the same, the first, or those that a person released.
func (e *Engine) formerFilters(ctx context.Context, c *Conn, now config.Filter) (was config.Filter, agreed bool, err error) {
	text := string(mustJSON(now))
	err = e.view(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(c.ID, core.Salesforce, scopeCursor)
		if err != nil {
			return err
		}
		asked, _, err := tx.Cursor(c.ID, core.Salesforce, scopeAsked)
		agreed = !known || cur.Value == text || asked.Value == text
		if err != nil || agreed {
			return err
		}
		return json.Unmarshal([]byte(cur.Value), &was)
	})
	return was, agreed, err
}

// compareScope counts on each side whose filter changed the linked records that
// it drops.
func (e *Engine) compareScope(ctx context.Context, c *Conn, was, now config.Filter) error {
	for side, texts := range [2][2]string{{was.FromSalesforce, now.FromSalesforce}, {was.FromHubSpot, now.FromHubSpot}} {
		if texts[0] == texts[1] || texts[1] == "" {
			continue
		}
		linked, dropped, err := e.countDropped(ctx, c, core.Side(side), texts[0])
		if err != nil {
			return err
		}
		brake := core.CheckScope(linked, dropped, c.Settings.Brakes.Scope.Limits())
		if brake == nil {
			continue
		}
		err = e.update(ctx, func(tx *store.Tx) error {
			return tx.CursorSet(c.ID, core.Salesforce, scopeAsked, string(mustJSON(now)))
		})
		if err != nil {
			return err
		}
		return e.halt(ctx, c, brake)
	}
	return nil
}

// countDropped lists the records of a side: of the linked ones that the former
// filter let pass, those that the present one does not.
func (e *Engine) countDropped(ctx context.Context, c *Conn, side core.Side, former string) (linked, dropped int, err error) {
	object := core.CompanyPair.Objects()[side][0]
	now := c.filters[object]
	was, err := predicate(former, c.defs[side][object])
	if err != nil {
		was = nil // a field it looked at is gone
	}
	fields := now.Fields()
	if was != nil {
		fields = append(fields, was.Fields()...)
	}
	scan := connector.Scan{Object: object, Fields: c.present(side, object, fields)}
	err = c.Sides[side].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		links, err := e.linksOf(ctx, c, p.Records)
		for _, rec := range p.Records {
			if l := links[rec.Ref]; l == nil || l.State != core.LinkActive || leaves(was, rec) {
				continue
			}
			linked++
			if leaves(now, rec) {
				dropped++
			}
		}
		return err
	})
	return linked, dropped, err
}

// leaves reports that a filter surely leaves a record out.
func leaves(p *mapping.Predicate, rec core.Record) bool {
	if p == nil {
		return false
	}
	ok, err := p.Match(rec.Values)
	return err == nil && !ok
}

func (e *Engine) linksOf(ctx context.Context, c *Conn, recs []core.Record) (links map[core.Ref]*core.Link, err error) {
	refs := make([]core.Ref, len(recs))
	for i := range recs {
		refs[i] = recs[i].Ref
	}
	err = e.view(ctx, func(tx *store.Tx) (err error) {
		links, err = tx.LinksOf(c.ID, refs)
		return err
	})
	return links, err
}
