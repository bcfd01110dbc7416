package config

import (
	"tandem/internal/core"
	"tandem/internal/policy"
)

// Tickets are the settings of the ticket pair: Case ⇄ tickets.
type Tickets struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// What a record of one side does on the other: create_or_update, update_only or
	// nothing.
	FromSalesforce string `yaml:"from_salesforce,omitempty"`
	FromHubSpot    string `yaml:"from_hubspot,omitempty"`
	// Whom a ticket is associated with: the account's company, the contact.
	AssociateCompany *bool `yaml:"associate_company,omitempty"`
	AssociateContact *bool `yaml:"associate_contact,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
	// InclusionList is the id or name of a list of tickets; blank for all (INC-8).
	InclusionList string   `yaml:"inclusion_list,omitempty"`
	ListEvery     Duration `yaml:"list_every,omitempty"`
}

// complete fills in the defaults. Cases pass to HubSpot alone in the profile classic, as
// the original is known to do (AMB-18).
func (t *Tickets) complete(p Profile) {
	back := policy.CreateOrUpdate
	if p == Classic {
		back = policy.DoNothing
	}
	set(&t.FromSalesforce, policy.CreateOrUpdate)
	set(&t.FromHubSpot, back)
	on := true
	set(&t.AssociateCompany, &on)
	set(&t.AssociateContact, &on)
	set(&t.WhenSalesforceDeleted, nothing)
	set(&t.WhenHubSpotDeleted, nothing)
}

func (t *Tickets) pairSettings() PairSettings {
	return PairSettings{Sync: t.Sync, Filter: t.Filter, From: [2]string{t.FromSalesforce, t.FromHubSpot},
		Deleted: deletedOf(core.SupportCase, t.WhenSalesforceDeleted, core.Tickets, t.WhenHubSpotDeleted)}
}

// ticketLookups are the associations of tickets that are switched on, with records that
// sync (CASE-2).
func (c *Connection) ticketLookups() (out []core.Lookup) {
	on := func(p *bool) bool { return p == nil || *p }
	if c.Companies.Sync && on(c.Tickets.AssociateCompany) {
		out = append(out, core.Lookup{Field: "AccountId", To: core.CompanyPair, Primary: true})
	}
	if c.Contacts.Sync && on(c.Tickets.AssociateContact) {
		out = append(out, core.Lookup{Field: "ContactId", To: core.ContactPair})
	}
	return out
}

func (c *Connection) checkTickets(at finder) error {
	return checkPassing(at.under(".tickets"), c.Tickets.pairSettings(), core.SupportCase, core.Tickets)
}
