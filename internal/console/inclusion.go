package console

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/engine"
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
	conn *engine.Conn
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

// inScopePage counts who of an object is in scope. It reads records of both sides, so that
// it is asked for.
func (c *Console) inScopePage(v *visit) error {
	s, err := c.syncing(v)
	if err != nil {
		return err
	}
	if s.pair = core.Pair(v.r.PathValue("pair")); !slices.Contains(s.pairs, s.pair) {
		return notFound("There is no object " + string(s.pair) + " that syncs.")
	}
	o := v.order()
	o.Pair = s.pair
	if err := c.Do(v.r.Context(), "scope", o, &s.InScope); err != nil {
		return err
	}
	return v.show(inclusionView(v, s))
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
