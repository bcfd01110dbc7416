package conn

import (
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// SyncsDeals reports that opportunities and deals sync.
func (c *Known) SyncsDeals() bool { return c.Settings.Deals.Sync }

// compileDeals makes the mappings and filters of deals ready, where they sync.
func (c *Known) compileDeals() error {
	if !c.SyncsDeals() {
		return nil
	}
	sf, hs := c.Defs[core.Salesforce][core.Opportunity], c.Defs[core.HubSpot][core.Deals]
	m, problems := mapping.Compile(core.DealPair, mapping.WithStage(c.fieldMaps(core.DealPair), c.Stages), sf, hs)
	c.Mappings[core.Opportunity], c.Problems = m, append(c.Problems, problems...)
	var err error
	f := c.Settings.Deals.Filter
	if c.Filters[core.Opportunity], err = Predicate(f.FromSalesforce, sf); err != nil {
		return Misfit("deals.filter.from_salesforce", core.Salesforce, core.Opportunity, err)
	}
	if c.Filters[core.Deals], err = Predicate(f.FromHubSpot, hs); err != nil {
		return Misfit("deals.filter.from_hubspot", core.HubSpot, core.Deals, err)
	}
	return nil
}

// PipelineField is where a side says which way a record goes.
var PipelineField = [2]string{core.Salesforce: mapping.TypeField, core.HubSpot: mapping.PipelineOfDeal}

// InPipeline reports whether a record stands in a pipeline, or has a record type, that
// syncs, and names it.
func (c *Known) InPipeline(rec *core.Record) (policy.Membership, string) {
	name := PipelineField[rec.Ref.Side]
	id, told := rec.Get(name)
	place := name + " " + id
	switch {
	case rec.Ref.Side == core.Salesforce && c.Stages.Process(id) != nil:
		return policy.Member, place
	case rec.Ref.Side == core.HubSpot && c.Stages.Pipeline(id) != nil:
		return policy.Member, place
	case !told || len(c.Stages.Links()) == 0:
		return policy.UnknownMembership, place
	}
	return policy.NotMember, place
}
