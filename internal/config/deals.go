package config

import (
	"fmt"
	"regexp"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Deals are the settings of the deal pair: Opportunity ⇄ deals.
type Deals struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
	// Currency is the one of an org with a single currency, as ISO 4217 has it; blank takes
	// what the org says, else HubSpot's company currency.
	Currency string `yaml:"currency,omitempty"`
	// Pipelines are those of HubSpot that carry a record type in place of one that is made
	// for it.
	Pipelines []DealPipeline `yaml:"pipelines,omitempty"`
}

// DealPipeline joins a record type of opportunities to a pipeline that is in HubSpot.
type DealPipeline struct {
	RecordType string `yaml:"record_type,omitempty"` // id or name, Master for records without one; left out where there is one sales process
	Pipeline   string `yaml:"pipeline"`              // id or name
	// Stages are HubSpot's stages by those of Salesforce, each by its id, API value or
	// label; those left out are paired by equal labels.
	Stages map[string]string `yaml:"stages,omitempty"`
}

var isoCode = regexp.MustCompile(`^[A-Z]{3}$`)

// Joins are the joined pipelines of a pair in the words of policy; none but of deals.
func (c *Connection) Joins(p core.Pair) []policy.PipelineJoin {
	if p != core.DealPair {
		return nil
	}
	out := make([]policy.PipelineJoin, len(c.Deals.Pipelines))
	for i, p := range c.Deals.Pipelines {
		out[i] = policy.PipelineJoin{RecordType: p.RecordType, Pipeline: p.Pipeline, Stages: p.Stages}
	}
	return out
}

// checkPipelines refuses rows that would undo each other or say nothing.
func (d *Deals) checkPipelines(at finder) error {
	types, lines := map[string]bool{}, map[string]bool{}
	for i, p := range d.Pipelines {
		here := at.under(fmt.Sprintf(".pipelines[%d]", i))
		recordType, line := strings.ToLower(core.ID18(p.RecordType)), strings.ToLower(p.Pipeline)
		switch {
		case p.Pipeline == "":
			return here.refuse(".pipeline", "a row names the pipeline of HubSpot that carries the record type", "write its name or its id")
		case p.RecordType == "" && len(d.Pipelines) > 1:
			return here.refuse(".record_type", "a row without a record type is of the only sales process, and there are more rows", "write the name or the id of the record type")
		case types[recordType] || lines[line]:
			return here.refuse(".pipeline", "another row has the same record type or the same pipeline: a new deal would not tell which record type it is of", "keep one row for a record type, and one for a pipeline")
		}
		types[recordType], lines[line] = true, true
		for _, stage := range sortedKeys(p.Stages) {
			if stage == "" || p.Stages[stage] == "" {
				return here.refuse(".stages", "a pair of stages has two ends, and one is missing", "write the stage of Salesforce, then the stage of HubSpot")
			}
		}
	}
	return nil
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
	if err := checkDeletions(at, c.Deals.WhenSalesforceDeleted, c.Deals.WhenHubSpotDeleted); err != nil {
		return err
	}
	if c.Deals.Currency != "" && !isoCode.MatchString(c.Deals.Currency) {
		return at.refuse(".currency", "this is no currency", "write its three capital letters, as EUR")
	}
	if err := c.Deals.checkPipelines(at); err != nil {
		return err
	}
	return c.Deals.Filter.check(at)
}

// Followed are the pairs whose records are looked at, parents first: companies and people
// in any case, whose identity hangs together, others once they sync.
func (c *Connection) Followed() (out []core.Pair) {
	for _, p := range c.Pairs().Names() {
		if p == core.CompanyPair || p == core.ContactPair || c.Syncs(p) {
			out = append(out, p)
		}
	}
	return out
}

// FollowedObjects are the objects of a side whose records are looked at: of activities
// those of the types that sync.
func (c *Connection) FollowedObjects(side core.Side) (out []core.Object) {
	for _, p := range c.Followed() {
		if p == core.ActivityPair {
			out = append(out, c.Activities.objects(side)...)
			continue
		}
		out = append(out, c.Pairs().Objects(p)[side]...)
	}
	return out
}
