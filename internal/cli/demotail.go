package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// ledgers are how many rows both ledgers have.
type ledgers struct{ org, portal int }

func (s *simulators) written() ledgers { return ledgers{len(s.org.Ledger()), len(s.portal.Ledger())} }

// follow serves a connection and prints each change behind the rows given.
func (a *app) follow(ctx context.Context, w *world, c config.Connection, s *simulators, from ledgers) error {
	live, err := w.wire(ctx, c.Name)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return live.engine.Serve(ctx, live.conn) })
	g.Go(func() error { return w.commands(ctx) })
	g.Go(func() error { return a.tail(ctx, s, from, newEdits(mappingsOf(c), w.partnerOf(ctx, live.conn.ID))) })
	return g.Wait()
}

const tailEvery = 250 * time.Millisecond

func (a *app) tail(ctx context.Context, s *simulators, from ledgers, seen *edits) error {
	for connector.Pause(ctx, tailEvery) == nil {
		var news []shownChange
		for _, e := range s.org.Ledger()[from.org:] {
			from.org++
			news = append(news, orgChange(e))
		}
		for _, e := range s.portal.Ledger()[from.portal:] {
			from.portal++
			news = append(news, portalChange(e))
		}
		slices.SortStableFunc(news, func(x, y shownChange) int { return x.At.Compare(y.At) })
		for _, n := range news {
			n.Why = seen.why(n)
			if err := a.showChange(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// partnerOf gives the record of Salesforce that one of HubSpot is linked with, blank for none;
// both are told as the object, a blank, and the id.
func (w *world) partnerOf(ctx context.Context, connection int64) func(record string) string {
	return func(record string) (partner string) {
		object, id, _ := strings.Cut(record, " ")
		ref := core.Ref{Side: core.HubSpot, Object: core.Object(object), ID: id}
		_ = w.store.View(ctx, func(tx *store.Tx) error { // a demo that ends tells of nothing more
			links, err := tx.LinksOf(connection, []core.Ref{ref})
			if l := links[ref]; l != nil {
				partner = string(l.Refs[core.Salesforce].Object) + " " + l.Refs[core.Salesforce].ID
			}
			return err
		})
		return partner
	}
}

// mappingsOf are the mapped fields of the objects of both sides.
func mappingsOf(c config.Connection) map[string][]config.Mapping {
	out := map[string][]config.Mapping{}
	for _, d := range c.Pairs() {
		for _, o := range slices.Concat(d.Objects[0], d.Objects[1]) {
			out[string(o)] = c.Mappings[string(d.Name)]
		}
	}
	return out
}

// shownChange is one changed field in either ledger.
type shownChange struct {
	At     time.Time `json:"at"`
	Side   string    `json:"side"`
	By     string    `json:"by"` // person or tandem
	Op     string    `json:"op"`
	Record string    `json:"record"`
	Field  string    `json:"field,omitempty"`
	Before string    `json:"before,omitempty"`
	After  string    `json:"after,omitempty"`
	Why    string    `json:"why,omitempty"` // why an edit was undone
}

// edits remembers what persons changed last, to say which of it Tandem undid and why.
type edits struct {
	fields  map[string]map[string]config.Mapping // by object, then by field or property
	partner func(record string) string           // that a record of HubSpot is linked with; blank for none
	last    map[string][2]*shownChange           // by pair and field, each side's
	passed  map[*shownChange]bool                // the other side has it
}

func newEdits(mappings map[string][]config.Mapping, partner func(string) string) *edits {
	e := &edits{fields: map[string]map[string]config.Mapping{}, partner: partner, last: map[string][2]*shownChange{}, passed: map[*shownChange]bool{}}
	for object, fields := range mappings {
		e.fields[object] = map[string]config.Mapping{}
		for _, f := range fields {
			e.fields[object][f.Salesforce], e.fields[object][f.HubSpot] = f, f
		}
	}
	return e
}

// field is the mapping of a changed field, blank where none is.
func (e *edits) field(c shownChange) config.Mapping {
	object, _, _ := strings.Cut(c.Record, " ")
	return e.fields[object][c.Field]
}

// key is the same for a field and its property on the two records of a pair.
func (e *edits) key(c shownChange) string {
	record := c.Record
	if c.Side == core.HubSpot.Label() {
		record = cmp.Or(e.partner(record), record)
	}
	return record + " " + cmp.Or(e.field(c).Salesforce, c.Field)
}

// why says what rule undid a person's edit; blank for any other change. An edit that
// reached the other side is not undone by what changes later.
func (e *edits) why(c shownChange) string {
	key, side := e.key(c), core.Salesforce
	if c.Side == core.HubSpot.Label() {
		side = core.HubSpot
	}
	both := e.last[key]
	was, other := both[side], both[side.Other()]
	passed := e.passed[was]
	delete(e.passed, was)
	if both[side] = nil; c.By == byPerson {
		both[side] = &c
	}
	e.last[key] = both
	switch {
	case c.By == byPerson:
		return ""
	case other != nil:
		e.passed[other] = true
	}
	if was == nil || passed || c.Op != was.Op || was.After != c.Before {
		return ""
	}
	return undone(e.field(c).Rule, c.Field)
}

func undone(rule, field string) string {
	text := "undone: the rule of " + field + " is " + rule
	switch rule {
	case core.PreferSalesforce.String():
		text += ", Salesforce wins where it has a value (MAP-4)"
	case core.TwoWay.String():
		text += ", the later of two edits wins (MAP-6)"
	}
	return text + "; tandem conflicts keeps the lost value"
}

func orgChange(e salesforcesim.Entry) shownChange {
	return shownChange{At: e.Time, Side: "Salesforce", By: byWhom(e.Client != ""), Op: e.Op, Record: e.Object + " " + e.ID,
		Field: e.Field, Before: plain(e.Before), After: plain(e.After)}
}

func portalChange(e hubspotsim.Entry) shownChange {
	return shownChange{At: e.Time, Side: "HubSpot", By: byWhom(e.Source == "INTEGRATION"), Op: e.Op, Record: e.Object + " " + e.ID,
		Field: e.Property, Before: e.Before, After: e.After}
}

// Who made a change, as shown.
const (
	byTandem = "tandem"
	byPerson = "person"
)

func byWhom(integration bool) string {
	if integration {
		return byTandem
	}
	return byPerson
}

func plain(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// ownFields are kept by Tandem for itself and say nothing to a person.
func (c shownChange) ownField() bool {
	f := strings.ToLower(c.Field)
	return strings.HasPrefix(f, "tandem_") || strings.HasPrefix(f, "salesforce") || strings.HasPrefix(f, "hs_")
}

func (a *app) showChange(c shownChange) error {
	if c.ownField() {
		return nil
	}
	if a.json {
		return a.printJSON(c)
	}
	text := c.Op
	if c.Field != "" {
		text = fmt.Sprintf("%s %q → %q", c.Field, clip(printable(c.Before)), clip(printable(c.After)))
	}
	a.printf("%s  %-10s  %-6s  %s  %s%s\n", c.At.Local().Format("15:04:05"), c.Side, c.By, c.Record, text, orPrefix("  ", c.Why))
	return nil
}
