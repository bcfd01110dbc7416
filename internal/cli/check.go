package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// Colours of a finding and of a whole preflight.
const (
	green  = console.Green
	yellow = console.Yellow
	red    = console.Red
)

// finding is one thing that was checked.
type finding = console.Finding

// preflight gathers findings about one connection. It reads and writes nothing but
// a refresh token that a side exchanges.
type preflight struct {
	app         *app
	settings    config.Connection
	sides       [2]connector.Connector
	ids         [2]connector.Identity
	schemas     [2]map[core.Object]connector.Schema
	findings    []finding
	missing     []console.OwnField
	pinned      [2]string          // by the store
	beside      []store.Connection // all that the store has
	console     [2]bool            // somebody signs in there, and the settings file does not say how
	unreachable bool
}

func (a *app) check() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check both sides, the rights and the mappings before anything syncs",
		Long: `Looks at editions, API version, rights on each mapped object and field, Tandem's own
fields, mappings, events, limits and clocks. It changes nothing. Exit code 0 means
green or yellow, 1 red, 3 that a side cannot be reached.`,
		Example: "  tandem check\n  tandem check --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			c, err := a.chosen(f)
			if err != nil {
				return err
			}
			in, err := a.edited(ctx, f, c)
			if err != nil {
				return err
			}
			c = in.settings
			atConsole := signedInAtConsole(c)
			k, done, err := a.beside(ctx, f, &c)
			p := &preflight{app: a, settings: c, console: atConsole}
			if err != nil && problemOf(err).Code == codeNotConnected {
				p.lacking(c)
				return p.report()
			}
			if err != nil {
				return err
			}
			p.place(ctx, f)
			p.pending(in)
			if err := errors.Join(p.run(ctx, k), done()); err != nil {
				return err
			}
			p.notify(ctx, f.Notify)
			return p.report()
		}),
	}
}

func (p *preflight) add(state string, side core.Side, what, found, mend, rule string) {
	p.findings = append(p.findings, finding{State: state, Side: side.Label(), What: what, Found: found, Mend: mend, Rule: rule})
}

// place looks whether the store that the settings name is there or can be made.
func (p *preflight) place(ctx context.Context, f *config.File) {
	s, err := store.Open(ctx, f.Store, store.Options{Now: p.app.now, ReadOnly: true})
	what := "is there"
	switch store.CodeOf(err) {
	case store.NotFound:
		what, err = "is made at the first sync", store.CanMake(f.Store)
	case store.OlderSchema:
		what, err = "is there, and is brought up to date at the next start", nil
	}
	if err == nil && s != nil {
		err = errors.Join(p.pins(ctx, s), s.Close())
	}
	if err != nil {
		p.findings = append(p.findings, finding{State: red, What: "store", Found: problemOf(err).Message, Mend: "correct store in the settings, or give the right to write there"})
		return
	}
	p.stored(what)
}

// pins learns which accounts the store has pinned, of this connection and of the others.
func (p *preflight) pins(ctx context.Context, s *store.Store) error {
	return s.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(p.settings.Name)
		if err != nil && store.CodeOf(err) != store.NotFound {
			return err
		}
		p.pinned = row.Accounts
		p.beside, err = tx.Connections()
		return err
	})
}

// alone looks for another connection of the same org and portal, which counts where it was
// made before this one.
func (p *preflight) alone() {
	oldest, ok := store.OldestOf(p.beside, [2]string{p.ids[core.Salesforce].ID, p.ids[core.HubSpot].ID})
	if ok && oldest.Name != p.settings.Name {
		p.add(red, core.HubSpot, "account", "connection "+oldest.Name+" keeps this org and this portal in step already", "go on with that one; where it is to end, run tandem disconnect --connection "+oldest.Name, "INST-7")
	}
}

func (p *preflight) stored(what string) {
	p.findings = append(p.findings, finding{State: green, What: "store", Found: what})
}

// pending tells that what is checked does not count yet.
func (p *preflight) pending(in inForce) {
	if in.edited {
		p.findings = append(p.findings, finding{State: yellow, What: "settings",
			Found: fmt.Sprintf("%s was edited and does not count yet: this checks it as it is now, and the running engine works by version %d", p.app.configPath, in.version),
			Mend:  "tandem settings apply makes it count"})
	}
}

func (p *preflight) good(side core.Side, what, found string) { p.add(green, side, what, found, "", "") }

func (p *preflight) run(ctx context.Context, k *keeper) error {
	sf, hs := k.configs(p.settings, p.app.now)
	paced := newAccounts(p.app.now)
	sf.Transport, hs.Transport = paced.salesforce(p.settings, noStore), paced.hubspot(p.settings, noStore)
	sides, err := connectors(sf, hs)
	if err != nil {
		return err
	}
	defer (&wired{sides: sides}).close()
	return p.look(ctx, sides)
}

