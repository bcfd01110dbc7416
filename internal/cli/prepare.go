package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/salesforce"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/owners"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// simIndexLag is how far the simulated portal's search runs behind.
const simIndexLag = 3 * time.Second

// simConnection are the settings of a connection between the simulators, with
// the integration's own credentials.
func (s *simulators) connection(name string) config.Connection {
	org, portal := s.org.Info(), s.portal.Info()
	c := config.Connection{Name: name, Companies: config.Companies{Sync: true}}
	c.Salesforce = config.Salesforce{LoginURL: httpURL(s.orgNet), OrgID: org.OrgID, PubSub: httpURL(s.busNet),
		Auth: config.SalesforceAuth{ClientCredentials: &config.ClientCredentials{ClientID: org.IntegrationClientID, ClientSecret: config.Secret(org.IntegrationClientSecret)}}}
	c.HubSpot = config.HubSpot{BaseURL: httpURL(s.portalNet), PortalID: portal.PortalID, IndexLag: config.Duration(simIndexLag),
		Auth:   config.HubSpotAuth{StaticToken: config.Secret(portal.IntegrationToken)},
		Events: config.HubSpotEvents{Journal: &config.ClientCredentials{ClientID: portal.JournalClientID, ClientSecret: config.Secret(portal.JournalClientSecret)}}}
	c.Complete()
	return c
}

// prepareSimulators creates our fields, selects the change events and fills in
// the default mappings.
func (a *app) prepareSimulators(ctx context.Context, c *config.Connection) error {
	p, err := a.reach(ctx, *c, nil)
	if err != nil {
		return err
	}
	defer p.close()
	results, err := p.createFields(ctx)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.State == "missing" || r.State == "conflict" {
			return refused(fmt.Sprintf("prepare %s: field %s.%s: %s", r.side.Label(), p.pairs().Title(r.object), r.Name, r.Message), "")
		}
	}
	if _, err := p.selectEvents(ctx); err != nil {
		return err
	}
	c.Mappings, err = p.proposeMappings(ctx)
	return err
}

// preparer looks at and prepares the two sides of a connection that has no store
// yet.
type preparer struct {
	rotated  [2]string // refresh tokens that the sides have exchanged meanwhile
	sides    [2]connector.Connector
	accounts [2]connector.Identity
	settings config.Connection
	// strangers says that no user of one side was found to be one of the other, so that
	// no mapping of owners is proposed.
	strangers bool
}

