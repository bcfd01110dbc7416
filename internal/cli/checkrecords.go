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

// carried are the pairs beside companies and people that sync.
func (p *preflight) carried() (out []core.PairDef) {
	for _, d := range p.settings.Pairs() {
		if d.Carried && p.settings.Syncs(d.Name) {
			out = append(out, d)
		}
	}
	return out
}

// recordNeeds are the objects and fields of a side that deals, tickets and custom objects
// touch, where they sync.
func (p *preflight) recordNeeds(side core.Side) (out []need) {
	for _, d := range p.carried() {
		n := need{object: d.Objects[side][0], write: p.settings.Pair(d.Name).From[side.Other()] != policy.DoNothing, fields: p.mapped(d.Name, side)}
		n.create = n.write && p.settings.Pair(d.Name).From[side.Other()] != policy.UpdateOnly
		if d.Stages != nil {
			n.fields = append(n.fields, d.Stages.Stage[side])
		}
		if side == core.Salesforce {
			for _, l := range d.Lookups {
				n.fields = append(n.fields, l.Field)
			}
		}
		if d.Name == core.DealPair {
			n.fields = append(n.fields, [2][]string{{"Name", "CloseDate", "AccountId"}, {"dealname", "pipeline"}}[side]...)
		}
		out = append(out, n)
	}
	return out
}

// records checks the mappings of deals, tickets and custom objects against the schemas,
// and pipelines against processes, where they sync.
func (p *preflight) records(ctx context.Context) {
	for _, d := range p.carried() {
		sf, hs := p.schemas[core.Salesforce][d.Objects[core.Salesforce][0]], p.schemas[core.HubSpot][d.Objects[core.HubSpot][0]]
		if len(sf.Fields) == 0 || len(hs.Fields) == 0 {
			continue // said already
		}
		p.recordMappings(&d, sf, hs)
		if d.Stages != nil {
			p.pipelines(ctx, &d)
		}
		p.lookups(&d, sf)
	}
	p.priceBook(ctx)
	if p.settings.Deals.Sync {
		p.roles(ctx)
	}
}

func (p *preflight) recordMappings(d *core.PairDef, sf, hs connector.Schema) {
	maps := conn.FieldMaps(p.settings.Mappings[string(d.Name)], p.zone())
	if d.Stages != nil {
		maps = mapping.WithStage(maps, mapping.NewStageBook(*d.Stages))
	}
	compiled, problems := mapping.Compile(d.Name, maps, conn.FieldDefs(sf), conn.FieldDefs(hs))
	p.problems(problems)
	p.days(d.Plural, compiled)
	p.currency(d, sf, maps)
	p.money(d, compiled)
	switch {
	case len(maps) == 0:
		p.findings = append(p.findings, finding{State: yellow, What: "mappings of " + d.Plural, Found: "no field is mapped", Mend: "write them under mappings: " + string(d.Name), Rule: "MAP-1"})
	case len(problems) == 0:
		p.findings = append(p.findings, finding{State: green, What: "mappings of " + d.Plural, Found: fmt.Sprintf("%d fields of %s are mapped", len(maps), d.Plural)})
	}
}

// lookups checks that the associations of the settings are lookup fields of Salesforce
// that name the object (CO-4).
func (p *preflight) lookups(d *core.PairDef, sf connector.Schema) {
	for _, l := range d.Lookups {
		names := false
		for _, f := range sf.Fields {
			for _, r := range f.References {
				pair, _ := p.settings.Pairs().Of(core.Salesforce, r)
				names = names || f.Name == l.Field && pair == l.To
			}
		}
		if !names {
			p.add(red, core.Salesforce, string(sf.Object)+"."+l.Field, "is no lookup field that names "+string(l.To), "correct associations in the settings, or add the field in Salesforce", "CO-4")
		}
	}
}

// pipelines says which pipelines stand and which are made at the first sync (DEAL-3,
// CASE-2).
func (p *preflight) pipelines(ctx context.Context, d *core.PairDef) {
	from, knows := p.sides[core.Salesforce].(connector.Processes)
	to, has := p.sides[core.HubSpot].(connector.Pipelines)
	if !knows || !has {
		return
	}
	rule := map[core.Pair]string{core.DealPair: "DEAL-3", core.TicketPair: "CASE-2"}[d.Name]
	processes, err := from.Processes(ctx, d.Objects[core.Salesforce][0])
	if err != nil {
		p.add(red, core.Salesforce, "processes of "+d.Plural, "cannot be read: "+problemOf(err).Message, "give the integration user read access to "+string(d.Objects[core.Salesforce][0])+" and its record types", rule)
		return
	}
	have, err := to.Pipelines(ctx, d.Objects[core.HubSpot][0])
	if err != nil {
		p.add(red, core.HubSpot, "pipelines of "+d.Plural, "cannot be read: "+problemOf(err).Message, "add the scope that reads "+d.Plural+" to the app", rule)
		return
	}
	p.plannedPipelines(d, processes, policy.Pipelines(processes, have, nil, p.settings.Joins(d.Name)))
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
