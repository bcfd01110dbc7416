package console

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// InScope tells who of an object is in scope with the settings that count.
type InScope struct {
	Scope []engine.Admission `json:"scope"`
	Calls map[string]int     `json:"spent_calls"` // that finding out took
}

// inScope is the page that counts who is in scope.
type inScope struct {
	pairs []core.Pair // that sync
	pair  core.Pair   // counted; blank for none
	InScope
	counted bool // once
	look    store.Look
	failed  *Trouble
	conn    *engine.Conn
}

// syncing are the pairs whose records have a scope of their own.
func (c *Console) syncing(v *visit) (s inScope, err error) {
	_, s.conn, err = c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return s, err
	}
	for _, p := range s.conn.Pairs.Names() {
		if s.conn.Settings.Syncs(p) {
			s.pairs = append(s.pairs, p)
		}
	}
	return s, nil
}

func (c *Console) inclusionPage(v *visit) error {
	s, err := c.syncing(v)
	if err != nil {
		return err
	}
	return v.show(inclusionView(v, s))
}

// counting is the page of a pair with the last count of it, or how far the one is that is
// under way.
func (c *Console) counting(ctx context.Context, v *visit) (s inScope, err error) {
	if s, err = c.syncing(v); err != nil {
		return s, err
	}
	if s.pair = core.Pair(v.r.PathValue("pair")); !slices.Contains(s.pairs, s.pair) {
		return s, notFound("There is no object " + string(s.pair) + " that syncs.")
	}
	s.look, err = c.Looked(ctx, v.connection, LookScope+string(s.pair))
	if err != nil {
		t := c.Tell(err)
		s.failed = &t
	}
	v.now = c.Now()
	s.InScope, s.counted, err = foundBy[InScope](s.look)
	return s, err
}

func (c *Console) inScopePage(v *visit) error {
	s, err := c.counting(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(inclusionView(v, s))
}

func (c *Console) inScopeLive(v *visit) error {
	return c.followed(v, LookScope+v.r.PathValue("pair"), func(ctx context.Context) (templ.Component, error) {
		s, err := c.counting(ctx, v)
		return scopeCounted(v, s), err
	})
}

// countScope counts who of an object is in scope. It reads records of both sides, so that
// it is asked for.
func (c *Console) countScope(v *visit) error {
	s, err := c.counting(v.r.Context(), v)
	if err != nil {
		return err
	}
	o := v.order()
	o.Look = LookScope + string(s.pair)
	if l, err := c.beginLook(v, o); err != nil && l.Error == "" {
		return err
	}
	return v.to(v.at("inclusion", string(s.pair)))
}

// filterOf is the filter of a side of a pair, blank for none.
func (s inScope) filterOf(p core.Pair, side core.Side) string {
	f := s.conn.Settings.Pair(p).Filter
	if side == core.Salesforce {
		return f.FromSalesforce
	}
	return f.FromHubSpot
}

// listOf is the inclusion list of a pair, blank for none.
func (s inScope) listOf(p core.Pair) string { return s.conn.Settings.Inclusion(p).List }
