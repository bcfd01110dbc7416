package config

import (
	"fmt"
	"slices"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Pairs are the object pairs of the connection, parents first: those that every
// connection has, then those of its own.
func (c *Connection) Pairs() core.PairSet {
	out := slices.Clone(core.StandardPairs)
	out.Def(core.TicketPair).Lookups = c.ticketLookups()
	for i := range c.CustomObjects {
		out = append(out, c.CustomObjects[i].pair())
	}
	return out
}

// Pairs are the object pairs of all connections of the file, each name once.
func (f *File) Pairs() core.PairSet {
	out := slices.Clone(core.StandardPairs)
	for i := range f.Connections {
		for _, d := range f.Connections[i].Pairs() {
			if out.Def(d.Name).Name == "" {
				out = append(out, d)
			}
		}
	}
	return out
}

// PairSettings is what the settings say of any object pair alike.
type PairSettings struct {
	Sync   bool
	Filter Filter
	// From says, by side, what a record of it does on the other: create_or_update,
	// update_only or nothing.
	From [2]string
	// Wins is whose value is taken where both sides changed a field: salesforce,
	// hubspot, or blank for the later one.
	Wins string
	// Deleted says what follows the deletion of a record, by its object.
	Deleted map[core.Object]string
}

// Makes reports that new and edited records of a side are made on the other one while the
// pair syncs; others are linked and updated at most.
func (c *Connection) Makes(p core.Pair, side core.Side) bool {
	if p == core.CompanyPair && side == core.HubSpot {
		return c.Companies.CreateAccount != string(policy.Never)
	}
	way := c.Pair(p).From[side]
	return way == "" || way == policy.CreateOrUpdate
}

// Pair is what the settings say of an object pair.
func (c *Connection) Pair(p core.Pair) PairSettings {
	switch p {
	case core.CompanyPair:
		s := &c.Companies
		return PairSettings{Sync: s.Sync, Filter: s.Filter, Deleted: deletedOf(core.Account, s.WhenSalesforceDeleted, core.Companies, s.WhenHubSpotDeleted)}
	case core.ContactPair:
		s := &c.Contacts
		gone := deletedOf(core.Contact, s.WhenSalesforceContactDeleted, core.Contacts, s.WhenHubSpotDeleted)
		gone[core.Lead] = s.WhenSalesforceLeadDeleted
		return PairSettings{Sync: s.Sync, Filter: s.Filter, From: [2]string{core.Salesforce: s.FromSalesforce}, Deleted: gone}
	case core.DealPair:
		s := &c.Deals
		return PairSettings{Sync: s.Sync, Filter: s.Filter, Deleted: deletedOf(core.Opportunity, s.WhenSalesforceDeleted, core.Deals, s.WhenHubSpotDeleted)}
	case core.TicketPair:
		return c.Tickets.pairSettings()
	case core.ProductPair:
		return c.Products.pairSettings()
	case core.LineItemPair:
		return c.LineItems.pairSettings()
	case core.ActivityPair: // filters and deletions are by type
		return PairSettings{Sync: c.Activities.Syncs()}
	}
	if o := c.Custom(p); o != nil {
		return o.pairSettings()
	}
	return PairSettings{}
}

// SwitchOff ends the sync of an object pair in these settings, and in no copy of them.
func (c *Connection) SwitchOff(p core.Pair) {
	switch p {
	case core.CompanyPair:
		c.Companies.Sync = false
	case core.ContactPair:
		c.Contacts.Sync = false
	case core.DealPair:
		c.Deals.Sync = false
	case core.TicketPair:
		c.Tickets.Sync = false
	case core.ProductPair:
		c.Products.Sync = false
	case core.LineItemPair:
		c.LineItems.Sync = false
	case core.ActivityPair:
		c.Activities = Activities{Timeline: c.Activities.Timeline}
	default:
		c.CustomObjects = slices.Clone(c.CustomObjects)
		if o := c.Custom(p); o != nil {
			o.Sync = false
		}
	}
}

func deletedOf(sf core.Object, inSalesforce string, hs core.Object, inHubSpot string) map[core.Object]string {
	return map[core.Object]string{sf: inSalesforce, hs: inHubSpot}
}

// Custom is the declaration of a pair in custom_objects; nil for another pair.
func (c *Connection) Custom(p core.Pair) *CustomObject {
	if i := slices.IndexFunc(c.CustomObjects, func(o CustomObject) bool { return o.Name == string(p) }); i >= 0 {
		return &c.CustomObjects[i]
	}
	return nil
}

// SwitchKey is the setting that switches an object pair on.
func (c *Connection) SwitchKey(p core.Pair) string {
	if i := slices.IndexFunc(c.CustomObjects, func(o CustomObject) bool { return o.Name == string(p) }); i >= 0 {
		return fmt.Sprintf("custom_objects[%d].sync", i)
	}
	return core.StandardPairs.Plural(p) + ".sync"
}

// Syncs is the switch of an object pair.
func (c *Connection) Syncs(p core.Pair) bool { return c.Pair(p).Sync }

// Passes reports that records of a side may pass to the other one.
func (s PairSettings) Passes(side core.Side) bool { return s.From[side] != nothing }

// checkPassing refuses directions, deletions and filters of a pair of two objects that cannot
// be meant.
func checkPassing(at finder, s PairSettings, sf, hs core.Object) error {
	if err := checkWays(at, s.From[core.Salesforce], s.From[core.HubSpot]); err != nil {
		return err
	}
	if err := checkDeletions(at, s.Deleted[sf], s.Deleted[hs]); err != nil {
		return err
	}
	return s.Filter.check(at)
}

// checkWays refuses directions of a pair that cannot be meant.
func checkWays(at finder, fromSalesforce, fromHubSpot string) error {
	ways := []string{policy.CreateOrUpdate, policy.UpdateOnly, policy.DoNothing}
	if err := oneOf(at, ".from_salesforce", fromSalesforce, ways...); err != nil {
		return err
	}
	if err := oneOf(at, ".from_hubspot", fromHubSpot, ways...); err != nil {
		return err
	}
	if fromSalesforce == policy.DoNothing && fromHubSpot == policy.DoNothing {
		return at.refuse(".from_hubspot", "with nothing in both directions nothing ever passes", "set sync: false, or let one direction pass")
	}
	return nil
}

// checkDeletions refuses what cannot follow a deletion on each side.
func checkDeletions(at finder, inSalesforce, inHubSpot string) error {
	if err := oneOf(at, ".when_salesforce_deleted", inSalesforce, deletions...); err != nil {
		return err
	}
	return oneOf(at, ".when_hubspot_deleted", inHubSpot, deletions...)
}

// deletions are what may follow a deletion on the other side (AMB-22, LIM-16).
var deletions = []string{nothing, policy.Flag, policy.Archive, policy.Delete}
