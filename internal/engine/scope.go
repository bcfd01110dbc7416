package engine

import (
	"context"
	"encoding/json"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// Cursors of the scope: the filters that work follows, and those that pulled the
// brake, for a person to agree to. Those of people stand beside them.
const (
	scopeCursor = "scope"
	scopeAsked  = "scope/asked"
)

func scopeKey(name string, p core.Pair) string {
	if p == core.CompanyPair {
		return name
	}
	return name + "/" + string(p)
}

// scopeLook is whether this opening has compared its filters with those that work
// followed before.
type scopeLook struct {
	mu   connector.CallMutex
	done bool
}

// guardScope halts before a change of filters drops most of the linked records:
// what leaves the scope stops syncing without an issue. A person who releases the
// brake agrees to these filters.
func (e *Engine) guardScope(ctx context.Context, c *Conn) error {
	c.scope.mu.Lock()
	defer c.scope.mu.Unlock()
	if c.scope.done {
		return nil
	}
	looked := false
	for _, p := range c.Pairs.Names() {
		if !c.Syncs(p) || c.Switched[p].IsZero() {
			continue
		}
		if err := e.guardPair(ctx, c, p); err != nil {
			return err
		}
		looked = true
	}
	c.scope.done = looked
	return nil
}

// filterOf are the filters of an object pair.
func (c *Conn) filterOf(p core.Pair) config.Filter { return c.Settings.Pair(p).Filter }

func (e *Engine) guardPair(ctx context.Context, c *Conn, p core.Pair) error {
	now := c.filterOf(p)
	was, agreed, err := e.formerFilters(ctx, c, p)
	if err != nil {
		return err
	}
	if !agreed {
		if err := e.compareScope(ctx, c, p, was); err != nil {
			return err
		}
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		if admits(was, now) {
			if err := e.compareLinked(tx, c, p, func(*core.Link) bool { return true }); err != nil {
				return err
			}
		}
		if err := tx.CursorClear(c.ID, core.Salesforce, scopeKey(scopeAsked, p)); err != nil {
			return err
		}
		return tx.CursorSet(c.ID, core.Salesforce, scopeKey(scopeCursor, p), string(room.MustJSON(now)))
	})
}

// formerFilters are the filters that work followed so far. The present ones are
// agreed where they are the same, the first, or those that a person released.
func (e *Engine) formerFilters(ctx context.Context, c *Conn, p core.Pair) (was config.Filter, agreed bool, err error) {
	text := string(room.MustJSON(c.filterOf(p)))
	err = e.View(ctx, func(tx *store.Tx) error {
		cur, known, err := tx.Cursor(c.ID, core.Salesforce, scopeKey(scopeCursor, p))
		if err != nil {
			return err
		}
		asked, _, err := tx.Cursor(c.ID, core.Salesforce, scopeKey(scopeAsked, p))
		agreed = !known || cur.Value == text || asked.Value == text
		if err != nil || !known {
			return err
		}
		return json.Unmarshal([]byte(cur.Value), &was)
	})
	return was, agreed, err
}

// compareScope counts on each side whose filter changed the linked records that
// it drops.
func (e *Engine) compareScope(ctx context.Context, c *Conn, p core.Pair, was config.Filter) error {
	now := c.filterOf(p)
	for side, texts := range [2][2]string{{was.FromSalesforce, now.FromSalesforce}, {was.FromHubSpot, now.FromHubSpot}} {
		if texts[0] == texts[1] || texts[1] == "" {
			continue
		}
		dropped, err := e.countDropped(ctx, c, p, core.Side(side), texts[0])
		if err != nil {
			return err
		}
		brake := core.CheckScope(c.Pairs.Plural(p), dropped, c.Settings.Brakes.Scope.Limits())
		if brake == nil {
			continue
		}
		err = e.Update(ctx, func(tx *store.Tx) error {
			return tx.CursorSet(c.ID, core.Salesforce, scopeKey(scopeAsked, p), string(room.MustJSON(now)))
		})
		if err != nil {
			return err
		}
		return c.gate.Halt(ctx, &e.Env, brake)
	}
	return nil
}

// countDropped lists the records of a side: of the linked ones that the former
// filter let pass, those that the present one does not.
func (e *Engine) countDropped(ctx context.Context, c *Conn, p core.Pair, side core.Side, former string) (all core.Drop, err error) {
	for _, object := range c.Pairs.Objects(p)[side] {
		if _, visible := c.Schemas[side][object]; !visible {
			continue
		}
		one, err := e.countDroppedOf(ctx, c, side, object, former)
		if err != nil {
			return all, err
		}
		all.Add(one)
	}
	return all, nil
}

func (e *Engine) countDroppedOf(ctx context.Context, c *Conn, side core.Side, object core.Object, former string) (out core.Drop, err error) {
	now := c.Filters[object]
	was, err := c.formerFilter(former, side, object)
	if err != nil {
		was = nil // a field it looked at is gone
	}
	fields := now.Fields()
	if was != nil {
		fields = append(fields, was.Fields()...)
	}
	scan := connector.Scan{Object: object, Fields: c.Present(side, object, fields)}
	err = c.Sides[side].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		links, err := e.linksOf(ctx, c, p.Records)
		for i := range p.Records {
			if l := links[p.Records[i].Ref]; l != nil && l.State == core.LinkActive {
				out.Count(!leaves(was, &p.Records[i]), !leaves(now, &p.Records[i]))
			}
		}
		return err
	})
	return out, err
}

// formerFilter compiles a filter that work followed before; one of leads and contacts
// looks at the fields of both.
func (c *Conn) formerFilter(text string, side core.Side, object core.Object) (*mapping.Predicate, error) {
	if pair, _ := c.Pairs.Of(side, object); text == "" || side == core.HubSpot || pair != core.ContactPair {
		return conn.Predicate(text, c.Defs[side][object])
	}
	each, err := mapping.CompilePeoplePredicate(text, c.Defs[side][core.Lead], c.Defs[side][core.Contact])
	return each[object], err
}

// leaves reports that a filter surely leaves a record out.
func leaves(p *mapping.Predicate, rec *core.Record) bool {
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
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		links, err = tx.LinksOf(c.ID, refs)
		return err
	})
	return links, err
}
