package cli

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// makes reports that the settings may create records of an object of people.
func (p *preflight) makes(object core.Object) bool {
	c := p.settings.Contacts
	if !c.Sync {
		return false
	}
	if object == core.Contacts {
		return c.FromSalesforce == policy.CreateOrUpdate
	}
	words := map[core.Object][]string{core.Lead: {config.BecomesLead}, core.Contact: {config.BecomesContact, config.BecomesPerson}}[object]
	return slices.ContainsFunc(words, c.FromHubSpot.Makes)
}

// mappedOn are the mapped fields of people that an object has: a mapping applies to
// leads, to contacts or to both (MAP-9).
func (p *preflight) mappedOn(s connector.Schema) []string {
	return slices.DeleteFunc(p.mapped(core.ContactPair, core.Salesforce), func(name string) bool { return !shows(s, name) })
}

func shows(s connector.Schema, name string) bool {
	return slices.ContainsFunc(s.Fields, func(f connector.Field) bool { return f.Name == name })
}

// people checks the mappings of people against the schemas, where people sync.
func (p *preflight) people() {
	if !p.settings.Contacts.Sync {
		return
	}
	sf, hs := p.schemas[core.Salesforce], p.schemas[core.HubSpot][core.Contacts]
	maps := p.settings.Mappings[string(core.ContactPair)]
	if len(maps) == 0 {
		p.findings = append(p.findings, finding{State: yellow, What: "mappings of people", Found: "no field of people is mapped", Mend: "tandem init proposes mappings", Rule: "MAP-10"})
	}
	compiled, problems := mapping.CompilePeople(conn.FieldMaps(maps, p.zone()), conn.FieldDefs(sf[core.Lead]), conn.FieldDefs(sf[core.Contact]), conn.FieldDefs(hs))
	p.problems(problems)
	p.days("people", compiled[core.Lead], compiled[core.Contact])
	if len(problems) == 0 && len(maps) > 0 {
		p.findings = append(p.findings, finding{State: green, What: "mappings of people", Found: fmt.Sprintf("%d fields of people are mapped", len(maps))})
	}
	p.persons(sf[core.Account])
	p.onOne(sf)
	p.unfilled(sf)
	p.sharedOrg(sf[core.Contact])
}

// sharedOrg advises how several portals live on one org: people of one would show in the
// other as soon as somebody edits them.
func (p *preflight) sharedOrg(s connector.Schema) {
	others := conn.OtherPortals(s, p.ids[core.HubSpot].ID)
	if len(others) == 0 || p.settings.Contacts.FromSalesforce != policy.CreateOrUpdate {
		return
	}
	p.add(yellow, core.Salesforce, "several portals", "people of this org are in step with HubSpot portal "+strings.Join(others, ", ")+" as well; what its users enter there stays there, what the org's own users enter is made in each",
		"set contacts.from_salesforce: update_only to keep the org's people out of this portal", "INST-7")
}

// persons tells of settings that make person accounts in an org that has none.
func (p *preflight) persons(account connector.Schema) {
	if p.settings.Contacts.FromHubSpot.Makes(config.BecomesPerson) && !shows(account, "IsPersonAccount") {
		p.add(red, core.Salesforce, "person accounts", "are not there, and contacts.from_hubspot makes them", "have Salesforce switch them on, or write lead or contact", "LIM-28")
	}
}

// onOne tells of fields that every org has on leads and on contacts, and that one of
// the two does not show: their mappings would pass it over in silence.
func (p *preflight) onOne(sf map[core.Object]connector.Schema) {
	for _, name := range p.mapped(core.ContactPair, core.Salesforce) {
		lead, contact := shows(sf[core.Lead], name), shows(sf[core.Contact], name)
		if lead == contact || !mapping.OnBoth(name) {
			continue
		}
		hidden := core.Lead
		if lead {
			hidden = core.Contact
		}
		p.add(yellow, core.Salesforce, string(hidden)+"."+name, "is hidden from the integration, so its mapping passes over every "+strings.ToLower(string(hidden)),
			"give it field access, as on the other object", "MAP-9")
	}
}

// unfilled tells of fields that Salesforce demands of a new record and that no mapping
// fills: no record would be created.
func (p *preflight) unfilled(sf map[core.Object]connector.Schema) {
	for _, o := range core.StandardPairs.Objects(core.ContactPair)[core.Salesforce] {
		if !p.makes(o) {
			continue
		}
		for _, f := range sf[o].Fields {
			if f.Required && f.Creatable && !f.Calculated && !p.written(core.Salesforce, o, f.Name) {
				p.add(red, core.Salesforce, string(o)+"."+f.Name, "has to be given for a new record, and no mapping fills it", "map it to a property that is always filled, or make it optional", "ERR-9")
			}
		}
	}
}
