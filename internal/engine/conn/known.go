package conn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/inclusion"
	"tandem/internal/engine/owners"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
)

// Known is what is known of a connection once it was opened: whose it is, what the
// settings say, what both sides show and how their fields map.
type Known struct {
	ID int64
	// Settings are those that count, Wanted those that were given: what is held back is
	// off in the former, for the reason that Held has (HoldBack).
	Settings, Wanted config.Connection
	Held             map[core.Pair]*room.Error
	// Linked are, of the pairs that the settings declare, a link that stands.
	Linked map[core.Pair]*core.Link
	// Pairs are the object pairs of the connection.
	Pairs    core.PairSet
	Sides    [2]connector.Connector
	Accounts [2]connector.Identity
	// Offsets are the side's clock less ours, as seen at opening.
	Offsets [2]time.Duration
	Schemas [2]map[core.Object]connector.Schema
	// Defs are the fields of the schemas as mappings and expressions take them.
	Defs [2]map[core.Object][]mapping.FieldDef
	// Mappings are by Salesforce object; those of people only while contact sync is on.
	Mappings map[core.Object]*mapping.Mapping
	Problems []mapping.Problem
	// Switched is the moment each pair's sync was switched on, in our clock.
	Switched map[core.Pair]time.Time
	// Filters are by the object of the record they look at.
	Filters map[core.Object]*mapping.Predicate
	becomes PersonRules // the rules of what a HubSpot contact becomes
	// Create is the expression of companies.create_account, where that is one.
	Create *mapping.Predicate
	// Persons says that the org has person accounts.
	Persons bool
	// PersonType is the record type of person accounts that are made.
	PersonType string
	// Stages pairs the stages of both sides, by the object pairs that go through any.
	Stages map[core.Pair]*mapping.StageBook
	// Lists keep the inclusion lists, Owners is nil where owners do not sync.
	Lists  inclusion.Keepers
	Owners *owners.Directory
}

// New is what is known of a connection before its sides were asked.
func New(settings config.Connection, sides [2]connector.Connector) Known {
	c := Known{Settings: settings, Wanted: settings, Pairs: settings.Pairs(), Sides: sides, Mappings: map[core.Object]*mapping.Mapping{}, Filters: map[core.Object]*mapping.Predicate{},
		Stages: map[core.Pair]*mapping.StageBook{}}
	for _, d := range c.Pairs {
		if d.Stages != nil {
			c.Stages[d.Name] = mapping.NewStageBook(*d.Stages)
		}
	}
	return c
}

// Compile turns the settings' mappings and expressions into their checked forms, by the
// schemas loaded before. It reads the owners and the inclusion lists, as of now.
func (c *Known) Compile(ctx context.Context, now time.Time) error {
	sf, hs := c.Defs[core.Salesforce][core.Account], c.Defs[core.HubSpot][core.Companies]
	if err := c.openOwners(ctx, now); err != nil {
		return err
	}
	m, problems := mapping.Compile(core.CompanyPair, c.fieldMaps(core.CompanyPair), sf, hs)
	c.Mappings[core.Account], c.Problems = m, append(c.Problems, problems...)
	var err error
	f := c.Settings.Companies.Filter
	if c.Filters[core.Account], err = Predicate(f.FromSalesforce, sf); err != nil {
		return Misfit("companies.filter.from_salesforce", core.Salesforce, core.Account, err)
	}
	if c.Filters[core.Companies], err = Predicate(f.FromHubSpot, hs); err != nil {
		return Misfit("companies.filter.from_hubspot", core.HubSpot, core.Companies, err)
	}
	if err := c.compilePeople(); err != nil {
		return err
	}
	if err := c.compileRecords(); err != nil {
		return err
	}
	if err := c.compileActivities(); err != nil {
		return err
	}
	if err := c.openPersons(ctx); err != nil {
		return err
	}
	if mode := c.Settings.Companies.CreateAccount; !slices.Contains([]string{"", "classic", "always", "never"}, mode) {
		if c.Create, err = Predicate(mode, hs); err != nil {
			return Misfit("companies.create_account", core.HubSpot, core.Companies, err)
		}
	}
	c.Lists, err = inclusion.Keep(ctx, c.ID, c.Sides[core.HubSpot], &c.Settings, c.Offsets[core.HubSpot], c.SweepEvery())
	return err
}

// Predicate compiles an expression of the settings; nil where there is none.
func Predicate(text string, defs []mapping.FieldDef) (*mapping.Predicate, error) {
	if text == "" {
		return nil, nil
	}
	return mapping.CompilePredicate(text, defs)
}

