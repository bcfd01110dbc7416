package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/core"
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
	g.Go(func() error { return a.tail(ctx, s, from, newEdits(c.Mappings[string(core.CompanyPair)])) })
	return g.Wait()
}

const tailEvery = 250 * time.Millisecond

func (a *app) tail(ctx context.Context, s *simulators, from ledgers, seen *edits) error {
	for wait(ctx, tailEvery) == nil {
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

// edits remembers what persons changed, to say which of it Tandem undid and why.
type edits struct {
	rules map[string]string // by field and property
	last  map[string]shownChange
}

func newEdits(fields []config.Mapping) *edits {
	e := &edits{rules: map[string]string{}, last: map[string]shownChange{}}
	for _, f := range fields {
		e.rules[f.Salesforce], e.rules[f.HubSpot] = f.Rule, f.Rule
	}
	return e
}

// why says what rule undid a person's edit; blank for any other change.
func (e *edits) why(c shownChange) string {
	key := c.Record + " " + c.Field
	if c.By == byPerson {
		e.last[key] = c
		return ""
	}
	was, edited := e.last[key]
	delete(e.last, key)
	if !edited || c.Op != was.Op || was.After != c.Before {
		return ""
	}
	text := "undone: the rule of " + c.Field + " is " + e.rules[c.Field]
	if e.rules[c.Field] == core.PreferSalesforce.String() {
		text += ", Salesforce wins where it has a value (MAP-4)"
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
	return strings.HasPrefix(f, "tandem_") || f == "salesforceaccountid" || strings.HasPrefix(f, "hs_")
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
