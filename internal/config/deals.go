package config

import "tandem/internal/core"

// Deals are the settings of the deal pair: Opportunity ⇄ deals.
type Deals struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
}

// Deletion is the setting for a deletion seen on the given side.
func (d *Deals) Deletion(side core.Side) string {
	if side == core.Salesforce {
		return d.WhenSalesforceDeleted
	}
	return d.WhenHubSpotDeleted
}

// complete fills in the defaults. The original deletes the deal of a deleted
// opportunity whatever one wants (DEL-3).
func (d *Deals) complete(p Profile) {
	gone := nothing
	if p == Classic {
		gone = "archive"
	}
	set(&d.WhenSalesforceDeleted, gone)
	set(&d.WhenHubSpotDeleted, nothing)
}

// checkDeals refuses the order of switches by which the original takes the accounts
// from opportunities (ACC-16, LIM-9).
func (c *Connection) checkDeals(at finder) error {
	at = at.under(".deals")
	if c.Deals.Sync && !c.Companies.Sync {
		return at.refuse(".sync", "deals take their accounts and companies from company sync, which is off (DEAL-1, ACC-16)", "set companies.sync: true and import the accounts, or set deals.sync: false")
	}
	if err := checkDeletion(at, ".when_salesforce_deleted", c.Deals.WhenSalesforceDeleted, core.HubSpot); err != nil {
		return err
	}
	if err := checkDeletion(at, ".when_hubspot_deleted", c.Deals.WhenHubSpotDeleted, core.Salesforce); err != nil {
		return err
	}
	return c.Deals.Filter.check(at)
}

// Syncs is the switch of an object pair.
func (c *Connection) Syncs(p core.Pair) bool {
	switch p {
	case core.ContactPair:
		return c.Contacts.Sync
	case core.DealPair:
		return c.Deals.Sync
	}
	return c.Companies.Sync
}

// Followed are the pairs whose records are looked at, parents first: companies and people
// in any case, whose identity hangs together, others once they sync.
func (c *Connection) Followed() (out []core.Pair) {
	for _, p := range core.Pairs {
		if p == core.CompanyPair || p == core.ContactPair || c.Syncs(p) {
			out = append(out, p)
		}
	}
	return out
}

// FollowedObjects are the objects of a side whose records are looked at.
func (c *Connection) FollowedObjects(side core.Side) (out []core.Object) {
	for _, p := range c.Followed() {
		out = append(out, p.Objects()[side]...)
	}
	return out
}