// reach connects both sides and asks who they are. Exchanged tokens are kept by k, or noted
// where no store is there yet to keep them.
func (a *app) reach(ctx context.Context, c config.Connection, k *keeper) (*preparer, error) {
	noted := k == nil
	if noted {
		k = &keeper{}
	}
	sf, hs := k.configs(c, a.now)
	paced := newAccounts(a.now)
	sf.Transport, hs.Transport = paced.salesforce(c, noStore), paced.hubspot(c, noStore)
	p := &preparer{settings: c}
	if noted {
		sf.TokenChanged = p.note(core.Salesforce)
	}
	if noted && hs.OAuth != nil {
		hs.OAuth.TokenChanged = p.note(core.HubSpot)
	}
	var err error
	if p.sides, err = connectors(sf, hs); err != nil {
		return nil, err
	}
	for _, side := range core.Sides {
		if p.accounts[side], err = p.sides[side].Identity(ctx); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

// note remembers a rotated refresh token for the settings that are about to be
// written: the one that was signed in with is dead by then.
func (p *preparer) note(side core.Side) func(context.Context, string) error {
	return func(_ context.Context, token string) error {
		p.rotated[side] = token
		return nil
	}
}

// latest puts the rotated refresh tokens into a connection.
func (p *preparer) latest(c *config.Connection) {
	for side, slot := range [2]*config.RefreshToken{c.Salesforce.Auth.RefreshToken, c.HubSpot.Auth.OAuth} {
		if slot != nil && p.rotated[side] != "" {
			slot.Token = config.Secret(p.rotated[side])
		}
	}
}

func (p *preparer) close() { (&wired{sides: p.sides}).close() }

// fieldResult is a FieldResult with its side.
type fieldResult struct {
	side   core.Side
	object core.Object
	connector.FieldResult
}

// pairs are the object pairs that the settings declare.
func (p *preparer) pairs() core.PairSet { return p.settings.Pairs() }

// specs are the fields we need on a side, by object.
func (p *preparer) specs(side core.Side) []conn.ObjectFields {
	c := conn.New(p.settings, p.sides)
	c.Accounts = p.accounts
	return c.FieldSpecs(side)
}

// createFields creates our fields on both sides and grants us access to them.
func (p *preparer) createFields(ctx context.Context) (out []fieldResult, err error) {
	for _, side := range core.Sides {
		for _, need := range p.specs(side) {
			engine.Tell(ctx, engine.Far{Stage: "the fields of " + p.pairs().Title(need.Object) + " in " + side.Label()})
			results, err := p.sides[side].Ensure(ctx, need.Object, need.All())
			if err != nil {
				return out, fmt.Errorf("create fields in %s: %w", side.Label(), err)
			}
			for _, r := range results {
				out = append(out, fieldResult{side, need.Object, r})
			}
		}
	}
	return out, nil
}

// selectEvents asks the org to announce changes of our objects.
func (p *preparer) selectEvents(ctx context.Context) ([]salesforce.Selection, error) {
	sf, ok := p.sides[core.Salesforce].(*salesforce.Client)
	if !ok {
		return nil, nil
	}
	out, err := sf.SelectEntities(ctx, p.settings.FollowedObjects(core.Salesforce))
	if err != nil {
		return nil, fmt.Errorf("select change events: %w", err)
	}
	return out, nil
}

// proposeMappings are the default mappings for the schemas of both sides, by object
// pair. An object of people or deals that is hidden from the integration gets none.
func (p *preparer) proposeMappings(ctx context.Context) (map[string][]config.Mapping, error) {
	defs := map[core.Object][]mapping.FieldDef{}
	for _, side := range core.Sides {
		for _, pair := range core.StandardPairs {
			for _, o := range pair.Objects[side] {
				engine.Tell(ctx, engine.Far{Stage: "the fields of " + string(o) + " in " + side.Label()})
				s, err := p.sides[side].Describe(ctx, o)
				if err != nil && (pair.Name == core.CompanyPair || !hidden(err)) {
					return nil, fmt.Errorf("read fields of %s in %s: %w", o, side.Label(), err)
				}
				defs[o] = conn.FieldDefs(s)
			}
		}
	}
	companies := mapping.Defaults(defs[core.Account], defs[core.Companies])
	people := mapping.PeopleDefaults(defs[core.Lead], defs[core.Contact], defs[core.Contacts])
	deals := mapping.DealDefaults(defs[core.Opportunity], defs[core.Deals])
	tickets := mapping.TicketDefaults(defs[core.SupportCase], defs[core.Tickets])
	if p.strangers = !p.knowsOwners(ctx); p.strangers {
		for _, of := range []*[]mapping.FieldMap{&companies, &people, &deals, &tickets} {
			*of = slices.DeleteFunc(*of, func(m mapping.FieldMap) bool { return m.HubSpot == owners.Property })
		}
	}
	out := map[string][]config.Mapping{
		string(core.CompanyPair): settingsOf(companies),
		string(core.ContactPair): settingsOf(people),
		string(core.DealPair):    settingsOf(deals),
		string(core.TicketPair):  settingsOf(tickets),
	}
	return out, p.proposeProducts(ctx, defs, out)
}

// proposeProducts adds the default mappings of products and line items, where both sides
// show any.
func (p *preparer) proposeProducts(ctx context.Context, defs map[core.Object][]mapping.FieldDef, into map[string][]config.Mapping) error {
	if len(defs[core.Product]) == 0 || len(defs[core.Products]) == 0 {
		return nil
	}
	if items := mapping.LineItemDefaults(defs[core.LineItem], defs[core.LineItems]); len(items) > 0 {
		into[string(core.LineItemPair)] = settingsOf(items)
	}
	var currency [2]string
	for _, side := range core.Sides {
		id, err := p.sides[side].Identity(ctx)
		if err != nil {
			return fmt.Errorf("read the currency of %s: %w", side.Label(), err)
		}
		currency[side] = id.Currency
	}
	into[string(core.ProductPair)] = settingsOf(mapping.ProductDefaults(defs[core.Product], defs[core.Products], currency[core.Salesforce], currency[core.HubSpot]))
	return nil
}

// knowsOwners reports that some user of one side is one of the other: without any, a
// mapping of the owner would make an issue of every record.
func (p *preparer) knowsOwners(ctx context.Context) bool {
	owners, _, err := owners.Read(ctx, p.sides, config.Owners{Match: p.settings.Owners.Match})
	return err == nil && owners.Matched() > 0
}

// hidden reports that an object cannot be seen, and that asking again does not help.
func hidden(err error) bool {
	return slices.Contains([]core.Class{core.ClassRejected, core.ClassSchema, core.ClassGone, core.ClassAuth}, connector.ClassOf(err))
}

// settingsOf are mappings as the settings write them.
func settingsOf(maps []mapping.FieldMap) []config.Mapping {
	var out []config.Mapping
	for _, m := range maps {
		out = append(out, config.Mapping{HubSpot: m.HubSpot, Salesforce: m.Salesforce, Rule: m.Rule.String(), Values: m.Values,
			ToSalesforce: m.Transform[core.Salesforce], ToHubSpot: m.Transform[core.HubSpot]})
	}
	return out
}

// writeSettings writes a settings file that only its owner may read: it may hold
// secrets.
func writeSettings(f *config.File, file string) error {
	text, err := config.Text(f)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}

// noStore is the row of a connection that no store knows yet.
var noStore store.Connection

// withStored gives a connection the settings that count where a store holds
// them.
func (a *app) withStored(ctx context.Context, f *config.File, c config.Connection) (config.Connection, error) {
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, ReadOnly: true})
	switch store.CodeOf(err) {
	case "":
	case store.NotFound, store.OlderSchema:
		return c, nil
	}
	if err != nil {
		return c, err
	}
	defer s.Close()
	return a.storedSettings(ctx, s, f, c.Name)
}

// edited are the settings of a connection that count once those in the file are applied, so
// that they can be judged before.
func (a *app) edited(ctx context.Context, f *config.File, c config.Connection) (inForce, error) {
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, ReadOnly: true})
	if code := store.CodeOf(err); code == store.NotFound || code == store.OlderSchema {
		return inForce{settings: c}, nil
	}
	if err != nil {
		return inForce{}, err
	}
	defer s.Close()
	return a.lookForce(ctx, s, f, c.Name, true)
}