// look asks both sides.
func (p *preflight) look(ctx context.Context, sides [2]connector.Connector) error {
	p.sides = sides
	reached := true
	for _, side := range core.Sides {
		engine.Tell(ctx, engine.Far{Stage: "sign-in to " + side.Label()})
		reached = p.identity(ctx, side) && reached
	}
	if !reached {
		return nil
	}
	p.alone()
	stages := p.stages()
	for i, s := range stages {
		engine.Tell(ctx, engine.Far{Stage: s.words, Done: i, Total: len(stages)})
		s.look(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// stage is a part of the preflight.
type stage struct {
	words string
	look  func(context.Context)
}

// stages are what is looked at once both sides are reached, in this order.
func (p *preflight) stages() (all []stage) {
	for _, side := range core.Sides {
		all = append(all, stage{"rights in " + side.Label(), func(ctx context.Context) { p.rights(ctx, side) }},
			stage{"limits of " + side.Label(), func(ctx context.Context) { p.limits(ctx, side) }})
	}
	return append(all,
		stage{"Tandem's own fields", p.ownFields},
		stage{"field mappings", func(ctx context.Context) { p.mappings(); p.review(ctx); p.people() }},
		stage{"deals, products and pipelines", p.records},
		stage{"consent", p.consent},
		stage{"activities", func(ctx context.Context) { p.activityMappings(); p.activities(ctx) }},
		stage{"owners", p.owners},
		stage{"events and clocks", p.events})
}

// identity reaches a side and compares who it is with what the settings pin.
func (p *preflight) identity(ctx context.Context, side core.Side) bool {
	id, err := p.sides[side].Identity(ctx)
	if err != nil {
		e := problemOf(err)
		p.unreachable = p.unreachable || e.exit == exitUnreachable && connector.ClassOf(err) != core.ClassAuth
		if p.console[side] && connector.ClassOf(err) == core.ClassAuth {
			e.Mend = "sign in again under Connect in the console"
		}
		p.add(red, side, "reached", e.Message, e.Mend, "")
		return false
	}
	p.ids[side] = id
	p.good(side, "reached", fmt.Sprintf("%s %s%s as %s", accountWord(side), id.ID, sandboxWord(id), orElse(id.Username, orElse(id.UserID, "the app"))))
	pinned := [2]string{p.settings.Salesforce.OrgID, p.settings.HubSpot.PortalID}[side]
	switch counts := orElse(pinned, p.pinned[side]); {
	case core.CheckIdentity(side, counts, id.ID) != nil:
		p.add(red, side, "account", fmt.Sprintf("the credentials belong to %s, the connection is pinned to %s", id.ID, counts), "correct the credentials, or make a new connection for the other "+accountWord(side), "INST-6")
	case pinned == "" && p.pinned[side] != "":
		p.good(side, "account", "is the one that the store has pinned")
	case pinned == "":
		p.add(yellow, side, "account", "the "+accountWord(side)+" is not pinned in the settings; the first one reached is pinned in the store", fmt.Sprintf("write its id %q into the settings", id.ID), "INST-6")
	default:
		p.good(side, "account", "is the pinned one")
	}
	p.clock(side, id)
	if side == core.Salesforce {
		p.edition(id)
		p.version(id)
	}
	return true
}

func accountWord(side core.Side) string { return [2]string{"org", "portal"}[side] }

func sandboxWord(id connector.Identity) string {
	if id.Sandbox {
		return " (sandbox)"
	}
	return ""
}

const clockOff = 30 * time.Second

func (p *preflight) clock(side core.Side, id connector.Identity) {
	if id.Clock.IsZero() {
		return
	}
	off := p.app.now().Sub(id.Clock).Round(time.Second)
	if off.Abs() > clockOff {
		p.add(yellow, side, "clock", fmt.Sprintf("this machine differs by %s; Tandem corrects for it", off), "set this machine's clock by NTP", "LIM-19")
		return
	}
	p.good(side, "clock", "agrees with this machine")
}

// report prints the findings and the worst colour.
func (p *preflight) report() error {
	worst := console.Worst(p.findings)
	if err := p.print(worst); err != nil {
		return err
	}
	switch {
	case p.unreachable:
		return &problem{exit: exitUnreachable, silent: true}
	case worst == red:
		return notDone()
	}
	return nil
}

func (p *preflight) print(worst string) error {
	if p.app.json {
		return p.app.printJSON(map[string]any{"connection": p.settings.Name, "state": worst, "findings": p.findings})
	}
	var rows [][]string
	for _, f := range p.findings {
		rows = append(rows, []string{f.State, f.Side, f.What, f.Found + orPrefix(" → ", f.Mend), f.Rule})
	}
	p.app.printed.table([]string{"", "Side", "What", "Found", "Rule"}, rows)
	p.app.printf("\n%s: %s\n", p.settings.Name, worst)
	return nil
}