// FilterFields are what the filters, rules and expressions look at on an object.
func (c *Known) FilterFields(object core.Object) []string {
	var out []string
	if p := c.Filters[object]; p != nil {
		out = append(out, p.Fields()...)
	}
	switch object {
	case core.Companies:
		if c.Create != nil {
			out = append(out, c.Create.Fields()...)
		}
	case core.Contacts:
		out = append(out, c.becomes.Fields()...)
	case core.Task, core.Event:
		out = append(out, c.activityFilterFields(object)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// openOwners reads the owners, where the settings map them.
func (c *Known) openOwners(ctx context.Context, now time.Time) error {
	if !owners.Mapped(c.Settings) {
		return nil
	}
	read, problems, err := owners.Open(ctx, c.Sides, c.Settings.Owners, now)
	c.Owners, c.Problems = read, append(c.Problems, problems...)
	return err
}

// fieldMaps are the mappings of an object pair that can work: the owner's only where
// owners could be read.
func (c *Known) fieldMaps(p core.Pair) []mapping.FieldMap {
	return c.workable(c.Settings.Mappings[string(p)])
}

func (c *Known) workable(all []config.Mapping) []mapping.FieldMap {
	return c.withOwners(FieldMaps(all, Zone(c.Settings, c.Accounts[core.Salesforce])))
}

func (c *Known) withOwners(all []mapping.FieldMap) []mapping.FieldMap {
	if c.Owners == nil {
		return slices.DeleteFunc(all, func(m mapping.FieldMap) bool { return strings.EqualFold(m.HubSpot, owners.Property) })
	}
	for i := range all {
		all[i].Owners = &c.Owners.OwnerBook
	}
	return all
}

// Misfit says that an expression of the settings does not fit the fields of a
// side.
func Misfit(key string, side core.Side, object core.Object, cause error) error {
	return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%s does not fit the fields that %s shows: %v", key, side.Label(), cause),
		Mend: fmt.Sprintf("name fields of %s %s as they are spelt there; tandem check tells when it fits", side.Label(), object)}
}

// Describe reads the schemas of a side. An object hidden from us is a finding of
// check, not a reason to stop.
func (c *Known) Describe(ctx context.Context, side core.Side) (map[core.Object]connector.Schema, error) {
	return c.DescribeEach(ctx, side, c.described(side))
}

// DescribeEach is Describe for some objects.
func (c *Known) DescribeEach(ctx context.Context, side core.Side, objects []core.Object) (map[core.Object]connector.Schema, error) {
	out := map[core.Object]connector.Schema{}
	for _, o := range objects {
		s, err := c.Sides[side].Describe(ctx, o)
		if connector.Denied(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[o] = s
	}
	return out, nil
}

// described are the objects of a side whose schemas are needed: those that are followed,
// and tasks that are only ever made.
func (c *Known) described(side core.Side) []core.Object {
	out := c.Wanted.FollowedObjects(side)
	if side == core.Salesforce && c.Wanted.Activities.On() && !slices.Contains(out, core.Task) {
		out = append(out, core.Task)
	}
	return out
}

// LoadSchemas reads what the objects of both sides look like.
func (c *Known) LoadSchemas(ctx context.Context) error {
	for _, side := range core.Sides {
		schemas, err := c.Describe(ctx, side)
		if err != nil {
			return err
		}
		c.Schemas[side], c.Defs[side] = schemas, map[core.Object][]mapping.FieldDef{}
		for o, s := range schemas {
			c.Defs[side][o] = FieldDefs(s)
		}
	}
	return nil
}

// RetryEvery is how long a record with an issue rests (ERR-10).
func (c *Known) RetryEvery() time.Duration {
	return cmp.Or(c.Settings.Retry.Every.D(), 30*time.Minute)
}

// SweepEvery is how often all records of an object are listed and compared.
func (c *Known) SweepEvery() time.Duration {
	return cmp.Or(c.Settings.SweepEvery.D(), 24*time.Hour)
}

// SettleAfter is how long an unanswered request may still take effect: the
// longest request time of the side (Salesforce ends requests after 10 minutes,
// HubSpot answers 524 after 100 seconds).
func (c *Known) SettleAfter(side core.Side) time.Duration {
	if side == core.Salesforce {
		return cmp.Or(c.Settings.Salesforce.SettleUnknown.D(), 10*time.Minute)
	}
	return cmp.Or(c.Settings.HubSpot.SettleUnknown.D(), 2*time.Minute)
}

// SwitchedOn is when the sync of a record's pair was switched on, in the clock
// and the granularity of the record's side.
func (c *Known) SwitchedOn(r core.Ref) time.Time {
	pair, _ := c.Pairs.Of(r.Side, r.Object)
	if pair == core.ActivityPair {
		return c.firstActivitySwitch(r)
	}
	if pair == core.ContactPair && c.SyncsPeople() {
		pair = PeopleSync
	}
	return c.switchedOn(pair, r.Side)
}

// switchedOn is when a switch was turned on, in the clock and the granularity of a side.
func (c *Known) switchedOn(pair core.Pair, side core.Side) time.Time {
	at := c.Switched[pair]
	if at.IsZero() {
		return at
	}
	return c.ClockOf(side, at).Truncate(c.Sides[side].Caps().StampUnit)
}

// ClockOf is a moment of our clock by that of a side, at the earliest: an offset is half a
// second in doubt, as what it was measured by has whole seconds.
func (c *Known) ClockOf(side core.Side, at time.Time) time.Time {
	return at.Add(c.Offsets[side] - time.Second/2)
}

// ClockDoubt is how well two sides' clocks are known to agree: Salesforce stamps
// whole seconds, and offsets are measured through a network call.
const ClockDoubt = 2 * time.Second
