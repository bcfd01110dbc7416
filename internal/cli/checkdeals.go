package cli

import (
	"context"
	"fmt"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// dealNeeds is what deal sync touches on a side; nothing while it is off.
func (p *preflight) dealNeeds(side core.Side) []need {
	if !p.settings.Deals.Sync {
		return nil
	}
	fields := p.mapped(core.DealPair, side)
	if side == core.Salesforce {
		return []need{{object: core.Opportunity, write: true, create: true, fields: append(fields, "Name", mapping.StageField, "CloseDate", "AccountId")}}
	}
	return []need{{object: core.Deals, write: true, create: true, fields: append(fields, "dealname", mapping.StageProperty, mapping.PipelineOfDeal)}}
}

// deals checks the mappings of deals against the schemas, and the pipelines against the
// sales processes, where deals sync.
func (p *preflight) deals(ctx context.Context) {
	sf, hs := p.schemas[core.Salesforce][core.Opportunity], p.schemas[core.HubSpot][core.Deals]
	if !p.settings.Deals.Sync || len(sf.Fields) == 0 || len(hs.Fields) == 0 {
		return
	}
	maps := mapping.WithStage(conn.FieldMaps(p.settings.Mappings[string(core.DealPair)], p.zone()), &mapping.StageBook{})
	compiled, problems := mapping.Compile(core.DealPair, maps, conn.FieldDefs(sf), conn.FieldDefs(hs))
	p.problems(problems)
	p.days("deals", compiled)
	if len(problems) == 0 {
		p.findings = append(p.findings, finding{State: green, What: "mappings of deals", Found: fmt.Sprintf("%d fields of deals are mapped", len(maps))})
	}
	p.pipelines(ctx)
}

// pipelines says which pipelines stand and which are made at the first sync (DEAL-3).
func (p *preflight) pipelines(ctx context.Context) {
	from, knows := p.sides[core.Salesforce].(connector.SalesProcesses)
	to, has := p.sides[core.HubSpot].(connector.Pipelines)
	if !knows || !has {
		return
	}
	processes, err := from.SalesProcesses(ctx)
	if err != nil {
		p.add(red, core.Salesforce, "sales processes", "cannot be read: "+problemOf(err).Message, "give the integration user read access to opportunities and their record types", "DEAL-3")
		return
	}
	have, err := to.Pipelines(ctx, core.Deals)
	if err != nil {
		p.add(red, core.HubSpot, "pipelines", "cannot be read: "+problemOf(err).Message, "add the scope crm.schemas.deals.read to the app", "DEAL-3")
		return
	}
	p.roles(ctx)
	missing := 0
	for _, plan := range policy.Pipelines(processes, have, nil) {
		if plan.ID == "" {
			missing++
		}
	}
	p.good(core.HubSpot, "pipelines", fmt.Sprintf("%d sales processes, of which %d have their pipeline; the others are made at the first sync", len(processes), len(processes)-missing))
}

// roles tells of contact roles that the user may not write: deals sync without them.
func (p *preflight) roles(ctx context.Context) {
	s, err := p.sides[core.Salesforce].Describe(ctx, core.ContactRole)
	if err != nil || !s.Creatable || !s.Deletable {
		p.add(yellow, core.Salesforce, "contact roles", "cannot be written, and do not sync", "give the integration user Edit on Opportunity, which opens its contact roles", "DEAL-9")
		return
	}
	p.good(core.Salesforce, "contact roles", "pass as the labelled contacts of deals")
}
