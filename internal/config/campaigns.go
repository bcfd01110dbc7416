package config

import (
	"fmt"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Campaigns are the settings of Salesforce campaigns, whose members are people that sync.
type Campaigns struct {
	Sync bool `yaml:"sync,omitempty"`
	// FromHubSpot is what an edit of the list of campaigns in HubSpot does: nothing, add
	// or both.
	FromHubSpot string `yaml:"from_hubspot,omitempty"`
	// Status is the member status of people who join by a form or by that list; blank
	// leaves it to the campaign.
	Status string `yaml:"status,omitempty"`
	// Reconcile says that removals in Salesforce are looked for; nil takes the profile's.
	Reconcile *bool `yaml:"reconcile,omitempty"`
	// Members are properties of HubSpot that stand for the membership of one campaign.
	Members []CampaignMembers `yaml:"members,omitempty"`
}

// CampaignMembers let a property of HubSpot contacts say who is a member of a campaign,
// and with which status.
type CampaignMembers struct {
	Campaign string            `yaml:"campaign"` // id
	Property string            `yaml:"property"`
	Values   map[string]string `yaml:"values"`           // member status by the property's value
	Back     bool              `yaml:"back,omitempty"`   // a change of the status passes to the property
	Remove   bool              `yaml:"remove,omitempty"` // a blank property ends the membership
}

// Reconciles reports that removals are looked for (LIM-27).
func (c *Campaigns) Reconciles() bool { return c.Sync && c.Reconcile != nil && *c.Reconcile }

// Row is the row of a campaign, nil where it has none.
func (c *Campaigns) Row(campaign string) *CampaignMembers {
	for i := range c.Members {
		if c.Members[i].Campaign == campaign {
			return &c.Members[i]
		}
	}
	return nil
}

func (c *Campaigns) complete(p Profile) {
	set(&c.FromHubSpot, policy.CampaignsNothing)
	if c.Reconcile == nil {
		yes := p != Classic
		c.Reconcile = &yes
	}
	for i := range c.Members {
		if full, ok := core.SalesforceID(c.Members[i].Campaign); ok {
			c.Members[i].Campaign = full
		}
	}
}

// campaignPrefix begins the ids of campaigns.
const campaignPrefix = "701"

func (c *Connection) checkCampaigns(at finder) error {
	at = at.under(".campaigns")
	k := &c.Campaigns
	switch {
	case k.Sync && !c.Contacts.Sync:
		return at.refuse(".sync", "the members of campaigns are people, and contact sync is off (CAMP-1)", "set contacts.sync: true, or set campaigns.sync: false")
	case !k.Sync && len(k.Members) > 0:
		return at.refuse(".members", "campaigns do not sync, so these rows would do nothing", "set campaigns.sync: true, or take the rows out")
	}
	if err := oneOf(at, ".from_hubspot", k.FromHubSpot, policy.CampaignsNothing, policy.CampaignsAdd, policy.CampaignsBoth); err != nil {
		return err
	}
	seen, held := map[string]bool{}, map[string]bool{}
	for i := range k.Members {
		row, here := &k.Members[i], at.under(fmt.Sprintf(".members[%d]", i))
		if err := row.check(here); err != nil {
			return err
		}
		if seen[row.Campaign] || held[row.Property] {
			return here.refuse(".campaign", "another row has the same campaign or the same property, and the two would undo each other", "keep one row for a campaign, and one for a property")
		}
		seen[row.Campaign], held[row.Property] = true, true
	}
	return nil
}

func (m *CampaignMembers) check(at finder) error {
	if _, ok := core.SalesforceID(m.Campaign); !ok || m.Campaign[:len(campaignPrefix)] != campaignPrefix {
		return at.refuse(".campaign", "this is no id of a campaign", "write the id of a Salesforce campaign, which begins with 701")
	}
	switch {
	case m.Property == "":
		return at.refuse(".property", "a row names the property of HubSpot contacts that it looks at", "write its internal name")
	case len(m.Values) == 0:
		return at.refuse(".values", "a row says which member status each value of the property stands for", "write values: {registered: Sent, attended: Responded}")
	}
	for _, v := range sortedKeys(m.Values) {
		if v == "" || m.Values[v] == "" {
			return at.refuse(".values", "a pair of value and status has two ends, and one is missing", "write the property's value, then the member status")
		}
	}
	return nil
}
